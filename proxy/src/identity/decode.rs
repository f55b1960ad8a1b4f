//! Values as they stand in headers, paths and bodies, decoded and bounded.

use std::borrow::Cow;

use aop_domain::id::{SpanId, TraceId};
use uuid::Uuid;

use super::rule::Form;

/// Names and ids longer than this are no names and no ids. Bytes of UTF-8.
pub(super) const MAX_VALUE_BYTES: usize = 256;
pub(super) const MAX_TAG_BYTES: usize = 128;
pub(super) const MAX_TAGS: usize = 32;

/// One value in the form its field wants; `None` when it is empty or bad.
pub(super) fn value(form: Form, raw: &str) -> Option<String> {
    let raw = raw.trim();
    match form {
        Form::Text | Form::Named(_) => clean(raw),
        Form::Percent => clean(&percent(raw)?),
        Form::TraceId => trace_id(raw).map(|id| id.to_string()),
        Form::AnyTraceId => any_trace_id(raw).map(|id| id.to_string()),
        Form::SpanId => span_id(raw).map(|id| id.to_string()),
        Form::AnySpanId => any_span_id(raw).map(|id| id.to_string()),
        Form::Uuid => Uuid::parse_str(raw).ok().filter(|id| !id.is_nil()).map(|id| id.to_string()),
        Form::UserAgent => clean(raw).and_then(|agent| aop_identity::program(&agent)),
        // Both give more than one value and are read by their own functions.
        Form::List | Form::Traceparent => None,
    }
}

/// What a value of this form must be, for a refusal.
pub(super) fn expected(form: Form) -> &'static str {
    match form {
        Form::TraceId => "32 hex digits or a UUID, not all zero",
        Form::SpanId => "16 hex digits, not all zero",
        Form::Uuid => "a UUID, not all zero",
        Form::List => "up to 32 comma-separated tags of up to 128 bytes each, percent-encoded UTF-8",
        Form::Percent => "percent-encoded UTF-8 of up to 256 bytes without control characters",
        _ => "text of up to 256 bytes without control characters",
    }
}

/// Comma-separated tags; `None` when one of them is bad.
pub(super) fn tags(raw: &str) -> Option<Vec<String>> {
    let parts = raw.split(',').map(str::trim).filter(|part| !part.is_empty());
    let tags: Vec<String> = parts.map(|part| tag(&percent(part)?)).collect::<Option<_>>()?;
    (tags.len() <= MAX_TAGS).then_some(tags)
}

pub(super) fn tag(text: &str) -> Option<String> {
    clean(text).filter(|tag| tag.len() <= MAX_TAG_BYTES)
}

/// Version 00 to fe: `00-<trace>-<span>-<flags>`, later versions may have more parts.
pub(super) fn traceparent(raw: &str) -> Option<(TraceId, SpanId)> {
    let mut parts = raw.trim().split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, digits: usize| {
        text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let well_formed =
        is_hex(version, 2) && version != "ff" && is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2);
    let exact = version != "00" || parts.next().is_none();
    if !well_formed || !exact {
        return None;
    }
    Some((trace_id(trace)?, span_id(span)?))
}

fn trace_id(text: &str) -> Option<TraceId> {
    TraceId::parse_lenient(text).ok().filter(|id| !id.is_nil())
}

pub(super) fn span_id(text: &str) -> Option<SpanId> {
    text.parse().ok().filter(|id: &SpanId| !id.is_nil())
}

fn any_trace_id(text: &str) -> Option<TraceId> {
    trace_id(text).or_else(|| clean(text).map(|text| TraceId(hash(&text).to_be_bytes())))
}

fn any_span_id(text: &str) -> Option<SpanId> {
    let hashed = |text: String| {
        let folded = hash(&text);
        SpanId(((folded >> 64) as u64 ^ folded as u64).to_be_bytes())
    };
    span_id(text).or_else(|| clean(text).map(hashed))
}

/// FNV-1a, 128 bit: the same foreign id is the same trace on every node and after every restart.
fn hash(text: &str) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    text.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

fn clean(text: &str) -> Option<String> {
    let text = text.trim();
    let good = !text.is_empty() && text.len() <= MAX_VALUE_BYTES && !text.chars().any(char::is_control);
    good.then(|| text.to_owned())
}

/// `None` when an escape is broken or the bytes are not UTF-8.
fn percent(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            let digit = |at: usize| bytes.get(at).and_then(|&byte| (byte as char).to_digit(16));
            decoded.push((digit(at + 1)? * 16 + digit(at + 2)?) as u8);
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}
