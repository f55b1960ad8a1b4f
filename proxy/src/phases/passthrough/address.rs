//! Where a call to a provider's own API goes: below the provider's base URL and nowhere else.

use crate::percent;

/// A path without anything that could lead elsewhere, and its query; both as the caller wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    path: String,
    query: Option<String>,
}

impl Address {
    /// `None`: some server could read the path as one above itself.
    pub(super) fn read(path: &str, query: Option<&str>) -> Option<Self> {
        // Decoded as often as a careless chain of servers might.
        let mut seen = path.to_owned();
        for _ in 0..3 {
            if seen.contains('\\') || seen.split('/').any(|segment| matches!(segment, "." | "..")) {
                return None;
            }
            seen = percent::decode(&seen);
        }
        Some(Self { path: path.to_owned(), query: query.map(str::to_owned) })
    }

    /// Takes a parameter out of the query.
    pub(super) fn without(mut self, name: &str) -> Self {
        let is_it = |pair: &&str| percent::decode(pair.split('=').next().unwrap_or_default()) == name;
        let kept = self
            .query
            .as_deref()
            .map(|query| query.split('&').filter(|pair| !is_it(pair)).collect::<Vec<_>>().join("&"));
        self.query = kept.filter(|query| !query.is_empty());
        self
    }

    /// Is a stream asked for by the method's name? `x:streamGenerateContent`, `x/converse-stream`.
    pub(super) fn streams(&self) -> bool {
        let last = self.path.rsplit('/').next().unwrap_or_default();
        let google = last.rsplit_once(':').is_some_and(|(_, method)| method.starts_with("stream"));
        google || matches!(last, "converse-stream" | "invoke-with-response-stream")
    }

    /// Path and query at a provider whose base URL has this path. Both may name the API's version: the caller's counts.
    pub(super) fn at(&self, base_path: &str) -> String {
        let path = self.path.as_str();
        let is_below =
            |base: &str| path == base || path.strip_prefix(base).is_some_and(|it| it.starts_with('/'));
        let mut whole = if !base_path.is_empty() && is_below(base_path) {
            path.to_owned()
        } else if first(path).is_some_and(is_version) {
            format!("{}{path}", without_version(base_path))
        } else {
            format!("{base_path}{path}")
        };
        if whole.is_empty() {
            whole.push('/');
        }
        if let Some(query) = &self.query {
            whole.push('?');
            whole.push_str(query);
        }
        whole
    }

    /// The model, where the path names it: `/models/NAME:generateContent`, `/model/NAME/converse`.
    pub(super) fn model(&self) -> Option<String> {
        let mut segments = self.path.split('/');
        segments.find(|segment| matches!(*segment, "models" | "model" | "deployments"))?;
        let name = segments.next()?;
        let name =
            name.rsplit_once(':').filter(|(_, method)| is_method(method)).map_or(name, |(name, _)| name);
        Some(percent::decode(name)).filter(|name| !name.is_empty())
    }
}

/// `generateContent`; not the version of a model (`:0`).
fn is_method(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn first(path: &str) -> Option<&str> {
    path.strip_prefix('/')?.split('/').next()
}

fn without_version(base_path: &str) -> &str {
    match base_path.rsplit_once('/') {
        Some((before, last)) if is_version(last) => before,
        _ => base_path,
    }
}

/// `v1`, `v1beta`, `v2alpha1`.
fn is_version(segment: &str) -> bool {
    let Some(rest) = segment.strip_prefix('v') else { return false };
    let letters = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let kind = letters.trim_end_matches(|c: char| c.is_ascii_digit());
    rest.len() > letters.len() && matches!(kind, "" | "beta" | "alpha")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(base: &str, path: &str) -> String {
        Address::read(path, None).unwrap().at(base)
    }

    #[test]
    fn the_version_is_said_by_the_path_or_by_the_base() {
        for (base, path, expected) in [
            ("/v1", "/files", "/v1/files"),
            ("/v1", "/v1/files", "/v1/files"),
            ("/v2", "/v1/models", "/v1/models"),
            ("/v1beta", "/v1alpha/models/x:embed", "/v1alpha/models/x:embed"),
            ("/openai/v1", "/chat/completions", "/openai/v1/chat/completions"),
            ("/openai/v1", "/openai/v1/files", "/openai/v1/files"),
            ("/tenants/a", "/v1/files", "/tenants/a/v1/files"),
            ("/tenants/a", "/tenants/ab", "/tenants/a/tenants/ab"),
            ("", "/model/a%3A0/converse", "/model/a%3A0/converse"),
            ("", "", "/"),
            ("/v1", "", "/v1"),
            ("/v1", "/vector_stores", "/v1/vector_stores"),
        ] {
            assert_eq!(at(base, path), expected, "{base} {path}");
        }
        assert_eq!(Address::read("/files", Some("a=%2e%2e&b")).unwrap().at("/v1"), "/v1/files?a=%2e%2e&b");
    }

    #[test]
    fn a_path_that_could_lead_above_the_base_is_refused() {
        for path in [
            "/../admin",
            "/a/..",
            "/a/./b",
            "/%2e%2e/admin",
            "/a/%2E./b",
            "/a%2f..%2fb",
            "/%252e%252e/b",
            "/a\\..\\b",
            "/a%5c..%5cb",
        ] {
            assert_eq!(Address::read(path, None), None, "{path}");
        }
        assert!(Address::read("/a..b/...", None).is_some());
    }

    #[test]
    fn the_model_is_found_in_the_path() {
        let model = |path| Address::read(path, None).unwrap().model();
        assert_eq!(model("/v1beta/models/gemini-2.5-pro:generateContent").as_deref(), Some("gemini-2.5-pro"));
        assert_eq!(model("/model/a.b-v1%3A0/converse").as_deref(), Some("a.b-v1:0"));
        assert_eq!(model("/model/a.b-v1:0/converse").as_deref(), Some("a.b-v1:0"));
        assert_eq!(model("/v1/models"), None);
        assert_eq!(model("/v1/files"), None);
    }

    #[test]
    fn a_stream_is_known_by_the_methods_name() {
        let streams = |path| Address::read(path, None).unwrap().streams();
        assert!(streams("/v1beta/models/x:streamGenerateContent") && streams("/model/x/converse-stream"));
        assert!(!streams("/v1beta/models/x:generateContent") && !streams("/model/x:0/converse"));
    }

    #[test]
    fn a_key_in_the_query_is_taken_out_however_it_is_spelled() {
        let query = |query| Address::read("/a", Some(query)).unwrap().without("key").at("");
        assert_eq!(query("key=aop-1"), "/a");
        assert_eq!(query("alt=sse&key=aop-1&%6Bey=aop-2&keys=3&key"), "/a?alt=sse&keys=3");
        assert_eq!(query("alt=sse"), "/a?alt=sse");
    }

    proptest! {
        #[test]
        fn whatever_is_not_refused_stays_below_the_base(path in "(/[a-z.%2eEfF5cC/\\\\]{0,12}){0,4}") {
            if let Some(address) = Address::read(&path, None) {
                let whole = address.at("/tenants/a");
                prop_assert!(whole.starts_with("/tenants/a"));
                let decoded = percent::decode(&whole);
                prop_assert!(!decoded.split(['/', '\\']).any(|segment| segment == ".."));
            }
        }
    }
}
