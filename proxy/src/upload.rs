//! A request body that is not held whole: its beginning is, the rest goes from the client to the provider as it comes.

use std::ops::Range;
use std::time::Instant;

use bytes::Bytes;
use http::HeaderValue;
use pingora_proxy::Session;
use serde_json::{Map, Value, json};

use crate::body::multipart::{Form, FormError, Scanner};
use crate::client;
use crate::config::Limits;
use crate::phases::{Stop, parse};
use crate::refusal::{Code, Refusal};

/// Of sound and pictures, so many bytes weigh about as much as one byte of text.
const MEDIA_BYTES_PER_TEXT_BYTE: u64 = 512;

pub(crate) struct Upload {
    /// As the client said it.
    pub(crate) content_type: Option<HeaderValue>,
    /// Where the model's name stands in the part that is held.
    pub(crate) model_at: Option<Range<usize>>,
    /// Of a form. It reads on while the rest passes.
    pub(crate) scanner: Option<Scanner>,
    /// What the client said the body's length is.
    pub(crate) declared: Option<u64>,
    /// What has come so far.
    pub(crate) received: u64,
    /// Largest body there may be.
    pub(crate) max_bytes: usize,
    /// Everything has come: it is held, and can be sent again.
    pub(crate) is_whole: bool,
    /// Some of the rest has gone to a provider: it cannot be sent again.
    pub(crate) is_spent: bool,
}

impl Upload {
    pub(crate) fn form(&self) -> Option<&Form> {
        self.scanner.as_ref().map(Scanner::form)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.declared.unwrap_or(0).max(self.received)
    }

    /// What limits take for its size.
    pub(crate) fn weight_bytes(&self) -> u64 {
        self.bytes() / MEDIA_BYTES_PER_TEXT_BYTE
    }

    /// What is recorded of it: fields, and of files their names and sizes.
    pub(crate) fn described(&self) -> Bytes {
        let Some(form) = self.form() else {
            let kind = self.content_type.as_ref().and_then(|kind| kind.to_str().ok());
            return Bytes::from(json!({"content_type": kind, "bytes": self.received}).to_string());
        };
        let mut fields: Map<String, Value> =
            form.fields.iter().map(|field| (field.name.clone(), Value::from(field.value.as_str()))).collect();
        let files = form.files.iter().map(|file| {
            json!({"name": file.name, "filename": file.filename, "content_type": file.content_type,
                "bytes": file.bytes})
        });
        fields.insert("files".to_owned(), files.collect());
        Bytes::from(Value::Object(fields).to_string())
    }

    /// A piece has come.
    pub(crate) fn take(&mut self, piece: &[u8], limits: &Limits, begun: Instant) -> Result<(), Refusal> {
        self.received += piece.len() as u64;
        let received = usize::try_from(self.received).unwrap_or(usize::MAX);
        parse::check_length(self.max_bytes, received)?;
        parse::check_pace(limits, received, begun)?;
        self.scanner.as_mut().map_or(Ok(()), |scanner| scanner.push(piece)).map_err(|error| refused(&error))
    }

    /// The last piece has come.
    pub(crate) fn finish(&mut self) -> Result<(), Refusal> {
        self.is_whole = true;
        self.scanner.as_ref().map_or(Ok(()), Scanner::finish).map_err(|error| refused(&error))
    }
}

pub(crate) fn refused(error: &FormError) -> Refusal {
    let code = match error {
        FormError::NoBoundary => Code::InvalidHeader,
        FormError::Broken(_) | FormError::TooManyParts => Code::InvalidField,
        FormError::Duplicate(_) => Code::DuplicateField,
    };
    let refusal = Refusal::new(code, error.to_string());
    match error {
        FormError::Duplicate(field) => refusal.param(*field),
        _ => refusal,
    }
}

/// The rest of a body on its way from the client.
pub(crate) struct Incoming<'a> {
    session: &'a mut Session,
    upload: &'a mut Upload,
    limits: &'a Limits,
    begun: Instant,
    /// What went wrong on the client's side.
    pub(crate) fault: Option<Stop>,
}

impl<'a> Incoming<'a> {
    pub(crate) fn new(session: &'a mut Session, upload: &'a mut Upload, limits: &'a Limits) -> Self {
        Self { session, upload, limits, begun: Instant::now(), fault: None }
    }

    /// `None`: it has ended, or went wrong.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        if self.upload.is_whole {
            return None;
        }
        self.upload.is_spent = true;
        let taken = match client::next_piece(self.session, self.limits).await {
            Ok(Some(piece)) => self.upload.take(&piece, self.limits, self.begun).map(|()| Some(piece)),
            Ok(None) => self.upload.finish().map(|()| None),
            Err(error) => {
                self.fault = Some(parse::read_failed(&error));
                return None;
            }
        };
        taken.unwrap_or_else(|refusal| {
            self.fault = Some(refusal.into());
            None
        })
    }

    /// Returns when the client has gone. For when the whole body has come.
    pub(crate) async fn client_gone(&mut self) {
        if !self.upload.is_whole {
            std::future::pending::<()>().await;
        }
        client::gone(self.session).await;
    }
}
