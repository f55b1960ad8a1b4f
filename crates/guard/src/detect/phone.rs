//! Telephone numbers: international ones with their plus, and the national forms of Korea and North America.

use std::sync::LazyLock;

use regex::Regex;

use super::stands_alone;

static PHONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
          \+[1-9][0-9]{0,2}(?:[\x20.-]?\(?[0-9]{1,4}\)?){2,5}
        | 01[016789][\x20.-]?[0-9]{3,4}[\x20.-]?[0-9]{4}
        | 0(?:2|[3-6][0-9]|70|80)[\x20.-][0-9]{3,4}[\x20.-][0-9]{4}
        | \([2-9][0-9]{2}\)\x20?[2-9][0-9]{2}[\x20.-][0-9]{4}
        | [2-9][0-9]{2}[\x20.-][2-9][0-9]{2}[\x20.-][0-9]{4}",
    )
    .ok()
});

pub(super) fn phones(text: &str, found: &mut dyn FnMut(usize, usize)) {
    let Some(pattern) = PHONE.as_ref() else { return };
    let mut from = 0;
    while let Some(place) = pattern.find_at(text, from) {
        let digits = place.as_str().bytes().filter(u8::is_ascii_digit).count();
        if (8..=15).contains(&digits) && stands_alone(text, place.start(), place.end()) {
            found(place.start(), place.end());
            from = place.end();
        } else {
            // What does not fit may hold what does.
            from = place.start() + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_as_people_write_them() {
        for number in [
            "+82 10-1234-5678",
            "010-1234-5678",
            "01012345678",
            "02-123-4567",
            "(415) 555-2671",
            "415-555-2671",
            "+442079460958",
        ] {
            let text = format!("call {number} today");
            let mut places = Vec::new();
            phones(&text, &mut |start, end| places.push(&text[start..end]));
            assert_eq!(places, [number]);
        }
        for text in ["1790000000", "10101234567", "2026-11-21 15:04", "a+1b", "115-555-2671"] {
            let mut places = 0;
            phones(text, &mut |_, _| places += 1);
            assert_eq!(places, 0, "{text}");
        }
    }
}
