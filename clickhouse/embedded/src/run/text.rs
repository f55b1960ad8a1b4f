//! Finds a statement's text: in the URL, in the body, or in both, with data behind it.

use std::io::{ErrorKind, Read};

use crate::body::read_up_to;
use crate::error::{Exception, SYNTAX_ERROR};
use crate::statement::{Kind, Statement, parse};

/// The statement's own part of a body stands in its beginning; what follows may be data of any size.
const HEAD_BYTES: usize = 256 * 1024;

pub(super) struct Text<'a> {
    /// The statement, and the data that came with its last piece.
    pub(super) bytes: Vec<u8>,
    pub(super) statement: Statement,
    /// Data that is still to come.
    pub(super) rest: Box<dyn Read + 'a>,
}

impl<'a> Text<'a> {
    /// `query` is that of the URL; without it the body begins with the statement.
    pub(super) fn read(
        query: Option<String>,
        mut body: Box<dyn Read + 'a>,
        limit: usize,
    ) -> Result<Self, Exception> {
        let mut bytes = query.unwrap_or_default().into_bytes();
        if !bytes.is_empty() {
            let statement = parse(&bytes);
            if matches!(statement.kind, Kind::InsertData { .. }) {
                return Ok(Self { bytes, statement, rest: body });
            }
            bytes.push(b'\n');
        }
        let from = bytes.len();
        let ended = read(&mut body, &mut bytes, from + HEAD_BYTES)?;
        let statement = parse(&bytes);
        if ended || matches!(statement.kind, Kind::InsertData { .. }) {
            return non_empty(Self { bytes, statement, rest: body });
        }
        if !read(&mut body, &mut bytes, limit)? {
            return Err(Exception::too_large(limit));
        }
        let statement = parse(&bytes);
        Ok(Self { bytes, statement, rest: body })
    }
}

fn non_empty(text: Text<'_>) -> Result<Text<'_>, Exception> {
    if text.bytes.iter().all(u8::is_ascii_whitespace) {
        let message = "Code: 62. DB::Exception: Empty query. (SYNTAX_ERROR)".to_owned();
        return Err(Exception { code: SYNTAX_ERROR, text: message });
    }
    Ok(text)
}

fn read(body: &mut dyn Read, bytes: &mut Vec<u8>, limit: usize) -> Result<bool, Exception> {
    read_up_to(body, bytes, limit).map_err(|error| body_exception(&error))
}

/// A body that broke off, or one that cannot be unpacked.
pub(super) fn body_exception(error: &std::io::Error) -> Exception {
    match error.kind() {
        ErrorKind::ConnectionAborted | ErrorKind::UnexpectedEof => Exception::body_cut(&error.to_string()),
        _ => Exception::not_decompressed(&error.to_string()),
    }
}
