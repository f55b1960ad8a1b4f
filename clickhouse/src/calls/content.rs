//! What a call said and got, put together again from content-addressed messages.

use std::collections::HashMap;

use aop_domain::hex::hex;
use aop_domain::id::TeamId;
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::of_call;
use crate::client::ClickHouse;
use crate::error::Error;
use crate::read::Select;

/// Request and response without the parts that every call of a conversation repeats in storage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallContent {
    /// In the order they were sent.
    pub input: Vec<Message>,
    /// Index of the first input that the previous call of the conversation did not have.
    pub new_from: u16,
    pub output: Vec<Message>,
    /// The tool definitions as they were sent; null: none.
    pub tools: Value,
    /// The request without messages and tools.
    pub params: Value,
    /// The response without its messages.
    pub response: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Hex; the same message has the same hash in every call.
    pub hash: String,
    /// `system`, `user`, `assistant`, `tool`, ...; `missing` when the message is no longer kept.
    pub role: String,
    /// The message as JSON.
    pub content: Value,
}

#[derive(Row, Deserialize)]
struct Body {
    input_hashes: Vec<[u8; 16]>,
    new_from: u16,
    output_hashes: Vec<[u8; 16]>,
    tools_hash: [u8; 16],
    params: String,
    response: String,
}

const BODY: &str =
    "SELECT input_hashes, new_from, output_hashes, tools_hash, params, response FROM call_bodies";

#[derive(Row, Deserialize)]
struct Stored {
    hash: [u8; 16],
    role: String,
    content: String,
}

const STORED: &str = "SELECT hash, role, content FROM messages";
/// Above this a list of hashes would make the statement longer than ClickHouse reads.
const HASHES_PER_QUERY: usize = 2_000;

/// `started_at_us` and `retention_days` are the call's: they name the partition its messages are in.
pub(super) async fn find(
    clickhouse: &ClickHouse,
    team: TeamId,
    call_hex: &str,
    started_at_us: i64,
    retention_days: u16,
) -> Result<Option<CallContent>, Error> {
    let select = of_call(BODY, team, call_hex)
        .and("ts = fromUnixTimestamp64Micro({started_us:Int64}, 'UTC')")
        .param("started_us", started_at_us);
    let Some(body) = select.one::<Body>(clickhouse).await? else { return Ok(None) };
    let day = started_at_us.div_euclid(86_400_000_000);
    let stored = messages(clickhouse, team, day, retention_days, &body).await?;
    Ok(Some(assemble(&body, &stored)))
}

async fn messages(
    clickhouse: &ClickHouse,
    team: TeamId,
    day: i64,
    retention_days: u16,
    body: &Body,
) -> Result<HashMap<[u8; 16], Stored>, Error> {
    let mut hashes: Vec<[u8; 16]> = body.input_hashes.iter().chain(&body.output_hashes).copied().collect();
    hashes.push(body.tools_hash);
    hashes.sort_unstable();
    hashes.dedup();
    hashes.retain(|hash| *hash != [0; 16]);
    let mut stored = HashMap::with_capacity(hashes.len());
    for some in hashes.chunks(HASHES_PER_QUERY) {
        let list: Vec<String> = some.iter().map(|hash| format!("'{}'", hex(hash))).collect();
        let rows = Select::of_team(STORED, team)
            .and("day = toDate({day:Int32})")
            .and("retention_days = {retention:UInt16}")
            .and("hash IN (SELECT toFixedString(unhex(arrayJoin({hashes:Array(String)})), 16))")
            .param("day", day)
            .param("retention", retention_days)
            .param("hashes", format!("[{}]", list.join(",")))
            .all::<Stored>(clickhouse)
            .await?;
        stored.extend(rows.into_iter().map(|row| (row.hash, row)));
    }
    Ok(stored)
}

fn assemble(body: &Body, stored: &HashMap<[u8; 16], Stored>) -> CallContent {
    let message = |hash: &[u8; 16]| match stored.get(hash) {
        Some(row) => Message { hash: hex(hash), role: row.role.clone(), content: json(&row.content) },
        None => Message { hash: hex(hash), role: "missing".to_owned(), content: Value::Null },
    };
    CallContent {
        input: body.input_hashes.iter().map(message).collect(),
        new_from: body.new_from,
        output: body.output_hashes.iter().map(message).collect(),
        tools: stored.get(&body.tools_hash).map_or(Value::Null, |row| json(&row.content)),
        params: json(&body.params),
        response: json(&body.response),
    }
}

/// Content that is not JSON (a cut body) is shown as text.
fn json(text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_is_gone_is_shown_as_missing_and_the_rest_stays() {
        let kept = Stored {
            hash: [1; 16],
            role: "user".into(),
            content: r#"{"role":"user","content":"hi"}"#.into(),
        };
        let body = Body {
            input_hashes: vec![[1; 16], [2; 16]],
            new_from: 1,
            output_hashes: vec![],
            tools_hash: [0; 16],
            params: r#"{"temperature":0}"#.into(),
            response: String::new(),
        };
        let content = assemble(&body, &HashMap::from([([1; 16], kept)]));
        assert_eq!(content.input[0].content["content"], "hi");
        assert_eq!(content.input[1].role, "missing");
        assert_eq!(content.params["temperature"], 0);
        assert_eq!(content.tools, Value::Null);
    }
}
