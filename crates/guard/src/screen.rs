//! Looks at what goes in and out with a call's rules: a body as a whole, a stream as it passes ([`passing`]), or a stream
//! that is judged when it is over ([`whole`]).
//!
//! Only what is said is looked at: values of fields that hold text. Names, ids, roles and encoded data are left alone, so
//! that a mask breaks no message.

pub mod passing;
pub mod whole;

use serde_json::Value;

use crate::mask::masked;
use crate::redact::unescaped;
use crate::rules::{Match, Rules};
use crate::said::Said;

/// Fields that say what something is, not what is said.
const NO_TEXT: &[&str] = &[
    "role",
    "type",
    "id",
    "call_id",
    "tool_call_id",
    "tool_use_id",
    "item_id",
    "name",
    "model",
    "object",
    "status",
    "finish_reason",
    "stop_reason",
    "signature",
    "encrypted_content",
    "obfuscation",
    "media_type",
    "detail",
    "data",
    "service_tier",
    "system_fingerprint",
];
/// Of a request: the fields in which something is said.
pub(crate) const SAID: &[&str] = &["messages", "system", "prompt", "input", "instructions"];

/// Is what a field of this name holds something that is said?
pub(crate) fn holds_text(name: &str) -> bool {
    !NO_TEXT.contains(&name)
}

/// How often each rule found something; and the first that blocks.
#[derive(Debug, Clone)]
pub struct Tally {
    found: Vec<(u32, &'static str)>,
    pub blocked: Option<usize>,
}

impl Tally {
    pub fn new(rules: &Rules) -> Self {
        Self { found: vec![(0, ""); rules.len()], blocked: None }
    }

    fn note(&mut self, rules: &Rules, found: &Match) {
        let (count, what) = &mut self.found[found.rule];
        *count = count.saturating_add(1);
        *what = found.what;
        if rules.blocks(found) {
            self.blocked.get_or_insert(found.rule);
        }
    }

    /// The rules that found something: which, how often, and what it was last.
    pub fn found(&self) -> impl Iterator<Item = (usize, u32, &'static str)> {
        let numbered = self.found.iter().enumerate();
        numbered.filter(|(_, (count, _))| *count > 0).map(|(rule, (count, what))| (rule, *count, *what))
    }
}

/// A request's body. `Some`: it must be sent like this.
pub fn request(rules: &Rules, body: &[u8], tally: &mut Tally) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(body).ok()?;
    let fields = value.as_object_mut()?;
    let mut changed = false;
    for name in SAID {
        if let Some(said) = fields.get_mut(*name) {
            changed |= walk(rules, said, tally);
        }
    }
    changed.then(|| value.to_string().into_bytes())
}

/// Puts `texts` in place of what was found to be said in this body, in order.
pub fn with_texts(body: &mut Value, said: &Said, texts: &[String]) {
    for (name, text) in said.names().zip(texts) {
        if let Some(said) = body.pointer_mut(name) {
            *said = Value::String(text.clone());
        }
    }
}

/// A whole answer's body. `Some`: it must be given like this.
pub fn answer(rules: &Rules, body: &[u8], tally: &mut Tally) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(body).ok()?;
    walk(rules, &mut value, tally).then(|| value.to_string().into_bytes())
}

/// True: something was replaced.
fn walk(rules: &Rules, value: &mut Value, tally: &mut Tally) -> bool {
    match value {
        Value::String(said) => match text(rules, said, tally) {
            Some(clean) => {
                *said = clean;
                true
            }
            None => false,
        },
        Value::Array(items) => {
            items.iter_mut().fold(false, |changed, item| walk(rules, item, tally) | changed)
        }
        Value::Object(fields) => fields
            .iter_mut()
            .filter(|(name, _)| holds_text(name))
            .fold(false, |changed, (_, value)| walk(rules, value, tally) | changed),
        _ => false,
    }
}

/// What is said in one text. Escapes of JSON within it hide nothing.
fn text(rules: &Rules, said: &str, tally: &mut Tally) -> Option<String> {
    // An image in the text.
    if said.starts_with("data:") {
        return None;
    }
    let matches = rules.matches(said);
    let read = unescaped(said);
    let hidden = read.as_deref().map(|read| rules.matches(read)).unwrap_or_default();
    let (matches, said) = match &read {
        Some(read) if hidden.len() > matches.len() => (hidden, read.as_str()),
        _ => (matches, said),
    };
    matches.iter().for_each(|found| tally.note(rules, found));
    let masks = rules.masks(&matches);
    (!masks.is_empty()).then(|| masked(said, masks))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{deny, rules};
    use aop_domain::guard::{Action, Check, Detector};
    use serde_json::json;

    #[test]
    fn what_is_said_is_masked_and_what_it_is_stays() {
        let rules = rules(vec![
            (Check::Detectors { detectors: vec![Detector::Email] }, Action::Mask),
            (deny("tool"), Action::Flag),
        ]);
        let body = json!({
            "model": "tool",
            "messages": [
                {"role": "tool", "tool_call_id": "tool", "content": "to ann@example.com"},
                {"role": "user", "content": [{"type": "text", "text": "a tool"}]},
            ],
            "user": "ann@example.com",
        });
        let mut tally = Tally::new(&rules);
        let clean: Value =
            serde_json::from_slice(&request(&rules, body.to_string().as_bytes(), &mut tally).unwrap())
                .unwrap();
        assert_eq!(clean["messages"][0]["content"], "to [email]");
        assert_eq!(
            (&clean["messages"][0]["role"], &clean["user"]),
            (&json!("tool"), &json!("ann@example.com"))
        );
        assert_eq!(tally.found().collect::<Vec<_>>(), [(0, 1, "email"), (1, 1, "phrase")]);
        assert_eq!(tally.blocked, None);
    }

    #[test]
    fn escapes_hide_nothing_and_a_flag_changes_nothing() {
        let rules = rules(vec![(deny("secret"), Action::Block)]);
        let arguments = r#"{"q":"\u0073ecret"}"#;
        let mut tally = Tally::new(&rules);
        let body =
            json!({"choices": [{"message": {"tool_calls": [{"function": {"arguments": arguments}}]}}]});
        assert_eq!(answer(&rules, body.to_string().as_bytes(), &mut tally), None);
        assert_eq!(tally.blocked, Some(0));
    }
}
