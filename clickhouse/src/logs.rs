//! Lines of log of a team, a run or a trace.

use std::collections::BTreeMap;

use aop_domain::hex::hex;
use aop_domain::id::{ExecutionId, TeamId, TraceId};
use clickhouse::Row;
use serde::{Deserialize, Serialize};

use crate::client::ClickHouse;
use crate::error::Error;
use crate::read::{Cursor, Page, Select, TimeRange, page, page_limit};

/// Which lines to list. An absent field allows every value.
#[derive(Debug, Clone)]
pub struct LogFilter {
    pub range: TimeRange,
    pub execution_id: Option<ExecutionId>,
    pub trace_id: Option<TraceId>,
    /// `debug`, `info`, `warning` or `error`.
    pub level: Option<String>,
    pub agent: Option<String>,
    /// Substring of the message, in any case.
    pub text: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// 1 to 500.
    pub limit: u32,
}

#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub struct LogLine {
    /// Microseconds since the Unix epoch.
    pub created_at_us: i64,
    /// Order among lines of the same microsecond.
    pub seq: u32,
    pub trace_id: String,
    pub span_id: String,
    pub execution_id: String,
    pub agent: String,
    pub level: String,
    pub message: String,
    pub attributes: BTreeMap<String, String>,
}

const LINES: &str = "SELECT
    toUnixTimestamp64Micro(ts) AS created_at_us,
    seq,
    if(trace_id = toFixedString('', 16), '', lower(hex(trace_id))) AS trace_id,
    if(span_id = toFixedString('', 8), '', lower(hex(span_id))) AS span_id,
    if(execution_id = toFixedString('', 16), '', UUIDNumToString(execution_id)) AS execution_id,
    agent, level, message, attributes
FROM logs";

/// Lines of one team, oldest first.
pub async fn list(clickhouse: &ClickHouse, team: TeamId, filter: &LogFilter) -> Result<Page<LogLine>, Error> {
    let limit = page_limit(filter.limit);
    let mut select = Select::of_team(LINES, team)
        .within(filter.range)
        .and_if(
            "execution_id = toFixedString(unhex({execution:String}), 16)",
            "execution",
            filter.execution_id.map(|id| hex(id.as_bytes())),
        )
        .and_if("trace_id = toFixedString(unhex({trace:String}), 16)", "trace", filter.trace_id)
        .and_if("level = {level:String}", "level", filter.level.as_ref())
        .and_if("agent = {agent:String}", "agent", filter.agent.as_ref())
        .and_if("positionCaseInsensitiveUTF8(message, {text:String}) > 0", "text", filter.text.as_ref())
        .param("limit", limit + 1)
        .then("ORDER BY ts, logs.seq LIMIT {limit:UInt32}");
    if let Some(cursor) = &filter.cursor {
        let cursor = Cursor::parse(cursor)?;
        let seq = u32::from_str_radix(&cursor.id, 16)
            .map_err(|_| Error::Invalid("the cursor is not one that this list gave out".to_owned()))?;
        select = select
            .and("(ts, seq) > (fromUnixTimestamp64Micro({cursor_us:Int64}, 'UTC'), {cursor_seq:UInt32})")
            .param("cursor_us", cursor.us)
            .param("cursor_seq", seq);
    }
    let lines = select.all::<LogLine>(clickhouse).await?;
    Ok(page(lines, limit, |line| format!("{}.{:x}", line.created_at_us, line.seq)))
}
