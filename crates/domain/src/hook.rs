//! A hook: what is done, beside the call itself, with calls that fit a filter (C7). Before an answer is asked for, after it
//! was given, or around it.

use serde::{Deserialize, Serialize};

use crate::guard::{Action, Check, Guardrail, Stage};
use crate::id::{GuardrailId, HookId, KeyId, TeamId};
use crate::model_pattern;

/// Where in a call it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Point {
    /// Once it is known who asks for what, before anybody is asked.
    Before,
    /// Once the answer is over, however it ended.
    After,
    /// Both.
    Around,
}

impl Point {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
            Self::Around => "around",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Before, Self::After, Self::Around].into_iter().find(|point| point.as_str() == text)
    }

    fn stage(self) -> Stage {
        match self {
            Self::Before => Stage::Before,
            Self::After => Stage::After,
            Self::Around => Stage::Both,
        }
    }
}

/// Which calls. An empty list allows every value; all lists must allow the call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Names or patterns of models that are asked for.
    pub models: Vec<String>,
    /// Names or patterns of agents.
    pub agents: Vec<String>,
    pub keys: Vec<KeyId>,
    /// Any of these tags.
    pub tags: Vec<String>,
    /// `ok`, `client_error`, ...: known when the call is over.
    pub statuses: Vec<String>,
    /// Codes of errors, or patterns of them: known when the call is over.
    pub errors: Vec<String>,
}

impl Filter {
    /// What it asks for is known only when the call is over.
    pub fn needs_end(&self) -> bool {
        !self.statuses.is_empty() || !self.errors.is_empty()
    }

    /// What is known of a call from its beginning.
    pub fn fits(&self, call: &Asked<'_>) -> bool {
        let any = |patterns: &[String], name: &str| {
            patterns.is_empty() || patterns.iter().any(|pattern| model_pattern::matches(pattern, name))
        };
        any(&self.models, call.model)
            && any(&self.agents, call.agent)
            && (self.keys.is_empty() || self.keys.contains(&call.key))
            && (self.tags.is_empty() || call.tags.iter().any(|tag| self.tags.contains(tag)))
    }

    /// What is known at its end.
    pub fn fits_end(&self, status: &str, error: &str) -> bool {
        (self.statuses.is_empty() || self.statuses.iter().any(|wanted| wanted == status))
            && (self.errors.is_empty()
                || self
                    .errors
                    .iter()
                    .any(|pattern| !error.is_empty() && model_pattern::matches(pattern, error)))
    }
}

/// A call as filters see it.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    pub model: &'a str,
    /// Empty: not known.
    pub agent: &'a str,
    pub key: KeyId,
    pub tags: &'a [String],
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// The call carries these tags too.
    Tag { tags: Vec<String> },
    /// What is found is replaced, as a guardrail does it.
    Mask { check: Check },
    /// The call ends with an error before anybody is asked.
    Reject { message: String },
    /// Somebody is told, once the call is recorded.
    Webhook {
        url: String,
        /// With what was said, as far as it is recorded.
        #[serde(default)]
        content: bool,
        /// An administrator of the installation gave the address: it may be in a private network.
        #[serde(default)]
        allow_private: bool,
    },
}

impl Act {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Tag { .. } => "tag",
            Self::Mask { .. } => "mask",
            Self::Reject { .. } => "reject",
            Self::Webhook { .. } => "webhook",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    pub id: HookId,
    pub team_id: TeamId,
    pub name: String,
    pub point: Point,
    pub filter: Filter,
    pub act: Act,
}

/// Why a hook makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    #[error("a call can be rejected only before anybody is asked")]
    RejectsLate,
    #[error("status and errors are known when a call is over: use them with 'after', to tag or to tell")]
    FiltersEarly,
    #[error("only regex, deny_list and detectors can mask")]
    CannotMask,
    #[error("a hook adds 1 to 10 tags of 1 to 128 bytes")]
    Tags,
    #[error("a rejection says why in 1 to 300 characters")]
    Message,
}

impl Hook {
    pub const MOST_TAGS: usize = 10;
    pub const LONGEST_TAG_BYTES: usize = 128;
    const LONGEST_MESSAGE_CHARS: usize = 300;

