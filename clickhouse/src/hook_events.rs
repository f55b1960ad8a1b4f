//! Calls that webhooks are to tell of, in the order in which they were stored.

use aop_domain::id::{CallId, HookId, TeamId};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::client::ClickHouse;
use crate::error::Error;
use crate::read::Select;

/// Of one answer.
pub const PAGE: usize = 2_000;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HookEvent {
    /// By the server's clock, microseconds since the Unix epoch.
    pub stored_at_us: i64,
    pub hook_id: HookId,
    pub call_id: CallId,
}

impl HookEvent {
    /// Before all that were stored then.
    pub fn beginning(stored_at_us: i64) -> Self {
        Self { stored_at_us, hook_id: HookId::NIL, call_id: CallId::NIL }
    }
}

#[derive(Debug, Row, Serialize, Deserialize)]
struct Stored {
    stored_at_us: i64,
    hook: String,
    call: String,
}

const EVENTS: &str = "SELECT
    toUnixTimestamp64Micro(stored_at) AS stored_at_us,
    UUIDNumToString(hook_id) AS hook,
    UUIDNumToString(call_id) AS call
FROM hook_events";

/// The next ones of a team after this one, at most [`PAGE`].
pub async fn after(clickhouse: &ClickHouse, team: TeamId, last: HookEvent) -> Result<Vec<HookEvent>, Error> {
    let rows: Vec<Stored> = Select::of_team(EVENTS, team)
        .and("stored_at >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC')")
        .and("(toUnixTimestamp64Micro(stored_at), hex(hook_id), hex(call_id)) > ({from_us:Int64}, {hook:String}, {call:String})")
        .param("from_us", last.stored_at_us)
        .param("hook", last.hook_id.0.simple().to_string().to_uppercase())
        .param("call", last.call_id.0.simple().to_string().to_uppercase())
        .then("ORDER BY hook_events.stored_at, hook_events.hook_id, hook_events.call_id LIMIT 2000")
        .all(clickhouse)
        .await?;
    let read = |row: &Stored| {
        let (hook_id, call_id) = (Uuid::parse_str(&row.hook).ok()?, Uuid::parse_str(&row.call).ok()?);
        Some(HookEvent { stored_at_us: row.stored_at_us, hook_id: HookId(hook_id), call_id: CallId(call_id) })
    };
    Ok(rows.iter().filter_map(read).collect())
}
