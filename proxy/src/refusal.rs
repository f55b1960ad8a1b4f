//! Why a call was not answered by a model: the closed list of codes, and the one table that gives each its
//! HTTP status, its OpenAI error type and its status in the record.

use std::borrow::Cow;

use aop_domain::record::CallStatus;

use crate::limits::LimitFacts;

/// Stable machine-readable codes of the gateway's own errors (`error.code`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    InvalidJson,
    InvalidUtf8,
    TooDeep,
    DuplicateField,
    InvalidField,
    MissingField,
    UnsupportedField,
    InvalidTraceId,
    InvalidHeader,
    HeadersTooLarge,
    UriTooLong,
    BodyTooLarge,
    RequestTimeout,
    MissingApiKey,
    InvalidApiKey,
    ExpiredApiKey,
    PermissionDenied,
    ModelNotAllowed,
    ModelNotFound,
    OperationNotSupported,
    UnknownUrl,
    MethodNotAllowed,
    BudgetExceeded,
    RateLimitExceeded,
    LimitsUnavailable,
    GuardrailBlocked,
    GuardrailUnavailable,
    HookRejected,
    UpstreamUnreachable,
    UpstreamTimeout,
    UpstreamRefusedCredential,
    UpstreamError,
    UpstreamBadAnswer,
    UpstreamCut,
    NotReady,
    Overloaded,
    SpoolFull,
    RunKilled,
    StoppedByGuard,
    ClientGone,
    Stopped,
    Internal,
}

/// One row of the table: code, text, HTTP status, OpenAI type, status in the record.
type Row = (Code, &'static str, u16, &'static str, CallStatus);

const INVALID: &str = "invalid_request_error";
const AUTH: &str = "authentication_error";
const PERMISSION: &str = "permission_error";
const SERVER: &str = "server_error";
const UPSTREAM: &str = "upstream_error";

/// In the order of the enum. 402 and 403 are not retried by the SDKs; 408, 409, 429 and 5xx are.
const TABLE: [Row; 42] = [
    (Code::InvalidJson, "invalid_json", 400, INVALID, CallStatus::ClientError),
    (Code::InvalidUtf8, "invalid_utf8", 400, INVALID, CallStatus::ClientError),
    (Code::TooDeep, "json_too_deep", 400, INVALID, CallStatus::ClientError),
    (Code::DuplicateField, "duplicate_field", 400, INVALID, CallStatus::ClientError),
    (Code::InvalidField, "invalid_field", 400, INVALID, CallStatus::ClientError),
    (Code::MissingField, "missing_field", 400, INVALID, CallStatus::ClientError),
    (Code::UnsupportedField, "unsupported_field", 400, INVALID, CallStatus::ClientError),
    (Code::InvalidTraceId, "invalid_trace_id", 400, INVALID, CallStatus::ClientError),
    (Code::InvalidHeader, "invalid_header", 400, INVALID, CallStatus::ClientError),
    (Code::HeadersTooLarge, "headers_too_large", 431, INVALID, CallStatus::ClientError),
    (Code::UriTooLong, "uri_too_long", 414, INVALID, CallStatus::ClientError),
    (Code::BodyTooLarge, "body_too_large", 413, INVALID, CallStatus::ClientError),
    (Code::RequestTimeout, "request_timeout", 408, INVALID, CallStatus::ClientError),
    (Code::MissingApiKey, "missing_api_key", 401, AUTH, CallStatus::ClientError),
    (Code::InvalidApiKey, "invalid_api_key", 401, AUTH, CallStatus::ClientError),
    (Code::ExpiredApiKey, "expired_api_key", 401, AUTH, CallStatus::ClientError),
    (Code::PermissionDenied, "permission_denied", 403, PERMISSION, CallStatus::ClientError),
    (Code::ModelNotAllowed, "model_not_allowed", 403, PERMISSION, CallStatus::ClientError),
    (Code::ModelNotFound, "model_not_found", 404, INVALID, CallStatus::ClientError),
    (Code::OperationNotSupported, "operation_not_supported", 400, INVALID, CallStatus::ClientError),
    (Code::UnknownUrl, "unknown_url", 404, INVALID, CallStatus::ClientError),
    (Code::MethodNotAllowed, "method_not_allowed", 405, INVALID, CallStatus::ClientError),
    (Code::BudgetExceeded, "budget_exceeded", 402, "insufficient_quota", CallStatus::Budget),
    (Code::RateLimitExceeded, "rate_limit_exceeded", 429, "rate_limit_error", CallStatus::RateLimited),
    (Code::LimitsUnavailable, "limits_unavailable", 503, SERVER, CallStatus::Internal),
    (Code::GuardrailBlocked, "guardrail_blocked", 400, INVALID, CallStatus::Blocked),
    (Code::GuardrailUnavailable, "guardrail_unavailable", 503, SERVER, CallStatus::Internal),
    (Code::HookRejected, "rejected_by_hook", 403, PERMISSION, CallStatus::Blocked),
    (Code::UpstreamUnreachable, "upstream_unreachable", 502, UPSTREAM, CallStatus::UpstreamError),
    (Code::UpstreamTimeout, "upstream_timeout", 504, UPSTREAM, CallStatus::Timeout),
    (
        Code::UpstreamRefusedCredential,
        "upstream_refused_credential",
        502,
        UPSTREAM,
        CallStatus::UpstreamError,
    ),
    (Code::UpstreamError, "upstream_error", 502, UPSTREAM, CallStatus::UpstreamError),
    (Code::UpstreamBadAnswer, "upstream_bad_answer", 502, UPSTREAM, CallStatus::UpstreamError),
    (Code::UpstreamCut, "upstream_cut", 502, UPSTREAM, CallStatus::UpstreamError),
    (Code::NotReady, "not_ready", 503, SERVER, CallStatus::Internal),
    (Code::Overloaded, "overloaded", 503, SERVER, CallStatus::Internal),
    (Code::SpoolFull, "spool_full", 503, SERVER, CallStatus::Internal),
    (Code::RunKilled, "run_killed", 403, PERMISSION, CallStatus::Cancelled),
    (Code::StoppedByGuard, "run_stopped_by_guard", 403, PERMISSION, CallStatus::Blocked),
    (Code::ClientGone, "client_gone", 499, INVALID, CallStatus::Cancelled),
    (Code::Stopped, "gateway_stopped", 503, SERVER, CallStatus::Internal),
    (Code::Internal, "internal_error", 500, SERVER, CallStatus::Internal),
];

