//! Agents as they became known after their calls were stored, where calls and runs are listed: what the tree of a run
//! follows, the names in lists follow too.
//!
//! Only what a page shows is looked up here; what a filter by name may find is found by [`crate::sought`] first. Order stays with
//! what was recorded.

use std::collections::BTreeSet;

use aop_domain::correction::{Condition, Line};
use aop_domain::id::TeamId;
use clickhouse::Row;
use serde::Deserialize;

use crate::calls::CallSummary;
use crate::client::ClickHouse;
use crate::corrected::{self, agent_name};
use crate::error::Error;
use crate::read::{Select, TimeRange};
use crate::runs::{AgentLink, MOST_STEPS, agent_links, list_of};
use crate::traces::TraceSummary;

/// The last of the links that say who made a call. `None`: whoever it was found to be.
pub fn follow<'l>(
    links: &'l [AgentLink],
    key_id: &[u8; 16],
    started_at_us: i64,
    agent: u64,
    conversation: u64,
) -> Option<&'l AgentLink> {
    let mut found: Option<&AgentLink> = None;
    for step in 0..MOST_STEPS {
        let known = found.map_or(agent, |link| link.is);
        let about = |link: &&AgentLink| {
            let its = if step == 0 && link.conversation != 0 {
                link.conversation == conversation
            } else {
                link.was != 0 && link.was == known
            };
            its && link.key_id == *key_id && started_at_us <= link.until_us
        };
        let Some(link) = links.iter().find(about).filter(|link| link.is != known) else { break };
        found = Some(link);
    }
    found
}

/// Calls by one agent, as recorded: one, or all of a run with the same speaker.
#[derive(Debug, Row, Deserialize)]
struct Made {
    /// The call or the run.
    part_of: String,
    first_us: i64,
    last_us: i64,
    by_key: [u8; 16],
    made_by: u64,
    prompt: u64,
    spoken_in: u64,
    /// As recorded, and as corrected since.
    recorded: String,
    shown: String,
    /// Nobody stated who made it.
    is_open: bool,
}

const OF_CALLS: &str = "SELECT
    UUIDNumToString(call_id) AS part_of,
    toUnixTimestamp64Micro(ts) AS first_us,
    first_us AS last_us,
    key_id AS by_key,
    agent_fingerprint AS made_by,
    prompt_fingerprint AS prompt,
    conversation AS spoken_in,
    toString(llm_calls.agent) AS recorded,
    '' AS shown,
    identity_sources['agent'] IN ('', 'inferred') AS is_open
FROM llm_calls";

const OF_RUNS: &str = concat!(
    "SELECT
    lower(hex(if(link.whole = toFixedString('', 16), llm_calls.trace_id, link.whole))) AS part_of,
    toUnixTimestamp64Micro(min(ts)) AS first_us,
    toUnixTimestamp64Micro(max(ts)) AS last_us,
    key_id AS by_key,
    agent_fingerprint AS made_by,
    prompt_fingerprint AS prompt,
    conversation AS spoken_in,
    toString(llm_calls.agent) AS recorded,
    ",
    agent_name!(),
    " AS shown,
    identity_sources['agent'] IN ('', 'inferred') AS is_open
FROM llm_calls LEFT ANY JOIN (
    SELECT part, argMax(trace_links.whole, trace_links.ts) AS whole FROM trace_links
    WHERE team = toFixedString(unhex({team:String}), 16) GROUP BY part
) AS link ON link.part = llm_calls.trace_id"
);

#[derive(Row, Deserialize)]
struct Any {
    #[expect(dead_code, reason = "that there is a row is what was asked")]
    there: u8,
}

/// Whether anything became known of the team's agents since.
pub(crate) async fn is_any(clickhouse: &ClickHouse, team: TeamId, from_us: i64) -> Result<bool, Error> {
    let any = Select::of_team("SELECT toUInt8(1) AS there FROM agent_links", team)
        .and("ts >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC')")
        .param("from_us", from_us)
        .then("LIMIT 1");
    Ok(any.one::<Any>(clickhouse).await?.is_some())
}

async fn links_of(clickhouse: &ClickHouse, team: TeamId, made: &[Made]) -> Result<Vec<AgentLink>, Error> {
    let open = || made.iter().filter(|made| made.is_open);
    let distinct = |value: fn(&Made) -> u64| -> Vec<u64> {
        open().map(value).filter(|value| *value != 0).collect::<BTreeSet<u64>>().into_iter().collect()
    };
    let from_us = open().map(|made| made.first_us).min().unwrap_or(i64::MAX);
    agent_links(clickhouse, team, &distinct(|made| made.made_by), &distinct(|made| made.spoken_in), from_us)
        .await
}

