//! A rule about what may be said: what it looks for, when, in whose calls, and what happens to what it finds.

use serde::{Deserialize, Serialize};

use super::detector::Detector;
use crate::id::{GuardrailId, KeyId, TeamId};
use crate::model_pattern;

/// What goes to the provider, what comes back, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Before,
    After,
    Both,
}

impl Stage {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
            Self::Both => "both",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Before, Self::After, Self::Both].into_iter().find(|stage| stage.as_str() == text)
    }

    pub fn covers(self, other: Self) -> bool {
        self == Self::Both || self == other
    }
}

/// What happens when something is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The call ends with an error.
    Block,
    /// What was found is replaced.
    Mask,
    /// It is noted, and nothing else: a trial run.
    Flag,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Mask => "mask",
            Self::Flag => "flag",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Block, Self::Mask, Self::Flag].into_iter().find(|action| action.as_str() == text)
    }
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// Any of these regular expressions.
    Regex {
        patterns: Vec<String>,
    },
    /// Any of these words or phrases, whole, whatever their case.
    DenyList {
        phrases: Vec<String>,
    },
    Detectors {
        detectors: Vec<Detector>,
    },
    /// What is answered must be JSON that fits a schema.
    JsonSchema {
        /// `None`: the one that the request declares; one that declares none is left alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        schema: Option<serde_json::Value>,
    },
    /// Another service says whether something is wrong.
    Http(HttpCheck),
}

impl Check {
    /// What it finds has a place in the text, so that it can be replaced.
    pub fn can_mask(&self) -> bool {
        !matches!(self, Self::JsonSchema { .. })
    }
}

/// A service that is asked about what is said.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HttpCheck {
    pub url: String,
    pub timeout_ms: u32,
    pub on_failure: OnFailure,
    /// An administrator of the installation gave the address: it may be in a private network.
    #[serde(default)]
    pub allow_private: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<SealedHeader>,
}

impl HttpCheck {
    pub const SHORTEST_TIMEOUT_MS: u32 = 50;
    pub const LONGEST_TIMEOUT_MS: u32 = 10_000;
}

/// What becomes of a call when the service cannot be asked, or answers nonsense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// It goes on, and the failure is noted.
    Allow,
    /// It ends with an error.
    Refuse,
}

/// A header with a secret, as it is kept: encrypted, bound to its guardrail.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SealedHeader {
    pub name: String,
    /// Base64.
    pub sealed: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Guardrail {
    pub id: GuardrailId,
    /// `None`: every team's.
    pub team_id: Option<TeamId>,
    pub name: String,
    pub stage: Stage,
    pub check: Check,
    pub action: Action,
    /// Only calls of these keys; empty: of every key.
    pub keys: Vec<KeyId>,
    /// Only calls of models with these names or patterns; empty: of every model.
    pub models: Vec<String>,
}

impl Guardrail {
    pub fn applies(&self, team: TeamId, key: KeyId, model: &str) -> bool {
        self.team_id.is_none_or(|of| of == team)
            && (self.keys.is_empty() || self.keys.contains(&key))
            && (self.models.is_empty()
                || self.models.iter().any(|pattern| model_pattern::matches(pattern, model)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guardrail_touches_the_calls_its_filters_name() {
        let (team, key) = (TeamId::from_bytes([1; 16]), KeyId::from_bytes([2; 16]));
        let rail = Guardrail {
            id: GuardrailId::from_bytes([3; 16]),
            team_id: Some(team),
            name: "x".into(),
            stage: Stage::Both,
            check: Check::DenyList { phrases: vec!["x".into()] },
            action: Action::Flag,
            keys: vec![],
            models: vec!["gpt-4*".into()],
        };
        assert!(rail.applies(team, key, "gpt-4o") && !rail.applies(team, key, "claude"));
        assert!(!rail.applies(TeamId::NIL, key, "gpt-4o"), "another team's calls are not its business");
        let everybodys = Guardrail { team_id: None, keys: vec![key], models: vec![], ..rail };
        assert!(everybodys.applies(TeamId::NIL, key, "claude"));
        assert!(!everybodys.applies(TeamId::NIL, KeyId::from_bytes([9; 16]), "claude"));
    }

    #[test]
    fn a_check_is_read_as_it_is_written() {
        let check = Check::Detectors { detectors: vec![Detector::Email] };
        let json = serde_json::to_string(&check).unwrap();
        assert_eq!(json, r#"{"kind":"detectors","detectors":["email"]}"#);
        assert_eq!(serde_json::from_str::<Check>(&json).unwrap(), check);
        let check = Check::Http(HttpCheck {
            url: "https://example.com/check".into(),
            timeout_ms: 1_000,
            on_failure: OnFailure::Refuse,
            allow_private: false,
            header: Some(SealedHeader { name: "authorization".into(), sealed: "AA==".into() }),
        });
        let json = serde_json::to_string(&check).unwrap();
        assert!(json.starts_with(r#"{"kind":"http","url":"#), "{json}");
        assert_eq!(serde_json::from_str::<Check>(&json).unwrap(), check);
        let declared = serde_json::from_str::<Check>(r#"{"kind":"json_schema"}"#).unwrap();
        assert_eq!(declared, Check::JsonSchema { schema: None });
    }
}