    /// Does it make sense?
    pub fn check(&self) -> Result<(), HookError> {
        let tells_late =
            self.point == Point::After && matches!(self.act, Act::Tag { .. } | Act::Webhook { .. });
        if self.filter.needs_end() && !tells_late {
            return Err(HookError::FiltersEarly);
        }
        match &self.act {
            Act::Reject { .. } if self.point != Point::Before => Err(HookError::RejectsLate),
            Act::Reject { message } => {
                let length = message.trim().chars().count();
                let fits = (1..=Self::LONGEST_MESSAGE_CHARS).contains(&length);
                if fits { Ok(()) } else { Err(HookError::Message) }
            }
            Act::Mask { check: Check::Regex { .. } | Check::DenyList { .. } | Check::Detectors { .. } } => {
                Ok(())
            }
            Act::Mask { .. } => Err(HookError::CannotMask),
            Act::Tag { tags } => {
                let fits = |tag: &String| !tag.trim().is_empty() && tag.len() <= Self::LONGEST_TAG_BYTES;
                let all = (1..=Self::MOST_TAGS).contains(&tags.len()) && tags.iter().all(fits);
                if all { Ok(()) } else { Err(HookError::Tags) }
            }
            Act::Webhook { .. } => Ok(()),
        }
    }

    /// What masks, as a guardrail that is held against the hook's own filter.
    pub fn guardrail(&self) -> Option<Guardrail> {
        let Act::Mask { check } = &self.act else { return None };
        Some(Guardrail {
            id: GuardrailId(self.id.0),
            team_id: Some(self.team_id),
            name: self.name.clone(),
            stage: self.point.stage(),
            check: check.clone(),
            action: Action::Mask,
            keys: vec![],
            models: vec![],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hook(point: Point, filter: Filter, act: Act) -> Hook {
        Hook { id: HookId::NIL, team_id: TeamId::NIL, name: "h".into(), point, filter, act }
    }

    fn webhook() -> Act {
        Act::Webhook { url: "https://example.com".into(), content: false, allow_private: false }
    }

    #[test]
    fn a_filter_wants_all_its_lists_to_allow_a_call() {
        let key = KeyId::from_bytes([1; 16]);
        let filter = Filter {
            models: vec!["gpt-4*".into()],
            agents: vec!["research*".into()],
            keys: vec![key],
            tags: vec!["blue".into(), "red".into()],
            ..Filter::default()
        };
        let tags = ["red".to_owned()];
        let call = Asked { model: "gpt-4o", agent: "researcher", key, tags: &tags };
        assert!(filter.fits(&call) && Filter::default().fits(&call));
        assert!(!filter.fits(&Asked { model: "claude", ..call.clone() }));
        assert!(!filter.fits(&Asked { agent: "", ..call.clone() }));
        assert!(!filter.fits(&Asked { key: KeyId::NIL, ..call.clone() }));
        assert!(!filter.fits(&Asked { tags: &[], ..call }));
        let ends = Filter {
            statuses: vec!["timeout".into()],
            errors: vec!["upstream_*".into()],
            ..Filter::default()
        };
        assert!(ends.fits_end("timeout", "upstream_timeout"));
        assert!(
            !ends.fits_end("ok", "") && !ends.fits_end("timeout", "") && !ends.fits_end("ok", "upstream_cut")
        );
        assert!(Filter::default().fits_end("ok", ""));
    }

    #[test]
    fn a_hook_that_makes_no_sense_is_refused() {
        let late = Filter { statuses: vec!["timeout".into()], ..Filter::default() };
        let reject = Act::Reject { message: "Not on a Sunday.".into() };
        let tag = |tag: &str| Act::Tag { tags: vec![tag.into()] };
        let mask = |check| Act::Mask { check };
        for (made, error) in [
            (hook(Point::After, Filter::default(), reject.clone()), HookError::RejectsLate),
            (hook(Point::Before, late.clone(), webhook()), HookError::FiltersEarly),
            (hook(Point::Around, late.clone(), webhook()), HookError::FiltersEarly),
            (
                hook(Point::After, late.clone(), mask(Check::Detectors { detectors: vec![] })),
                HookError::FiltersEarly,
            ),
            (
                hook(Point::Before, Filter::default(), mask(Check::JsonSchema { schema: None })),
                HookError::CannotMask,
            ),
            (hook(Point::Before, Filter::default(), tag(" ")), HookError::Tags),
            (hook(Point::Before, Filter::default(), Act::Reject { message: " ".into() }), HookError::Message),
        ] {
            assert_eq!(made.check(), Err(error), "{made:?}");
        }
        for made in [
            hook(Point::Before, Filter::default(), reject),
            hook(Point::After, late.clone(), webhook()),
            hook(Point::After, late, tag("slow")),
            hook(Point::Around, Filter::default(), mask(Check::DenyList { phrases: vec!["x".into()] })),
        ] {
            assert_eq!(made.check(), Ok(()), "{made:?}");
        }
    }

    #[test]
    fn a_hook_that_masks_is_a_guardrail_at_its_point() {
        let check = Check::DenyList { phrases: vec!["x".into()] };
        let rail =
            hook(Point::Around, Filter::default(), Act::Mask { check: check.clone() }).guardrail().unwrap();
        assert_eq!((rail.stage, rail.action, rail.check), (Stage::Both, Action::Mask, check));
        assert_eq!(hook(Point::After, Filter::default(), webhook()).guardrail(), None);
    }
}
