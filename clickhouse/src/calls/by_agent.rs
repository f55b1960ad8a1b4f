//! Calls of one agent, by the name that a list shows.

use aop_domain::hex::hex;
use clickhouse::Row;
use serde::Deserialize;

use super::{Asked, CallSummary, SUMMARY, cursor_of, newest_of};
use crate::corrected::{self, agent_name};
use crate::error::Error;
use crate::read::{Cursor, MAX_PAGE, READ_LIMIT, Select, TimeRange};
use crate::runs::list_of;
use crate::sought::{Sought, candidate, linked_name, with_links};

const FOUND: &str = concat!(
    "SELECT toUnixTimestamp64Micro(llm_calls.ts) AS started_at_us, llm_calls.call_id AS id FROM llm_calls ",
    with_links!()
);

#[derive(Row, Deserialize)]
struct Found {
    started_at_us: i64,
    id: [u8; 16],
}

/// The newest calls of the agent behind the cursor.
pub(super) async fn newest(
    asked: &Asked<'_>,
    name: &str,
    cursor: Option<Cursor>,
    most: u32,
) -> Result<Vec<CallSummary>, Error> {
    let limited = tokio::time::timeout(READ_LIMIT, Box::pin(read(asked, name, cursor, most)));
    limited.await.unwrap_or(Err(Error::Timeout { limit_s: READ_LIMIT.as_secs() }))
}

async fn read(
    asked: &Asked<'_>,
    name: &str,
    cursor: Option<Cursor>,
    most: u32,
) -> Result<Vec<CallSummary>, Error> {
    let lines = &asked.filter.corrections;
    let from_us = asked.filter.range.map_or(0, |range| range.from_us);
    let sought = Sought::of(asked.clickhouse, asked.team, name, lines, from_us).await?;
    let mut select = sought.with(asked.select(SUMMARY), lines).and(candidate!());
    if !sought.is_linked {
        select = select.and(concat!(agent_name!(), " = {agent:String}"));
        return asked.named(newest_of(select, cursor.as_ref(), most)).await;
    }
    // Most of what may be the agent's is: one page in the order of the ledger, which ends as soon as it is full.
    let mut calls = asked.named(newest_of(select, cursor.as_ref(), most)).await?;
    let mut cursor = calls.last().map(cursor_of);
    let mut is_all = calls.len() < most as usize;
    calls.retain(|call| call.agent == name);
    // Or much of it turned out to be somebody else's: then the links say which is worth a look.
    while !is_all && calls.len() < most as usize {
        let select = sought.with(asked.select(FOUND), lines).and(candidate!()).and(linked_name!());
        let found = newest_of(select, cursor.as_ref(), MAX_PAGE).all::<Found>(asked.clickhouse).await?;
        is_all = found.len() < MAX_PAGE as usize;
        cursor = found.last().map(|found| Cursor { us: found.started_at_us, id: hex(&found.id) });
        let named = summaries(asked, &found).await?;
        calls.extend(named.into_iter().filter(|call| call.agent == name));
    }
    calls.truncate(most as usize);
    Ok(calls)
}

/// These calls, in the same order.
async fn summaries(asked: &Asked<'_>, found: &[Found]) -> Result<Vec<CallSummary>, Error> {
    let (Some(newest), Some(oldest)) = (found.first(), found.last()) else { return Ok(Vec::new()) };
    let range = TimeRange { from_us: oldest.started_at_us, to_us: newest.started_at_us.saturating_add(1) };
    let ids: Vec<[u8; 16]> = found.iter().map(|found| found.id).collect();
    let select = corrected::with(Select::of_team(SUMMARY, asked.team), &asked.filter.corrections)
        .within(range)
        .and("call_id IN (SELECT toFixedString(unhex(arrayJoin({calls:Array(String)})), 16))")
        .param("calls", list_of(&ids));
    asked.named(newest_of(select, None, MAX_PAGE)).await
}