impl Code {
    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    pub fn as_str(self) -> &'static str {
        self.row().1
    }

    pub fn http_status(self) -> u16 {
        self.row().2
    }

    /// `error.type` of the answer.
    pub fn error_type(self) -> &'static str {
        self.row().3
    }

    pub fn call_status(self) -> CallStatus {
        self.row().4
    }
}

/// A call that ends with an error of the gateway's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    /// One clear sentence that says what to do. Never holds a secret.
    pub message: Cow<'static, str>,
    /// The request field at fault.
    pub param: Option<Cow<'static, str>>,
    /// Seconds, for `Retry-After`.
    pub retry_after_s: Option<u32>,
    /// For `Allow`, with 405.
    pub allow: Option<&'static str>,
    /// For `x-should-retry`, which the SDKs follow before they look at the status.
    pub should_retry: Option<bool>,
    /// The limit that was reached.
    pub limit: Option<Box<LimitFacts>>,
}

impl Refusal {
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        let retry_after_s = match code {
            Code::RateLimitExceeded
            | Code::LimitsUnavailable
            | Code::GuardrailUnavailable
            | Code::NotReady
            | Code::Overloaded
            | Code::SpoolFull
            | Code::Stopped => Some(1),
            _ => None,
        };
        // A budget does not come back for a retry, unless whoever refuses knows better; what a person ended never does.
        let is_final = matches!(
            code,
            Code::BudgetExceeded | Code::HookRejected | Code::RunKilled | Code::StoppedByGuard
        );
        let should_retry = is_final.then_some(false);
        Self {
            code,
            message: message.into(),
            param: None,
            retry_after_s,
            allow: None,
            should_retry,
            limit: None,
        }
    }

    pub fn param(mut self, param: impl Into<Cow<'static, str>>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// The body of the answer: OpenAI's error envelope.
    pub fn body(&self) -> String {
        let mut error = serde_json::json!({"error": {
            "message": self.message,
            "type": self.code.error_type(),
            "param": self.param,
            "code": self.code.as_str(),
        }});
        if let (Some(limit), Some(fields)) = (&self.limit, error["error"].as_object_mut()) {
            fields.extend(limit.fields().map(|(name, value)| (name.to_owned(), value)));
        }
        error.to_string()
    }

    /// A header that tells the SDKs not to retry what cannot succeed soon.
    pub fn should_retry(&self) -> Option<&'static str> {
        self.should_retry.map(|should| if should { "true" } else { "false" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_row() {
        for (at, row) in TABLE.iter().enumerate() {
            assert_eq!(row.0 as usize, at, "row of {:?} stands in the wrong place", row.0);
        }
    }

    #[test]
    fn an_exceeded_budget_is_402_and_must_not_be_retried() {
        let refusal = Refusal::new(Code::BudgetExceeded, "The monthly budget is used up.");
        assert_eq!((refusal.code.http_status(), refusal.should_retry()), (402, Some("false")));
    }

    #[test]
    fn what_was_killed_or_stopped_is_403_and_must_not_be_retried() {
        for code in [Code::RunKilled, Code::StoppedByGuard] {
            let refusal = Refusal::new(code, "The run was ended.");
            assert_eq!((refusal.code.http_status(), refusal.should_retry()), (403, Some("false")));
        }
    }

    #[test]
    fn a_rate_limit_is_429_with_a_time_to_wait() {
        let refusal = Refusal::new(Code::RateLimitExceeded, "Too many requests.");
        assert_eq!((refusal.code.http_status(), refusal.retry_after_s), (429, Some(1)));
    }

    #[test]
    fn the_body_is_openais_envelope() {
        let body: serde_json::Value =
            serde_json::from_str(&Refusal::new(Code::InvalidField, "say \"why\"").param("model").body())
                .unwrap();
        assert_eq!(body["error"]["message"], "say \"why\"");
        assert_eq!(body["error"]["param"], "model");
        assert_eq!(body["error"]["type"], "invalid_request_error");
        assert_eq!(body["error"]["code"], "invalid_field");
    }
}
