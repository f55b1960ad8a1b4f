//! Third phase: reads the body within its bounds and finds the fields the gateway acts on.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use http::header;
use pingora_core::{Error, ErrorType};
use pingora_proxy::Session;

use super::Stop;
use crate::body::budget::Reservation;
use crate::body::scan::{self, Fields, ScanError};
use crate::body::splice::{self, Edit, UsageWish};
use crate::call::{Call, Request};
use crate::client;
use crate::config::Limits;
use crate::endpoint::Operation;
use crate::refusal::{Code, Refusal};
use crate::room;
use crate::usage::json;

/// No provider's model name is longer.
const LONGEST_MODEL_BYTES: usize = 256;
/// Bytes a chunked body is first given room for.
const FIRST_ROOM_BYTES: usize = 16 << 10;
/// Of a declared length, so many times what has come is believed, and no more than so many bytes beyond it: who only
/// declares a large body must not be given its room. Pages nobody writes to take memory too, where they are huge ones.
const BELIEVED_TIMES: usize = 4;
const BELIEVED_BYTES: usize = 2 << 20;

pub(crate) async fn request(call: &mut Call, session: &mut Session) -> Result<(), Stop> {
    let Some(operation) = call.operation else {
        return Err(Refusal::new(Code::UnknownUrl, "The gateway has no such endpoint.").into());
    };
    let declared = declared_length(session)?;
    check_length(call.shared.limits.body_max_bytes, declared.unwrap_or(0))?;
    if expects_continue(session) {
        session.write_continue_response().await.map_err(|_| Stop::ClientGone)?;
    }
    let begun = Instant::now();
    let mut reservation = call.shared.body_budget.reserve();
    let read = read(call, session, declared, begun, &mut reservation).await;
    call.receiving = begun.elapsed();
    call.request = Some(scanned(call, operation, read?, reservation)?);
    Ok(())
}

pub(crate) fn declared_length(session: &Session) -> Result<Option<usize>, Refusal> {
    let headers = &session.req_header().headers;
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Refusal::new(
            Code::InvalidHeader,
            "Compressed request bodies are not supported; send it as it is.",
        ));
    }
    // Wrong and contradicting lengths were refused when the header was read.
    Ok(headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.trim().parse().ok()))
}

