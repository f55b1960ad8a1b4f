//! People. Not tenant data: one user may be in many teams; only administrators list users.

use aop_domain::id::UserId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::{Error, Store};

/// What a person may do in the whole installation. `Pending`: signed up, not yet approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Role {
    Admin,
    Developer,
    Viewer,
    Pending,
}

#[derive(Debug, Clone, PartialEq)]
pub struct User {
    pub id: UserId,
    /// Lower case.
    pub email: String,
    pub name: String,
    pub role: Role,
    pub is_active: bool,
    /// A JSON object: language, theme, ...
    pub settings: Value,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
    pub last_login_at: Option<OffsetDateTime>,
}

#[derive(Debug, Clone)]
pub struct NewUser {
    pub id: UserId,
    /// Stored in lower case.
    pub email: String,
    pub name: String,
    pub role: Role,
    /// argon2id in PHC form. `None`: signs in elsewhere.
    pub password_hash: Option<String>,
}

/// What a sign-in is checked against.
#[derive(Debug, Clone)]
pub struct SignIn {
    pub id: UserId,
    pub is_active: bool,
    pub password_hash: Option<String>,
}

/// `Error::Duplicate` when the email is taken.
pub async fn create(store: &Store, new: &NewUser) -> Result<User, Error> {
    insert(&mut *store.pool().acquire().await?, new).await
}

/// Creates the first administrator; of several attempts at once exactly one succeeds, the others are `Error::AdminExists`.
pub async fn create_first_admin(store: &Store, new: &NewUser) -> Result<User, Error> {
    let mut tx = store.pool().begin().await?;
    lock(&mut tx).await?;
    if count_active_admins(&mut tx).await? > 0 {
        return Err(Error::AdminExists);
    }
    let user = insert(&mut tx, &NewUser { role: Role::Admin, ..new.clone() }).await?;
    tx.commit().await?;
    Ok(user)
}

pub(crate) async fn insert(connection: &mut PgConnection, new: &NewUser) -> Result<User, Error> {
    let user = sqlx::query_as!(
        User,
        r#"INSERT INTO users (id, email, name, role, password_hash) VALUES ($1, lower($2), $3, $4, $5)
           RETURNING id, email, name, role AS "role: Role", is_active, settings, created_at, updated_at, last_login_at"#,
        new.id.0,
        new.email,
        new.name,
        new.role as Role,
        new.password_hash
    )
    .fetch_one(connection)
    .await?;
    Ok(user)
}

pub async fn find(store: &Store, id: UserId) -> Result<Option<User>, Error> {
    let user = sqlx::query_as!(
        User,
        r#"SELECT id, email, name, role AS "role: Role", is_active, settings, created_at, updated_at, last_login_at
           FROM users WHERE id = $1"#,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(user)
}

pub async fn find_by_email(store: &Store, email: &str) -> Result<Option<User>, Error> {
    let user = sqlx::query_as!(
        User,
        r#"SELECT id, email, name, role AS "role: Role", is_active, settings, created_at, updated_at, last_login_at
           FROM users WHERE email = lower($1)"#,
        email
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(user)
}

pub async fn find_sign_in(store: &Store, email: &str) -> Result<Option<SignIn>, Error> {
    let found = sqlx::query_as!(
        SignIn,
        "SELECT id, is_active, password_hash FROM users WHERE email = lower($1)",
        email
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(found)
}

/// Every user, newest first. `before` is the last id of the page before.
pub async fn list(store: &Store, before: Option<UserId>, limit: i64) -> Result<Vec<User>, Error> {
    let users = sqlx::query_as!(
        User,
        r#"SELECT id, email, name, role AS "role: Role", is_active, settings, created_at, updated_at, last_login_at
           FROM users WHERE ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2"#,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(users)
}

pub async fn has_admin(store: &Store) -> Result<bool, Error> {
    Ok(count_active_admins(&mut *store.pool().acquire().await?).await? > 0)
}

/// What people change about themselves; `None` leaves it as it is. `Ok(None)`: no such user.
pub async fn update_profile(
    store: &Store,
    id: UserId,
    name: Option<&str>,
    settings: Option<&Value>,
) -> Result<Option<User>, Error> {
    let user = sqlx::query_as!(
        User,
        r#"UPDATE users SET name = coalesce($2, name), settings = coalesce($3, settings), updated_at = now() WHERE id = $1
           RETURNING id, email, name, role AS "role: Role", is_active, settings, created_at, updated_at, last_login_at"#,
        id.0,
        name,
        settings
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(user)
}

/// What an administrator changes about others; `None` leaves it as it is. The last active administrator stays one.
pub async fn update_access(
    store: &Store,
    id: UserId,
    role: Option<Role>,
    is_active: Option<bool>,
) -> Result<Option<User>, Error> {
    let mut tx = store.pool().begin().await?;
    lock(&mut tx).await?;
    let had_admin = count_active_admins(&mut tx).await? > 0;
    let user = sqlx::query_as!(
        User,
        r#"UPDATE users SET role = coalesce($2, role), is_active = coalesce($3, is_active), updated_at = now() WHERE id = $1
           RETURNING id, email, name, role AS "role: Role", is_active, settings, created_at, updated_at, last_login_at"#,
        id.0,
        role as Option<Role>,
        is_active
    )
    .fetch_optional(&mut *tx)
    .await?;
    commit_with_an_admin(tx, had_admin).await?;
    Ok(user)
}

/// The user's keys and memberships go too. `false`: no such user. The last active administrator stays.
pub async fn delete(store: &Store, id: UserId) -> Result<bool, Error> {
    let mut tx = store.pool().begin().await?;
    lock(&mut tx).await?;
    let had_admin = count_active_admins(&mut tx).await? > 0;
    let done = sqlx::query!("DELETE FROM users WHERE id = $1", id.0).execute(&mut *tx).await?;
    commit_with_an_admin(tx, had_admin).await?;
    Ok(done.rows_affected() > 0)
}

pub async fn find_password_hash(store: &Store, id: UserId) -> Result<Option<String>, Error> {
    let found = sqlx::query_scalar!("SELECT password_hash FROM users WHERE id = $1", id.0)
        .fetch_optional(store.pool())
        .await?;
    Ok(found.flatten())
}

/// An open link that would set another password is good no longer. `false`: no such user.
pub async fn set_password_hash(store: &Store, id: UserId, password_hash: &str) -> Result<bool, Error> {
    let mut tx = store.pool().begin().await?;
    let done = sqlx::query!(
        "UPDATE users SET password_hash = $2, updated_at = now() WHERE id = $1",
        id.0,
        password_hash
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("DELETE FROM password_resets WHERE user_id = $1", id.0).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(done.rows_affected() > 0)
}

pub async fn record_login(store: &Store, id: UserId, at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("UPDATE users SET last_login_at = $2 WHERE id = $1", id.0, at).execute(store.pool()).await?;
    Ok(())
}

/// Lets only one change to who is administrator happen at a time. Readers are not held up.
async fn lock(connection: &mut PgConnection) -> Result<(), Error> {
    sqlx::query!("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE").execute(connection).await?;
    Ok(())
}

async fn count_active_admins(connection: &mut PgConnection) -> Result<i64, Error> {
    let count =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM users WHERE role = 'admin' AND is_active"#)
            .fetch_one(connection)
            .await?;
    Ok(count)
}

async fn commit_with_an_admin(mut tx: PgTransaction<'_>, had_admin: bool) -> Result<(), Error> {
    if had_admin && count_active_admins(&mut tx).await? == 0 {
        return Err(Error::LastAdmin);
    }
    Ok(tx.commit().await?)
}
