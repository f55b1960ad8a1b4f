//! Changes a body by replacing byte ranges: everything between them is forwarded as it came.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::scan::{self, Fields};

/// Bodies up to this size are copied into one buffer, so that one write sends them.
const ONE_BUFFER_BYTES: usize = 64 << 10;

/// One replacement. An empty range inserts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) range: Range<usize>,
    pub(crate) with: Bytes,
}

/// A body as pieces to send one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) pieces: Vec<Bytes>,
    pub(crate) len: usize,
}

/// Applies edits that are in order and do not overlap.
pub(crate) fn apply(text: &Bytes, edits: &[Edit]) -> Body {
    let len = edits.iter().fold(text.len(), |len, edit| len + edit.with.len() - edit.range.len());
    let mut pieces = Vec::with_capacity(edits.len() * 2 + 1);
    let mut at = 0;
    for edit in edits {
        pieces.push(text.slice(at..edit.range.start));
        pieces.push(edit.with.clone());
        at = edit.range.end;
    }
    pieces.push(text.slice(at..));
    pieces.retain(|piece| !piece.is_empty());
    if pieces.len() > 1 && len <= ONE_BUFFER_BYTES {
        let mut whole = BytesMut::with_capacity(len);
        pieces.iter().for_each(|piece| whole.extend_from_slice(piece));
        pieces = vec![whole.freeze()];
    }
    Body { pieces, len }
}

/// What a streaming request says about its usage chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UsageWish {
    /// The client asked for it: nothing changes.
    Asked,
    /// The client did not ask: this edit asks the provider.
    NotAsked(Edit),
}

/// Reads `stream_options` of a scanned request. `Err`: the field at fault holds something else than it may.
pub(crate) fn usage_wish(text: &[u8], fields: &Fields) -> Result<UsageWish, &'static str> {
    let Some(options) = fields.range("stream_options") else {
        let at = fields.first_key_at;
        return Ok(insert(at, &br#""stream_options":{"include_usage":true},"#[..]));
    };
    let raw = &text[options.clone()];
    if raw == b"null" {
        return Ok(replace(options, &br#"{"include_usage":true}"#[..]));
    }
    if raw.first() != Some(&b'{') {
        return Err("The field 'stream_options' must be an object.");
    }
    let (mut members, mut wishes) = (0, Vec::new());
    scan::members(raw, |key, value| {
        members += 1;
        if scan::key_is(key, "include_usage") {
            wishes.push(value);
        }
    });
    match wishes.as_slice() {
        [] if members == 0 => Ok(replace(options, &br#"{"include_usage":true}"#[..])),
        [] => Ok(insert(options.start + 1, &br#""include_usage":true,"#[..])),
        [wish] => match &raw[wish.clone()] {
            b"true" => Ok(UsageWish::Asked),
            b"false" | b"null" => {
                Ok(replace(options.start + wish.start..options.start + wish.end, &b"true"[..]))
            }
            _ => Err("The field 'stream_options.include_usage' must be true or false."),
        },
        _ => Err("The field 'stream_options.include_usage' stands twice; send it once."),
    }
}

fn insert(at: usize, with: &'static [u8]) -> UsageWish {
    replace(at..at, with)
}

fn replace(range: Range<usize>, with: &'static [u8]) -> UsageWish {
    UsageWish::NotAsked(Edit { range, with: Bytes::from_static(with) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &'static str) -> Result<String, &'static str> {
        let body = Bytes::from_static(text.as_bytes());
        let fields = scan::object(&body, 100).unwrap();
        let edits = match usage_wish(&body, &fields)? {
            UsageWish::Asked => vec![],
            UsageWish::NotAsked(edit) => vec![edit],
        };
        let spliced = apply(&body, &edits);
        let whole: Vec<u8> = spliced.pieces.iter().flat_map(|piece| piece.to_vec()).collect();
        assert_eq!(whole.len(), spliced.len);
        Ok(String::from_utf8(whole).unwrap())
    }

    #[test]
    fn usage_is_asked_for_whatever_the_client_wrote() {
        for (given, sent) in [
            (r#"{"model":"a"}"#, r#"{"stream_options":{"include_usage":true},"model":"a"}"#),
            (r#"{"stream_options":null,"a":1}"#, r#"{"stream_options":{"include_usage":true},"a":1}"#),
            (r#"{"stream_options":{ }}"#, r#"{"stream_options":{"include_usage":true}}"#),
            (r#"{"stream_options":{"x":1}}"#, r#"{"stream_options":{"include_usage":true,"x":1}}"#),
            (
                r#"{"stream_options": {"include_usage": false}}"#,
                r#"{"stream_options": {"include_usage": true}}"#,
            ),
            (
                r#"{"stream_options":{"include\u005fusage":false}}"#,
                r#"{"stream_options":{"include\u005fusage":true}}"#,
            ),
            (r#"{"stream_options":{"include_usage":true}}"#, r#"{"stream_options":{"include_usage":true}}"#),
        ] {
            assert_eq!(asked(given).unwrap(), sent);
        }
    }

    #[test]
    fn a_wish_that_cannot_be_read_is_refused() {
        for given in [
            r#"{"stream_options":[]}"#,
            r#"{"stream_options":{"include_usage":1}}"#,
            r#"{"stream_options":{"include_usage":true,"include_usage":false}}"#,
        ] {
            assert!(asked(given).is_err(), "{given}");
        }
    }

    #[test]
    fn a_large_body_is_not_copied() {
        let text = Bytes::from(vec![b' '; 1 << 20]);
        let edit = Edit { range: 10..12, with: Bytes::from_static(b"abc") };
        let body = apply(&text, &[edit]);
        assert_eq!((body.pieces.len(), body.len), (3, (1 << 20) + 1));
        assert_eq!(body.pieces[2].as_ptr(), text[12..].as_ptr());
    }
}
