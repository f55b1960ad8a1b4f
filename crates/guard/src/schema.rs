//! JSON Schema (2020-12, and what older drafts have in common with it), for schemas that strangers send: a caller's own
//! schema is looked at on every call, so both its making and its use are bounded. No network, no back-tracking, and a
//! number of steps after which a check is given up.
//!
//! What is not understood is refused when the schema is made, not passed over: `$dynamicRef`, `$recursiveRef`,
//! `unevaluatedProperties`, `unevaluatedItems`, references to other documents and to anchors. `format` and other
//! annotations say nothing about what fits, as the standard has it.

mod fit;
mod prepare;
mod value;

use std::collections::HashMap;

use regex::Regex;
use serde_json::Value;

/// As JSON text.
pub const LARGEST_BYTES: usize = 64 << 10;

/// Why a schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    #[error("the schema is larger than {LARGEST_BYTES} bytes, nested too deep, or has too many patterns")]
    TooLarge,
    #[error("the schema's '{0}' is not what JSON Schema wants there")]
    Malformed(String),
    #[error("the schema uses '{0}', which cannot be checked here")]
    Unsupported(String),
    #[error("the schema refers to '{0}', which is not in it")]
    Unresolved(String),
    #[error(
        "the schema's pattern '{0}' is no regular expression that runs in linear time, or too large a one"
    )]
    Pattern(String),
}

/// Why something does not fit. Speaks of the schema, never of the value: that may be anybody's data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    #[error("it is not JSON")]
    NotJson,
    #[error("it does not fit {0}")]
    At(String),
    #[error("checking it takes too many steps")]
    TooCostly,
}

/// A schema, ready to be used.
#[derive(Debug)]
pub struct Schema {
    root: Value,
    patterns: HashMap<String, Regex>,
}

impl Schema {
    pub fn new(root: Value) -> Result<Self, SchemaError> {
        let patterns = prepare::patterns(&root)?;
        Ok(Self { root, patterns })
    }

    /// Of a text that is to be JSON.
    pub fn check_text(&self, text: &str) -> Result<(), Misfit> {
        self.check(&serde_json::from_str(text).map_err(|_| Misfit::NotJson)?)
    }

    pub fn check(&self, value: &Value) -> Result<(), Misfit> {
        fit::check(self, value)
    }

    /// What a reference within the document leads to.
    fn target<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
        let pointer = reference.strip_prefix('#')?;
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return None;
        }
        root.pointer(&unescaped(pointer)?)
    }
}

/// `%20` and the like, as fragments of URLs write them.
fn unescaped(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digits = [bytes.next()?, bytes.next()?];
        out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests;
