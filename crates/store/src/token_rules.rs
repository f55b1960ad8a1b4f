//! Rules by which a token of another issuer acts as a virtual key. A rule belongs to the team of its key.

use aop_domain::gateway::TokenRule;
use aop_domain::id::{KeyId, TeamId, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Store};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRule {
    pub id: Uuid,
    pub key_id: Uuid,
    pub key_name: String,
    pub issuer: String,
    pub claim: String,
    pub value: String,
    pub position: i32,
    pub created_at: OffsetDateTime,
}

#[derive(Debug, Clone)]
pub struct NewRule {
    pub id: Uuid,
    pub key_id: KeyId,
    pub issuer: String,
    pub claim: String,
    pub value: String,
    pub position: i32,
    pub created_by: UserId,
}

/// `None`: the team has no such key. A claim's value that leads to a key already is `Error::Duplicate`.
pub async fn create(store: &Store, team: TeamId, new: &NewRule) -> Result<Option<StoredRule>, Error> {
    let made = sqlx::query_as!(
        StoredRule,
        r#"WITH made AS (
             INSERT INTO token_rules (id, key_id, issuer, claim, value, position, created_by)
             SELECT $1, k.id, $4, $5, $6, $7, $8 FROM api_keys k WHERE k.id = $2 AND k.team_id = $3
             RETURNING *
           )
           SELECT m.id AS "id!", m.key_id AS "key_id!", k.name AS "key_name!", m.issuer AS "issuer!",
                  m.claim AS "claim!", m.value AS "value!", m.position AS "position!", m.created_at AS "created_at!"
           FROM made m JOIN api_keys k ON k.id = m.key_id"#,
        new.id,
        new.key_id.0,
        team.0,
        new.issuer,
        new.claim,
        new.value,
        new.position,
        new.created_by.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(made)
}

/// The team's, newest first. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<StoredRule>, Error> {
    let rules = sqlx::query_as!(
        StoredRule,
        "SELECT r.id, r.key_id, k.name AS key_name, r.issuer, r.claim, r.value, r.position, r.created_at
         FROM token_rules r JOIN api_keys k ON k.id = r.key_id
         WHERE k.team_id = $1 AND ($2::uuid IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT $3",
        team.0,
        before,
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rules)
}

/// `false`: the team has no such rule.
pub async fn delete(store: &Store, team: TeamId, id: Uuid) -> Result<bool, Error> {
    let done = sqlx::query!(
        "DELETE FROM token_rules r USING api_keys k WHERE r.id = $2 AND k.id = r.key_id AND k.team_id = $1",
        team.0,
        id
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// All of them, in the order in which they count, for the gateway's snapshot.
pub(crate) async fn load(connection: &mut PgConnection) -> Result<Vec<TokenRule>, Error> {
    let rows = sqlx::query!("SELECT key_id, issuer, claim, value FROM token_rules ORDER BY position, id")
        .fetch_all(connection)
        .await?;
    let rules = rows.into_iter().map(|row| TokenRule {
        key_id: KeyId(row.key_id),
        issuer: row.issuer,
        claim: row.claim,
        value: row.value,
    });
    Ok(rules.collect())
}
