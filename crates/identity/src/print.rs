//! The fingerprint of a text, and of pieces of it, by letters and digits only.
//!
//! The same words come back trimmed, re-indented, escaped or inside a longer text: case, white space and punctuation
//! are left out. A text that reappears whole is found by its key; one that reappears inside another is found by its
//! marks: hashes of short runs of letters, chosen by their own content, so that both sides choose the same ones.

/// Letters in a mark.
const RUN: usize = 12;
const BASE: u64 = 0x0100_0000_01B3;
/// One run in this many is a mark.
const ONE_IN: u64 = 4;
/// For its marks a text is read up to this many bytes from its start and as many from its end.
const READ_BYTES: usize = 4096;
/// A longer text is known by those two ends alone.
const WHOLE_BYTES: usize = 64 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Print {
    pub(crate) key: u64,
    /// Letters and digits, as bytes.
    pub(crate) letters: u32,
}

/// The key of the whole text.
pub(crate) fn of(text: &str) -> Print {
    let bytes = text.as_bytes();
    if bytes.len() <= WHOLE_BYTES {
        return read(bytes, |_| ());
    }
    let (head, tail) = ends(bytes);
    let (head, tail) = (read(head, |_| ()), read(tail, |_| ()));
    Print {
        key: crate::hash::join(head.key, tail.key),
        letters: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
    }
}

fn ends(bytes: &[u8]) -> (&[u8], &[u8]) {
    (&bytes[..READ_BYTES], &bytes[bytes.len() - READ_BYTES..])
}

/// The key of the text's first `letters` letters. `None`: it has no more than those.
pub(crate) fn of_beginning(text: &str, letters: u32) -> Option<u64> {
    let mut left = letters;
    let end = text.bytes().position(|byte| {
        let counts = FOLD[byte as usize] != 0;
        if counts && left == 0 {
            return true;
        }
        left -= u32::from(counts);
        false
    })?;
    Some(read(&text.as_bytes()[..end], |_| ()).key)
}

/// The key, and all marks of the text's head and tail.
pub(crate) fn with_marks(text: &str, marks: &mut Vec<u64>) -> Print {
    let bytes = text.as_bytes();
    if bytes.len() <= 2 * READ_BYTES {
        return read(bytes, |mark| marks.push(mark));
    }
    let (head, tail) = ends(bytes);
    read(head, |mark| marks.push(mark));
    read(tail, |mark| marks.push(mark));
    of(text)
}

/// The marks that stand for a text in an index: at most `most`, those with the smallest hash, so that a part of the text
/// holds its share of them.
pub(crate) fn choose(marks: &mut Vec<u64>, most: usize) {
    // The smallest ones stand sorted at the start; most marks are greater than the last of them.
    let mut kept = 0;
    for i in 0..marks.len() {
        let mark = marks[i];
        if kept == most && marks[..kept].last().is_none_or(|last| mark >= *last) {
            continue;
        }
        if let Err(place) = marks[..kept].binary_search(&mark) {
            kept = (kept + 1).min(most);
            marks.copy_within(place..kept - 1, place + 1);
            marks[place] = mark;
        }
    }
    marks.truncate(kept);
}

fn read(text: &[u8], mut mark: impl FnMut(u64)) -> Print {
    let mut key = 0xCBF2_9CE4_8422_2325_u64;
    let mut rolling = 0_u64;
    // The last letters, the newest in the lowest byte: the one that leaves stands in the byte `RUN` places up.
    let mut window = 0_u128;
    let mut letters = 0_usize;
    for &byte in text {
        let letter = FOLD[byte as usize];
        if letter == 0 {
            continue;
        }
        key = (key ^ u64::from(letter)).wrapping_mul(BASE);
        let leaving = u64::from((window >> (8 * (RUN - 1))) as u8);
        window = window << 8 | u128::from(letter);
        letters += 1;
        rolling = rolling
            .wrapping_mul(BASE)
            .wrapping_add(u64::from(letter))
            .wrapping_sub(leaving.wrapping_mul(LEAVING));
        if letters >= RUN {
            let hash = crate::hash::mix(rolling);
            if hash.is_multiple_of(ONE_IN) {
                mark(hash);
            }
        }
    }
    Print { key: crate::hash::mix(key ^ letters as u64), letters: u32::try_from(letters).unwrap_or(u32::MAX) }
}

/// `BASE` to the power of `RUN`: the weight of the letter that leaves the window.
const LEAVING: u64 = {
    let mut power = 1_u64;
    let mut i = 0;
    while i < RUN {
        power = power.wrapping_mul(BASE);
        i += 1;
    }
    power
};

/// Letters in lower case, digits and everything beyond ASCII as they are, 0 for the rest.
const FOLD: [u8; 256] = {
    let mut table = [0_u8; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        let value = byte as u8;
        table[byte] = if value.is_ascii_alphanumeric() {
            value.to_ascii_lowercase()
        } else if value >= 0x80 {
            value
        } else {
            0
        };
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marks(text: &str) -> Vec<u64> {
        let mut marks = Vec::new();
        with_marks(text, &mut marks);
        marks
    }

    #[test]
    fn layout_case_and_punctuation_do_not_change_the_key() {
        assert_eq!(
            of("The answer: 42 apples.\n").key,
            of("  the ANSWER — 42, apples".replace('—', "-").as_str()).key
        );
        assert_ne!(of("42 apples").key, of("43 apples").key);
        assert_eq!(of(" .,\n").letters, 0);
    }

    #[test]
    fn a_very_long_text_is_known_by_its_ends() {
        let long = |end: &str| format!("{}{end}", "line after line of a log\n".repeat(4_000));
        assert_eq!(of(&long("done")).key, of(&long("DONE")).key);
        assert_ne!(of(&long("done")).key, of(&long("lost")).key);
    }

    proptest! {
        #[test]
        fn the_beginning_of_a_longer_text_has_the_key_of_the_shorter(
            text in "[a-zA-Z0-9 ,.가-힣]{1,200}", behind in "[a-z]{1,20}"
        ) {
            let whole = of(&text);
            let longer = format!("{text}\nObservation: {behind}");
            prop_assert_eq!(of_beginning(&longer, whole.letters), Some(whole.key));
            prop_assert_eq!(of_beginning(&text, whole.letters), None);
        }

        #[test]
        fn a_text_inside_another_brings_all_its_marks(
            before in "\\PC{0,60}", inner in "[a-zA-Z0-9 ,.가-힣]{30,400}", after in "\\PC{0,60}"
        ) {
            let outer = marks(&format!("{before} {inner} {after}"));
            for mark in marks(&inner) {
                prop_assert!(outer.contains(&mark));
            }
        }
    }
}
