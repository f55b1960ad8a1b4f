//! A JSON object whose fields are taken out one by one, each with its type checked. What is left at the end was not
//! understood, and is not lost: it is kept or named.

use serde_json::{Map, Value};

use crate::policy::RequestError;

#[derive(Debug)]
pub(crate) struct Object {
    map: Map<String, Value>,
    /// Where it stands, for messages: empty at the top, else with a dot at its end.
    path: String,
}

type Taken<T> = Result<Option<T>, RequestError>;

impl Object {
    pub(crate) fn top(body: &[u8]) -> Result<Self, RequestError> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(map)) => Ok(Self { map, path: String::new() }),
            Ok(_) => Err(RequestError::invalid("body", "must be a JSON object")),
            Err(error) => Err(RequestError::invalid("body", format!("is not valid JSON: {error}"))),
        }
    }

    pub(crate) fn of(value: Value, path: &str) -> Result<Self, RequestError> {
        match value {
            Value::Object(map) => Ok(Self { map, path: format!("{path}.") }),
            _ => Err(RequestError::invalid(path, "must be an object")),
        }
    }

    /// The full name of a field.
    pub(crate) fn name(&self, field: &str) -> String {
        format!("{}{field}", self.path)
    }

    pub(crate) fn invalid(&self, field: &str, problem: &str) -> RequestError {
        RequestError::invalid(self.name(field), problem)
    }

    /// A field of any type; `null` is as if it were not there.
    pub(crate) fn any(&mut self, field: &str) -> Option<Value> {
        self.map.shift_remove(field).filter(|value| !value.is_null())
    }

    fn take<T>(&mut self, field: &str, problem: &str, read: impl FnOnce(Value) -> Option<T>) -> Taken<T> {
        match self.any(field) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| self.invalid(field, problem)),
        }
    }

    pub(crate) fn text(&mut self, field: &str) -> Taken<String> {
        self.take(field, "must be a string", |value| match value {
            Value::String(text) => Some(text),
            _ => None,
        })
    }

    pub(crate) fn need_text(&mut self, field: &str) -> Result<String, RequestError> {
        self.text(field)?.ok_or_else(|| self.invalid(field, "is missing"))
    }

    pub(crate) fn number(&mut self, field: &str) -> Taken<f64> {
        self.take(field, "must be a number", |value| value.as_f64())
    }

    pub(crate) fn unsigned(&mut self, field: &str) -> Taken<u64> {
        self.take(field, "must be a whole number, 0 or more", |value| value.as_u64())
    }

    pub(crate) fn integer(&mut self, field: &str) -> Taken<i64> {
        self.take(field, "must be a whole number", |value| value.as_i64())
    }

    pub(crate) fn flag(&mut self, field: &str) -> Taken<bool> {
        self.take(field, "must be true or false", |value| value.as_bool())
    }

    pub(crate) fn list(&mut self, field: &str) -> Taken<Vec<Value>> {
        self.take(field, "must be a list", |value| match value {
            Value::Array(items) => Some(items),
            _ => None,
        })
    }

    pub(crate) fn map(&mut self, field: &str) -> Taken<Map<String, Value>> {
        self.take(field, "must be an object", |value| match value {
            Value::Object(map) => Some(map),
            _ => None,
        })
    }

    pub(crate) fn object(&mut self, field: &str) -> Taken<Self> {
        let path = self.name(field);
        self.any(field).map(|value| Self::of(value, &path)).transpose()
    }

    /// Puts a field back: it is another's to understand.
    pub(crate) fn put_back(&mut self, field: &str, value: Value) {
        self.map.insert(field.to_owned(), value);
    }

    /// Everything not taken.
    pub(crate) fn into_rest(mut self) -> Map<String, Value> {
        self.map.retain(|_, value| !value.is_null());
        self.map
    }

    /// Names what was not taken.
    pub(crate) fn end(self, unread: &mut Vec<String>) {
        let Self { map, path } = self;
        unread.extend(
            map.iter().filter(|(_, value)| says_something(value)).map(|(name, _)| format!("{path}{name}")),
        );
    }
}

/// `null`, `[]` and `{}` say nothing that could be lost.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => true,
    }
}
