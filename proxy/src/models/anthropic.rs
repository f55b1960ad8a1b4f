//! Models as Anthropic's clients read them: in pages, with a name to show.

use serde::Serialize;

use super::Listed;
use crate::percent;
use crate::refusal::{Code, Refusal};

/// As Anthropic has it.
const USUAL_LIMIT: usize = 20;
const LARGEST_LIMIT: usize = 1_000;
/// Its clients require a time; when a route was made is nobody's business.
const CREATED_AT: &str = "1970-01-01T00:00:00Z";

#[derive(Debug, Serialize)]
pub(super) struct Model<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    display_name: &'a str,
    created_at: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_input_tokens: Option<u32>,
    /// Of an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
}

#[derive(Debug, Serialize)]
pub(super) struct List<'a> {
    data: Vec<Model<'a>>,
    has_more: bool,
    first_id: Option<&'a str>,
    last_id: Option<&'a str>,
}

/// A part of all names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page<'a> {
    pub(super) names: Vec<&'a str>,
    has_more: bool,
}

impl<'a> Model<'a> {
    pub(super) fn of(listed: &Listed<'a>) -> Self {
        Self {
            kind: "model",
            id: listed.id,
            display_name: listed.id,
            created_at: CREATED_AT,
            max_input_tokens: listed.facts.as_ref().and_then(|facts| facts.max_input_tokens),
            max_tokens: listed.facts.as_ref().and_then(|facts| facts.max_output_tokens),
        }
    }
}

impl<'a> Page<'a> {
    /// By `limit`, `after_id` and `before_id`. A name that is not there any more is where it would stand.
    pub(super) fn read(query: Option<&str>, names: &[&'a str]) -> Result<Self, Refusal> {
        let of = |wanted: &str| {
            let mut pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(name, _)| *name == wanted).map(|(_, value)| percent::decode(value))
        };
        let limit = match of("limit").map(|limit| limit.parse::<usize>()) {
            None => USUAL_LIMIT,
            Some(Ok(limit)) if (1..=LARGEST_LIMIT).contains(&limit) => limit,
            Some(_) => {
                let message = format!("The parameter 'limit' must be from 1 to {LARGEST_LIMIT}.");
                return Err(Refusal::new(Code::InvalidField, message).param("limit"));
            }
        };
        let place = |name: &str| names.partition_point(|other| *other < name);
        if let Some(before) = of("before_id") {
            let end = place(&before);
            let start = end.saturating_sub(limit);
            return Ok(Self { names: names[start..end].to_vec(), has_more: start > 0 });
        }
        let start = of("after_id").map_or(0, |after| {
            let at = place(&after);
            if names.get(at) == Some(&after.as_str()) { at + 1 } else { at }
        });
        let end = (start + limit).min(names.len());
        Ok(Self { names: names[start..end].to_vec(), has_more: end < names.len() })
    }

    pub(super) fn list(&self, models: &[Listed<'a>]) -> List<'a> {
        List {
            data: models.iter().map(Model::of).collect(),
            has_more: self.has_more,
            first_id: self.names.first().copied(),
            last_id: self.names.last().copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

    fn page(query: &str) -> (String, bool) {
        let page = Page::read(Some(query), &NAMES).unwrap();
        (page.names.concat(), page.has_more)
    }

    #[test]
    fn pages_go_on_where_the_last_one_ended() {
        assert_eq!(page("limit=2"), ("ab".into(), true));
        assert_eq!(page("limit=2&after_id=b"), ("cd".into(), true));
        assert_eq!(page("limit=2&after_id=d"), ("e".into(), false));
        assert_eq!(page("after_id=bb"), ("cde".into(), false), "a name that is gone");
        assert_eq!(page("limit=2&before_id=d"), ("bc".into(), true));
        assert_eq!(page("limit=1000&before_id=b"), ("a".into(), false));
        assert_eq!(page("after_id=e"), (String::new(), false));
        for bad in ["limit=0", "limit=1001", "limit=x"] {
            assert_eq!(Page::read(Some(bad), &NAMES).unwrap_err().code, Code::InvalidField, "{bad}");
        }
    }
}
