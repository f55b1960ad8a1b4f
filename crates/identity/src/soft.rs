//! The soft form of a prompt: what stays when dates, clock times, addresses and ids are taken out.
//!
//! A prompt that says what day it is, or that prints an object with its address, is the same prompt tomorrow. Plain small
//! numbers stay: "worker 1" and "worker 2" are two.

use serde::{Deserialize, Serialize};

use crate::hash;

/// Words of a prompt that are kept for comparing it with others.
const KEPT_WORDS: usize = 160;
/// Longest word that is looked at in lower case; longer ones are taken as they are.
const LONGEST_FOLDED: usize = 64;

/// A prompt without what changes from call to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Soft {
    pub(crate) key: u64,
    /// Hashes of its first words, in order.
    pub(crate) words: Box<[u32]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Plain(u64),
    /// A small number: part of a date when it stands beside one.
    Number(u64),
    /// A word of the calendar: part of a date when it stands beside a number.
    Calendar(u64),
    Volatile,
}

/// The bit of a kept word that says it looks like a value: a name, a number, an address.
pub(crate) const VALUE: u32 = 1;

pub(crate) fn of(text: &str) -> Soft {
    let mut words = Vec::new();
    let mut values = Vec::new();
    let mut opens = true;
    for chunk in chunks(text) {
        words.push(classify(chunk.0));
        let capital = chunk.0.starts_with(char::is_uppercase) && !opens;
        values.push(capital || chunk.0.bytes().any(|byte| byte.is_ascii_digit() || byte == b'@'));
        opens = chunk.1;
    }
    dates(&mut words);
    let mut key = 0_u64;
    let mut kept = Vec::with_capacity(words.len().min(KEPT_WORDS));
    let mut last_volatile = false;
    for (word, value_like) in words.into_iter().zip(values) {
        let value = match word {
            Word::Plain(hash) | Word::Number(hash) | Word::Calendar(hash) => {
                last_volatile = false;
                hash
            }
            // A date is one or three words, depending on who writes it.
            Word::Volatile if last_volatile => continue,
            Word::Volatile => {
                last_volatile = true;
                1
            }
        };
        key = hash::join(key, value);
        if kept.len() < KEPT_WORDS {
            let folded = (value >> 32) as u32 ^ value as u32;
            kept.push((folded & !VALUE) | u32::from(value_like));
        }
    }
    Soft { key, words: kept.into_boxed_slice() }
}

/// Words, each with whether it ends its sentence.
fn chunks(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let words = text.split(separates);
    let trimmed = words.map(|word| (word.trim_matches(decorates), word.ends_with(['.', ':', '!', '?'])));
    trimmed.filter(|(word, _)| !word.is_empty())
}

// Patterns and not lists: each is asked for every character of every prompt.
fn separates(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '(' | ')' | '<' | '>' | '[' | ']' | '{' | '}' | ',' | ';' | '|' | '=')
        || c.is_whitespace()
}

fn decorates(c: char) -> bool {
    matches!(c, '.' | ':' | '!' | '?' | '*' | '#' | '-' | '_')
}

fn classify(chunk: &str) -> Word {
    let mut buffer = [0_u8; LONGEST_FOLDED];
    let bytes = chunk.as_bytes();
    let folded = match buffer.get_mut(..bytes.len()) {
        Some(small) => {
            small.copy_from_slice(bytes);
            small.make_ascii_lowercase();
            &*small
        }
        None => bytes,
    };
    let hash = hash::bytes(7, folded);
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return if is_calendar(folded) { Word::Calendar(hash) } else { Word::Plain(hash) };
    }
    if is_volatile(chunk, digits) {
        Word::Volatile
    } else if chunk.len() <= 4 {
        Word::Number(hash)
    } else {
        Word::Plain(hash)
    }
}

/// A `match`, which looks at the length first: it is asked for every word of every prompt.
fn is_calendar(word: &[u8]) -> bool {
    matches!(
        word,
        b"monday"
            | b"tuesday"
            | b"wednesday"
            | b"thursday"
            | b"friday"
            | b"saturday"
            | b"sunday"
            | b"mon"
            | b"tue"
            | b"wed"
            | b"thu"
            | b"fri"
            | b"sat"
            | b"sun"
            | b"january"
            | b"february"
            | b"march"
            | b"april"
            | b"may"
            | b"june"
            | b"july"
            | b"august"
            | b"september"
            | b"october"
            | b"november"
            | b"december"
            | b"jan"
            | b"feb"
            | b"mar"
            | b"apr"
            | b"jun"
            | b"jul"
            | b"aug"
            | b"sep"
            | b"sept"
            | b"oct"
            | b"nov"
            | b"dec"
            | b"am"
            | b"pm"
            | b"utc"
            | b"gmt"
            | b"z"
            | b"kst"
            | b"cet"
            | b"est"
    )
}

