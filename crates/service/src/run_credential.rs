//! The short-lived credential a runner shows the gateway: who runs what, signed, so that the gateway can trust
//! crew, task and agent instead of believing a header.
//!
//! Form: `aop-run.<base64url JSON claims>.<base64url HMAC-SHA-256>`, sent as the bearer token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use aop_domain::id::{ExecutionId, KeyId, SpanId, TeamId, TraceId, UserId};

use crate::keys::{DerivedKey, constant_time_eq};

pub const PREFIX: &str = "aop-run.";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunClaims {
    pub team_id: TeamId,
    pub user_id: UserId,
    /// The key that triggered the run, nil when a signed-in user did.
    pub key_id: KeyId,
    pub execution_id: ExecutionId,
    pub trace_id: TraceId,
    /// The runner's span this call hangs under (the agent's or the task's).
    pub parent_span_id: SpanId,
    pub crew: String,
    pub task: String,
    pub agent: String,
    /// Who handed over to this agent; empty for the first.
    pub parent_agent: String,
    /// Unix seconds.
    pub expires_at_s: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RunCredentialError {
    #[error("the run credential is malformed")]
    Malformed,
    #[error("the run credential is not signed by this installation")]
    BadSignature,
    #[error("the run credential has expired")]
    Expired,
}

/// `key` is the derived key of `KeyDomain::RunCredential`.
pub fn sign(claims: &RunClaims, key: &DerivedKey) -> Result<String, RunCredentialError> {
    let json = serde_json::to_vec(claims).map_err(|_| RunCredentialError::Malformed)?;
    let body = URL_SAFE_NO_PAD.encode(json);
    let mac = URL_SAFE_NO_PAD.encode(key.mac(body.as_bytes()));
    Ok(format!("{PREFIX}{body}.{mac}"))
}

pub fn verify(token: &str, key: &DerivedKey, now_s: i64) -> Result<RunClaims, RunCredentialError> {
    let rest = token.strip_prefix(PREFIX).ok_or(RunCredentialError::Malformed)?;
    let (body, mac) = rest.split_once('.').ok_or(RunCredentialError::Malformed)?;
    let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| RunCredentialError::Malformed)?;
    if !constant_time_eq(&mac, &key.mac(body.as_bytes())) {
        return Err(RunCredentialError::BadSignature);
    }
    let json = URL_SAFE_NO_PAD.decode(body).map_err(|_| RunCredentialError::Malformed)?;
    let claims: RunClaims = serde_json::from_slice(&json).map_err(|_| RunCredentialError::Malformed)?;
    if claims.expires_at_s <= now_s {
        return Err(RunCredentialError::Expired);
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KeyDomain, MasterKey};

    fn claims() -> RunClaims {
        RunClaims {
            team_id: TeamId::NIL,
            user_id: UserId::NIL,
            key_id: KeyId::NIL,
            execution_id: ExecutionId::NIL,
            trace_id: TraceId([1; 16]),
            parent_span_id: SpanId([2; 8]),
            crew: "demo".into(),
            task: "research".into(),
            agent: "Researcher".into(),
            parent_agent: String::new(),
            expires_at_s: 100,
        }
    }

    #[test]
    fn a_signed_credential_is_read_back_until_it_expires() {
        let key = MasterKey::from_bytes([9; 32]).derive(KeyDomain::RunCredential);
        let token = sign(&claims(), &key).unwrap();
        assert_eq!(verify(&token, &key, 99), Ok(claims()));
        assert_eq!(verify(&token, &key, 100), Err(RunCredentialError::Expired));
    }

    #[test]
    fn a_changed_or_foreign_credential_is_refused() {
        let key = MasterKey::from_bytes([9; 32]).derive(KeyDomain::RunCredential);
        let other = MasterKey::from_bytes([8; 32]).derive(KeyDomain::RunCredential);
        let token = sign(&claims(), &key).unwrap();
        assert_eq!(verify(&token, &other, 0), Err(RunCredentialError::BadSignature));
        assert_eq!(verify("aop-run.x", &key, 0), Err(RunCredentialError::Malformed));
        assert_eq!(verify("sk-other", &key, 0), Err(RunCredentialError::Malformed));
    }
}
