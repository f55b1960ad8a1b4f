//! What kind of failure an upstream try ended in: whether its deployment is to blame, and which fallback it calls for.
//! Providers say the same thing in many ways; the ways known are listed here.

use aop_domain::routing::ErrorClass;
use memchr::memmem;

use crate::refusal::Code;
use crate::upstream::failure::{Failure, Retry};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// The request is wrong in itself: it would be so anywhere.
    RequestWrong,
    ContextTooLong,
    ContentFilter,
    RateLimited,
    Timeout,
    /// The provider is away, refuses us, or fails.
    Other,
}

/// Of an error's text, so much is looked at.
const LOOKED_AT_BYTES: usize = 16 << 10;

/// In lower case. OpenAI and Azure, vLLM, Anthropic, Gemini, Mistral, Bedrock.
const CONTEXT_TOO_LONG: [&str; 9] = [
    "context_length_exceeded",
    "maximum context length",
    "context window",
    "prompt is too long",
    "input is too long",
    "exceeds the maximum number of tokens",
    "exceed context limit",
    "too large for model with",
    "max_tokens_to_sample",
];
const CONTENT_FILTER: [&str; 6] = [
    "content_filter",
    "content_policy_violation",
    "responsibleaipolicyviolation",
    "content management policy",
    "content filtering policy",
    "prohibited_content",
];

impl Class {
    pub(crate) fn of(failure: &Failure) -> Self {
        let answer = failure.answer.as_ref();
        match (failure.code, answer.map(|answer| answer.header.status.as_u16())) {
            (Code::UpstreamTimeout, _) | (_, Some(408 | 504)) => Self::Timeout,
            (_, Some(429)) => Self::RateLimited,
            (_, Some(413)) => Self::ContextTooLong,
            (_, Some(400..500)) => Self::of_text(answer.map_or(&[], |answer| &answer.body), failure.retry),
            _ if failure.retry == Retry::Nowhere => Self::RequestWrong,
            _ => Self::Other,
        }
    }

    fn of_text(body: &[u8], retry: Retry) -> Self {
        let text = body[..body.len().min(LOOKED_AT_BYTES)].to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|words| memmem::find(&text, words.as_bytes()).is_some());
        if says(&CONTENT_FILTER) {
            Self::ContentFilter
        } else if says(&CONTEXT_TOO_LONG) {
            Self::ContextTooLong
        } else if retry == Retry::Nowhere {
            Self::RequestWrong
        } else {
            Self::Other
        }
    }

    /// Does the deployment stand worse for it? One that judged the request works.
    pub(crate) fn blames_deployment(self) -> bool {
        matches!(self, Self::RateLimited | Self::Timeout | Self::Other)
    }

    pub(super) fn fits(self, on: ErrorClass) -> bool {
        match on {
            ErrorClass::Any => self != Self::RequestWrong,
            _ => self.named() == Some(on),
        }
    }

    /// The class a fallback names it by; `None`: only `any` fits.
    pub(super) fn named(self) -> Option<ErrorClass> {
        match self {
            Self::ContextTooLong => Some(ErrorClass::ContextTooLong),
            Self::ContentFilter => Some(ErrorClass::ContentFilter),
            Self::RateLimited => Some(ErrorClass::RateLimited),
            Self::Timeout => Some(ErrorClass::Timeout),
            Self::RequestWrong | Self::Other => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::RequestWrong => "request_wrong",
            Self::Other => "error",
            _ => self.named().map_or("error", ErrorClass::as_str),
        }
    }
}

#[cfg(test)]
mod tests {
    use pingora_http::ResponseHeader;

    use super::*;
    use crate::upstream::failure::ErrorAnswer;

    fn answered(status: u16, retry: Retry, body: &'static str) -> Class {
        let header = Box::new(ResponseHeader::build(status, None).unwrap());
        let mut failure = Failure::new(Code::UpstreamError, "It failed.");
        failure.retry = retry;
        failure.answer = Some(ErrorAnswer { header, body: body.into() });
        Class::of(&failure)
    }

    #[test]
    fn providers_ways_of_saying_it_are_known() {
        for (status, body, class) in [
            (
                400,
                r#"{"error":{"message":"too many","code":"context_length_exceeded"}}"#,
                Class::ContextTooLong,
            ),
            (
                400,
                r#"{"error":{"message":"This model's maximum context length is 8192 tokens."}}"#,
                Class::ContextTooLong,
            ),
            (
                400,
                r#"{"error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}"#,
                Class::ContextTooLong,
            ),
            (413, r#"{"error":{"type":"request_too_large"}}"#, Class::ContextTooLong),
            (
                400,
                r#"{"error":{"code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
                Class::ContentFilter,
            ),
            (400, r#"{"error":{"code":"content_policy_violation"}}"#, Class::ContentFilter),
            (400, r#"{"error":{"message":"temperature must be below 2"}}"#, Class::RequestWrong),
            (422, r#"{"error":{"message":"no"}}"#, Class::RequestWrong),
        ] {
            assert_eq!(answered(status, Retry::Nowhere, body), class, "{status} {body}");
        }
        for (status, class) in [
            (429, Class::RateLimited),
            (408, Class::Timeout),
            (504, Class::Timeout),
            (500, Class::Other),
            (404, Class::Other),
        ] {
            assert_eq!(answered(status, Retry::Anywhere, r#"{"error":{}}"#), class, "{status}");
        }
        let code = |code| Class::of(&Failure::new(code, "It failed."));
        assert_eq!(code(Code::UpstreamTimeout), Class::Timeout);
        assert_eq!(code(Code::UpstreamUnreachable), Class::Other);
    }

    #[test]
    fn any_is_everything_but_a_wrong_request_and_a_name_is_only_itself() {
        let all = [
            Class::RequestWrong,
            Class::ContextTooLong,
            Class::ContentFilter,
            Class::RateLimited,
            Class::Timeout,
            Class::Other,
        ];
        assert_eq!(all.map(|class| class.fits(ErrorClass::Any)), [false, true, true, true, true, true]);
        assert_eq!(
            all.map(|class| class.fits(ErrorClass::Timeout)),
            [false, false, false, false, true, false]
        );
        assert_eq!(all.map(Class::blames_deployment), [false, false, false, true, true, true]);
    }
}
