//! Who may do what. A handler names what it needs in its signature (`Reads`, `Writes`, `Owns`, ...), so a route without a
//! decision does not compile, and the decision is made here, once.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use aop_domain::id::{KeyId, TeamId};
use aop_service::problem::Problem;

use crate::auth::caller::{Caller, Via};
use crate::error::{ApiError, ApiResult};
use crate::extract::Query;
use crate::state::AppState;
use crate::wire::api_keys::Permission;
use crate::wire::teams::MemberRole;
use crate::wire::users::Role;

/// How a request names its team.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TeamParam {
    /// The team; the caller's first when absent. The header `X-Team-Id` does the same.
    pub team_id: Option<Uuid>,
}

/// What a caller may do in one team. Each includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    View,
    Develop,
    Own,
}

/// A caller inside one team.
#[derive(Debug, Clone)]
pub struct TeamAccess {
    pub team_id: TeamId,
    pub caller: Caller,
    /// What the person may do there; a key may be allowed less.
    level: Level,
}

impl TeamAccess {
    /// The caller in the team asked for. A team that does not exist and one of other people are the same "not found".
    pub async fn resolve(state: &AppState, caller: Caller, asked: Option<TeamId>) -> ApiResult<Self> {
        if let Via::Key { team_id, .. } = caller.via
            && asked.is_some_and(|asked| asked != team_id)
        {
            return Err(Problem::not_found("team").into());
        }
        let asked = asked.or(caller.key_team());
        let Some(team_id) = asked else { return Self::first(state, caller).await };
        let role = aop_store::team_members::find_role(&state.store, team_id, caller.user_id).await?;
        let level = match role {
            _ if caller.role == Role::Admin => {
                // An administrator may act in every team, but not in one that is not there.
                if role.is_none() && aop_store::teams::find(&state.store, team_id).await?.is_none() {
                    return Err(Problem::not_found("team").into());
                }
                Level::Own
            }
            Some(role) => level_of(caller.role, role.into()),
            None => return Err(Problem::not_found("team").into()),
        };
        Ok(Self { team_id, caller, level })
    }

    async fn first(state: &AppState, caller: Caller) -> ApiResult<Self> {
        let memberships = aop_store::team_members::list_of_user(&state.store, caller.user_id).await?;
        let Some(first) = memberships.into_iter().next() else {
            return Err(Problem::forbidden(
                "no_team",
                "You do not belong to a team yet. Ask a team's owner or an administrator to add you.",
            )
            .into());
        };
        let level = level_of(caller.role, first.role.into());
        Ok(Self { team_id: first.team_id, caller, level })
    }

    /// Whether the person, and the key if it is one, may do this much.
    pub fn at_least(&self, needed: Level) -> bool {
        let key_allows = match (&self.caller.via, needed) {
            (Via::Session { .. }, _) => true,
            (Via::Key { permissions, .. }, Level::View) => {
                let calls_only = [Permission::Gateway, Permission::Passthrough];
                permissions.iter().any(|permission| !calls_only.contains(permission))
            }
            (Via::Key { permissions, .. }, Level::Develop) => {
                permissions.contains(&Permission::Write) || permissions.contains(&Permission::Admin)
            }
            (Via::Key { permissions, .. }, Level::Own) => permissions.contains(&Permission::Admin),
        };
        key_allows && self.level >= needed
    }

    /// Whether the caller may start, cancel and feed runs.
    pub fn may_run(&self) -> bool {
        let key_allows = match &self.caller.via {
            Via::Session { .. } => true,
            Via::Key { permissions, .. } => [Permission::Run, Permission::Write, Permission::Admin]
                .iter()
                .any(|p| permissions.contains(p)),
        };
        key_allows && self.level >= Level::Develop
    }

    /// What keys the caller may make: never more than the person may do, and never more than the key that asks.
    pub fn grantable(&self) -> Vec<Permission> {
        let by_level: &[Permission] = match self.level {
            Level::View => &[Permission::Read],
            Level::Develop => &[Permission::Gateway, Permission::Read, Permission::Run, Permission::Write],
            Level::Own => &Permission::ALL,
        };
        let by_key = |permission: &&Permission| match &self.caller.via {
            Via::Session { .. } => true,
            Via::Key { permissions, .. } => {
                permissions.contains(&Permission::Admin) || permissions.contains(permission)
            }
        };
        by_level.iter().filter(by_key).copied().collect()
    }

    /// The same caller, or the refusal.
    pub fn requiring(self, needed: Level) -> ApiResult<Self> {
        let allowed = self.at_least(needed);
        self.require(allowed)
    }

    fn require(self, allowed: bool) -> ApiResult<Self> {
        if allowed { Ok(self) } else { Err(self.caller.not_allowed()) }
    }
}

fn level_of(role: Role, member: MemberRole) -> Level {
    match (role, member) {
        (Role::Admin, _) | (_, MemberRole::Owner) => Level::Own,
        (Role::Developer, MemberRole::Member) => Level::Develop,
        (Role::Viewer | Role::Pending, MemberRole::Member) => Level::View,
    }
}

