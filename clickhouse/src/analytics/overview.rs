//! The dashboard: totals, a series over time, and the largest models and agents of a range.

mod grouped;

use aop_domain::correction::Line;
use aop_domain::id::TeamId;
use serde::{Deserialize, Serialize};

use super::by_agent::by_agent;
use crate::client::ClickHouse;
use crate::error::Error;
use crate::read::{Select, TimeRange};
use grouped::{Grouped, SETS, statement};

/// Everything the dashboard shows about a range. The range is widened to whole buckets of `step_s`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    pub from_us: i64,
    pub to_us: i64,
    /// Seconds between two points of `series`.
    pub step_s: u32,
    pub totals: UsageTotals,
    /// Points in order of time; a step without calls has none.
    pub series: Vec<UsagePoint>,
    /// The 50 models and agents with the most calls. Calls of no known agent stand under the empty name.
    pub by_model: Vec<UsageGroup>,
    pub by_agent: Vec<UsageGroup>,
}

/// Sums are exact; quantiles are within 1 %. Durations in microseconds; 0 when no call had one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct UsageTotals {
    pub calls: u64,
    /// Calls that ended neither `ok` nor `cancelled`.
    pub errors: u64,
    pub in_uncached: u64,
    pub in_cache_read: u64,
    pub in_cache_write_5m: u64,
    pub in_cache_write_1h: u64,
    pub in_audio: u64,
    pub in_image: u64,
    pub out_text: u64,
    pub out_reasoning: u64,
    pub out_audio: u64,
    /// Sums of the classes above.
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// US dollars as decimal text, of the calls whose price is known: `cost_known_calls` of `calls`.
    pub cost: String,
    pub cost_known_calls: u64,
    /// Calls whose tokens we counted ourselves.
    pub estimated_calls: u64,
    pub attempts: u64,
    /// Calls answered from the response cache, and the US dollars that saved, as decimal text.
    pub cache_hits: u64,
    pub cost_saved: String,
    pub duration_p50_us: u64,
    pub duration_p95_us: u64,
    pub duration_p99_us: u64,
    pub first_token_p50_us: u64,
    pub first_token_p95_us: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UsagePoint {
    /// Start of the step, microseconds since the Unix epoch.
    pub started_at_us: i64,
    pub calls: u64,
    pub errors: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub cost: String,
    pub duration_p50_us: u64,
    pub duration_p95_us: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UsageGroup {
    /// The model (as the provider named it, else as it was asked for) or the agent.
    pub name: String,
    pub calls: u64,
    pub errors: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub cost: String,
    pub cost_known_calls: u64,
    pub duration_p50_us: u64,
    pub duration_p95_us: u64,
}

/// Which rollup answers, and how wide a step of the series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Resolution {
    table: Rollup,
    step_s: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rollup {
    Minute,
    Hour,
    Day,
}

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;
/// Minutes are kept for 14 days and hours for 400 (`BUCKETS` in `migrate.rs`); one day less, because buckets leave in whole parts.
const MINUTES_KEPT_S: i64 = 13 * DAY_S;
const HOURS_KEPT_S: i64 = 399 * DAY_S;

impl Resolution {
    /// The finest rollup that still has the range, gives at most a few hundred points, and whose sketches merge in time: a busy
    /// day has a quarter of a million minutes by model, agent and key, and only some thousand hours.
    fn of(range: TimeRange, now_us: i64) -> Self {
        let length_s = (range.to_us - range.from_us) / 1_000_000;
        let age_s = (now_us - range.from_us) / 1_000_000;
        let step = |table, step_s: i64| Self { table, step_s: step_s as u32 };
        if length_s <= 3 * HOUR_S && age_s <= MINUTES_KEPT_S {
            step(Rollup::Minute, MINUTE_S)
        } else if length_s <= 6 * HOUR_S && age_s <= MINUTES_KEPT_S {
            step(Rollup::Minute, 5 * MINUTE_S)
        } else if length_s <= 8 * DAY_S && age_s <= HOURS_KEPT_S {
            step(Rollup::Hour, HOUR_S)
        } else {
            step(Rollup::Day, DAY_S)
        }
    }

    /// The range in whole steps.
    fn widen(self, range: TimeRange) -> TimeRange {
        let step_us = i64::from(self.step_s) * 1_000_000;
        let to_us = range.to_us.saturating_add(step_us - 1).div_euclid(step_us) * step_us;
        TimeRange { from_us: range.from_us.div_euclid(step_us) * step_us, to_us }
    }
}

/// How many models and agents are named.
const LARGEST: usize = 50;

/// Usage of one team in a range. `now_us` decides which rollups still hold the range.
pub async fn overview(
    clickhouse: &ClickHouse,
    team: TeamId,
    range: TimeRange,
    now_us: i64,
    corrections: &[Line],
) -> Result<Overview, Error> {
    if range.to_us <= range.from_us {
        return Err(Error::Invalid("the range must end after it begins".to_owned()));
    }
    let resolution = Resolution::of(range, now_us);
    let range = resolution.widen(range);
    let select = Select::of_team(statement(resolution.table), team)
        .and("bucket >= toDateTime({from_s:Int64}, 'UTC')")
        .and("bucket < toDateTime({to_s:Int64}, 'UTC')")
        .param("from_s", range.from_us / 1_000_000)
        .param("to_s", range.to_us / 1_000_000)
        .param("step", resolution.step_s)
        .then(SETS);
    let corrected = async {
        match corrections {
            [] => Ok(None),
            some => by_agent(clickhouse, team, range, some, LARGEST).await.map(Some),
        }
    };
    let (rows, corrected) = tokio::try_join!(select.all::<Grouped>(clickhouse), corrected)?;
    let TimeRange { from_us, to_us } = range;
    let empty = Overview {
        from_us,
        to_us,
        step_s: resolution.step_s,
        totals: UsageTotals { cost: "0".to_owned(), cost_saved: "0".to_owned(), ..UsageTotals::default() },
        series: Vec::new(),
        by_model: Vec::new(),
        by_agent: Vec::new(),
    };
    let mut overview = rows.into_iter().fold(empty, place);
    if let Some(corrected) = corrected {
        overview.by_agent = corrected;
    }
    Ok(overview)
}

/// Puts one line where its grouping says; lines come with the most calls first.
fn place(mut overview: Overview, line: Grouped) -> Overview {
    match line.missing {
        grouped::ALL => overview.totals = line.into_totals(),
        grouped::BY_STEP => {
            let point = line.into_point();
            let at = overview.series.partition_point(|other| other.started_at_us < point.started_at_us);
            overview.series.insert(at, point);
        }
        grouped::BY_MODEL if overview.by_model.len() < LARGEST => overview.by_model.push(line.into_model()),
        grouped::BY_AGENT if overview.by_agent.len() < LARGEST => overview.by_agent.push(line.into_agent()),
        _ => {}
    }
    overview
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_US: i64 = 1_790_000_000_000_000;

    fn last(seconds: i64) -> TimeRange {
        TimeRange { from_us: NOW_US - seconds * 1_000_000, to_us: NOW_US }
    }

    #[test]
    fn short_ranges_read_minutes_and_long_ones_days() {
        assert_eq!(Resolution::of(last(HOUR_S), NOW_US), Resolution { table: Rollup::Minute, step_s: 60 });
        assert_eq!(
            Resolution::of(last(6 * HOUR_S), NOW_US),
            Resolution { table: Rollup::Minute, step_s: 300 }
        );
        assert_eq!(Resolution::of(last(DAY_S), NOW_US), Resolution { table: Rollup::Hour, step_s: 3_600 });
        assert_eq!(
            Resolution::of(last(7 * DAY_S), NOW_US),
            Resolution { table: Rollup::Hour, step_s: 3_600 }
        );
        assert_eq!(
            Resolution::of(last(30 * DAY_S), NOW_US),
            Resolution { table: Rollup::Day, step_s: 86_400 }
        );
    }

    #[test]
    fn an_hour_whose_minutes_are_gone_is_read_from_hours() {
        let from_us = NOW_US - 30 * DAY_S * 1_000_000;
        let range = TimeRange { from_us, to_us: from_us + HOUR_S * 1_000_000 };
        assert_eq!(Resolution::of(range, NOW_US).table, Rollup::Hour);
    }

    #[test]
    fn a_range_is_widened_to_whole_steps() {
        let resolution = Resolution { table: Rollup::Hour, step_s: 3_600 };
        let range = resolution.widen(TimeRange { from_us: 3_600_000_001, to_us: 7_200_000_001 });
        assert_eq!(range, TimeRange { from_us: 3_600_000_000, to_us: 10_800_000_000 });
    }
}
