//! Ids that a provider gave out and that stand in histories: whoever holds one goes on with what it names.

use crate::message::{Message, Role};

/// Ids in a message that only one conversation has: of tool calls and of items the provider made.
pub(super) fn ids_in<'m>(message: &'m Message<'_>) -> impl Iterator<Item = &'m str> {
    let calls = message.calls.iter().map(|call| call.id.as_ref());
    let quoted = match (message.role, message.texts.first()) {
        (Role::Assistant, Some(text)) => quoted_ids(text),
        _ => Vec::new(),
    };
    let calls = calls.chain(quoted);
    let results = message.results.iter().map(|result| result.id.as_ref());
    calls.chain(results).chain(message.item_id.as_deref()).filter(|id| !id.is_empty())
}

/// Ids of tool calls that a client wrote into an assistant's text.
pub(super) fn quoted_ids(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for opening in ["'id': '", "\"id\": \"", "\"id\":\""] {
        for at in memchr::memmem::find_iter(text.as_bytes(), opening.as_bytes()).take(16) {
            let rest = &text[at + opening.len()..];
            let id = rest.split(['\'', '"']).next().unwrap_or_default();
            if (6..=80).contains(&id.len()) {
                found.push(id);
            }
        }
    }
    found
}
