//! The agent that a filter names, by the name it has now: what was recorded, what became known since, and corrections.
//!
//! A call's name is settled by rows that stand elsewhere: links, each of which holds for one key and up to one time, and
//! chains of them. SQL gets as near to that as one pass can ([`candidate`], then [`linked_name`], which follows the first
//! link of a call exactly and the rest of its chain as if it always held), and what it finds is looked at once more by the
//! same function that names calls in lists ([`crate::learned`]). So a filter finds what a list would show, and no stretch
//! of the ledger is read that has nothing of the agent.

use std::collections::BTreeSet;

use aop_domain::correction::Line;
use aop_domain::id::TeamId;
use clickhouse::Row;
use serde::Deserialize;

use crate::client::ClickHouse;
use crate::corrected::{self, numbers};
use crate::error::Error;
use crate::learned;
use crate::read::Select;

/// Agents that turned out to be another are followed back at most so many.
const MOST_UNITED: u32 = 10_000;

/// Everything that may be called by a name.
#[derive(Debug)]
pub(crate) struct Sought {
    name: String,
    /// Fingerprints that lead to the name by a link or a correction.
    agents: BTreeSet<u64>,
    /// Something became known later of some agent of the team.
    pub(crate) is_linked: bool,
    from_us: i64,
}

/// Conversations whose speaker may have turned out to be the agent.
macro_rules! spoken_in {
    () => {
        "(SELECT agent_links.conversation FROM agent_links
            WHERE team = toFixedString(unhex({team:String}), 16) AND agent_links.conversation != 0
            AND ts >= fromUnixTimestamp64Micro({sought_from_us:Int64}, 'UTC')
            AND (agent_links.name = {agent:String} OR agent_links.is IN {sought:Array(UInt64)}))"
    };
}

/// Whether a row of the ledger may be the agent's. Every part of it is known to the index `by_agent`.
macro_rules! candidate {
    () => {
        concat!(
            "(found_agent = {agent:String} OR llm_calls.agent = {agent:String}
            OR agent_fingerprint IN {sought:Array(UInt64)} OR llm_calls.conversation IN ",
            $crate::sought::spoken_in!(),
            ")"
        )
    };
}

/// To be put behind `FROM llm_calls`: the first link of each call, by its conversation and by its agent.
macro_rules! with_links {
    () => {
        "ASOF LEFT JOIN (
            SELECT key_id AS of_key, agent_links.conversation AS of, agent_links.ts AS until, is AS speaker, agent_links.name AS speaker_name
            FROM agent_links WHERE team = toFixedString(unhex({team:String}), 16) AND agent_links.conversation != 0
            AND agent_links.ts >= fromUnixTimestamp64Micro({sought_from_us:Int64}, 'UTC')
        ) AS spoken ON spoken.of_key = llm_calls.key_id AND spoken.of = llm_calls.conversation AND spoken.until >= llm_calls.ts
        ASOF LEFT JOIN (
            SELECT key_id AS of_key, was AS of, agent_links.ts AS until, is AS speaker, agent_links.name AS speaker_name
            FROM agent_links WHERE team = toFixedString(unhex({team:String}), 16) AND was != 0 AND agent_links.conversation = 0
            AND agent_links.ts >= fromUnixTimestamp64Micro({sought_from_us:Int64}, 'UTC')
        ) AS united ON united.of_key = llm_calls.key_id AND united.of = llm_calls.agent_fingerprint AND united.until >= llm_calls.ts"
    };
}

/// Behind [`with_links`]: the call has the name, or its first link leads to somebody who may have it.
macro_rules! linked_name {
    () => {
        concat!(
            "if((multiIf(identity_sources['agent'] NOT IN ('', 'inferred'), (toUInt64(0), ''),
                spoken.speaker = 0 OR (united.speaker != 0 AND united.until < spoken.until), (united.speaker, united.speaker_name),
                (spoken.speaker, spoken.speaker_name)) AS first_link).1 IN (0, agent_fingerprint),
            ",
            $crate::corrected::agent_name!(),
            " = {agent:String}, first_link.2 = {agent:String} OR first_link.1 IN {sought:Array(UInt64)})"
        )
    };
}

pub(crate) use {candidate, linked_name, spoken_in, with_links};

#[derive(Debug, Row, Deserialize)]
struct United {
    was: u64,
    is: u64,
    name: String,
}

const UNITED: &str = "SELECT was, is, name FROM agent_links";

impl Sought {
    /// Who may have the name among the calls since `from_us`.
    pub(crate) async fn of(
        clickhouse: &ClickHouse,
        team: TeamId,
        name: &str,
        lines: &[Line],
        from_us: i64,
    ) -> Result<Self, Error> {
        let is_linked = learned::is_any(clickhouse, team, from_us).await?;
        let united = if is_linked { united(clickhouse, team, from_us).await? } else { Vec::new() };
        Ok(Self { name: name.to_owned(), agents: leading_to(name, lines, &united), is_linked, from_us })
    }

    /// Hands what the conditions above name to a statement.
    pub(crate) fn with(&self, select: Select, lines: &[Line]) -> Select {
        corrected::with(select, lines)
            .param("agent", &self.name)
            .param("sought_from_us", self.from_us)
            .list("sought", numbers(self.agents.iter().copied()))
    }
}

async fn united(clickhouse: &ClickHouse, team: TeamId, from_us: i64) -> Result<Vec<United>, Error> {
    Select::of_team(UNITED, team)
        .and("was != 0")
        .and("agent_links.ts >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC')")
        .param("from_us", from_us)
        .param("limit", MOST_UNITED)
        .then("GROUP BY was, is, name ORDER BY max(agent_links.ts) DESC LIMIT {limit:UInt32}")
        .all(clickhouse)
        .await
}

/// The fingerprints from which links and corrections lead to the name, whatever their key and time.
fn leading_to(name: &str, lines: &[Line], united: &[United]) -> BTreeSet<u64> {
    let mut agents: BTreeSet<u64> =
        lines.iter().filter(|line| line.name == name).map(|line| line.agent).collect();
    loop {
        let leads = |link: &&United| link.name == name || agents.contains(&link.is);
        let more: Vec<u64> = united.iter().filter(leads).map(|link| link.was).collect();
        let before = agents.len();
        agents.extend(more);
        if agents.len() == before {
            return agents;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn united(was: u64, is: u64, name: &str) -> United {
        United { was, is, name: name.to_owned() }
    }

    #[test]
    fn an_agent_is_sought_by_all_that_lead_to_its_name() {
        let links =
            [united(1, 2, "Guess"), united(2, 3, "Roofer"), united(7, 8, "Lead"), united(3, 1, "Guess")];
        let line =
            |agent, name: &str| Line { agent, condition: None, to_agent: agent, name: name.to_owned() };
        let sought = |name: &str| leading_to(name, &[line(8, "Boss"), line(5, "Boss")], &links);
        assert_eq!(sought("Roofer"), [1, 2, 3].into(), "in a circle too");
        assert_eq!(sought("Boss"), [5, 7, 8].into());
        assert_eq!(sought("Nobody"), [].into());
    }
}
