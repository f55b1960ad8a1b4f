//! Ids that a provider gave out and that stand in histories: whoever holds one goes on with what it names.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::message::{Message, Role};

/// How an id begins that a client wrote into a text: as JSON, as JSON inside a text, or as Python prints it.
const QUOTED_IDS: [&[u8]; 6] =
    [b"'id': '", b"\"id\": \"", b"\"id\":\"", b"\"call_id\": \"", b"\"call_id\":\"", b"'call_id': '"];
static QUOTED_ID_FINDERS: LazyLock<[Finder<'static>; 6]> = LazyLock::new(|| QUOTED_IDS.map(Finder::new));
static CALL_ID_FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"call_id"));
/// Letters and digits that make an id: what is shorter is a number that somebody counts up.
const SHORTEST_ID_LETTERS: usize = 6;
const MOST_QUOTED: usize = 16;

/// Ids in a message that only one conversation has: of tool calls and of items the provider made.
pub(super) fn ids_in<'m>(message: &'m Message<'_>) -> impl Iterator<Item = &'m str> {
    let calls = message.calls.iter().map(|call| call.id.as_ref());
    let results = message.results.iter().map(|result| result.id.as_ref());
    calls.chain(results).chain(message.item_id.as_deref()).filter(|id| is_distinctive(id))
}

/// Does an id name one thing? `call_1`, `functions.search:0` and `__fake_id__` stand in many histories.
pub(super) fn is_distinctive(id: &str) -> bool {
    let id = id.trim_end_matches(|c: char| !c.is_alphanumeric());
    let last = id.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    last.len() >= SHORTEST_ID_LETTERS
}

/// Ids of tool calls that a client wrote into an assistant's text. They are believed when a provider gave them out.
pub(super) fn quoted_ids(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for opening in QUOTED_ID_FINDERS.iter() {
        for at in opening.find_iter(text.as_bytes()).take(MOST_QUOTED) {
            let rest = &text[at + opening.needle().len()..];
            let id = rest.split(['\'', '"', '\\']).next().unwrap_or_default();
            if id.len() <= 80 && is_distinctive(id) && !found.contains(&id) {
                found.push(id);
            }
        }
    }
    found
}

/// The same, of a history that is told inside a text of whatever role.
pub(super) fn told_ids<'m>(message: &'m Message<'_>) -> Vec<&'m str> {
    let told = message.texts.iter().take(MOST_QUOTED);
    let told =
        told.filter(|text| message.role == Role::Assistant || CALL_ID_FINDER.find(text.as_bytes()).is_some());
    told.flat_map(|text| quoted_ids(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_counted_up_are_no_ids() {
        for id in ["call_SPJRnDtR0k7jWHi2dEhez6Hi", "D681PevKs", "73af8b1f-8fec-48b3-851f-5ce97563b270"] {
            assert!(is_distinctive(id), "{id}");
        }
        for id in ["call_1", "functions.search:0", "__fake_id__", "1", ""] {
            assert!(!is_distinctive(id), "{id}");
        }
    }

    #[test]
    fn ids_are_found_in_a_history_that_is_told_as_text() {
        let text = "2. {\"arguments\": \"{}\", \"call_id\": \"call_XquhQnlfPKtp\", \"id\": \"__fake_id__\"}";
        assert_eq!(quoted_ids(text), ["call_XquhQnlfPKtp"]);
        assert_eq!(quoted_ids("[{'id': 'call_8AKw86JOWFVY', 'type': 'function'}]"), ["call_8AKw86JOWFVY"]);
    }
}
