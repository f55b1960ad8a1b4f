//! What the guard remembers of one run at this gateway, and what such a run usually takes.

use std::collections::HashMap;

/// Agents and tools that are told apart in one run.
const MOST_AGENTS: usize = 256;
const MOST_TOOLS: usize = 512;
/// Runs of a kind that must have ended before anything is called unusual.
const FEWEST_RUNS: u32 = 5;
/// A run of a few calls, or of a cent, is nothing unusual, however small its like are.
const LEAST_CALLS: f64 = 5.0;
const LEAST_COST_UNITS: f64 = 1e10;
/// The share of a new run in what is usual, once there are enough.
const NEWEST: f64 = 0.1;

#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) calls: u32,
    /// 10^-12 dollars, of calls that have ended and whose price is known.
    pub(super) cost_units: i64,
    /// What sort of run it is.
    pub(super) kind: u64,
    /// Calls that were made to wait.
    pub(super) slowed: u32,
    pub(super) is_learned: bool,
    last_call: u64,
    tools: HashMap<u64, u32>,
    depths: HashMap<u64, u32>,
}

impl Run {
    /// How often the tool of this call that was run most often was, with the same arguments. A call that is sent again
    /// brings nothing new.
    pub(super) fn tools(&mut self, call: u64, tools: &[u64]) -> u32 {
        if std::mem::replace(&mut self.last_call, call) == call {
            return 0;
        }
        let mut most = 0;
        for tool in tools {
            if self.tools.len() >= MOST_TOOLS && !self.tools.contains_key(tool) {
                continue;
            }
            let times = self.tools.entry(*tool).or_insert(0);
            *times += 1;
            most = most.max(*times);
        }
        most
    }

    /// How deep below the run's first agent this one stands: as deep as when it was first seen.
    pub(super) fn depth(&mut self, agent: Option<u64>, parent: Option<u64>) -> u32 {
        let above = parent.map_or(0, |parent| self.depths.get(&parent).copied().unwrap_or(1));
        let Some(agent) = agent else { return above };
        if self.depths.len() >= MOST_AGENTS && !self.depths.contains_key(&agent) {
            return above + 1;
        }
        *self.depths.entry(agent).or_insert(above + 1)
    }
}

/// Averages over the runs of one kind that have ended; later ones count more.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Usual {
    runs: u32,
    calls: f64,
    cost_units: f64,
}

impl Usual {
    pub(super) fn learn(&mut self, run: &Run) {
        self.runs = self.runs.saturating_add(1);
        let share = (1.0 / f64::from(self.runs)).max(NEWEST);
        self.calls += (f64::from(run.calls) - self.calls) * share;
        self.cost_units += (run.cost_units as f64 - self.cost_units) * share;
    }

    /// Calls and cost units from which on a run is unusual. `None`: too little is known.
    pub(super) fn bounds(&self, times: u32) -> Option<(u32, i64)> {
        if self.runs < FEWEST_RUNS {
            return None;
        }
        let times = f64::from(times);
        let calls = (self.calls.max(LEAST_CALLS) * times).ceil();
        let cost = (self.cost_units.max(LEAST_COST_UNITS) * times).ceil();
        Some((calls as u32, cost as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_counted_once_a_step() {
        let mut run = Run::default();
        assert_eq!(run.tools(1, &[7, 7, 8]), 2);
        assert_eq!(run.tools(1, &[7]), 0, "the same call again");
        assert_eq!(run.tools(2, &[7]), 3);
        assert_eq!(run.tools(3, &[]), 0);
    }

    #[test]
    fn depth_grows_with_hand_overs_and_not_with_going_to_and_fro() {
        let mut run = Run::default();
        assert_eq!(run.depth(Some(1), None), 1);
        assert_eq!(run.depth(Some(2), Some(1)), 2);
        assert_eq!(run.depth(Some(3), Some(2)), 3);
        assert_eq!(run.depth(Some(1), Some(3)), 1);
        assert_eq!(run.depth(Some(4), Some(99)), 2, "a parent that was not seen stands at the top");
        assert_eq!(run.depth(None, Some(3)), 3);
    }

    #[test]
    fn nothing_is_unusual_before_enough_runs_have_ended() {
        let mut usual = Usual::default();
        let run = Run { calls: 20, cost_units: 3_000_000_000_000, ..Run::default() };
        for _ in 0..FEWEST_RUNS - 1 {
            usual.learn(&run);
            assert_eq!(usual.bounds(10), None);
        }
        usual.learn(&run);
        assert_eq!(usual.bounds(10), Some((200, 30_000_000_000_000)));
        let small = Run { calls: 1, ..Run::default() };
        (0..200).for_each(|_| usual.learn(&small));
        assert_eq!(usual.bounds(10), Some((50, 100_000_000_000)), "a small run may grow a little");
    }

    #[test]
    fn what_a_run_remembers_is_bounded() {
        let mut run = Run::default();
        for n in 0..10_000 {
            run.tools(n, &[n]);
            run.depth(Some(n), None);
        }
        assert_eq!((run.tools.len(), run.depths.len()), (MOST_TOOLS, MOST_AGENTS));
    }
}
