//! Whose proof a signature of thinking is.
//!
//! A provider checks the signatures it is sent and refuses those of another; a conversation may move from one provider
//! to the next. Anthropic's signatures travel as they are: they hold wherever its models run. Those of other houses are
//! given to clients with the house's name before them, and only that house gets them back.

/// The signature as clients see it.
pub fn mark(house: &str, signature: &str) -> String {
    format!("{house}:{signature}")
}

/// The signature as `house` made it; `None` when it is another's.
pub fn own<'a>(house: &str, signature: &'a str) -> Option<&'a str> {
    signature.strip_prefix(house)?.strip_prefix(':')
}

/// Is it of a house that marks its own? Anthropic's are base64, in which there is no colon.
pub fn is_marked(signature: &str) -> bool {
    signature.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_house_gets_back_its_own_signatures_and_no_others() {
        let marked = mark("gemini", "CiQB/+8=");
        assert_eq!(own("gemini", &marked), Some("CiQB/+8="));
        assert_eq!(own("cohere", &marked), None);
        assert_eq!(own("gemini", "ErUBCkYIBRgCIkDy"), None);
        assert!(is_marked(&marked) && !is_marked("ErUBCkYIBRgCIkDy"));
    }
}
