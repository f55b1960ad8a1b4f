//! Fields that only some dialects have: written where the target knows them, told or refused where it does not.

use serde_json::{Map, Value, json};

use crate::Dialect;
use crate::form::Request;
use crate::policy::{Losses, RequestError};

/// The same name and the same meaning in both of OpenAI's dialects.
const OPENAI_SHARES: &[&str] =
    &["prompt_cache_key", "prompt_cache_retention", "safety_identifier", "store", "prompt_cache_options"];

/// Fields that change no answer: they help caches, bookkeeping or safety teams.
const HINTS: &[&str] = &[
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
    "safety_identifier",
    "store",
    "cache_control",
    "litellm_metadata",
    "include",
    "client_metadata",
    "stream_options",
];

/// Writes what of `request.rest` the target knows. `target` may be of any dialect.
pub fn write(
    request: &Request,
    target: Dialect,
    body: &mut Map<String, Value>,
    losses: &mut Losses,
) -> Result<(), RequestError> {
    for (name, value) in &request.rest {
        let known = request.dialect == target
            || (openai(request.dialect) && openai(target) && OPENAI_SHARES.contains(&name.as_str()));
        if known {
            body.entry(name.as_str()).or_insert_with(|| value.clone());
        } else if HINTS.contains(&name.as_str()) {
            losses.dropped(name);
        } else if !is_default(request.dialect, name, value) {
            losses.unsupported(name)?;
        }
    }
    for name in &request.unread {
        losses.unsupported(name)?;
    }
    Ok(())
}

/// Do ids of files at one mean anything at the other?
pub fn same_house(one: Dialect, other: Dialect) -> bool {
    one == other || (openai(one) && openai(other))
}

fn openai(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Chat | Dialect::Responses)
}

/// What would be so without the field.
fn is_default(dialect: Dialect, name: &str, value: &Value) -> bool {
    match (dialect, name) {
        (Dialect::Chat, "n") => *value == 1,
        (Dialect::Chat, "modalities") => *value == json!(["text"]),
        (Dialect::Responses, "truncation") => value == "disabled",
        (Dialect::Responses, "background") => *value == false,
        _ => {
            matches!(value, Value::Array(items) if items.is_empty())
                || matches!(value, Value::Object(map) if map.is_empty())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;

    fn written(
        name: &str,
        value: Value,
        target: Dialect,
        policy: Policy,
    ) -> Result<(Map<String, Value>, Vec<String>), RequestError> {
        let mut request = Request::new(Dialect::Chat, "m");
        request.rest.insert(name.to_owned(), value);
        let (mut body, mut losses) = (Map::new(), Losses::new(policy, target));
        write(&request, target, &mut body, &mut losses)?;
        Ok((body, losses.into_dropped()))
    }

    #[test]
    fn a_field_is_kept_refused_or_told_but_never_lost_in_silence() {
        let refuse = Policy::RefuseUnsupported;
        let bias = || json!({"5": 1});
        assert_eq!(written("logit_bias", bias(), Dialect::Chat, refuse).unwrap().0["logit_bias"], bias());
        let error = written("logit_bias", bias(), Dialect::Messages, refuse).unwrap_err();
        assert_eq!(error.field(), "logit_bias");
        let (_, dropped) = written("logit_bias", bias(), Dialect::Messages, Policy::DropUnsupported).unwrap();
        assert_eq!(dropped, ["logit_bias"]);
        let (body, dropped) = written("prompt_cache_key", json!("k"), Dialect::Messages, refuse).unwrap();
        assert!(body.is_empty() && dropped == ["prompt_cache_key"]);
        let (body, _) = written("prompt_cache_key", json!("k"), Dialect::Responses, refuse).unwrap();
        assert_eq!(body["prompt_cache_key"], "k");
        assert_eq!(written("n", json!(1), Dialect::Messages, refuse).unwrap(), (Map::new(), vec![]));
        assert!(written("n", json!(2), Dialect::Messages, refuse).is_err());
    }
}
