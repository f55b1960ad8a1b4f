//! Secrets by the shape their issuers gave them, so that they can be found.

use std::sync::LazyLock;

use regex::Regex;

/// A pattern of ours is right, or its test fails.
fn compiled(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

static API_KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r"(?x)(?-u:\b)(?:
          sk-[A-Za-z0-9_-]{20,}
        | aop-[A-Za-z0-9_-]{20,}
        | (?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?-u:\b)
        | gh[pousr]_[A-Za-z0-9]{36,}
        | github_pat_[A-Za-z0-9_]{22,}
        | glpat-[A-Za-z0-9_-]{20,}
        | xox[abeoprs]-[A-Za-z0-9-]{10,}
        | AIza[A-Za-z0-9_-]{35}
        | ya29\.[A-Za-z0-9_-]{20,}
        | [sr]k_(?:live|test)_[A-Za-z0-9]{16,}
        | hf_[A-Za-z0-9]{30,}
        | npm_[A-Za-z0-9]{36}
        | pypi-[A-Za-z0-9_-]{16,}
        | SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}
        | dop_v1_[a-f0-9]{64}
        | gsk_[A-Za-z0-9]{20,}
        | xai-[A-Za-z0-9]{20,}
        | r8_[A-Za-z0-9]{30,}
        | pplx-[A-Za-z0-9]{30,}
        | [a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,128}:[^\s/@]{1,256}@
        )",
    )
});

static PRIVATE_KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r"(?s)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:.*?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|.*)",
    )
});

static JWT: LazyLock<Option<Regex>> =
    LazyLock::new(|| compiled(r"(?-u:\b)eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"));

static BEARER: LazyLock<Option<Regex>> =
    LazyLock::new(|| compiled(r"(?i)(?-u:\b)(?:bearer|basic)[ \t]+([A-Za-z0-9._~+/=-]{16,})"));

fn each(pattern: Option<&Regex>, text: &str, found: &mut dyn FnMut(usize, usize)) {
    if let Some(pattern) = pattern {
        pattern.find_iter(text).for_each(|place| found(place.start(), place.end()));
    }
}

pub(super) fn api_keys(text: &str, found: &mut dyn FnMut(usize, usize)) {
    each(API_KEY.as_ref(), text, found);
}

/// A key whose end is missing goes on to the end of the text.
pub(super) fn private_keys(text: &str, found: &mut dyn FnMut(usize, usize)) {
    if text.contains("PRIVATE KEY") {
        each(PRIVATE_KEY.as_ref(), text, found);
    }
}

pub(super) fn jwts(text: &str, found: &mut dyn FnMut(usize, usize)) {
    each(JWT.as_ref(), text, found);
}

/// Words can follow "bearer" and "basic" too: what is secret has a digit in it, or padding.
pub(super) fn bearer_tokens(text: &str, found: &mut dyn FnMut(usize, usize)) {
    let Some(pattern) = BEARER.as_ref() else { return };
    for captures in pattern.captures_iter(text) {
        if let Some(token) = captures.get(1)
            && token.as_str().bytes().any(|byte| byte.is_ascii_digit() || byte == b'=')
        {
            found(token.start(), token.end());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(search: fn(&str, &mut dyn FnMut(usize, usize)), text: &str) -> Vec<String> {
        let mut places = Vec::new();
        search(text, &mut |start, end| places.push(text[start..end].to_owned()));
        places
    }

    #[test]
    fn keys_are_known_by_their_shape() {
        for key in [
            "sk-proj-abcdefghijklmnopqrstuvwx",
            "sk-ant-api03-AAAAAAAAAAAAAAAAAAAA",
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
            "github_pat_11AAAAAAAAAAAAAAAAAAAA_x",
            "glpat-abcdefghijklmnopqrst",
            "xoxb-123456789012-abcdef",
            "AIzaSyA-abcdefghijklmnopqrstuvwxyz01234",
            "sk_live_abcdefghijklmnop",
            "hf_abcdefghijklmnopqrstuvwxyz0123",
            "postgres://app:hunter2@",
        ] {
            assert_eq!(places(api_keys, &format!("use {key} now")), [key]);
        }
        for text in ["the task-force-of-the-twenty-first", "sk-short", "https://example.com/a:b"] {
            assert!(places(api_keys, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_private_key_is_found_whole_and_without_its_end() {
        let whole = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----";
        assert_eq!(places(private_keys, &format!("a {whole} b")), [whole]);
        let cut = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl";
        assert_eq!(places(private_keys, &format!("a {cut}")), [cut]);
        assert!(places(private_keys, "-----BEGIN PUBLIC KEY-----").is_empty());
    }

    #[test]
    fn tokens_are_found_and_words_are_not() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl";
        assert_eq!(places(jwts, &format!("t={jwt};")), [jwt]);
        assert_eq!(places(bearer_tokens, "Authorization: Bearer abcdef0123456789"), ["abcdef0123456789"]);
        assert!(places(bearer_tokens, "a bearer responsibilities of").is_empty());
        assert!(JWT.is_some() && API_KEY.is_some() && PRIVATE_KEY.is_some() && BEARER.is_some());
    }
}
