//! Names of models as a part of a path.

/// Percent-encodes all but letters, digits, `-`, `_`, `.`, `~` and what `keep` names.
pub(super) fn encode(name: &str, keep: &[u8]) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || keep.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_change_the_path_is_encoded() {
        assert_eq!(
            encode("anthropic.claude-3-haiku-20240307-v1:0", b""),
            "anthropic.claude-3-haiku-20240307-v1%3A0"
        );
        assert_eq!(encode("a/b?c#d é", b"/"), "a/b%3Fc%23d%20%C3%A9");
    }
}