/// The team a request names: `?team_id=` or `X-Team-Id`. A text that is no id names no team.
async fn asked_team(parts: &mut Parts, state: &AppState) -> ApiResult<Option<TeamId>> {
    let Query(param) = Query::<TeamParam>::from_request_parts(parts, state).await?;
    if let Some(id) = param.team_id {
        return Ok(Some(TeamId(id)));
    }
    let Some(header) = parts.headers.get("x-team-id") else { return Ok(None) };
    let id = header.to_str().ok().and_then(|text| text.parse().ok());
    id.map(Some).ok_or_else(|| Problem::not_found("team").into())
}

async fn team_access(parts: &mut Parts, state: &AppState) -> ApiResult<TeamAccess> {
    let caller = Caller::from_request_parts(parts, state).await?;
    let asked = asked_team(parts, state).await?;
    TeamAccess::resolve(state, caller, asked).await
}

macro_rules! team_extractors {
    ($($(#[$doc:meta])* $name:ident = |$access:ident| $allowed:expr;)*) => {$(
        $(#[$doc])*
        pub struct $name(pub TeamAccess);

        impl $name {
            pub fn team_id(&self) -> TeamId {
                self.0.team_id
            }
        }

        impl FromRequestParts<AppState> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
                let $access = team_access(parts, state).await?;
                let allowed = $allowed;
                $access.require(allowed).map(Self)
            }
        }
    )*};
}

team_extractors! {
    /// May read the team's data.
    Reads = |access| access.at_least(Level::View);
    /// May start and steer runs of the team's crews.
    Runs = |access| access.may_run();
    /// May change what belongs to the team.
    Writes = |access| access.at_least(Level::Develop);
    /// May manage the team itself.
    Owns = |access| access.at_least(Level::Own);
    /// May manage keys: any person in the team, or a key that may do everything.
    Mints = |access| access.caller.is_session() || access.at_least(Level::Own);
    /// May change what the installation offers to its teams: models, providers, prices.
    Administers = |access| access.caller.is_platform_admin();
}

/// An administrator of the platform, in person or through a key that may do everything.
pub struct PlatformAdmin(pub Caller);

impl FromRequestParts<AppState> for PlatformAdmin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        if caller.is_platform_admin() { Ok(Self(caller)) } else { Err(caller.not_allowed()) }
    }
}

/// A key that asks about its own calls.
pub struct OwnKey {
    pub team_id: TeamId,
    pub key_id: KeyId,
}

impl FromRequestParts<AppState> for OwnKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        match caller.via {
            Via::Key { key_id, team_id, .. } => Ok(Self { team_id, key_id }),
            Via::Session { .. } => Err(caller.not_allowed()),
        }
    }
}

/// A person with a session, approved or still pending. Keys are refused: these are a person's own affairs.
pub struct SignedInUser(pub Caller);

impl FromRequestParts<AppState> for SignedInUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::identify(state, &parts.headers).await?;
        if caller.is_session() { Ok(Self(caller)) } else { Err(caller.not_allowed()) }
    }
}

/// A person with a session, or somebody without any credentials. Credentials that are not good are refused, and so are keys.
pub struct MaybeSignedIn(pub Option<Caller>);

impl FromRequestParts<AppState> for MaybeSignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        if !parts.headers.contains_key(AUTHORIZATION) {
            return Ok(Self(None));
        }
        let signed_in = SignedInUser::from_request_parts(parts, state).await?;
        Ok(Self(Some(signed_in.0)))
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Self::approved(state, &parts.headers).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aop_domain::id::UserId;

    fn access(level: Level, permissions: Option<&[Permission]>) -> TeamAccess {
        let via = match permissions {
            None => Via::Session { family: Uuid::nil() },
            Some(permissions) => {
                Via::Key { key_id: KeyId::NIL, team_id: TeamId::NIL, permissions: permissions.to_vec() }
            }
        };
        let caller = Caller { user_id: UserId::NIL, role: Role::Developer, via };
        TeamAccess { team_id: TeamId::NIL, caller, level }
    }

    #[test]
    fn a_key_never_grants_more_than_its_owner_has() {
        for level in [Level::View, Level::Develop, Level::Own] {
            let person = access(level, None);
            let key = access(level, Some(&Permission::ALL));
            assert_eq!(key.grantable(), person.grantable());
            for needed in [Level::View, Level::Develop, Level::Own] {
                assert_eq!(key.at_least(needed), person.at_least(needed));
            }
            assert_eq!(key.may_run(), person.may_run());
        }
    }

    #[test]
    fn a_minted_key_is_never_more_than_its_minter() {
        for mask in 0u32..64 {
            let held: Vec<Permission> =
                (0..6).filter(|bit| mask & (1 << bit) != 0).map(|bit| Permission::ALL[bit]).collect();
            let minter = access(Level::Own, Some(&held));
            for granted in minter.grantable() {
                assert!(
                    held.contains(&granted) || held.contains(&Permission::Admin),
                    "{held:?} gave {granted:?}"
                );
            }
        }
    }

    #[test]
    fn a_gateway_key_reads_nothing_and_a_read_key_changes_nothing() {
        let gateway = access(Level::Own, Some(&[Permission::Gateway, Permission::Passthrough]));
        assert!(!gateway.at_least(Level::View) && !gateway.may_run());
        let read = access(Level::Own, Some(&[Permission::Read]));
        assert!(read.at_least(Level::View) && !read.at_least(Level::Develop) && !read.may_run());
        let run = access(Level::Own, Some(&[Permission::Run]));
        assert!(run.at_least(Level::View) && run.may_run() && !run.at_least(Level::Develop));
    }
}