/// Who made these calls, when that is somebody else than was recorded: key and name, after corrections.
fn now<'l>(made: &Made, links: &'l [AgentLink], lines: &'l [Line]) -> Option<(u64, &'l str, i64)> {
    if !made.is_open {
        return None;
    }
    let link = follow(links, &made.by_key, made.first_us, made.made_by, made.spoken_in)?;
    let fits = |line: &&Line| {
        line.agent == link.is
            && match line.condition {
                None => true,
                Some(Condition::Prompt(prompt)) => prompt == made.prompt,
                Some(Condition::Conversation(conversation)) => conversation == made.spoken_in,
            }
    };
    let line = lines.iter().find(fits);
    Some(line.map_or((link.is, link.name.as_str(), link.until_us), |line| {
        (line.to_agent, line.name.as_str(), link.until_us)
    }))
}

/// Names the calls of a page by what became known since.
pub(crate) async fn calls(
    clickhouse: &ClickHouse,
    team: TeamId,
    calls: &mut [CallSummary],
    lines: &[Line],
) -> Result<(), Error> {
    let Some(from_us) = calls.iter().map(|call| call.started_at_us).min() else { return Ok(()) };
    let to_us = calls.iter().map(|call| call.started_at_us).max().unwrap_or(from_us);
    if !is_any(clickhouse, team, from_us).await? {
        return Ok(());
    }
    let ids: Vec<[u8; 16]> =
        calls.iter().filter_map(|call| Some(call.call_id.parse::<uuid::Uuid>().ok()?.into_bytes())).collect();
    let made: Vec<Made> = Select::of_team(OF_CALLS, team)
        .within(TimeRange { from_us, to_us: to_us.saturating_add(1) })
        .and("call_id IN (SELECT toFixedString(unhex(arrayJoin({calls:Array(String)})), 16))")
        .param("calls", list_of(&ids))
        .all(clickhouse)
        .await?;
    let links = links_of(clickhouse, team, &made).await?;
    for call in calls {
        let own = made.iter().find(|made| made.part_of == call.call_id);
        if let Some((agent, name, _)) = own.and_then(|own| now(own, &links, lines)) {
            call.agent = name.to_owned();
            call.agent_key = format!("{agent:016x}");
        }
    }
    Ok(())
}

/// Names the agents of a page of runs by what became known since, and as corrected. An agent that made no call stays.
pub(crate) async fn traces(
    clickhouse: &ClickHouse,
    team: TeamId,
    traces: &mut [TraceSummary],
    parts: &[[u8; 16]],
    lines: &[Line],
) -> Result<(), Error> {
    let Some(from_us) = traces.iter().map(|trace| trace.started_at_us).min() else { return Ok(()) };
    let to_us = traces.iter().map(|trace| trace.last_seen_us).max().unwrap_or(from_us);
    if lines.is_empty() && !is_any(clickhouse, team, from_us).await? {
        return Ok(());
    }
    let made: Vec<Made> = corrected::with(Select::of_team(OF_RUNS, team), lines)
        .within(TimeRange { from_us, to_us: to_us.saturating_add(1) })
        .and("if(link.whole = toFixedString('', 16), llm_calls.trace_id, link.whole) IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))")
        .and("(llm_calls.agent != '' OR internal = '')")
        .param("traces", list_of(parts))
        .then("GROUP BY part_of, by_key, made_by, prompt, spoken_in, recorded, shown, is_open")
        .all(clickhouse)
        .await?;
    let links = links_of(clickhouse, team, &made).await?;
    for trace in traces {
        let (mut was, mut is): (BTreeSet<&str>, BTreeSet<&str>) = Default::default();
        for made in made.iter().filter(|made| made.part_of == trace.trace_id) {
            was.insert(&made.recorded);
            let learned = now(made, &links, lines);
            is.extend(learned.map(|(_, name, _)| name));
            // What was found later is not touched.
            let all = learned.is_some_and(|(_, _, until_us)| made.last_us <= until_us);
            if !all && !made.recorded.is_empty() {
                is.insert(&made.shown);
            }
        }
        let stay = trace.agents.iter().map(String::as_str).filter(|name| !was.contains(name));
        let all: BTreeSet<&str> = stay.chain(is).filter(|name| !name.is_empty()).collect();
        trace.agents = all.into_iter().map(str::to_owned).collect();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(was: u64, conversation: u64, is: u64, until_us: i64) -> AgentLink {
        AgentLink { until_us, key_id: [7; 16], was, conversation, is, ..AgentLink::default() }
    }

    #[test]
    fn links_are_followed_to_their_end_and_not_beyond_their_time_and_key() {
        let links = [link(1, 0, 2, 100), link(2, 0, 3, 100), link(0, 9, 1, 50)];
        let is = |key: u8, at, agent, conversation| {
            follow(&links, &[key; 16], at, agent, conversation).map(|link| link.is)
        };
        assert_eq!(is(7, 10, 1, 0), Some(3));
        assert_eq!(is(7, 10, 8, 9), Some(3), "the conversation's speaker, and who that turned out to be");
        assert_eq!(is(7, 60, 8, 9), None, "what was found later is not touched");
        assert_eq!(is(6, 10, 1, 0), None);
        assert_eq!(is(7, 10, 4, 0), None);
    }

    #[test]
    fn links_that_lead_in_a_circle_end() {
        let links = [link(1, 0, 2, 100), link(2, 0, 1, 100)];
        assert!(follow(&links, &[7; 16], 10, 1, 0).is_some());
    }
}
