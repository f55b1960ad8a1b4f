//! Rows into ClickHouse, so that a segment sent twice is stored once.
//!
//! Each table gets one insert per segment under a token made of the segment's header: writer, number, time of creation.
//! A sealed segment never changes, and neither do the rows made of it, so the second insert under a token is the same
//! batch, and ClickHouse drops it whole while it finishes what a crash left undone in the rollups behind the table.
//! (The time of creation is there for the day on which somebody restores an old disk: numbers come again, times do not.)
//!
//! Two tables have rows that depend on what the collector remembers, which a restart forgets:
//!
//! * `messages` leaves out pieces that were stored before. If its token were the segment's, a second try with another
//!   memory could bring pieces that the first did not, and be dropped. So its token also names its rows: another set of
//!   rows is another batch. Pieces stored twice this way are one row after a merge (`ReplacingMergeTree` by hash), no
//!   rollup is fed from them, and no reader counts them.
//! * `call_bodies` differs only in `new_from`, a hint about where a conversation went on. The first batch stands.
//!
//! The memory itself is filled only when all inserts of a segment have succeeded, so that it never claims more than
//! ClickHouse holds.

use aop_clickhouse::{ClickHouse, Error, MessageRow};
use aop_domain::frame::Header;

use crate::rows::Rows;

/// All tables of one segment, side by side. Ok: every row is durable. An error leaves some tables done; trying again
/// finishes the rest.
pub(crate) async fn store(clickhouse: &ClickHouse, header: &Header, rows: &Rows) -> Result<(), Error> {
    let token =
        |table: &str| format!("{}-{}-{:x}-{table}", header.writer, header.segment, header.created_at_us);
    let messages = format!("{}-{}", token("messages"), fingerprint(&rows.messages));
    let (calls, bodies, spans, logs) =
        (token("llm_calls"), token("call_bodies"), token("spans"), token("logs"));
    let (handovers, trace_links, agent_links) =
        (token("handovers"), token("trace_links"), token("agent_links"));
    let hook_events = token("hook_events");
    tokio::try_join!(
        clickhouse.insert_batch(&rows.calls, &calls),
        clickhouse.insert_batch(&rows.messages, &messages),
        clickhouse.insert_batch(&rows.bodies, &bodies),
        clickhouse.insert_batch(&rows.spans, &spans),
        clickhouse.insert_batch(&rows.logs, &logs),
        clickhouse.insert_batch(&rows.handovers, &handovers),
        clickhouse.insert_batch(&rows.trace_links, &trace_links),
        clickhouse.insert_batch(&rows.agent_links, &agent_links),
        clickhouse.insert_batch(&rows.hook_events, &hook_events),
    )?;
    Ok(())
}

/// The set of message rows, as a short text.
fn fingerprint(messages: &[MessageRow]) -> String {
    let mut hasher = blake3::Hasher::new();
    for message in messages {
        hasher.update(&message.team);
        hasher.update(&message.day.to_le_bytes());
        hasher.update(&message.retention_days.to_le_bytes());
        hasher.update(&message.hash);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}
