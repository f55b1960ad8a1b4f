//! Takes secrets and personal data out of what is recorded. What a detector finds is in nothing that comes out: not in a
//! string, a name, a number, JSON inside a string, or a text that a stream told in pieces.

mod record;
mod stream;

use aop_domain::guard::Detectors;
use serde_json::{Map, Value};

use crate::detect::find;
use crate::mask::{Mask, masked};

/// JSON within a string within JSON, as arguments of tools are. Deeper ones are text.
const DEEPEST: u8 = 4;
/// A mask can set free what touched its finding; no text needs more than two or three looks.
const MOST_LOOKS: u8 = 8;

/// Of one record.
#[derive(Debug)]
pub struct Redactor {
    wanted: Detectors,
    /// Findings taken out.
    pub taken: u32,
}

impl Redactor {
    pub fn new(wanted: Detectors) -> Self {
        Self { wanted, taken: 0 }
    }

    /// `None`: nothing was found.
    pub fn text(&mut self, text: &str) -> Option<String> {
        self.text_at(text, DEEPEST)
    }

    /// A body: JSON, or text of any kind. `None`: nothing was found.
    pub fn body(&mut self, body: &[u8]) -> Option<Vec<u8>> {
        match serde_json::from_slice::<Value>(body) {
            Ok(mut value) => self.value(&mut value, DEEPEST).then(|| value.to_string().into_bytes()),
            Err(_) => self.text(&String::from_utf8_lossy(body)).map(String::into_bytes),
        }
    }

    fn field(&mut self, text: &mut String) {
        if let Some(clean) = self.text(text) {
            *text = clean;
        }
    }

    fn text_at(&mut self, text: &str, depth: u8) -> Option<String> {
        let mut clean = None;
        if text.contains('\\') {
            clean = self.within(text, depth);
        }
        for _ in 0..MOST_LOOKS {
            let current = clean.as_deref().unwrap_or(text);
            let findings = find(current, self.wanted);
            if findings.is_empty() {
                break;
            }
            self.taken = self.taken.saturating_add(u32::try_from(findings.len()).unwrap_or(u32::MAX));
            clean = Some(masked(current, findings.iter().map(Mask::from)));
        }
        clean
    }

    /// A text with escapes in it says something else once they are read.
    fn within(&mut self, text: &str, depth: u8) -> Option<String> {
        if depth > 0
            && let Ok(mut value) = serde_json::from_str::<Value>(text)
        {
            return self.value(&mut value, depth - 1).then(|| value.to_string());
        }
        let read = unescaped(text)?;
        let hidden = find(&read, self.wanted);
        if hidden.len() > find(text, self.wanted).len() {
            self.taken = self.taken.saturating_add(u32::try_from(hidden.len()).unwrap_or(u32::MAX));
            return Some(masked(&read, hidden.iter().map(Mask::from)));
        }
        None
    }

    /// True: something was taken out.
    fn value(&mut self, value: &mut Value, depth: u8) -> bool {
        match value {
            Value::String(text) => match self.text_at(text, depth) {
                Some(clean) => {
                    *text = clean;
                    true
                }
                None => false,
            },
            Value::Number(number) => match self.text_at(&number.to_string(), 0) {
                Some(clean) => {
                    *value = Value::String(clean);
                    true
                }
                None => false,
            },
            Value::Array(items) => {
                items.iter_mut().fold(false, |taken, item| self.value(item, depth) | taken)
            }
            Value::Object(fields) => self.fields(fields, depth),
            Value::Null | Value::Bool(_) => false,
        }
    }

    fn fields(&mut self, fields: &mut Map<String, Value>, depth: u8) -> bool {
        let mut taken = fields.values_mut().fold(false, |taken, value| self.value(value, depth) | taken);
        if fields.keys().any(|name| !find(name, self.wanted).is_empty()) {
            taken = true;
            let renamed = std::mem::take(fields);
            fields.extend(renamed.into_iter().map(|(name, value)| (self.text(&name).unwrap_or(name), value)));
        }
        taken
    }
}

/// The text with `\uXXXX` and `\/` read. `None`: it has none.
pub(crate) fn unescaped(text: &str) -> Option<String> {
    if !text.contains("\\u") && !text.contains("\\/") {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 2..at + 6).filter(|_| rest[at..].starts_with("\\u"));
        let read = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        let (read, length) = match read {
            Some(read) => (Some(read), 6),
            None if rest[at..].starts_with("\\/") => (Some('/'), 2),
            None => (Some('\\'), 1),
        };
        out.extend(read);
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    Some(out)
}
