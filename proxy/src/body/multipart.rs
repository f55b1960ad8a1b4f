//! Reads a form (`multipart/form-data`, RFC 7578) as it comes, in pieces of any size: small fields are kept, files are
//! only measured. What is forwarded is the form itself.
//!
//! Readers of forms differ in what they forgive, and a policy must see what the provider will see: so everything that two
//! of them could read in two ways is refused.

mod disposition;
mod wav;

use std::ops::Range;

use bytes::{Buf, BytesMut};
use memchr::memmem;

use disposition::Disposition;

/// A field's value is kept up to this size; of a file, so much of its beginning.
const KEPT_BYTES: usize = 16 << 10;
const FILE_HEAD_BYTES: usize = 64;
const PART_HEADERS_MAX_BYTES: usize = 8 << 10;
const MOST_PARTS: usize = 256;
/// RFC 2046.
const LONGEST_BOUNDARY: usize = 70;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormError {
    #[error("The content type must be multipart/form-data with a boundary.")]
    NoBoundary,
    #[error("The request body is not the form its content type says: {0}.")]
    Broken(&'static str),
    #[error("The form holds the field '{0}' twice; send it once.")]
    Duplicate(&'static str),
    #[error("The form has more than {MOST_PARTS} parts.")]
    TooManyParts,
}

/// A part with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// The beginning of a value that is longer than what is kept.
    pub(crate) value: String,
    /// Where the value stands in the body.
    pub(crate) at: Range<usize>,
}

/// A part with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) filename: String,
    pub(crate) content_type: String,
    pub(crate) bytes: u64,
    head: Vec<u8>,
}

/// What was seen of a form so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) fields: Vec<Field>,
    pub(crate) files: Vec<File>,
}

impl Form {
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.field(name).map(|field| field.value.as_str())
    }

    /// How long the sound of its files lasts, where they say so themselves.
    pub(crate) fn sound_seconds(&self) -> Option<f64> {
        let lengths = self.files.iter().map(|file| wav::seconds(&file.head, file.bytes));
        lengths.sum::<Option<f64>>().filter(|seconds| *seconds > 0.0)
    }
}

/// Fields that decide who answers and how, which may stand in a form once.
const ONCE: [&str; 6] = ["model", "stream", "response_format", "n", "size", "quality"];

#[derive(Debug)]
enum State {
    /// Before the first boundary, which begins the body.
    Start,
    /// Behind a boundary.
    Boundary,
    Headers,
    Content(Part),
    Ended,
}

#[derive(Debug)]
struct Part {
    disposition: Disposition,
    content_type: String,
    begins_at: usize,
    bytes: usize,
    kept: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Scanner {
    /// `\r\n--boundary`.
    delimiter: Vec<u8>,
    state: State,
    pending: BytesMut,
    /// Where `pending` begins in the body.
    at: usize,
    parts: usize,
    form: Form,
}

impl Scanner {
    pub(crate) fn new(content_type: &str) -> Result<Self, FormError> {
        let boundary = boundary(content_type).ok_or(FormError::NoBoundary)?;
        Ok(Self {
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            state: State::Start,
            pending: BytesMut::new(),
            at: 0,
            parts: 0,
            form: Form::default(),
        })
    }

    pub(crate) fn form(&self) -> &Form {
        &self.form
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), FormError> {
        self.pending.extend_from_slice(bytes);
        while self.step()? {}
        Ok(())
    }

    /// The body has ended.
    pub(crate) fn finish(&self) -> Result<(), FormError> {
        match self.state {
            State::Ended => Ok(()),
            _ => Err(FormError::Broken("it ends before its last boundary")),
        }
    }

    /// False: more bytes are needed.
    fn step(&mut self) -> Result<bool, FormError> {
        match &mut self.state {
            State::Start => {
                let first = &self.delimiter[2..];
                if self.pending.len() < first.len() {
                    return if first.starts_with(&self.pending) { Ok(false) } else { Err(no_boundary()) };
                }
                if !self.pending.starts_with(first) {
                    return Err(no_boundary());
                }
                self.skip(self.delimiter.len() - 2);
                self.state = State::Boundary;
                Ok(true)
            }
            State::Boundary => self.behind_boundary(),
            State::Headers => self.headers(),
            State::Content(_) => Ok(self.content()?),
            State::Ended => {
                let is_quiet = self.pending.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
                self.skip(self.pending.len());
                if is_quiet {
                    Ok(false)
                } else {
                    Err(FormError::Broken("something follows its last boundary"))
                }
            }
        }
    }

