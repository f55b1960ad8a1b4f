//! Which of Anthropic's betas the clouds know that serve its models. They refuse a request that names one they do not, so
//! only those that are known there are sent; what is left out is told.

/// Where a model of Anthropic's runs, other than at Anthropic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cloud {
    Vertex,
    /// Through Converse.
    Bedrock,
}

/// What is asked for at Anthropic, what that is called there (the same when empty), and who knows it.
const KNOWN: &[(&str, &str, &[Cloud])] = &[
    ("computer-use-2025-01-24", "", &[Cloud::Vertex, Cloud::Bedrock]),
    ("computer-use-2025-11-24", "", &[Cloud::Vertex, Cloud::Bedrock]),
    ("context-1m-2025-08-07", "", &[Cloud::Vertex, Cloud::Bedrock]),
    ("thinking-binding-controls-2026-08-01", "", &[Cloud::Vertex, Cloud::Bedrock]),
    ("thinking-display-updates-2026-08-18", "", &[Cloud::Vertex, Cloud::Bedrock]),
    ("effort-2025-11-24", "", &[Cloud::Bedrock]),
    ("fine-grained-tool-streaming-2025-05-14", "", &[Cloud::Bedrock]),
    ("context-management-2025-06-27", "", &[Cloud::Vertex]),
    ("interleaved-thinking-2025-05-14", "", &[Cloud::Vertex]),
    ("compact-2026-01-12", "", &[Cloud::Vertex]),
    ("compact-2026-09-04", "", &[Cloud::Vertex]),
    ("dangerous-tool-use-2026-09-03", "", &[Cloud::Vertex]),
    ("per-turn-control-2026-07-01", "", &[Cloud::Vertex]),
    ("web-search-2025-03-05", "", &[Cloud::Vertex]),
    ("tool-search-tool-2025-10-19", "", &[Cloud::Vertex]),
    ("advanced-tool-use-2025-11-20", "tool-search-tool-2025-10-19", &[Cloud::Vertex]),
];

/// Of what a client asked for: what this cloud is asked for, and what it does not know.
pub(crate) fn at(cloud: Cloud, betas: &[String]) -> (Vec<&str>, Vec<&str>) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for beta in betas {
        match KNOWN.iter().find(|(name, _, clouds)| name == beta && clouds.contains(&cloud)) {
            Some((name, "", _)) if !known.contains(name) => known.push(*name),
            Some((_, other, _)) if !other.is_empty() && !known.contains(other) => known.push(*other),
            Some(_) => {}
            None => unknown.push(beta.as_str()),
        }
    }
    (known, unknown)
}

/// The names in a header, or several of it.
pub fn read(headers: impl Iterator<Item = impl AsRef<str>>) -> Vec<String> {
    let mut betas: Vec<String> = Vec::new();
    for header in headers {
        for beta in header.as_ref().split(',').map(str::trim) {
            if !beta.is_empty() && !betas.iter().any(|known| known == beta) {
                betas.push(beta.to_owned());
            }
        }
    }
    betas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cloud_is_asked_for_what_it_knows_under_the_name_it_knows() {
        let betas = read(
            [
                "claude-code-20250219,advanced-tool-use-2025-11-20",
                "context-1m-2025-08-07 , effort-2025-11-24,",
            ]
            .iter(),
        );
        let (known, unknown) = at(Cloud::Vertex, &betas);
        assert_eq!(known, ["tool-search-tool-2025-10-19", "context-1m-2025-08-07"]);
        assert_eq!(unknown, ["claude-code-20250219", "effort-2025-11-24"]);
        let (known, unknown) = at(Cloud::Bedrock, &betas);
        assert_eq!(known, ["context-1m-2025-08-07", "effort-2025-11-24"]);
        assert_eq!(unknown, ["claude-code-20250219", "advanced-tool-use-2025-11-20"]);
    }

    #[test]
    fn what_is_asked_for_twice_is_asked_for_once() {
        let betas = read(
            ["tool-search-tool-2025-10-19,advanced-tool-use-2025-11-20,tool-search-tool-2025-10-19"].iter(),
        );
        assert_eq!(betas.len(), 2);
        assert_eq!(at(Cloud::Vertex, &betas), (vec!["tool-search-tool-2025-10-19"], vec![]));
    }
}