fn is_volatile(chunk: &str, digits: usize) -> bool {
    let letters = chunk.bytes().filter(u8::is_ascii_alphabetic).count();
    let all_digits = digits == chunk.len();
    if all_digits {
        let year = chunk.len() == 4 && (chunk.starts_with("19") || chunk.starts_with("20"));
        return year || chunk.len() >= 6;
    }
    if chunk.starts_with("0x") && chunk.len() > 4 {
        return true;
    }
    // 2026-11-21, 12:30:05.123, 2026-11-21T12:30:05Z, 10/11/2026
    let groups = chunk.split(|c: char| "-/:.T+Z".contains(c));
    let numeric =
        groups.filter(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit())).count();
    if numeric >= 2 && letters <= 5 && chunk.bytes().any(|byte| b"-/:".contains(&byte)) {
        return true;
    }
    // Ids: uuids, hex digests, run_8f3a2b91.
    let hexadecimal = chunk.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    (hexadecimal && chunk.len() >= 8)
        || (digits >= 3 && letters >= 2 && chunk.len() >= 10 && !chunk.contains('.'))
}

/// Calendar words and small numbers that stand beside each other, or beside a date, are the date.
fn dates(words: &mut [Word]) {
    let written = words.to_vec();
    for at in 0..words.len() {
        let beside = |wanted: fn(&Word) -> bool| {
            at.checked_sub(1).and_then(|before| written.get(before)).is_some_and(wanted)
                || written.get(at + 1).is_some_and(wanted)
        };
        let date = match written[at] {
            Word::Calendar(_) => beside(|word| matches!(word, Word::Number(_) | Word::Volatile)),
            Word::Number(_) => beside(|word| matches!(word, Word::Calendar(_))),
            _ => false,
        };
        if date {
            words[at] = Word::Volatile;
        }
    }
    // "Saturday, November 21": a weekday touches the number only through the month.
    for at in (0..words.len().saturating_sub(1)).rev() {
        if matches!(words[at], Word::Calendar(_)) && words[at + 1] == Word::Volatile {
            words[at] = Word::Volatile;
        }
    }
}

/// How alike two prompts are, 0 to 1: words they share, of all the words they have.
pub(crate) fn likeness(first: &[u32], second: &[u32]) -> f32 {
    let (mut left, mut right) = (first.to_vec(), second.to_vec());
    left.sort_unstable();
    right.sort_unstable();
    let (mut i, mut j, mut shared) = (0, 0, 0_usize);
    while let (Some(a), Some(b)) = (left.get(i), right.get(j)) {
        match a.cmp(b) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                shared += 1;
                i += 1;
                j += 1;
            }
        }
    }
    let all = left.len() + right.len() - shared;
    if all == 0 { 1.0 } else { shared as f32 / all as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(first: &str, second: &str) {
        assert_eq!(of(first).key, of(second).key, "{first} | {second}");
    }

    #[test]
    fn dates_times_addresses_and_ids_do_not_change_a_prompt() {
        same("Today is 2026-11-21. Help.", "Today is 2027-01-02. Help.");
        same(
            "The current time is 2026-11-21 12:30:05.123456.",
            "The current time is 2026-11-22 01:02:03.000001.",
        );
        same("It is Saturday, November 21, 2026 at 3:05 PM", "It is Monday, March 2, 2027 at 11:45 AM");
        same("tools: <function f at 0x7f3a12bc9d00>", "tools: <function f at 0x7fff00000010>");
        same(
            "session 550e8400-e29b-41d4-a716-446655440000 end",
            "session 123e4567-e89b-12d3-a456-426614174000 end",
        );
        same("run_8f3a2b91c0 begins", "run_11aa22bb33 begins");
        same("now 1763728205 s", "now 1763729999 s");
    }

    #[test]
    fn what_tells_agents_apart_stays() {
        for (first, second) in [
            ("You are worker 1.", "You are worker 2."),
            ("You are the order agent.", "You are the refund agent."),
            ("You may answer.", "You can answer."),
        ] {
            assert_ne!(of(first).key, of(second).key, "{first} | {second}");
        }
    }

    #[test]
    fn likeness_counts_shared_words() {
        let first = of("You are a senior wind researcher who knows wind");
        let second = of("You are a senior solar researcher who knows solar");
        assert!((likeness(&first.words, &first.words) - 1.0).abs() < f32::EPSILON);
        let alike = likeness(&first.words, &second.words);
        assert!((0.5..0.8).contains(&alike), "{alike}");
    }
}
