//! Which headers cross the gateway, in both directions. Everything not named here stays on its side: keys, cookies,
//! hop-by-hop and internal headers, other gateways' credentials.

use std::time::SystemTime;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use pingora_http::{RequestHeader, ResponseHeader};

use super::failure;

/// From the client to the provider, by exact name or by prefix (ending in `-`).
const TO_PROVIDER: [&str; 9] = [
    "accept",
    "user-agent",
    "idempotency-key",
    "x-client-request-id",
    "openai-beta",
    "anthropic-",
    "x-stainless-",
    "traceparent",
    "tracestate",
];
/// Of those, what means nothing in another dialect.
const OF_A_DIALECT: [&str; 4] = ["openai-beta", "anthropic-", "x-stainless-", "accept"];
/// The built-in provider is also told how to behave.
const SIMULATOR_CONTROL: &str = "x-sim-";

/// From the provider to the client.
const TO_CLIENT: [&str; 9] = [
    "content-type",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
    "request-id",
    "openai-processing-ms",
    "openai-version",
    "anthropic-",
    "x-ratelimit-",
];

/// Copies of the client's headers that go to the provider.
#[derive(Debug, Default)]
pub(crate) struct Forwarded {
    common: Vec<(HeaderName, HeaderValue)>,
    simulator: Vec<(HeaderName, HeaderValue)>,
}

impl Forwarded {
    /// `is_translated`: what only the client's dialect understands stays here.
    pub(crate) fn iter(
        &self,
        is_simulator: bool,
        is_translated: bool,
    ) -> impl Iterator<Item = &(HeaderName, HeaderValue)> {
        let simulator: &[_] = if is_simulator { &self.simulator } else { &[] };
        let common =
            self.common.iter().filter(move |(name, _)| !is_translated || !crosses(&OF_A_DIALECT, name));
        common.chain(simulator)
    }
}

pub(crate) fn forwarded(request: &RequestHeader) -> Forwarded {
    let mut forwarded = Forwarded::default();
    for (name, value) in &request.headers {
        if crosses(&TO_PROVIDER, name) {
            forwarded.common.push((name.clone(), value.clone()));
        } else if name.as_str().starts_with(SIMULATOR_CONTROL) {
            forwarded.simulator.push((name.clone(), value.clone()));
        }
    }
    forwarded
}

/// Copies what a client may see of the provider's answer.
pub(crate) fn answered(from: &HeaderMap, to: &mut ResponseHeader) -> pingora_core::Result<()> {
    for (name, value) in from {
        if *name == header::RETRY_AFTER {
            // Some clients read whole seconds only.
            if let Some(wait) = failure::retry_after(from, SystemTime::now()) {
                to.insert_header(name, wait.as_secs().to_string())?;
            }
        } else if crosses(&TO_CLIENT, name) {
            to.append_header(name.clone(), value.clone())?;
        }
    }
    if let Some(id) = from.get("x-request-id") {
        to.insert_header("x-upstream-request-id", id.clone())?;
    }
    Ok(())
}

/// To a provider's own API nearly everything passes. What does not, by exact name or by prefix: who calls us and how, what
/// is about one connection, and what the gateway says anew.
const NOT_PASSED: [&str; 33] = [
    "authorization",
    "x-api-key",
    "api-key",
    "x-goog-api-key",
    "cookie",
    "proxy-",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "host",
    "content-length",
    "accept-encoding",
    "forwarded",
    "x-forwarded-",
    "x-real-ip",
    "via",
    "x-aop-",
    "x-sim-",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
    "openai-organization",
    "openai-project",
    "helicone-",
    "x-portkey-",
    "x-litellm-",
    "langfuse-",
    "baggage",
    "x-goog-user-project",
];
/// The same for its answers: also what would speak for the gateway's own address.
const NOT_PASSED_BACK: [&str; 17] = [
    "connection",
    "keep-alive",
    "proxy-",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "set-cookie",
    "alt-svc",
    "strict-transport-security",
    "access-control-",
    "x-aop-",
    "x-request-id",
    "server",
    "via",
    "clear-site-data",
];

/// The headers of a request to a provider's own API.
pub(crate) fn passed(request: &RequestHeader) -> Forwarded {
    let hops = hops(&request.headers);
    let mut forwarded = Forwarded::default();
    for (name, value) in &request.headers {
        if name.as_str().starts_with(SIMULATOR_CONTROL) {
            forwarded.simulator.push((name.clone(), value.clone()));
        } else if !crosses(&NOT_PASSED, name) && !hops.iter().any(|hop| hop == name.as_str()) {
            forwarded.common.push((name.clone(), value.clone()));
        }
    }
    forwarded
}

