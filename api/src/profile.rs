//! A person's own profile, as sign-in and `GET /api/auth/me` show it.

use aop_store::users::User;

use crate::error::ApiResult;
use crate::state::AppState;
use crate::wire::auth::{Me, MyTeam};

/// Teams shown in a profile.
const MOST_TEAMS: i64 = 200;

/// The profile with its teams, the default team first.
pub async fn of(state: &AppState, user: &User) -> ApiResult<Me> {
    let memberships = aop_store::team_members::list_of_user(&state.store, user.id).await?;
    let named = aop_store::teams::list_of_user(&state.store, user.id, None, MOST_TEAMS).await?;
    let teams = memberships
        .into_iter()
        .filter_map(|membership| {
            let team = named.iter().find(|team| team.id == membership.team_id)?;
            Some(MyTeam { id: team.id.0, name: team.name.clone(), role: membership.role.into() })
        })
        .collect();
    Ok(Me {
        id: user.id.0,
        email: user.email.clone(),
        name: user.name.clone(),
        role: user.role.into(),
        settings: user.settings.clone(),
        teams,
        created_at: user.created_at,
    })
}
