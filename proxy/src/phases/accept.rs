//! First phase: is this a request the gateway can take at all? Bounds on headers and path, and the endpoint.

use pingora_http::RequestHeader;

use crate::call::Call;
use crate::client;
use crate::endpoint::{Gateway, Mismatch, Operation};
use crate::refusal::{Code, Refusal};

/// `true`: the caller wants to be told what the call cost, with the answer.
const INCLUDE_COST: &str = "x-aop-include-cost";

/// The bounds of the header, and the parts of the path that can be wrong.
pub(crate) fn limits(call: &mut Call, header: &RequestHeader) -> Result<(), Refusal> {
    call.wants_cost = header.headers.get(INCLUDE_COST).is_some_and(|value| value.as_bytes() == b"true");
    if client::lacks_host(header) {
        return Err(Refusal::new(
            Code::InvalidHeader,
            "The request has no Host header, which HTTP/1.1 demands; send one.",
        ));
    }
    let limits = &call.shared.limits;
    let uri_bytes = header.raw_path().len();
    if uri_bytes > limits.uri_max_bytes {
        let max = limits.uri_max_bytes;
        return Err(Refusal::new(
            Code::UriTooLong,
            format!("The URL is {uri_bytes} bytes long; the limit is {max}."),
        ));
    }
    let header_bytes: usize =
        header.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if header.headers.len() > limits.headers_max || header_bytes > limits.headers_max_bytes {
        let (count, max) = (header.headers.len(), limits.headers_max);
        return Err(Refusal::new(
            Code::HeadersTooLarge,
            format!(
                "The request has {count} headers of {header_bytes} bytes; the limits are {max} headers and {} bytes.",
                limits.headers_max_bytes
            ),
        ));
    }
    Ok(())
}

/// The operation the path and the method name.
pub(crate) fn operation(gateway: &Gateway<'_>) -> Result<Operation, Refusal> {
    gateway.operation.map_err(|mismatch| match mismatch {
        Mismatch::UnknownUrl => Refusal::new(
            Code::UnknownUrl,
            "The gateway has no such endpoint. Call /v1/chat/completions, /v1/messages, /v1/responses, /v1/completions, /v1/embeddings or /v1/models; a provider's own files, batches and jobs are below /passthrough/{provider}.",
        ),
        Mismatch::Method(allowed) => {
            let mut refusal = Refusal::new(
                Code::MethodNotAllowed,
                format!("This endpoint does not take this method; use {allowed}."),
            );
            refusal.allow = Some(allowed);
            refusal
        }
    })
}
