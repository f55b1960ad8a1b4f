//! The first team, the first administrator and the bootstrap key.

use serde_json::json;
use uuid::Uuid;

use aop_domain::hex::hex;
use aop_domain::id::{KeyId, TeamId, UserId};
use aop_service::keys::{LONGEST_VIRTUAL_KEY_BYTES, MasterKey, virtual_key_hint};
use aop_service::secret::Secret;
use aop_store::api_keys::{self, KeySettings, NewKey};
use aop_store::team_members::MemberRole;
use aop_store::users::{NewUser, Role};
use aop_store::{Error, Store, settings as installation, team_members, teams, users};

use super::{BootstrapError, FirstStart, hash};
use crate::checks;
use crate::wire::api_keys::Permission;

/// Settings of the installation that remember what a first start did.
const FIRST_TEAM: &str = "bootstrap.first_team";
const KEY_MADE: &str = "bootstrap.key";
const TEAM_NAME: &str = "First team";
const SHORTEST_KEY_CHARS: usize = 20;

/// The team everything of a first start belongs to; made when there is none.
pub(super) async fn first_team(store: &Store) -> Result<TeamId, Error> {
    if let Some(team) = known_first_team(store).await? {
        return Ok(team);
    }
    let id = TeamId(Uuid::now_v7());
    if installation::put_if_absent(store, FIRST_TEAM, &json!(id)).await? {
        teams::create(store, id, TEAM_NAME, None).await?;
        return Ok(id);
    }
    // Another process was first, or people deleted the first team.
    if let Some(team) = known_first_team(store).await? {
        return Ok(team);
    }
    teams::create(store, id, TEAM_NAME, None).await?;
    installation::put(store, FIRST_TEAM, &json!(id)).await?;
    Ok(id)
}

async fn known_first_team(store: &Store) -> Result<Option<TeamId>, Error> {
    let Some(value) = installation::find(store, FIRST_TEAM).await? else { return Ok(None) };
    let Ok(id) = serde_json::from_value::<TeamId>(value) else { return Ok(None) };
    Ok(teams::find(store, id).await?.map(|team| team.id))
}

/// Makes the first administrator an owner of the first team.
pub async fn own_first_team(store: &Store, user: UserId) -> Result<(), Error> {
    let team = first_team(store).await?;
    team_members::put(store, team, user, MemberRole::Owner).await
}

/// Refuses what cannot be before anything is made.
pub(super) fn check(given: &FirstStart) -> Result<(), BootstrapError> {
    given.admin_email.as_deref().map(email).transpose()?;
    given.bootstrap_key.as_ref().map_or(Ok(()), check_key)
}

fn email(text: &str) -> Result<String, BootstrapError> {
    checks::email(text)
        .map_err(|_| BootstrapError::Invalid("AOP_ADMIN_EMAIL is not an e-mail address".to_owned()))
}

/// The administrator the operator named, unless there is one already.
pub(super) async fn admin(store: &Store, given: &FirstStart) -> Result<(), BootstrapError> {
    let (Some(given_email), Some(password)) = (&given.admin_email, &given.admin_password) else {
        return Ok(());
    };
    if users::has_admin(store).await? {
        return Ok(());
    }
    let email = email(given_email)?;
    let name = email.split('@').next().unwrap_or("admin").to_owned();
    let new = NewUser {
        id: UserId(Uuid::now_v7()),
        email,
        name,
        role: Role::Admin,
        password_hash: Some(hash(password).await?),
    };
    match users::create_first_admin(store, &new).await {
        Ok(user) => Ok(own_first_team(store, user.id).await?),
        Err(Error::AdminExists) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The key the operator gave, once: revoked later, it does not come back with the next start.
pub(super) async fn bootstrap_key(
    store: &Store,
    master_key: &MasterKey,
    team: TeamId,
    given: &FirstStart,
) -> Result<(), BootstrapError> {
    let Some(key) = &given.bootstrap_key else { return Ok(()) };
    let mac = master_key.virtual_key_mac(key.expose());
    let mark = json!(hex(&mac[..8]));
    if installation::find(store, KEY_MADE).await? == Some(mark.clone()) {
        return Ok(());
    }
    let owner = owner(store, given).await?;
    let settings = KeySettings {
        name: "Bootstrap key".to_owned(),
        permissions: Permission::ALL.iter().map(|permission| permission.as_str().to_owned()).collect(),
        allowed_models: Vec::new(),
        rate_limit: None,
        is_active: true,
        expires_at: None,
    };
    let hint = virtual_key_hint(key.expose());
    let new = NewKey { id: KeyId(Uuid::now_v7()), user_id: owner, mac, hint, settings };
    match api_keys::create(store, team, &new).await {
        Ok(_) | Err(Error::Duplicate { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    installation::put(store, KEY_MADE, &mark).await?;
    Ok(())
}

fn check_key(key: &Secret) -> Result<(), BootstrapError> {
    let text = key.expose();
    let fits = text.starts_with("aop-")
        && !text.starts_with("aop-run.")
        && (SHORTEST_KEY_CHARS..=LONGEST_VIRTUAL_KEY_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        return Ok(());
    }
    Err(BootstrapError::Invalid(format!(
        "AOP_BOOTSTRAP_KEY must begin with 'aop-' and have at least {SHORTEST_KEY_CHARS} characters without spaces"
    )))
}

/// The administrator the key acts for.
async fn owner(store: &Store, given: &FirstStart) -> Result<UserId, BootstrapError> {
    let missing = || {
        BootstrapError::Invalid(
            "AOP_BOOTSTRAP_KEY needs an administrator it belongs to: give AOP_ADMIN_EMAIL and AOP_ADMIN_PASSWORD too"
                .to_owned(),
        )
    };
    let email = given.admin_email.as_deref().ok_or_else(missing)?;
    let user = users::find_by_email(store, email.trim()).await?.ok_or_else(missing)?;
    if user.role == Role::Admin { Ok(user.id) } else { Err(missing()) }
}
