//! A request for a model that is older than its client believes: what the model does not know is taken out, where its route
//! or its caller wants such fields dropped. Every byte that stays, stays as it was written.

use std::ops::Range;

use aop_dialects::messages::{betas, generations};
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use serde_json::{Map, Value};

use crate::body::scan;

/// What Anthropic's clients ask for beside the body.
pub(crate) const BETAS: &str = "anthropic-beta";

/// A body without what its model does not know.
pub(crate) struct Fitted {
    pub(crate) body: Bytes,
    pub(crate) dropped: Vec<String>,
}

/// The betas in a request's headers, in the order they came.
pub(crate) fn betas_of(headers: &HeaderMap) -> Vec<String> {
    betas::read(headers.get_all(BETAS).into_iter().filter_map(|value| value.to_str().ok()))
}

/// `body` is a JSON object that was scanned before; `model_json` takes the place of its model's name. `None`: the model knows
/// all that is asked of it.
pub(crate) fn fit(body: &Bytes, model: &str, model_json: &[u8]) -> Option<Fitted> {
    let mut members: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    let mut fields = Map::new();
    let mut max_tokens = None;
    let start = body.as_ptr() as usize;
    scan::members(body, |key, value| {
        let key_at = key.as_ptr() as usize - start;
        members.push((key_at..key_at + key.len(), value.clone()));
        if let Some(name) = generations::FIELDS.into_iter().find(|name| scan::key_is(key, name)) {
            let parsed = serde_json::from_slice::<Value>(&body[value]);
            fields.extend(parsed.ok().map(|parsed| (name.to_owned(), parsed)));
        } else if scan::key_is(key, "max_tokens") {
            max_tokens = std::str::from_utf8(&body[value]).ok().and_then(|text| text.trim().parse().ok());
        }
    });
    let before = fields.clone();
    let dropped = generations::fit(&mut fields, model, max_tokens);
    if fields == before {
        return None;
    }
    let mut written = BytesMut::with_capacity(body.len());
    for (key, value) in members {
        let (name, is) = (&body[key.clone()], |name: &str| scan::key_is(&body[key.clone()], name));
        let known = generations::FIELDS.into_iter().find(|known| is(known));
        let changed = match known {
            Some(known) if fields.get(known) == before.get(known) => None,
            Some(known) => match fields.get(known) {
                Some(changed) => Some(Bytes::from(changed.to_string())),
                None => continue,
            },
            None if is("model") => Some(Bytes::copy_from_slice(model_json)),
            None => None,
        };
        written.extend_from_slice(if written.is_empty() { b"{\"" } else { b",\"" });
        written.extend_from_slice(name);
        written.extend_from_slice(b"\":");
        written.extend_from_slice(changed.as_deref().unwrap_or(&body[value]));
    }
    written.extend_from_slice(if written.is_empty() { b"{}" } else { b"}" });
    Some(Fitted { body: written.freeze(), dropped })
}

/// The betas that go with what is left. `None`: all of them do.
pub(crate) fn betas_left(headers: &[String], dropped: &[String]) -> Option<String> {
    let all = headers.join(",");
    let left = generations::without_pairs(&all, dropped);
    (left != all).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(body: &str, model: &str) -> Option<(String, Vec<String>)> {
        let fitted = fit(&Bytes::copy_from_slice(body.as_bytes()), model, format!("\"{model}\"").as_bytes())?;
        Some((String::from_utf8(fitted.body.to_vec()).unwrap(), fitted.dropped))
    }

    #[test]
    fn what_stays_is_not_written_anew() {
        let body = r#" { "model" : "best","thinking":{"type":"adaptive"}, "messages":[ {"role":"user", "content":"\u00e9 한 1.50"} ] ,"max_tokens": 9000,"output_config":{"effort":"low"}} "#;
        let (written, dropped) = fitted(body, "claude-sonnet-4-5").unwrap();
        let expected = r#"{"model":"claude-sonnet-4-5","thinking":{"type":"enabled","budget_tokens":2048},"messages":[ {"role":"user", "content":"\u00e9 한 1.50"} ],"max_tokens":9000}"#;
        assert_eq!(written, expected);
        assert_eq!(dropped, ["thinking.type", "output_config.effort"]);
    }

    #[test]
    fn fields_at_the_ends_leave_no_comma_behind() {
        let body = r#"{"speed":"fast","model":"m","context_management":{"edits":[]},"thinking":{"type":"adaptive"}}"#;
        let (written, _) = fitted(body, "claude-3-5-haiku-20241022").unwrap();
        assert_eq!(written, r#"{"model":"claude-3-5-haiku-20241022"}"#);
        assert_eq!(fitted(r#"{"speed":"fast"}"#, "claude-3-opus-20240229").unwrap().0, "{}");
    }

    #[test]
    fn a_model_that_knows_everything_gets_the_bytes_as_they_are() {
        let body = r#"{"model":"m","thinking":{"type":"adaptive"},"output_config":{"effort":"low"}}"#;
        assert_eq!(fitted(body, "claude-opus-4-6"), None);
        assert_eq!(fitted(body, "someone-elses"), None);
        assert_eq!(fitted(r#"{"model":"m","messages":[]}"#, "claude-3-opus-20240229"), None);
        assert_eq!(
            fitted(r#"{"mod\u0065l":"m","sp\u0065ed":"fast"}"#, "claude-3-opus").unwrap().1,
            ["speed"]
        );
    }
}
