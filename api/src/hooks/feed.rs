//! From what was stored to messages that wait. Every look begins a little before the end of the one before, and now and then
//! a good deal before it: what is written may be seen late, in another order than it was stamped. What is known already
//! changes nothing.

use aop_clickhouse::hook_events::{self, HookEvent};
use aop_service::problem::Problem;
use aop_store::hook_deliveries::{self, Told};

use crate::error::ApiResult;
use crate::state::AppState;

const OVERLAP_US: i64 = 5_000_000;
const LONG_OVERLAP_US: i64 = 180_000_000;
/// Every so many looks go far back; the first one does.
const LONG_EVERY: u64 = 60;

#[derive(Debug, Default)]
pub(super) struct Feed {
    looks: u64,
}

impl Feed {
    /// Without webhooks this is one small question to Postgres.
    pub(super) async fn read(&mut self, state: &AppState) -> ApiResult<()> {
        let overlap_us = if self.looks.is_multiple_of(LONG_EVERY) { LONG_OVERLAP_US } else { OVERLAP_US };
        self.looks += 1;
        for feed in hook_deliveries::feeds(&state.store).await? {
            let mut last = HookEvent::beginning(feed.read_to_us.saturating_sub(overlap_us).max(0));
            loop {
                let events = hook_events::after(&state.clickhouse, feed.team_id, last).await?;
                let Some(newest) = events.last().copied() else { break };
                let told: Vec<Told> = events
                    .iter()
                    .map(|event| Told { hook_id: event.hook_id, call_id: event.call_id })
                    .collect();
                let now = state.now().map_err(|_| Problem::internal("the clock"))?;
                hook_deliveries::add(&state.store, feed.team_id, &told, newest.stored_at_us, now).await?;
                last = newest;
                if events.len() < hook_events::PAGE {
                    break;
                }
            }
        }
        Ok(())
    }
}
