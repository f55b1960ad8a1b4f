//! Anthropic's messages.

pub mod betas;
mod blocks;
mod error;
pub mod generations;
mod read_request;
mod response;
mod stream;
mod stream_writer;
mod wire;
mod write_blocks;
mod write_request;

pub use error::{read as read_error, write as write_error};
pub use read_request::read as read_request;
pub use response::{read as read_response, write as write_response};
pub use stream::reader;
pub(crate) use write_request::{goes_on_with_text, thinking};
pub use write_request::{write as write_request, write_count};

use bytes::Bytes;

use crate::dialect::{AnswerError, Answering, ClientDialect, Dialect, StreamWriter};
use crate::form::{Fault, Request, Response};
use crate::policy::RequestError;

/// The client's side of the dialect.
pub struct Messages;

impl ClientDialect for Messages {
    fn dialect(&self) -> Dialect {
        Dialect::Messages
    }

    fn read_request(&self, body: &[u8]) -> Result<Request, RequestError> {
        read_request::read(body)
    }

    fn write_response(&self, response: &Response, answering: &Answering) -> Result<Bytes, AnswerError> {
        response::write(response, answering)
    }

    fn stream_writer(&self, answering: Answering) -> Box<dyn StreamWriter> {
        Box::new(stream_writer::Writer::new(answering))
    }

    fn write_error(&self, fault: &Fault) -> Bytes {
        error::write(fault)
    }
}
