//! E-mail addresses.

use std::sync::LazyLock;

use regex::Regex;

static EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}").ok()
});

pub(super) fn emails(text: &str, found: &mut dyn FnMut(usize, usize)) {
    if !text.contains('@') {
        return;
    }
    if let Some(pattern) = EMAIL.as_ref() {
        pattern.find_iter(text).for_each(|place| found(place.start(), place.end()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_between_other_letters() {
        for (text, address) in [
            ("write to ann@example.com.", "ann@example.com"),
            ("이메일은ann.b+c@mail.example.co.kr입니다", "ann.b+c@mail.example.co.kr"),
            ("<ann@example.com>", "ann@example.com"),
        ] {
            let mut places = Vec::new();
            emails(text, &mut |start, end| places.push(&text[start..end]));
            assert_eq!(places, [address]);
        }
        let mut places = 0;
        emails("@decorator user@localhost a@b", &mut |_, _| places += 1);
        assert_eq!(places, 0);
    }
}
