//! Why one upstream try gave no answer, and what the client is told when it was the last.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use pingora_http::ResponseHeader;

use crate::refusal::{Code, Refusal};

#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    /// Names provider and deployment, never an address or a credential.
    pub(crate) message: String,
    pub(crate) retry: Retry,
    /// What the provider asked for with `Retry-After`.
    pub(crate) retry_after: Option<Duration>,
    /// The provider's own error, when it gave one that the client should see.
    pub(crate) answer: Option<ErrorAnswer>,
}

/// Where another try may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    /// The request itself is at fault.
    Nowhere,
    /// This target will not change its mind; another may answer.
    Elsewhere,
    Anywhere,
}

/// An error as the provider sent it.
#[derive(Debug)]
pub(crate) struct ErrorAnswer {
    pub(crate) header: Box<ResponseHeader>,
    pub(crate) body: Bytes,
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into().into_owned(),
            retry: Retry::Anywhere,
            retry_after: None,
            answer: None,
        }
    }

    pub(crate) fn refusal(&self) -> Refusal {
        let mut refusal = Refusal::new(self.code, self.message.clone());
        refusal.retry_after_s =
            self.retry_after.map(|wait| u32::try_from(wait.as_secs()).unwrap_or(u32::MAX));
        refusal
    }
}

/// `Retry-After` as seconds or as a date. Nonsense counts as absent; the past as zero.
pub(crate) fn retry_after(headers: &HeaderMap, now: std::time::SystemTime) -> Option<Duration> {
    let text = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn retry_after_is_read_in_both_forms_and_nonsense_is_ignored() {
        let now = httpdate::parse_http_date("Sat, 21 Nov 2026 00:00:00 GMT").unwrap();
        let of = |value: &str| {
            let mut header = ResponseHeader::build(429, None).unwrap();
            header.insert_header("retry-after", value).unwrap();
            retry_after(&header.headers, now)
        };
        assert_eq!(of("7"), Some(Duration::from_secs(7)));
        assert_eq!(of("Sat, 21 Nov 2026 00:00:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(of("Sat, 21 Nov 2020 00:00:30 GMT"), Some(Duration::ZERO));
        assert_eq!(of("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), None);
    }
}