/// Copies the headers of such an API's answer.
pub(crate) fn passed_back(from: &HeaderMap, to: &mut ResponseHeader) -> pingora_core::Result<()> {
    let hops = hops(from);
    for (name, value) in from {
        if !crosses(&NOT_PASSED_BACK, name) && !hops.iter().any(|hop| hop == name.as_str()) {
            to.append_header(name.clone(), value.clone())?;
        }
    }
    if let Some(id) = from.get("x-request-id") {
        to.insert_header("x-upstream-request-id", id.clone())?;
    }
    Ok(())
}

/// What `Connection` names is about this connection only.
fn hops(headers: &HeaderMap) -> Vec<String> {
    let named = headers.get_all(header::CONNECTION).into_iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect()
}

/// Takes away from a request to the management API what only parts of AOP may say.
pub(crate) fn strip_internal(request: &mut RequestHeader) {
    for name in [
        "x-aop-internal",
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
    ] {
        request.remove_header(name);
    }
}

/// Server-sent events, or Amazon's binary ones, which only the dialect of its provider reads.
pub(crate) fn is_event_stream(headers: &HeaderMap) -> bool {
    const STREAMS: [&[u8]; 2] = [b"text/event-stream", b"application/vnd.amazon.eventstream"];
    let value = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    STREAMS.iter().any(|kind| value.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind)))
}

fn crosses(list: &[&str], name: &HeaderName) -> bool {
    let name = name.as_str();
    list.iter()
        .any(|allowed| if allowed.ends_with('-') { name.starts_with(allowed) } else { name == *allowed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_credential_of_the_client_reaches_a_provider() {
        let mut request = RequestHeader::build("POST", b"/v1/chat/completions", None).unwrap();
        for name in [
            "authorization",
            "x-api-key",
            "api-key",
            "cookie",
            "x-aop-internal",
            "x-aop-agent",
            "helicone-auth",
            "x-portkey-api-key",
            "openai-organization",
            "x-forwarded-for",
            "connection",
            "proxy-authorization",
            "accept-encoding",
            "host",
            "baggage",
        ] {
            request.insert_header(name, "x").unwrap();
        }
        request.insert_header("openai-beta", "assistants=v2").unwrap();
        request.insert_header("x-stainless-lang", "python").unwrap();
        request.insert_header("x-sim-status", "500").unwrap();
        let forwarded = forwarded(&request);
        let names = |simulator| {
            forwarded.iter(simulator, false).map(|(name, _)| name.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(false), ["openai-beta", "x-stainless-lang"]);
        assert_eq!(names(true), ["openai-beta", "x-stainless-lang", "x-sim-status"]);
        assert_eq!(
            forwarded.iter(false, true).count(),
            0,
            "a provider of another dialect is told nothing of this one"
        );
    }

    #[test]
    fn to_a_providers_own_api_everything_passes_but_who_calls_and_the_connection() {
        let mut request = RequestHeader::build("POST", b"/passthrough/p/v1/files", None).unwrap();
        for name in
            ["authorization", "x-goog-api-key", "cookie", "host", "x-aop-agent", "x-forwarded-for", "x-hop"]
        {
            request.insert_header(name, "x").unwrap();
        }
        request.insert_header("connection", "keep-alive, X-Hop").unwrap();
        request.insert_header("content-type", "multipart/form-data; boundary=x").unwrap();
        request.insert_header("x-goog-api-client", "genai").unwrap();
        request.insert_header("openai-beta", "assistants=v2").unwrap();
        let passed = passed(&request);
        let mut names: Vec<_> = passed.iter(false, false).map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-type", "openai-beta", "x-goog-api-client"]);

        let mut from = HeaderMap::new();
        for name in [
            "set-cookie",
            "transfer-encoding",
            "x-aop-cost",
            "content-disposition",
            "location",
            "x-request-id",
        ] {
            from.insert(HeaderName::from_static(name), HeaderValue::from_static("x"));
        }
        let mut to = ResponseHeader::build(200, None).unwrap();
        passed_back(&from, &mut to).unwrap();
        let mut names: Vec<_> = to.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-disposition", "location", "x-upstream-request-id"]);
    }

    #[test]
    fn a_provider_cannot_set_cookies_or_speak_for_the_gateway() {
        let mut from = HeaderMap::new();
        for name in
            ["set-cookie", "x-aop-call-id", "alt-svc", "server", "access-control-allow-origin", "connection"]
        {
            from.insert(HeaderName::from_static(name), HeaderValue::from_static("x"));
        }
        from.insert("x-ratelimit-limit-requests", HeaderValue::from_static("10"));
        from.insert("retry-after", HeaderValue::from_static("Sat, 21 Nov 2020 00:00:30 GMT"));
        from.insert("request-id", HeaderValue::from_static("req_2"));
        from.insert("x-request-id", HeaderValue::from_static("req_1"));
        let mut to = ResponseHeader::build(200, None).unwrap();
        answered(&from, &mut to).unwrap();
        let mut names: Vec<_> = to.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            ["request-id", "retry-after", "x-ratelimit-limit-requests", "x-upstream-request-id"]
        );
        assert_eq!(to.headers["retry-after"], "0", "a date becomes whole seconds");
    }
}
