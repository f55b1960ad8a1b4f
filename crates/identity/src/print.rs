//! The fingerprint of a text, and of pieces of it, by letters and digits only.
//!
//! The same words come back trimmed, re-indented, escaped or inside a longer text: case, white space and punctuation
//! are left out. A text that reappears whole is found by its key; one that reappears inside another is found by its
//! marks: hashes of short runs of letters, chosen by their own content, so that both sides choose the same ones.

/// Letters in a mark.
const RUN: usize = 12;
/// Of so many runs in a row the one with the least rank is a mark: about one in four is. So whatever has `RUN + IN_A_ROW - 1`
/// letters has a mark, and any text around it has that too; when chance alone chose, a short task often had none.
const IN_A_ROW: usize = 7;
/// Letters that are read at once, and those before them with which a row of runs may begin.
const BLOCK: usize = 1024;
const CARRIED: usize = RUN + IN_A_ROW - 2;
/// Runs among them.
const RUNS: usize = CARRIED + BLOCK - RUN + 1;
/// The bits of a rank that say where the run stands.
const PLACE: i32 = (RUNS.next_power_of_two() - 1) as i32;
/// For its marks a text is read up to this many bytes from its start and as many from its end.
const READ_BYTES: usize = 4096;
/// Letters of a beginning, or of a short text, at most.
const SHORT: usize = 64;
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
    if text.len() <= letters as usize {
        return None;
    }
    if letters as usize <= SHORT {
        let beginning = Beginning::of(text, letters as usize);
        return beginning.goes_on.then(|| beginning.print().key);
    }
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

/// The print of a text of at most `most` letters, themselves at most [`SHORT`]. `None`: it is longer; no more of it was read
/// than had to be.
pub(crate) fn of_short(text: &str, most: u32) -> Option<Print> {
    let beginning = Beginning::of(text, most as usize);
    (!beginning.goes_on).then(|| beginning.print())
}

/// The first letters of a text.
struct Beginning {
    letters: [u8; SHORT],
    count: usize,
    goes_on: bool,
}

impl Beginning {
    fn of(text: &str, most: usize) -> Self {
        let mut found = Self { letters: [0; SHORT], count: 0, goes_on: false };
        for &byte in text.as_bytes() {
            let letter = FOLD[usize::from(byte)];
            if letter == 0 {
                continue;
            }
            if found.count >= most.min(SHORT) {
                found.goes_on = true;
                break;
            }
            found.letters[found.count] = letter;
            found.count += 1;
        }
        found
    }

    fn print(&self) -> Print {
        let key = crate::hash::bytes(0, &self.letters[..self.count]);
        Print { key: crate::hash::mix(key ^ self.count as u64), letters: self.count as u32 }
    }
}

