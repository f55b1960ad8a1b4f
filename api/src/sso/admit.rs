//! The account behind a person who signed in elsewhere: known by issuer and subject, linked by a verified address where the
//! operator allows it, or made anew. Then what the person's groups give is given.

use serde_json::json;
use uuid::Uuid;

use aop_domain::id::UserId;
use aop_store::audit_log::Actor;
use aop_store::sso_identities::{self, Identity};
use aop_store::team_members::{self, MemberRole};
use aop_store::users::{self, NewUser, Role, User};

use super::error::SsoError;
use super::person::Person;
use super::settings::{NewUsers, ProviderSettings};
use crate::audit::{self, Change};
use crate::auth::source::Source;
use crate::state::AppState;

/// The active user this person is, ready to be signed in.
pub async fn admit(
    state: &AppState,
    settings: &ProviderSettings,
    person: &Person,
    source: Source,
) -> Result<User, SsoError> {
    let user = match known(state, &person.identity).await? {
        Some(user) => user,
        None => meet(state, settings, person, source).await?,
    };
    let user = grant(state, settings, person, user, source).await?;
    users::record_login(&state.store, user.id, state.now()?).await?;
    Ok(user)
}

async fn known(state: &AppState, identity: &Identity) -> Result<Option<User>, SsoError> {
    match sso_identities::sign_in(&state.store, identity, state.now()?).await? {
        Some(user) if !user.is_active => Err(SsoError::AccountOff),
        found => Ok(found),
    }
}

/// The first time. Two browsers of one person may come here at once: whoever is second finds what the first one made.
async fn meet(
    state: &AppState,
    settings: &ProviderSettings,
    person: &Person,
    source: Source,
) -> Result<User, SsoError> {
    let identity = &person.identity;
    if settings.link_by_email {
        match sso_identities::link_by_email(&state.store, identity, state.now()?).await {
            Ok(Some(user)) => {
                note(state, settings, "user.sso_link", user.id, source).await;
                return Ok(user);
            }
            Ok(None) => {}
            Err(error) => return after_clash(state, identity, error).await,
        }
    }
    if let Some(other) = users::find_by_email(&state.store, &identity.email).await? {
        // Another browser of this person may have made it since.
        if let Some(user) = known(state, identity).await? {
            return Ok(user);
        }
        return Err(if other.is_active { SsoError::EmailTaken } else { SsoError::AccountOff });
    }
    let role = match (granted_role(settings, person), settings.new_users) {
        (Some(role), _) | (None, NewUsers::Become(role)) => role,
        (None, NewUsers::Refused) => return Err(SsoError::NoAccount),
    };
    let id = UserId(Uuid::now_v7());
    let email = identity.email.clone();
    let new = NewUser { id, email, name: person.name.clone(), role, password_hash: None };
    match sso_identities::create_user(&state.store, &new, identity, state.now()?).await {
        Ok(user) => {
            note(state, settings, "user.sso_create", user.id, source).await;
            Ok(user)
        }
        Err(error) => after_clash(state, identity, error).await,
    }
}

async fn after_clash(
    state: &AppState,
    identity: &Identity,
    error: aop_store::Error,
) -> Result<User, SsoError> {
    match error {
        aop_store::Error::Duplicate { .. } => known(state, identity).await?.ok_or(SsoError::EmailTaken),
        other => Err(other.into()),
    }
}

/// The highest role that one of the person's groups gives.
fn granted_role(settings: &ProviderSettings, person: &Person) -> Option<Role> {
    let rank = |role: &Role| match role {
        Role::Admin => 3,
        Role::Developer => 2,
        Role::Viewer => 1,
        Role::Pending => 0,
    };
    let grants = settings.groups.iter().filter(|grant| person.groups.contains(&grant.group));
    grants.filter_map(|grant| grant.role).max_by_key(rank)
}

/// The groups decide the role at every sign-in, up and down; whoever is in none of them keeps what they have. Teams are only
/// joined: who leaves one is for its owners to say.
async fn grant(
    state: &AppState,
    settings: &ProviderSettings,
    person: &Person,
    user: User,
    source: Source,
) -> Result<User, SsoError> {
    for grant in settings.groups.iter().filter(|grant| person.groups.contains(&grant.group)) {
        let Some((team, role)) = grant.team else { continue };
        let has = team_members::find_role(&state.store, team, user.id).await?;
        if has == Some(MemberRole::Owner) || has == Some(role) {
            continue;
        }
        match team_members::put(&state.store, team, user.id, role).await {
            Ok(()) => {}
            Err(aop_store::Error::UnknownReference { .. }) => {
                tracing::warn!(provider = settings.id, %team, "a group of a sign-on provider leads to a team that is not there");
            }
            Err(error) => return Err(error.into()),
        }
    }
    let Some(role) = granted_role(settings, person).filter(|role| *role != user.role) else {
        return Ok(user);
    };
    match users::update_access(&state.store, user.id, Some(role), None).await {
        Ok(Some(changed)) => {
            note(state, settings, "user.sso_role", user.id, source).await;
            Ok(changed)
        }
        Ok(None) => Err(SsoError::AccountOff),
        Err(aop_store::Error::LastAdmin) => {
            tracing::warn!(provider = settings.id, user = %user.id, "the last administrator keeps the role, whatever the groups say");
            Ok(user)
        }
        Err(error) => Err(error.into()),
    }
}

async fn note(
    state: &AppState,
    settings: &ProviderSettings,
    action: &'static str,
    user: UserId,
    from: Source,
) {
    let by = Actor { user_id: Some(user), key_id: None };
    let detail = json!({"provider": settings.id, "issuer": settings.issuer});
    audit::note(state, Change { team_id: None, action, target: ("user", user.0), detail, by, from }).await;
}
