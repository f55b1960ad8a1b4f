//! Messages that hooks send: waiting until they are due, tried until they arrive or are given up.

use aop_domain::id::{CallId, HookId, TeamId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Store};

/// Messages of one hook that may wait; more are dropped and counted.
pub const MOST_WAITING: i64 = 10_000;
/// Of one hook, so many are tried at the same time: a slow receiver keeps nobody else's waiting.
const AT_ONCE_A_HOOK: i64 = 4;

/// One message, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: Uuid,
    pub call_id: Option<Uuid>,
    /// `waiting`, `delivered` or `failed`.
    pub state: String,
    pub attempts: i32,
    pub next_at: OffsetDateTime,
    pub http_status: Option<i32>,
    pub error: String,
    pub created_at: OffsetDateTime,
    pub ended_at: Option<OffsetDateTime>,
}

/// One message that is due, for whoever sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub id: Uuid,
    pub hook_id: HookId,
    pub call_id: Option<Uuid>,
    /// This try among them.
    pub attempts: i32,
    pub created_at: OffsetDateTime,
}

/// A call that a hook wants to tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Told {
    pub hook_id: HookId,
    pub call_id: CallId,
}

/// A team that has webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feed {
    pub team_id: TeamId,
    /// Up to where its calls have been read, microseconds since the Unix epoch.
    pub read_to_us: i64,
}

/// The teams that have webhooks, those switched off too: what happened while they were on is still told.
pub async fn feeds(store: &Store) -> Result<Vec<Feed>, Error> {
    let feeds = sqlx::query_as!(
        Feed,
        r#"SELECT DISTINCT h.team_id, coalesce(f.read_to_us, 0) AS "read_to_us!"
           FROM hooks h LEFT JOIN hook_feeds f ON f.team_id = h.team_id WHERE h.act ->> 'kind' = 'webhook'"#
    )
    .fetch_all(store.pool())
    .await?;
    Ok(feeds)
}

/// Takes over calls of a team that were read, and notes up to where: both or neither. What is known already changes nothing, what
/// belongs to a hook that is gone is passed over, and what finds no room is counted. Returns how many are new.
pub async fn add(
    store: &Store,
    team: TeamId,
    told: &[Told],
    read_to_us: i64,
    now: OffsetDateTime,
) -> Result<u64, Error> {
    let ids: Vec<Uuid> = told.iter().map(|_| Uuid::now_v7()).collect();
    let hooks: Vec<Uuid> = told.iter().map(|told| told.hook_id.0).collect();
    let calls: Vec<Uuid> = told.iter().map(|told| told.call_id.0).collect();
    let mut tx = store.pool().begin().await?;
    // The row is locked: one reader of a team at a time counts the room.
    sqlx::query!(
        "INSERT INTO hook_feeds (team_id, read_to_us) VALUES ($1, $2)
         ON CONFLICT (team_id) DO UPDATE SET read_to_us = greatest(hook_feeds.read_to_us, excluded.read_to_us)",
        team.0,
        read_to_us
    )
    .execute(&mut *tx)
    .await?;
    let added = sqlx::query_scalar!(
        r#"WITH given AS (
               SELECT g.id, g.hook_id, g.call_id, row_number() OVER (PARTITION BY g.hook_id ORDER BY g.id) AS number
               FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS g (id, hook_id, call_id)
               JOIN hooks h ON h.id = g.hook_id AND h.team_id = $6
               WHERE NOT EXISTS (SELECT FROM hook_deliveries d WHERE d.hook_id = g.hook_id AND d.call_id = g.call_id)
           ), waiting AS (
               SELECT hook_id, count(*) AS many FROM hook_deliveries
               WHERE state = 'waiting' AND hook_id = ANY($2) GROUP BY hook_id
           ), judged AS (
               SELECT given.*, given.number + coalesce(waiting.many, 0) <= $5 AS fits
               FROM given LEFT JOIN waiting USING (hook_id)
           ), dropped AS (
               UPDATE hooks SET dropped = dropped + lost.many
               FROM (SELECT hook_id, count(*) AS many FROM judged WHERE NOT fits GROUP BY hook_id) lost
               WHERE hooks.id = lost.hook_id
           ), added AS (
               INSERT INTO hook_deliveries (id, hook_id, call_id, next_at, created_at)
               SELECT id, hook_id, call_id, $4, $4 FROM judged WHERE fits
               ON CONFLICT (hook_id, call_id) DO NOTHING RETURNING 1
           )
           SELECT count(*) AS "count!" FROM added"#,
        &ids,
        &hooks,
        &calls,
        now,
        MOST_WAITING,
        team.0
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(added.unsigned_abs())
}

