//! Windows into what is otherwise private, for the fuzz targets (`fuzz/targets.rs`) alone.

mod routes;

pub use routes::{Asked, Led, Routed, routed};

use crate::body::multipart::Scanner;
use crate::body::scan::{self, ScanError};

/// As the gateway scans request bodies.
const MAX_DEPTH: u32 = 100;

/// Whether a request body is one JSON object; `None`: refused for another reason (a field stands twice, too deep).
pub fn body_is_object(text: &[u8]) -> Option<bool> {
    match scan::object(text, MAX_DEPTH) {
        Ok(_) => Some(true),
        Err(ScanError::TooDeep { .. } | ScanError::Duplicate { .. }) => None,
        Err(_) => Some(false),
    }
}

/// What a form that comes in these pieces is read as.
pub fn form(content_type: &str, pieces: &[&[u8]]) -> String {
    let read = || {
        let mut scanner = Scanner::new(content_type)?;
        pieces.iter().try_for_each(|piece| scanner.push(piece))?;
        scanner.finish()?;
        Ok::<_, crate::body::multipart::FormError>(format!("{:?}", scanner.form()))
    };
    read().unwrap_or_else(|error| error.to_string())
}
