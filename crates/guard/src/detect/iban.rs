//! International bank account numbers: a country, its length, and a remainder of 1 by 97.

use super::stands_alone;

const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

pub(super) fn ibans(text: &str, found: &mut dyn FnMut(usize, usize)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at + 15 <= bytes.len() {
        match end_of(bytes, at) {
            Some(end) if stands_alone(text, at, end) => {
                found(at, end);
                at = end;
            }
            _ => at += 1,
        }
    }
}

/// Where the number that begins here ends. Single spaces may stand in it.
fn end_of(bytes: &[u8], start: usize) -> Option<usize> {
    let head = bytes.get(start..start + 4)?;
    if !head[2].is_ascii_digit() || !head[3].is_ascii_digit() {
        return None;
    }
    let country = [head[0].to_ascii_uppercase(), head[1].to_ascii_uppercase()];
    let at = LENGTHS.binary_search_by_key(&country, |(country, _)| **country).ok()?;
    let length = LENGTHS[at].1;
    let mut number = Vec::with_capacity(length);
    let mut end = start;
    while number.len() < length {
        let byte = *bytes.get(end)?;
        if byte.is_ascii_alphanumeric() {
            number.push(byte.to_ascii_uppercase());
        } else if byte != b' ' || bytes.get(end.wrapping_sub(1)) == Some(&b' ') {
            return None;
        }
        end += 1;
    }
    (remainder(&number) == 1).then_some(end)
}

/// By 97, with the first four characters moved to the end and letters as 10 to 35.
fn remainder(number: &[u8]) -> u32 {
    number[4..].iter().chain(&number[..4]).fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_countries_stand_in_order() {
        assert!(LENGTHS.is_sorted_by_key(|(country, _)| *country));
    }

    #[test]
    fn a_number_is_found_with_and_without_spaces() {
        for number in [
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "GB82 WEST 1234 5698 7654 32",
            "NO9386011117947",
        ] {
            let text = format!("to {number} USD");
            let mut places = Vec::new();
            ibans(&text, &mut |start, end| places.push(&text[start..end]));
            assert_eq!(places, [number]);
        }
        for text in ["DE89370400440532013001", "XX89370400440532013000", "DE893704004405320130001"] {
            let mut places = 0;
            ibans(text, &mut |_, _| places += 1);
            assert_eq!(places, 0, "{text}");
        }
    }
}