    fn behind_boundary(&mut self) -> Result<bool, FormError> {
        self.state = match self.pending.get(..2) {
            None => return Ok(false),
            Some(b"\r\n") => State::Headers,
            Some(b"--") => State::Ended,
            Some(_) => return Err(FormError::Broken("a boundary is not alone on its line")),
        };
        self.skip(2);
        Ok(true)
    }

    fn headers(&mut self) -> Result<bool, FormError> {
        let Some(end) = memmem::find(&self.pending, b"\r\n\r\n") else {
            let too_long = self.pending.len() > PART_HEADERS_MAX_BYTES;
            return if too_long { Err(FormError::Broken("a part's header has no end")) } else { Ok(false) };
        };
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return Err(FormError::TooManyParts);
        }
        let (disposition, content_type) =
            disposition::read(&self.pending[..end]).map_err(FormError::Broken)?;
        let is_there = |name: &str| {
            self.form.field(name).is_some() || self.form.files.iter().any(|file| file.name == name)
        };
        if let Some(once) = ONCE.into_iter().find(|once| *once == disposition.name) {
            if is_there(once) {
                return Err(FormError::Duplicate(once));
            }
            if disposition.filename.is_some() {
                return Err(FormError::Broken("a field that must be text is a file"));
            }
        }
        self.skip(end + 4);
        self.state = State::Content(Part {
            disposition,
            content_type,
            begins_at: self.at,
            bytes: 0,
            kept: Vec::new(),
        });
        // An empty part's delimiter begins with the line end of its header.
        Ok(true)
    }

    /// Takes what is surely content, up to the next boundary.
    fn content(&mut self) -> Result<bool, FormError> {
        let found = memmem::find(&self.pending, &self.delimiter);
        let sure = found.unwrap_or(self.pending.len().saturating_sub(self.delimiter.len() - 1));
        if let State::Content(part) = &mut self.state {
            let room = part.room().saturating_sub(part.kept.len());
            part.kept.extend_from_slice(&self.pending[..sure.min(room)]);
            part.bytes += sure;
        }
        self.skip(sure);
        if found.is_none() {
            return Ok(false);
        }
        self.skip(self.delimiter.len());
        if let State::Content(part) = std::mem::replace(&mut self.state, State::Boundary) {
            self.keep(part)?;
        }
        Ok(true)
    }

    fn keep(&mut self, part: Part) -> Result<(), FormError> {
        let Disposition { name, filename } = part.disposition;
        match filename {
            Some(filename) => self.form.files.push(File {
                name,
                filename,
                content_type: part.content_type,
                bytes: part.bytes as u64,
                head: part.kept,
            }),
            None => {
                let whole = part.bytes == part.kept.len();
                let value = match String::from_utf8(part.kept) {
                    Ok(value) => value,
                    Err(_) if whole => return Err(FormError::Broken("a field is not UTF-8")),
                    Err(cut) => String::from_utf8_lossy(cut.as_bytes()).into_owned(),
                };
                self.form.fields.push(Field { name, value, at: part.begins_at..part.begins_at + part.bytes });
            }
        }
        Ok(())
    }

    fn skip(&mut self, bytes: usize) {
        self.pending.advance(bytes);
        self.at += bytes;
    }
}

impl Part {
    fn room(&self) -> usize {
        if self.disposition.filename.is_some() { FILE_HEAD_BYTES } else { KEPT_BYTES }
    }
}

fn no_boundary() -> FormError {
    FormError::Broken("it does not begin with its boundary")
}

/// Of `multipart/form-data; boundary=...`.
fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut named = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let mut boundaries = named.by_ref().filter(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"));
    let (_, value) = boundaries.next()?;
    if boundaries.next().is_some() {
        return None;
    }
    let value = value.trim();
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
    let is_one = (1..=LONGEST_BOUNDARY).contains(&value.len()) && value.bytes().all(fits);
    is_one.then(|| value.to_owned())
}

#[cfg(test)]
mod tests;
