//! Checks of texts that several endpoints take.

use aop_service::problem::Problem;

/// A name people give to something: 1 to `longest` characters, no control characters, outer spaces removed.
pub fn name(field: &'static str, text: &str, longest: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::invalid("invalid_name", "The name is empty.").field(field));
    }
    if text.chars().count() > longest {
        let detail = format!("The name is too long: use at most {longest} characters.");
        return Err(Problem::invalid("invalid_name", detail).field(field));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::invalid("invalid_name", "The name has a control character in it.").field(field));
    }
    Ok(text.to_owned())
}

/// An e-mail address, in lower case. Only what can never be one is refused; the rest its owner knows better.
pub fn email(text: &str) -> Result<String, Problem> {
    let text = text.trim().to_lowercase();
    let fits = text.len() <= 254
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
        && text
            .split_once('@')
            .is_some_and(|(local, host)| !local.is_empty() && host.len() > 2 && !host.contains('@'));
    if fits {
        Ok(text)
    } else {
        Err(Problem::invalid("invalid_email", "This is not an e-mail address.").field("email"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded_in_characters() {
        assert_eq!(name("name", "  한글 이름 ", 5).unwrap(), "한글 이름");
        for text in ["", "   ", "123456", "a\nb", "a\u{0}"] {
            assert!(name("name", text, 5).is_err(), "{text:?}");
        }
    }

    #[test]
    fn addresses_are_kept_in_lower_case_and_nonsense_is_refused() {
        assert_eq!(email(" Ann@Example.COM ").unwrap(), "ann@example.com");
        for text in ["", "ann", "@example.com", "ann@", "a b@example.com", "a@b@c.de"] {
            assert!(email(text).is_err(), "{text:?}");
        }
    }
}
