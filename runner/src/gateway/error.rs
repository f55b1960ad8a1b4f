//! Why a model call failed, what the run says about it, and whether trying again can help.

use std::time::Duration;

use serde_json::Value;

use crate::causes;

/// Longest wait that a `Retry-After` may ask of a run.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The gateway's code for a call that somebody ended by the kill switch.
pub const RUN_KILLED: &str = "run_killed";
/// The gateway's code for a call that its runaway guard stopped.
const STOPPED_BY_GUARD: &str = "run_stopped_by_guard";
const ENDED_ON_PURPOSE: [&str; 2] = [RUN_KILLED, STOPPED_BY_GUARD];

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The gateway answered with an error. `code` is the gateway's stable code.
    #[error("{message}")]
    Refused { status: u16, code: String, message: String, retry_after: Option<Duration>, may_retry: bool },
    #[error("the gateway could not be reached: {0}")]
    Unreachable(String),
    /// The answer began and did not end.
    #[error("the answer was cut: {0}")]
    Cut(String),
    #[error("the answer could not be read: {0}")]
    Malformed(String),
}

impl ModelError {
    /// From a non-2xx answer: OpenAI's envelope, or any other body.
    pub(super) fn refused(
        status: u16,
        body: &[u8],
        retry_after: Option<&str>,
        should_retry: Option<&str>,
    ) -> Self {
        let envelope: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let error = &envelope["error"];
        let message = error["message"]
            .as_str()
            .map_or_else(|| format!("the gateway answered with status {status}"), str::to_owned);
        let retryable = matches!(status, 408 | 429 | 500 | 502 | 503 | 504);
        Self::Refused {
            status,
            code: error["code"].as_str().unwrap_or("").to_owned(),
            message,
            retry_after: retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs),
            may_retry: retryable && should_retry != Some("false"),
        }
    }

    /// From an error event inside a stream that had begun. What somebody ended is not tried again.
    pub(super) fn in_stream(error: &Value) -> Self {
        let message = error["message"].as_str().unwrap_or("the gateway ended the stream with an error");
        let code = error["code"].as_str().unwrap_or_default();
        if ENDED_ON_PURPOSE.contains(&code) {
            let (code, message) = (code.to_owned(), message.to_owned());
            return Self::Refused { status: 403, code, message, retry_after: None, may_retry: false };
        }
        Self::Cut(message.to_owned())
    }

    pub(super) fn unreachable(error: &reqwest::Error) -> Self {
        Self::Unreachable(causes::of(error))
    }

    /// How long to wait before try number `tried + 1`; `None` when trying again cannot help or would take too long.
    pub fn wait_before_retry(&self, tried: u32) -> Option<Duration> {
        let backoff = Duration::from_millis(500).saturating_mul(2u32.saturating_pow(tried.saturating_sub(1)));
        match self {
            Self::Refused { may_retry: false, .. } | Self::Malformed(_) => None,
            Self::Refused { retry_after: Some(asked), .. } if *asked > LONGEST_WAIT => None,
            Self::Refused { retry_after: Some(asked), .. } => Some(backoff.max(*asked)),
            Self::Refused { .. } | Self::Unreachable(_) | Self::Cut(_) => Some(backoff),
        }
    }

    /// The stable `error_type` of the run's `error` event.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Refused { code, .. } if code == RUN_KILLED => RUN_KILLED,
            Self::Refused { code, .. } if code == STOPPED_BY_GUARD => STOPPED_BY_GUARD,
            Self::Refused { status, .. } => match status {
                401 => "gateway_unauthenticated",
                402 => "budget_exceeded",
                403 => "model_not_allowed",
                404 => "model_not_found",
                429 => "rate_limited",
                408 | 504 => "model_timeout",
                400..=499 => "model_request_invalid",
                _ => "model_failed",
            },
            Self::Unreachable(_) => "gateway_unreachable",
            Self::Cut(_) => "model_answer_cut",
            Self::Malformed(_) => "model_answer_malformed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, retry_after: Option<&str>, should_retry: Option<&str>) -> ModelError {
        ModelError::refused(status, br#"{"error":{"message":"No.","code":"c"}}"#, retry_after, should_retry)
    }

    #[test]
    fn what_cannot_get_better_is_never_tried_again() {
        for status in [400, 401, 402, 403, 404, 413, 422] {
            assert_eq!(refused(status, None, None).wait_before_retry(1), None, "{status}");
        }
        assert_eq!(refused(429, None, Some("false")).wait_before_retry(1), None);
        assert_eq!(ModelError::Malformed(String::new()).wait_before_retry(1), None);
    }

    #[test]
    fn a_wait_grows_and_honours_retry_after_up_to_a_minute() {
        assert_eq!(refused(503, None, None).wait_before_retry(1), Some(Duration::from_millis(500)));
        assert_eq!(refused(503, None, None).wait_before_retry(2), Some(Duration::from_secs(1)));
        assert_eq!(refused(429, Some("7"), None).wait_before_retry(1), Some(Duration::from_secs(7)));
        assert_eq!(refused(429, Some("3600"), None).wait_before_retry(1), None);
    }

    #[test]
    fn a_stream_that_somebody_ended_is_not_tried_again() {
        let killed = ModelError::in_stream(&serde_json::json!({"message": "Ended.", "code": "run_killed"}));
        assert_eq!((killed.error_type(), killed.wait_before_retry(1)), (RUN_KILLED, None));
        let cut = ModelError::in_stream(&serde_json::json!({"message": "Cut.", "code": "upstream_cut"}));
        assert!(cut.wait_before_retry(1).is_some());
    }

    #[test]
    fn the_gateways_sentence_is_kept_and_named() {
        let error = refused(402, None, None);
        assert_eq!((error.to_string().as_str(), error.error_type()), ("No.", "budget_exceeded"));
        let bare = ModelError::refused(502, b"<html>", None, None);
        assert_eq!(
            (bare.to_string().as_str(), bare.error_type()),
            ("the gateway answered with status 502", "model_failed")
        );
    }
}