/// A message that tells of no call, to see whether it arrives.
pub async fn add_test(store: &Store, hook: HookId, now: OffsetDateTime) -> Result<Uuid, Error> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "INSERT INTO hook_deliveries (id, hook_id, next_at, created_at) VALUES ($1, $2, $3, $3)",
        id,
        hook.0,
        now
    )
    .execute(store.pool())
    .await?;
    Ok(id)
}

/// Messages of a team's hook, newest first. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    hook: HookId,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Delivery>, Error> {
    let deliveries = sqlx::query_as!(
        Delivery,
        "SELECT d.id, d.call_id, d.state, d.attempts, d.next_at, d.http_status, d.error, d.created_at, d.ended_at
         FROM hook_deliveries d JOIN hooks h ON h.id = d.hook_id
         WHERE h.team_id = $1 AND h.id = $2 AND ($3::uuid IS NULL OR d.id < $3) ORDER BY d.id DESC LIMIT $4",
        team.0,
        hook.0,
        before,
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(deliveries)
}

/// Lets a message that ended, however it did, begin anew. `false`: there is none.
pub async fn again(
    store: &Store,
    team: TeamId,
    hook: HookId,
    id: Uuid,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE hook_deliveries d SET state = 'waiting', attempts = 0, next_at = $4, error = '', ended_at = NULL
         FROM hooks h WHERE h.id = d.hook_id AND h.team_id = $1 AND h.id = $2 AND d.id = $3 AND d.state <> 'waiting'",
        team.0,
        hook.0,
        id,
        now
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Takes messages that are due, of other hooks than those that are busy. Until `lease_to` nobody else does; whoever sends
/// them says how it ended before that.
pub async fn take(
    store: &Store,
    now: OffsetDateTime,
    lease_to: OffsetDateTime,
    most: i64,
    busy: &[HookId],
) -> Result<Vec<Due>, Error> {
    let busy: Vec<Uuid> = busy.iter().map(|hook| hook.0).collect();
    let due = sqlx::query_as!(
        Due,
        r#"UPDATE hook_deliveries SET attempts = attempts + 1, next_at = $2
           WHERE state = 'waiting' AND next_at <= $1 AND id IN (
               SELECT id FROM hook_deliveries WHERE id IN (
                   SELECT id FROM (
                       SELECT id, next_at, row_number() OVER (PARTITION BY hook_id ORDER BY next_at, id) AS number
                       FROM hook_deliveries WHERE state = 'waiting' AND next_at <= $1 AND hook_id <> ALL ($5)
                   ) due WHERE number <= $4 ORDER BY next_at, id LIMIT $3)
               FOR UPDATE SKIP LOCKED)
           RETURNING id, hook_id, call_id, attempts, created_at"#,
        now,
        lease_to,
        most,
        AT_ONCE_A_HOOK,
        &busy
    )
    .fetch_all(store.pool())
    .await?;
    Ok(due)
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Delivered {
        http_status: i32,
    },
    /// It is tried again then.
    Later {
        at: OffsetDateTime,
        http_status: Option<i32>,
        error: String,
    },
    Failed {
        http_status: Option<i32>,
        error: String,
    },
}

pub async fn end(store: &Store, id: Uuid, outcome: &Outcome, now: OffsetDateTime) -> Result<(), Error> {
    let (state, at, http_status, error) = match outcome {
        Outcome::Delivered { http_status } => ("delivered", now, Some(*http_status), ""),
        Outcome::Later { at, http_status, error } => ("waiting", *at, *http_status, error.as_str()),
        Outcome::Failed { http_status, error } => ("failed", now, *http_status, error.as_str()),
    };
    sqlx::query!(
        "UPDATE hook_deliveries SET state = $2, next_at = $3, http_status = $4, error = $5,
           ended_at = CASE WHEN $2 = 'waiting' THEN NULL ELSE $6::timestamptz END WHERE id = $1",
        id,
        state,
        at,
        http_status,
        error,
        now
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

/// Forgets messages that ended before then. Returns how many.
pub async fn forget(store: &Store, before: OffsetDateTime) -> Result<u64, Error> {
    let done = sqlx::query!("DELETE FROM hook_deliveries WHERE state <> 'waiting' AND ended_at < $1", before)
        .execute(store.pool())
        .await?;
    Ok(done.rows_affected())
}
