//! One newtype per id. UUIDv7 for things we make; 16- and 8-byte W3C ids for traces and spans.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::hex;

/// A text that is not the id it was given for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{given}' is not a valid {kind} id")]
pub struct InvalidId {
    pub kind: &'static str,
    pub given: String,
}

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            pub const NIL: Self = Self(Uuid::nil());

            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            pub fn is_nil(&self) -> bool {
                self.0.is_nil()
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(text).map(Self).map_err(|_| InvalidId { kind: $kind, given: text.chars().take(64).collect() })
            }
        }
    )*};
}

uuid_id! {
    /// The tenant: everything a user can see belongs to one.
    TeamId = "team";
    UserId = "user";
    /// A virtual key, as callers of the gateway hold it.
    KeyId = "key";
    ProviderId = "provider";
    CredentialId = "credential";
    /// One callable target: provider + model + endpoint + credential.
    DeploymentId = "deployment";
    RouteId = "route";
    /// A rule of `limits`: how much of something a scope may use in a window.
    LimitId = "limit";
    GuardrailId = "guardrail";
    HookId = "hook";
    CrewId = "crew";
    ExecutionId = "execution";
    /// Recorded calls that are sent again.
    ReplayId = "replay";
    /// One answered (or refused) request at the front door.
    CallId = "call";
    /// Something that a person knows better about an agent than the traffic shows.
    CorrectionId = "correction";
}

macro_rules! hex_id {
    ($($(#[$doc:meta])* $name:ident [$len:literal] = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            pub const NIL: Self = Self([0; $len]);

            pub fn is_nil(&self) -> bool {
                self.0 == [0; $len]
            }

            /// From the byte form of a record; anything of another length is the nil id.
            pub fn from_slice(bytes: &[u8]) -> Self {
                bytes.try_into().map(Self).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Every call is answered with one: no formatting of its bytes one by one.
                let mut text = [0u8; 2 * $len];
                for (two, byte) in text.chunks_exact_mut(2).zip(self.0) {
                    two.copy_from_slice(&hex::digits(byte));
                }
                f.write_str(std::str::from_utf8(&text).unwrap_or_default())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let invalid = || InvalidId { kind: $kind, given: text.chars().take(64).collect() };
                let mut bytes = [0u8; $len];
                let hex = text.as_bytes();
                if hex.len() != $len * 2 {
                    return Err(invalid());
                }
                for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
                    let digit = |c: u8| (c as char).to_digit(16).ok_or_else(invalid);
                    *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
                }
                Ok(Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

hex_id! {
    /// W3C trace id, 32 hex digits.
    TraceId[16] = "trace";
    /// W3C span id, 16 hex digits.
    SpanId[8] = "span";
}

impl TraceId {
    /// A trace id may also be written as a UUID (with dashes); both forms are the same id.
    pub fn parse_lenient(text: &str) -> Result<Self, InvalidId> {
        text.parse().or_else(|error| Uuid::parse_str(text).map(|id| Self(*id.as_bytes())).map_err(|_| error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_ids_round_trip_and_refuse_other_lengths() {
        let text = "4bf92f3577b34da6a3ce929d0e0e4736";
        let id: TraceId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert!("4bf9".parse::<TraceId>().is_err());
        assert!("zzf92f3577b34da6a3ce929d0e0e4736".parse::<TraceId>().is_err());
    }

    #[test]
    fn a_trace_id_written_as_a_uuid_is_the_same_id() {
        let dashed = TraceId::parse_lenient("4bf92f35-77b3-4da6-a3ce-929d0e0e4736").unwrap();
        assert_eq!(dashed, "4bf92f3577b34da6a3ce929d0e0e4736".parse().unwrap());
    }
}
