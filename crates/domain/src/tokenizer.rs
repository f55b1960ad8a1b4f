//! Which models cut text into the same tokens: a number of tokens that one counted holds for another only then.

/// Names of public encodings, by how the names of their models begin. Of other models it is not published.
const ENCODINGS: &[(&str, &[&str])] = &[
    ("o200k", &["gpt-4o", "chatgpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "o1", "o3", "o4-mini"]),
    ("cl100k", &["gpt-4", "gpt-3.5-turbo", "text-embedding-3", "text-embedding-ada-002"]),
];

/// Whether it is known that both count alike. A dated name (`gpt-4o-2024-08-06`) is the same model as the name it begins with.
pub fn count_alike(one: &str, other: &str) -> bool {
    let (one, other) = (plain(one), plain(other));
    let is_dated = |long: &str, short: &str| long.strip_prefix(short).is_some_and(is_date);
    if one == other || is_dated(one, other) || is_dated(other, one) {
        return true;
    }
    encoding(one).is_some_and(|encoding_of_one| encoding(other) == Some(encoding_of_one))
}

/// Without the provider that some tables write in front.
fn plain(model: &str) -> &str {
    model.rsplit('/').next().unwrap_or(model)
}

fn is_date(rest: &str) -> bool {
    let digits = rest.strip_prefix(['-', '@']).unwrap_or_default();
    digits.len() >= 4 && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

fn encoding(model: &str) -> Option<&'static str> {
    let begins = |name: &str| {
        model.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
    };
    ENCODINGS.iter().find(|(_, names)| names.iter().any(|name| begins(name))).map(|(encoding, _)| *encoding)
}

#[cfg(test)]
mod tests {
    use super::count_alike;

    #[test]
    fn only_what_is_known_to_count_alike_does() {
        assert!(count_alike("gpt-4o-2024-08-06", "gpt-4.1-mini"));
        assert!(count_alike("gpt-4-turbo", "gpt-3.5-turbo"));
        assert!(!count_alike("gpt-4", "gpt-4o"), "the younger has another encoding");
        assert!(count_alike("claude-sonnet-4-20250514", "claude-sonnet-4"));
        assert!(!count_alike("claude-sonnet-4", "claude-opus-4"), "nobody has said so");
        assert!(count_alike("gemini/gemini-2.5-pro", "gemini-2.5-pro"));
        assert!(!count_alike("o1", "o100"));
        assert!(!count_alike("sim-fast", "sim-smart"));
    }
}