pub(crate) fn expects_continue(session: &Session) -> bool {
    let expect = session.req_header().headers.get(header::EXPECT);
    expect.is_some_and(|expect| expect.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

pub(crate) fn check_length(max: usize, bytes: usize) -> Result<(), Refusal> {
    if bytes <= max {
        return Ok(());
    }
    Err(Refusal::new(Code::BodyTooLarge, format!("The request body is larger than {max} bytes; send less.")))
}

/// The whole body. Most come in one piece, which is then not copied.
async fn read(
    call: &Call,
    session: &mut Session,
    declared: Option<usize>,
    begun: Instant,
    reservation: &mut Reservation,
) -> Result<Bytes, Stop> {
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    let mut length = 0;
    loop {
        let piece = match client::next_piece(session, &call.shared.limits).await {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(error) => return Err(read_failed(&error)),
        };
        length += piece.len();
        check_length(call.shared.limits.body_max_bytes, length)?;
        check_pace(&call.shared.limits, length, begun)?;
        if !reservation.grow(piece.len()) {
            return Err(room::no_bytes(call, "The gateway holds too many request bodies").into());
        }
        if first.is_empty() {
            first = piece;
        } else {
            if length > whole.capacity() {
                whole.reserve(room_bytes(declared, length) - whole.len());
            }
            if whole.is_empty() {
                whole.extend_from_slice(&first);
            }
            whole.extend_from_slice(&piece);
        }
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// Room for a body of which so much has come.
fn room_bytes(declared: Option<usize>, length: usize) -> usize {
    let believed = (length * BELIEVED_TIMES).min(length + BELIEVED_BYTES);
    declared.unwrap_or(FIRST_ROOM_BYTES).min(believed).max(length)
}

/// A sender slower than the bound holds memory for nothing.
pub(crate) fn check_pace(limits: &Limits, length: usize, begun: Instant) -> Result<(), Refusal> {
    let late = begun.elapsed().saturating_sub(limits.body_grace);
    if late.is_zero() || length as u64 >= late.as_secs().saturating_mul(limits.body_min_bytes_per_s) {
        return Ok(());
    }
    Err(too_slow())
}

fn too_slow() -> Refusal {
    Refusal::new(Code::RequestTimeout, "The request body came too slowly; send it again.")
}

pub(crate) fn read_failed(error: &Error) -> Stop {
    match error.etype() {
        ErrorType::ReadTimedout => too_slow().into(),
        ErrorType::ConnectionClosed | ErrorType::ReadError => Stop::ClientGone,
        _ => Refusal::new(Code::InvalidHeader, "The request body is not framed as its header says.").into(),
    }
}

/// The same request, saying something else: what is acted on is found anew.
pub(crate) fn replace_body(call: &mut Call, body: Bytes) -> Result<(), Refusal> {
    let (Some(operation), Some(before)) = (call.operation, call.request.take()) else { return Ok(()) };
    call.request = Some(scanned(call, operation, body, before._reservation)?);
    Ok(())
}

fn scanned(
    call: &Call,
    operation: Operation,
    body: Bytes,
    reservation: Reservation,
) -> Result<Request, Refusal> {
    let fields =
        scan::object(&body, call.shared.limits.json_max_depth).map_err(|error| scan_refused(&error))?;
    let model = model(operation, &body, &fields)?;
    let field = operation.required_field();
    if fields.range(field).is_none() && json::field(&body, field).is_none() {
        return Err(Refusal::new(Code::MissingField, format!("The field '{field}' is missing.")).param(field));
    }
    check_types(operation, &body, &fields)?;
    let stream = match fields.raw(&body, "stream") {
        Some(b"true") => operation.can_stream(),
        None | Some(b"false" | b"null") => false,
        Some(_) => return Err(wrong_type("stream", "true or false")),
    };
    let ask_usage = if stream && operation.asks_for_usage() { wished_usage(&body, &fields)? } else { None };
    Ok(Request { model, stream, ask_usage, fields, body, upload: None, _reservation: reservation })
}

fn wished_usage(body: &[u8], fields: &Fields) -> Result<Option<Edit>, Refusal> {
    match splice::usage_wish(body, fields) {
        Ok(UsageWish::Asked) => Ok(None),
        Ok(UsageWish::NotAsked(edit)) => Ok(Some(edit)),
        Err(message) => Err(Refusal::new(Code::InvalidField, message).param("stream_options")),
    }
}

fn model(operation: Operation, body: &[u8], fields: &Fields) -> Result<String, Refusal> {
    let Some(raw) = fields.raw(body, "model") else {
        if let Some(usual) = operation.usual_model() {
            return Ok(usual.to_owned());
        }
        return Err(Refusal::new(Code::MissingField, "The field 'model' is missing.").param("model"));
    };
    let Some(inner) = raw.strip_prefix(b"\"").and_then(|raw| raw.strip_suffix(b"\"")) else {
        return Err(wrong_type("model", "a string"));
    };
    model_name(scan::unescaped(inner))
}

pub(crate) fn model_name(model: String) -> Result<String, Refusal> {
    if model.is_empty() || model.len() > LONGEST_MODEL_BYTES {
        let message = format!("The field 'model' must hold 1 to {LONGEST_MODEL_BYTES} bytes.");
        return Err(Refusal::new(Code::InvalidField, message).param("model"));
    }
    Ok(model)
}

/// The types of what we act on; the rest is the provider's to judge.
pub(crate) fn check_types(operation: Operation, body: &[u8], fields: &Fields) -> Result<(), Refusal> {
    let starts = |name: &str| fields.raw(body, name).and_then(|raw| raw.first().copied());
    let must = |name: &'static str, allowed: &[u8], what: &str| match starts(name) {
        Some(first) if !allowed.contains(&first) => Err(wrong_type(name, what)),
        _ => Ok(()),
    };
    if matches!(operation, Operation::ChatCompletions | Operation::Messages | Operation::CountTokens) {
        must("messages", b"[", "a list")?;
    }
    must("user", b"\"n", "a string")?;
    must("safety_identifier", b"\"n", "a string")?;
    must("metadata", b"{n", "an object")?;
    for field in ["metadata", "litellm_metadata"] {
        if fields.raw(body, field).is_some_and(scan::has_twin_members) {
            return Err(Refusal::new(
                Code::DuplicateField,
                format!("The field '{field}' holds the same key twice; send it once."),
            ));
        }
    }
    Ok(())
}

fn wrong_type(field: &'static str, what: &str) -> Refusal {
    Refusal::new(Code::InvalidField, format!("The field '{field}' must be {what}.")).param(field)
}

fn scan_refused(error: &ScanError) -> Refusal {
    let code = match error {
        ScanError::Syntax { .. } | ScanError::NotAnObject => Code::InvalidJson,
        ScanError::TooDeep { .. } => Code::TooDeep,
        ScanError::Utf8 { .. } => Code::InvalidUtf8,
        ScanError::Duplicate { .. } => Code::DuplicateField,
    };
    let refusal = Refusal::new(code, error.to_string());
    match error {
        ScanError::Duplicate { field } => refusal.param(*field),
        _ => refusal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_length_is_believed_as_far_as_something_has_come_of_it() {
        assert_eq!(room_bytes(Some(60_000_000), 100_000), 400_000, "four times what came");
        assert_eq!(room_bytes(Some(60_000_000), 30_000_000), 30_000_000 + BELIEVED_BYTES);
        assert_eq!(room_bytes(Some(200_000), 100_000), 200_000, "and not more than was declared");
        assert_eq!(room_bytes(Some(10), 100_000), 100_000);
        assert_eq!(room_bytes(None, 1_000), 4_000);
        assert_eq!(room_bytes(None, 1 << 20), 1 << 20);
    }
}
