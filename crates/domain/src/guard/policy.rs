//! How much of a call is kept, and whether its answer may be given again: what a team says, and what a key or a route
//! says on top of it.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::guardrail::Guardrail;
use crate::id::{KeyId, RouteId, TeamId};

/// How much of a call's content is recorded, least strict first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[repr(i32)]
pub enum RecordingLevel {
    Full = 0,
    /// Everything, with secrets and personal data taken out.
    Redacted = 1,
    /// Who, when, which model, how many tokens, what it cost; nothing that was said.
    Metadata = 2,
}

impl RecordingLevel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Redacted => "redacted",
            Self::Metadata => "metadata",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Full, Self::Redacted, Self::Metadata].into_iter().find(|level| level.as_str() == text)
    }
}

/// Who shares cached answers. Never two teams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CacheScope {
    #[default]
    Team,
    Key,
}

impl CacheScope {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Key => "key",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Team, Self::Key].into_iter().find(|scope| scope.as_str() == text)
    }
}

/// Whether answers are kept to be given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CachePolicy {
    /// 0: never.
    pub ttl_s: u32,
    pub scope: CacheScope,
}

impl CachePolicy {
    pub const LONGEST_TTL_S: u32 = 30 * 86_400;
}

/// What one team, key or route says. An absent field says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ContentPolicy {
    pub recording: Option<RecordingLevel>,
    pub cache: Option<CachePolicy>,
}

/// All of it, as the gateway has it.
#[derive(Debug, Clone, Default)]
pub struct GuardFacts {
    pub teams: HashMap<TeamId, ContentPolicy>,
    pub keys: HashMap<KeyId, ContentPolicy>,
    pub routes: HashMap<RouteId, ContentPolicy>,
    /// Those in force, oldest first.
    pub guardrails: Vec<Arc<Guardrail>>,
}

impl GuardFacts {
    /// The stricter of what the team and the key say: a key can hide more, never less.
    pub fn recording(&self, team: TeamId, key: KeyId) -> RecordingLevel {
        let level = |policy: Option<&ContentPolicy>| policy.and_then(|policy| policy.recording);
        level(self.teams.get(&team)).max(level(self.keys.get(&key))).unwrap_or_default()
    }

    /// The nearest word counts: the key's, then the route's, then the team's. `None`: the cache is off.
    pub fn cache(&self, team: TeamId, key: KeyId, route: RouteId) -> Option<CachePolicy> {
        let said = [self.keys.get(&key), self.routes.get(&route), self.teams.get(&team)];
        let policy = said.into_iter().flatten().find_map(|policy| policy.cache)?;
        (policy.ttl_s > 0).then_some(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEAM: TeamId = TeamId::NIL;

    fn key() -> KeyId {
        KeyId::from_bytes([1; 16])
    }

    fn route() -> RouteId {
        RouteId::from_bytes([2; 16])
    }

    #[test]
    fn the_stricter_of_team_and_key_decides_what_is_kept() {
        use RecordingLevel::{Full, Metadata, Redacted};
        for (team, of_key, kept) in [
            (None, None, Full),
            (Some(Redacted), None, Redacted),
            (Some(Redacted), Some(Full), Redacted),
            (Some(Redacted), Some(Metadata), Metadata),
            (None, Some(Redacted), Redacted),
            (Some(Metadata), Some(Redacted), Metadata),
        ] {
            let mut facts = GuardFacts::default();
            facts.teams.insert(TEAM, ContentPolicy { recording: team, cache: None });
            facts.keys.insert(key(), ContentPolicy { recording: of_key, cache: None });
            assert_eq!(facts.recording(TEAM, key()), kept, "{team:?} {of_key:?}");
        }
    }

    #[test]
    fn the_nearest_word_about_the_cache_counts() {
        let says = |ttl_s| ContentPolicy {
            recording: None,
            cache: Some(CachePolicy { ttl_s, scope: CacheScope::Team }),
        };
        let mut facts = GuardFacts::default();
        assert_eq!(facts.cache(TEAM, key(), route()), None);
        facts.teams.insert(TEAM, says(60));
        assert_eq!(facts.cache(TEAM, key(), route()).map(|policy| policy.ttl_s), Some(60));
        facts.routes.insert(route(), says(30));
        assert_eq!(facts.cache(TEAM, key(), route()).map(|policy| policy.ttl_s), Some(30));
        facts.keys.insert(key(), says(0));
        assert_eq!(facts.cache(TEAM, key(), route()), None, "a key can turn it off for itself");
    }
}