/// The key, and all marks of the text's head and tail.
pub(crate) fn with_marks(text: &str, marks: &mut Vec<u64>) -> Print {
    let bytes = text.as_bytes();
    if bytes.len() <= 2 * READ_BYTES {
        return read(bytes, |letters| mark(letters, marks));
    }
    let (head, tail) = ends(bytes);
    read(head, |letters| mark(letters, marks));
    read(tail, |letters| mark(letters, marks));
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

/// The key. `each` sees all letters, a block at a time, before it the last ones of the block before.
fn read(text: &[u8], mut each: impl FnMut(&[u8])) -> Print {
    let mut window = [0_u8; CARRIED + BLOCK];
    let mut key = 0;
    let mut letters = 0_usize;
    let (mut start, mut end) = (CARRIED, CARRIED);
    let mut rest = text;
    while !rest.is_empty() {
        let (next, behind) = rest.split_at(rest.len().min(window.len() - end));
        rest = behind;
        // No branch: which bytes are letters cannot be foreseen.
        for &byte in next {
            let letter = FOLD[usize::from(byte)];
            window[end] = letter;
            end += usize::from(letter != 0);
        }
        if end == window.len() {
            key = crate::hash::bytes(key, &window[CARRIED..]);
            each(&window[start..]);
            letters += BLOCK;
            window.copy_within(BLOCK.., 0);
            (start, end) = (0, CARRIED);
        }
    }
    key = crate::hash::bytes(key, &window[CARRIED..end]);
    if end > CARRIED {
        each(&window[start..end]);
    }
    letters += end - CARRIED;
    Print { key: crate::hash::mix(key ^ letters as u64), letters: u32::try_from(letters).unwrap_or(u32::MAX) }
}

/// The marks of these letters.
fn mark(letters: &[u8], marks: &mut Vec<u64>) {
    let runs = (letters.len() + 1).saturating_sub(RUN);
    let (mut one, mut other) = ([0_i32; RUNS], [0_i32; RUNS]);
    for (place, (rank, run)) in one[..runs].iter_mut().zip(letters.windows(RUN)).enumerate() {
        *rank = rank_of(run, place);
    }
    let rows = runs.saturating_sub(IN_A_ROW - 1);
    if rows == 0 {
        // Too few for a row: one is better than none.
        marks.extend(one[..runs].iter().min().map(|least| at(letters, *least)));
        return;
    }
    // The least of two, then of four, then of all in a row.
    least_of(&one[..runs], 1, &mut other);
    least_of(&other[..runs - 1], 2, &mut one);
    least_of(&one[..runs - 3], IN_A_ROW - 4, &mut other);
    // Neighbouring rows mostly have the same one. No branch: whether they have cannot be foreseen.
    let (mut last, mut end) = (!other[0], 0);
    for &least in &other[..rows] {
        one[end] = least;
        end += usize::from(least != last);
        last = least;
    }
    marks.extend(one[..end].iter().map(|least| at(letters, *least)));
}

/// Of each rank and the one so far ahead the lesser. (Into another array: so the compiler does several at once.)
fn least_of(ranks: &[i32], ahead: usize, into: &mut [i32; RUNS]) {
    for ((least, rank), other) in into.iter_mut().zip(ranks).zip(&ranks[ahead..]) {
        *least = (*rank).min(*other);
    }
}

/// By what a run comes before others: a hash of its first letters, and below that its place, so that of several with the same
/// hash the first counts, and the place of the least is known.
fn rank_of(run: &[u8], place: usize) -> i32 {
    let hash = first(run).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    (hash as i32 & !PLACE) | place as i32
}

/// The mark at the place in this rank.
fn at(letters: &[u8], rank: i32) -> u64 {
    let place = (rank & PLACE) as usize;
    of_run(&letters[place..place + RUN])
}

fn first(run: &[u8]) -> u64 {
    run.first_chunk().map_or(0, |letters| u64::from_le_bytes(*letters))
}

/// Both halves of a product hold bits of every letter.
fn of_run(run: &[u8]) -> u64 {
    let last = run.last_chunk().map_or(0, |letters| u64::from_le_bytes(*letters));
    let product = u128::from(first(run) ^ 0xA076_1D64_78BD_642F) * u128::from(last ^ 0xE703_7ED1_A0B4_28DB);
    (product as u64) ^ (product >> 64) as u64
}

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
            if whole.letters as usize <= SHORT {
                prop_assert_eq!(of_short(&text, whole.letters), Some(whole));
                prop_assert_eq!(of_short(&longer, whole.letters), None);
            }
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

        /// Whatever its words are, and wherever it stands: a block may end within it.
        #[test]
        fn a_short_text_inside_another_is_found_by_a_mark(
            before in 0_usize..1_100, inner in "[a-z가-힣]{6,24}", after in "[a-z ]{0,40}"
        ) {
            prop_assume!(of(&inner).letters as usize >= RUN + IN_A_ROW - 1);
            let around = "the quick brown fox jumps over ".repeat(40);
            let outer = marks(&format!("{}{inner}{after}", &around[..before]));
            let inner = marks(&inner);
            prop_assert!(!inner.is_empty());
            prop_assert!(inner.iter().all(|mark| outer.contains(mark)));
        }

        /// A longer text is not looked up at more places than it has to be.
        #[test]
        fn about_one_run_in_four_is_a_mark(text in "[a-z0-9]{600,1500}") {
            let (found, runs) = (marks(&text).len(), text.len() - RUN + 1);
            prop_assert!((runs / 6..runs / 3).contains(&found), "{found} of {runs}");
        }
    }
}
