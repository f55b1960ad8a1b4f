//! Names of models with a star in them: in the allowlist of a key, as the name of a route, as a name at a provider.

pub const STAR: char = '*';

/// Does `name` fit the pattern? Each `*` stands for any text, also none.
pub fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split(STAR);
    let Some(head) = parts.next() else { return false };
    let Some(mut rest) = name.strip_prefix(head) else { return false };
    let Some(tail) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(tail)
}

pub fn is_pattern(name: &str) -> bool {
    name.contains(STAR)
}

/// What the one `*` of the pattern stands for in `name`; `None` when it does not fit or has no star.
pub fn captured<'a>(pattern: &str, name: &'a str) -> Option<&'a str> {
    let (head, tail) = pattern.split_once(STAR)?;
    name.strip_prefix(head)?.strip_suffix(tail)
}

/// `template` with what was captured in place of its star.
pub fn filled(template: &str, captured: &str) -> String {
    template.replacen(STAR, captured, 1)
}

/// The more of a pattern is text, the less it stands for: the most specific of several is the one meant.
pub fn specificity(pattern: &str) -> usize {
    pattern.bytes().filter(|byte| *byte != b'*').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name, fits) in [
            ("gpt-4o", "gpt-4o", true),
            ("gpt-4o", "gpt-4o-mini", false),
            ("gpt-4*", "gpt-4o-mini", true),
            ("*", "anything", true),
            ("*-mini", "gpt-4o-mini", true),
            ("g*o*i", "gpt-4o-mini", true),
            ("a*a", "a", false),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn what_the_star_stood_for_can_be_put_into_another_name() {
        for (pattern, name, part) in [
            ("openai/*", "openai/gpt-4o", Some("gpt-4o")),
            ("openai/*", "openai/", Some("")),
            ("*-mini", "gpt-4o-mini", Some("gpt-4o")),
            ("a*a", "a", None),
            ("gpt", "gpt", None),
        ] {
            assert_eq!(captured(pattern, name), part, "{pattern} {name}");
            if part.is_some() {
                assert!(matches(pattern, name));
            }
        }
        assert_eq!(filled("models/*", "gpt-4o"), "models/gpt-4o");
        assert_eq!(filled("fixed", "gpt-4o"), "fixed");
        assert!(specificity("gpt-4o*") > specificity("gpt*") && specificity("*") == 0);
    }
}
