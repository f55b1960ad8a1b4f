//! The kill switch: what a person ended. Calls of it that are in flight are cut, new ones refused, until it is lifted.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::TeamId;

/// What a kill ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KillKind {
    Trace,
    Execution,
    Session,
    /// By its name.
    Agent,
    Key,
    /// One call; nothing is refused after it.
    Call,
}

impl KillKind {
    pub const ALL: [Self; 6] =
        [Self::Trace, Self::Execution, Self::Session, Self::Agent, Self::Key, Self::Call];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Execution => "execution",
            Self::Session => "session",
            Self::Agent => "agent",
            Self::Key => "key",
            Self::Call => "call",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The kills in force, as a gateway looks them up.
#[derive(Debug, Default)]
pub struct Kills {
    by_target: HashMap<(TeamId, KillKind), HashMap<Box<str>, Uuid>>,
}

impl Kills {
    pub fn new(kills: impl IntoIterator<Item = (Uuid, TeamId, KillKind, String)>) -> Self {
        let mut by_target: HashMap<_, HashMap<Box<str>, Uuid>> = HashMap::new();
        for (id, team, kind, target) in kills {
            by_target.entry((team, kind)).or_default().insert(target.into_boxed_str(), id);
        }
        Self { by_target }
    }

    pub fn is_empty(&self) -> bool {
        self.by_target.is_empty()
    }

    /// The kill that ends what is named so. Ids are in their canonical text.
    pub fn find(&self, team: TeamId, kind: KillKind, target: &str) -> Option<Uuid> {
        self.by_target.get(&(team, kind))?.get(target).copied()
    }

    /// Is there any of this kind? Spares writing an id down.
    pub fn has(&self, team: TeamId, kind: KillKind) -> bool {
        self.by_target.contains_key(&(team, kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kill_is_one_teams_and_of_one_kind() {
        let (ours, theirs) = (TeamId(Uuid::from_u128(1)), TeamId(Uuid::from_u128(2)));
        let id = Uuid::from_u128(9);
        let kills = Kills::new([(id, ours, KillKind::Agent, "Writer".to_owned())]);
        assert_eq!(kills.find(ours, KillKind::Agent, "Writer"), Some(id));
        assert_eq!(kills.find(theirs, KillKind::Agent, "Writer"), None);
        assert_eq!(kills.find(ours, KillKind::Session, "Writer"), None);
        assert!(kills.has(ours, KillKind::Agent) && !kills.has(ours, KillKind::Key));
    }

    #[test]
    fn kinds_are_read_as_they_are_written() {
        assert!(KillKind::ALL.into_iter().all(|kind| KillKind::parse(kind.as_str()) == Some(kind)));
        assert_eq!(KillKind::parse("team"), None);
    }
}
