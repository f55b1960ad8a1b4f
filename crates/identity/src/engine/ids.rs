//! Ids that a provider gave out and that stand in histories: whoever holds one goes on with what it names.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::message::{Message, Role};

/// How an id begins that a client wrote into a text.
const QUOTED_IDS: [&[u8]; 3] = [b"'id': '", b"\"id\": \"", b"\"id\":\""];
static QUOTED_ID_FINDERS: LazyLock<[Finder<'static>; 3]> = LazyLock::new(|| QUOTED_IDS.map(Finder::new));

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
    for opening in QUOTED_ID_FINDERS.iter() {
        for at in opening.find_iter(text.as_bytes()).take(16) {
            let rest = &text[at + opening.needle().len()..];
            let id = rest.split(['\'', '"']).next().unwrap_or_default();
            if (6..=80).contains(&id.len()) {
                found.push(id);
            }
        }
    }
    found
}
