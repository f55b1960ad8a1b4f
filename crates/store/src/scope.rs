//! Whether a provider, a model or a price belongs to one team or to the whole installation.

use aop_domain::id::TeamId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// `null` in JSON and in the tables: shared by all teams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Option<TeamId>", into = "Option<TeamId>")]
pub enum Scope {
    Shared,
    Team(TeamId),
}

impl Scope {
    pub fn team_id(self) -> Option<TeamId> {
        match self {
            Self::Shared => None,
            Self::Team(team) => Some(team),
        }
    }

    pub(crate) fn uuid(self) -> Option<Uuid> {
        self.team_id().map(|team| team.0)
    }
}

impl From<Option<Uuid>> for Scope {
    fn from(team_id: Option<Uuid>) -> Self {
        team_id.map(TeamId).into()
    }
}

impl From<Option<TeamId>> for Scope {
    fn from(team_id: Option<TeamId>) -> Self {
        team_id.map_or(Self::Shared, Self::Team)
    }
}

impl From<Scope> for Option<TeamId> {
    fn from(scope: Scope) -> Self {
        scope.team_id()
    }
}
