//! What a team, a key or a route says about recording and the response cache. Who says nothing has no row.

use aop_domain::guard::{CachePolicy, CacheScope, ContentPolicy, GuardFacts, RecordingLevel};
use aop_domain::id::{KeyId, RouteId, TeamId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Error, Store};

/// Whose word it is. That it belongs to the team that asks is its caller's to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    Team(TeamId),
    Key(KeyId),
    Route(RouteId),
}

impl Speaker {
    fn ids(self) -> (Option<Uuid>, Option<Uuid>, Option<Uuid>) {
        match self {
            Self::Team(id) => (Some(id.0), None, None),
            Self::Key(id) => (None, Some(id.0), None),
            Self::Route(id) => (None, None, Some(id.0)),
        }
    }
}

pub async fn find(store: &Store, speaker: Speaker) -> Result<ContentPolicy, Error> {
    let (team, key, route) = speaker.ids();
    let row = sqlx::query!(
        "SELECT recording, cache_ttl_s, cache_scope FROM content_policies
         WHERE team_id = $1 OR key_id = $2 OR route_id = $3",
        team,
        key,
        route
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row
        .map(|row| read(row.recording.as_deref(), row.cache_ttl_s, row.cache_scope.as_deref()))
        .unwrap_or_default())
}

pub async fn put(store: &Store, speaker: Speaker, policy: &ContentPolicy) -> Result<(), Error> {
    let (team, key, route) = speaker.ids();
    let mut tx = store.pool().begin().await?;
    sqlx::query!(
        "DELETE FROM content_policies WHERE team_id = $1 OR key_id = $2 OR route_id = $3",
        team,
        key,
        route
    )
    .execute(&mut *tx)
    .await?;
    if *policy != ContentPolicy::default() {
        sqlx::query!(
            "INSERT INTO content_policies (id, team_id, key_id, route_id, recording, cache_ttl_s, cache_scope)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            Uuid::now_v7(),
            team,
            key,
            route,
            policy.recording.map(RecordingLevel::as_str),
            policy.cache.map(|cache| i32::try_from(cache.ttl_s).unwrap_or(i32::MAX)),
            policy.cache.map(|cache| cache.scope.as_str())
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// All of them, for the gateway's snapshot.
pub(crate) async fn load(connection: &mut PgConnection) -> Result<GuardFacts, Error> {
    let rows = sqlx::query!(
        "SELECT team_id, key_id, route_id, recording, cache_ttl_s, cache_scope FROM content_policies"
    )
    .fetch_all(connection)
    .await?;
    let mut facts = GuardFacts::default();
    for row in rows {
        let policy = read(row.recording.as_deref(), row.cache_ttl_s, row.cache_scope.as_deref());
        if let Some(id) = row.team_id {
            facts.teams.insert(TeamId(id), policy);
        }
        if let Some(id) = row.key_id {
            facts.keys.insert(KeyId(id), policy);
        }
        if let Some(id) = row.route_id {
            facts.routes.insert(RouteId(id), policy);
        }
    }
    Ok(facts)
}

fn read(recording: Option<&str>, ttl_s: Option<i32>, scope: Option<&str>) -> ContentPolicy {
    ContentPolicy {
        // A word of a newer version keeps least: what it meant is not known.
        recording: recording.map(|text| RecordingLevel::parse(text).unwrap_or(RecordingLevel::Metadata)),
        cache: ttl_s.zip(scope).and_then(|(ttl_s, scope)| {
            Some(CachePolicy { ttl_s: ttl_s.unsigned_abs(), scope: CacheScope::parse(scope)? })
        }),
    }
}
