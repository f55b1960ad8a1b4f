//! Records say "nothing" with an empty text or a zero; the contract says it with an absent value.

use std::str::FromStr;

/// An empty text is no text.
pub fn text(text: String) -> Option<String> {
    if text.is_empty() { None } else { Some(text) }
}

/// An empty or unreadable text is no value.
pub fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// Zero means "not applicable".
pub fn nonzero(number: u64) -> Option<u64> {
    if number == 0 { None } else { Some(number) }
}
