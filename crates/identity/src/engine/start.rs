//! What a conversation begins with: the first thing a user says in it, by which another that begins the same is found.

use super::place::Reading;
use crate::message::{Message, Role, whole_text};
use crate::print;

/// Shorter material is in other requests by chance.
const MATERIAL_BYTES: usize = 16;

/// Where the first thing a user says stands.
pub(super) fn place(messages: &[Message<'_>]) -> Option<usize> {
    messages.iter().position(|message| message.role == Role::User && !message.texts.is_empty())
}

fn first<'r, 'a>(reading: &'r Reading<'a>) -> Option<&'r Message<'a>> {
    place(&reading.messages).and_then(|place| reading.messages.get(place))
}

/// Its key. 0: nobody says anything.
pub(super) fn key(reading: &Reading<'_>) -> u64 {
    first(reading).map_or(0, |message| print::of(&whole_text(message)).key)
}

/// Key of what that is about, when the program puts an order of its own in front of it: `Classify this query:` and then the
/// query, which another agent is asked as it is. 0: there is no order.
pub(super) fn material_key(reading: &Reading<'_>) -> u64 {
    let text = first(reading).map(whole_text).unwrap_or_default();
    crate::history::ordered(&text)
        .map_or(0, |(_, material)| if material.len() < MATERIAL_BYTES { 0 } else { print::of(material).key })
}
