//! Runs that an agent is in, by the name that a list shows.

use aop_domain::correction::Line;

use crate::corrected::agent_name;
use crate::read::Select;
use crate::sought::{Sought, candidate, linked_name, with_links};

/// The runs of the traces that meet a condition on `i`, the index.
macro_rules! runs_with {
    ($condition:expr) => {
        concat!(
            "run_id IN (SELECT if(known.whole = toFixedString('', 16), i.trace_id, known.whole)
            FROM trace_index AS i LEFT ANY JOIN (
                SELECT part, argMax(trace_links.whole, trace_links.ts) AS whole FROM trace_links
                WHERE team = toFixedString(unhex({team:String}), 16) GROUP BY part
            ) AS known ON known.part = i.trace_id
            WHERE i.team = toFixedString(unhex({team:String}), 16)
            AND i.hour >= toStartOfHour(fromUnixTimestamp64Micro({from_us:Int64}, 'UTC'))
            AND i.hour < fromUnixTimestamp64Micro({to_us:Int64}, 'UTC') AND ",
            $condition,
            ")"
        )
    };
}

/// Traces of calls in these hours that meet a condition.
macro_rules! traces_of {
    ($links:expr, $condition:expr) => {
        concat!(
            "(SELECT llm_calls.trace_id FROM llm_calls ",
            $links,
            " WHERE team = toFixedString(unhex({team:String}), 16)
            AND llm_calls.ts >= toStartOfHour(fromUnixTimestamp64Micro({from_us:Int64}, 'UTC'))
            AND llm_calls.ts < toStartOfHour(fromUnixTimestamp64Micro({to_us:Int64}, 'UTC')) + toIntervalHour(1) AND ",
            $condition,
            ")"
        )
    };
}

/// A name that no call was recorded with was stated by a runner or a tracer, and stays.
macro_rules! as_known {
    ($links:expr, $named:expr) => {
        runs_with!(concat!(
            "(i.trace_id IN ",
            traces_of!($links, concat!(candidate!(), " AND ", $named)),
            " OR (has(i.agents, {agent:String}) AND i.trace_id NOT IN ",
            traces_of!("", "llm_calls.agent = {agent:String}"),
            "))"
        ))
    };
}

const AS_RECORDED: &str = runs_with!("has(i.agents, {agent:String})");
const AS_CORRECTED: &str = as_known!("", concat!(agent_name!(), " = {agent:String}"));
const AS_LINKED: &str = as_known!(with_links!(), linked_name!());

/// Only runs that the agent may be in.
pub(super) fn only(select: Select, sought: &Sought, lines: &[Line]) -> Select {
    let condition = match (sought.is_linked, lines.is_empty()) {
        (true, _) => AS_LINKED,
        (false, false) => AS_CORRECTED,
        (false, true) => AS_RECORDED,
    };
    sought.with(select, lines).and(condition)
}
