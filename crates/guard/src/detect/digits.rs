//! Numbers with a rule of their own: payment cards (Luhn), Korean resident registration numbers, US social security
//! numbers. They are written in groups with a space or a hyphen between them, or in one.

use super::stands_alone;

/// Digits in a row.
#[derive(Debug, Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
}

impl Group {
    fn len(self) -> usize {
        self.end - self.start
    }
}

/// Groups that one separator joins.
fn runs(text: &str) -> Vec<Vec<Group>> {
    let bytes = text.as_bytes();
    let mut runs: Vec<Vec<Group>> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && bytes[at].is_ascii_digit() {
            at += 1;
        }
        let group = Group { start, end: at };
        let joined = start > 0 && matches!(bytes[start - 1], b' ' | b'-');
        match runs.last_mut() {
            Some(run) if joined && run.last().is_some_and(|last| last.end + 1 == start) => run.push(group),
            _ => runs.push(vec![group]),
        }
    }
    runs
}

/// Every stretch of whole groups that has `digits` digits in all and stands alone.
fn stretches(
    text: &str,
    digits: std::ops::RangeInclusive<usize>,
    mut fits: impl FnMut(&[u8], &[Group]) -> bool,
    found: &mut dyn FnMut(usize, usize),
) {
    let bytes = text.as_bytes();
    for run in runs(text) {
        for first in 0..run.len() {
            let mut number = Vec::with_capacity(*digits.end());
            for last in first..run.len() {
                let group = run[last];
                if number.len() + group.len() > *digits.end() {
                    break;
                }
                number.extend(bytes[group.start..group.end].iter().map(|digit| digit - b'0'));
                let (start, end) = (run[first].start, group.end);
                if digits.contains(&number.len())
                    && stands_alone(text, start, end)
                    && fits(&number, &run[first..=last])
                {
                    found(start, end);
                }
            }
        }
    }
}

pub(super) fn cards(text: &str, found: &mut dyn FnMut(usize, usize)) {
    stretches(text, 13..=19, |number, _| has_issuer(number) && luhn(number), found);
}

fn has_issuer(number: &[u8]) -> bool {
    let prefix =
        |digits: usize| number[..digits].iter().fold(0u32, |sum, digit| sum * 10 + u32::from(*digit));
    let length = number.len();
    match (prefix(1), prefix(2), prefix(3), prefix(4)) {
        (4, ..) => matches!(length, 13 | 16 | 19),
        (_, 34 | 37, ..) => length == 15,
        (_, 51..=55, ..) | (_, _, _, 2221..=2720) => length == 16,
        (_, 36 | 38 | 39, ..) | (_, _, 300..=305, _) => length >= 14,
        (_, 62 | 65, ..) | (_, _, 644..=649, _) | (_, _, _, 6011 | 3528..=3589) => length >= 16,
        _ => false,
    }
}

fn luhn(number: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| u32::from(if at % 2 == 1 { doubled(*digit) } else { *digit }))
        .sum();
    sum.is_multiple_of(10)
}

pub(super) fn korean_rrns(text: &str, found: &mut dyn FnMut(usize, usize)) {
    let written = |groups: &[Group]| groups.len() == 1 || (groups.len() == 2 && groups[0].len() == 6);
    stretches(text, 13..=13, |number, groups| written(groups) && is_korean_rrn(number), found);
}

fn is_korean_rrn(number: &[u8]) -> bool {
    const WEIGHTS: [u32; 12] = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];
    let (month, day, class) = (number[2] * 10 + number[3], number[4] * 10 + number[5], number[6]);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1..=8).contains(&class) {
        return false;
    }
    let sum: u32 = WEIGHTS.iter().zip(number).map(|(weight, digit)| weight * u32::from(*digit)).sum();
    // Those of foreigners (class 5 to 8) end two further.
    let base = if class >= 5 { 13 } else { 11 };
    (base - sum % 11) % 10 == u32::from(number[12])
}

pub(super) fn us_ssns(text: &str, found: &mut dyn FnMut(usize, usize)) {
    let written = |groups: &[Group]| groups.iter().map(|group| group.len()).eq([3, 2, 4]);
    let given = |number: &[u8]| {
        let (area, group, serial) = (&number[..3], &number[3..5], &number[5..]);
        area != [0, 0, 0] && area != [6, 6, 6] && area[0] != 9 && group != [0, 0] && serial != [0; 4]
    };
    stretches(text, 9..=9, |number, groups| written(groups) && given(number), found);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(search: fn(&str, &mut dyn FnMut(usize, usize)), text: &str) -> Vec<&str> {
        let mut places = Vec::new();
        search(text, &mut |start, end| places.push(&text[start..end]));
        places
    }

    #[test]
    fn a_card_has_an_issuer_and_a_checksum() {
        for card in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "5500-0000-0000-0004",
            "340000000000009",
            "6011000000000004",
        ] {
            assert_eq!(places(cards, &format!("pay with {card}, please")), [card]);
        }
        assert_eq!(places(cards, "room 1 4111 1111 1111 1111 2"), ["4111 1111 1111 1111"]);
        for text in ["4111111111111112", "x4111111111111111", "1790000000000000", "41111111111111111111"] {
            assert!(places(cards, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_resident_number_has_a_date_and_a_checksum() {
        // Made up: 900101-1 and the digits that make its checksum right.
        let number = "900101-1234568";
        assert_eq!(places(korean_rrns, &format!("번호 {number}.")), [number]);
        assert_eq!(places(korean_rrns, "9001011234568"), ["9001011234568"]);
        for text in ["900101-1234567", "901301-1234568", "900101-9234568", "1790000000000"] {
            assert!(places(korean_rrns, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_social_security_number_is_one_that_is_given_out() {
        assert_eq!(places(us_ssns, "ssn 123-45-6789"), ["123-45-6789"]);
        for text in ["000-45-6789", "666-45-6789", "912-45-6789", "123-00-6789", "123-45-0000", "1234-56-789"]
        {
            assert!(places(us_ssns, text).is_empty(), "{text}");
        }
    }
}
