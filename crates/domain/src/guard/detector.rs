//! What can be found in text. The list is closed: a detector's name stands in settings, masks and records.

use serde::{Deserialize, Serialize};

/// One kind of secret or personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detector {
    /// Keys of providers, clouds and code hosts by their shape, and passwords inside a URL.
    ApiKey,
    PrivateKey,
    Jwt,
    /// What follows `Bearer` or `Basic`.
    BearerToken,
    Email,
    Phone,
    /// A payment card, by issuer and checksum.
    CreditCard,
    Iban,
    /// A Korean resident registration number, by date and checksum.
    KoreanRrn,
    UsSsn,
    IpAddress,
}

impl Detector {
    pub const ALL: [Self; 11] = [
        Self::ApiKey,
        Self::PrivateKey,
        Self::Jwt,
        Self::BearerToken,
        Self::Email,
        Self::Phone,
        Self::CreditCard,
        Self::Iban,
        Self::KoreanRrn,
        Self::UsSsn,
        Self::IpAddress,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::PrivateKey => "private_key",
            Self::Jwt => "jwt",
            Self::BearerToken => "bearer_token",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::CreditCard => "credit_card",
            Self::Iban => "iban",
            Self::KoreanRrn => "korean_rrn",
            Self::UsSsn => "us_ssn",
            Self::IpAddress => "ip_address",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|detector| detector.as_str() == text)
    }
}

/// A set of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Detectors(u16);

impl Detectors {
    /// What redacted recording takes out. Addresses of machines stay: without them a log of a network says nothing.
    pub fn of_recording() -> Self {
        Detector::ALL.into_iter().filter(|detector| *detector != Detector::IpAddress).collect()
    }

    pub fn has(self, detector: Detector) -> bool {
        self.0 & (1 << detector as u16) != 0
    }
}

impl FromIterator<Detector> for Detectors {
    fn from_iter<T: IntoIterator<Item = Detector>>(detectors: T) -> Self {
        Self(detectors.into_iter().fold(0, |set, detector| set | (1 << detector as u16)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for detector in Detector::ALL {
            assert_eq!(Detector::parse(detector.as_str()), Some(detector));
        }
        assert!(!Detectors::of_recording().has(Detector::IpAddress));
        assert!(Detectors::of_recording().has(Detector::KoreanRrn));
    }
}
