//! Sends messages that are due. What arrives with a status of 2xx has arrived; everything else is tried again, with growing
//! pauses and some chance in them, until it has been tried often enough.

use std::collections::HashMap;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::task::JoinSet;

use aop_clickhouse::calls;
use aop_domain::hook::{Act, Hook};
use aop_domain::id::{CallId, HookId};
use aop_service::outbound::{self, OutboundError, Policy};
use aop_store::hook_deliveries::{self, Due, Outcome};
use aop_store::{agent_corrections, hooks};

use super::message;
use crate::state::AppState;
use crate::wire::calls::CallDetail;

/// On their way at the same time, of all hooks.
const AT_ONCE: usize = 64;
const TIMEOUT: Duration = Duration::from_secs(10);
/// Longer than a try can take: if this process dies in one, another takes the message then.
const LEASE: Duration = Duration::from_secs(60);
const MOST_ATTEMPTS: i32 = 8;
const FIRST_PAUSE_S: f64 = 5.0;
const LONGEST_PAUSE_S: f64 = 3_600.0;
const LONGEST_ERROR_CHARS: usize = 200;

#[derive(Clone)]
pub(super) struct Sender {
    public: reqwest::Client,
    private: reqwest::Client,
}

/// Messages on their way.
#[derive(Default)]
pub(super) struct OnTheWay {
    tries: JoinSet<()>,
    of_hooks: HashMap<tokio::task::Id, HookId>,
}

impl OnTheWay {
    /// Returns when one has ended; never while there is none.
    pub(super) async fn one_ended(&mut self) {
        match self.tries.join_next_with_id().await {
            None => std::future::pending().await,
            Some(Ok((id, ()))) => drop(self.of_hooks.remove(&id)),
            Some(Err(error)) => {
                tracing::error!(%error, "sending a webhook failed on our side; it is taken again");
                self.of_hooks.remove(&error.id());
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tries.is_empty()
    }
}

impl Sender {
    /// No redirects: a message goes where its owner wanted it.
    pub(super) fn new() -> Result<Self, OutboundError> {
        let policy = Policy { max_redirects: 0, total_timeout: TIMEOUT, ..Policy::public() };
        Ok(Self { public: outbound::client(policy)?, private: outbound::client(policy.with_private())? })
    }

    /// Sends what is due of hooks that have nothing on its way: a slow receiver gets few at a time and keeps nobody waiting.
    pub(super) async fn send_due(&self, state: &AppState, on_the_way: &mut OnTheWay) {
        let room = AT_ONCE.saturating_sub(on_the_way.tries.len());
        let Ok(now) = state.now() else { return };
        if room == 0 {
            return;
        }
        let busy: Vec<HookId> = on_the_way.of_hooks.values().copied().collect();
        let room = i64::try_from(room).unwrap_or(i64::MAX);
        match hook_deliveries::take(&state.store, now, now + LEASE, room, &busy).await {
            Ok(due) => {
                for due in due {
                    let (sender, state, hook_id) = (self.clone(), state.clone(), due.hook_id);
                    let task = on_the_way.tries.spawn(async move { sender.send(&state, &due).await });
                    on_the_way.of_hooks.insert(task.id(), hook_id);
                }
            }
            Err(error) => tracing::warn!(%error, "webhooks that are due could not be read; trying again"),
        }
    }

    async fn send(&self, state: &AppState, due: &Due) {
        let outcome = match self.attempt(state, due).await {
            Ok(outcome) => outcome,
            Err(error) => {
                // Ours, not the receiver's: it is taken again when its lease is over.
                tracing::warn!(delivery = %due.id, ?error, "a webhook could not be made; trying again");
                return;
            }
        };
        state.metrics.count_hook(&outcome);
        let Ok(now) = state.now() else { return };
        if let Err(error) = hook_deliveries::end(&state.store, due.id, &outcome, now).await {
            tracing::warn!(delivery = %due.id, %error, "how a webhook ended could not be kept; it may be sent twice");
        }
    }

    async fn attempt(&self, state: &AppState, due: &Due) -> crate::error::ApiResult<Outcome> {
        let failed = |error: &str| Outcome::Failed { http_status: None, error: error.to_owned() };
        let Some(signed) = hooks::find_signed(&state.store, due.hook_id).await? else {
            return Ok(failed("The hook is gone."));
        };
        let hook = &signed.hook;
        let Act::Webhook { url, allow_private, .. } = &hook.act else {
            return Ok(failed("The hook is no webhook any more."));
        };
        let Some(sealed) = &signed.sealed_secret else {
            return Ok(failed("The hook has no secret to sign with."));
        };
        let Ok(secret) = state.keys.hook_secret.open(sealed, hook.id.as_bytes()) else {
            return Ok(failed("The hook's secret cannot be read with this master key."));
        };
        let policy = if *allow_private { Policy::public().with_private() } else { Policy::public() };
        let url = match outbound::check_url(url, &policy) {
            Ok(url) => url,
            Err(error) => return Ok(failed(&format!("The address cannot be used: {error}."))),
        };
        let body = message::body(hook, due, call(state, hook, due).await?).to_string();
        let timestamp_s = state.clock.now_s();
        let client = if *allow_private { &self.private } else { &self.public };
        let request = client
            .post(url)
            .header("content-type", "application/json")
            .header("user-agent", "aop-webhook/1")
            .header("x-aop-event", message::event(due))
            .header("x-aop-delivery", due.id.to_string())
            .header("x-aop-timestamp", timestamp_s.to_string())
            .header("x-aop-signature", message::signature(secret.expose(), timestamp_s, body.as_bytes()))
            .body(body);
        let now = state.now()?;
        Ok(match request.send().await {
            // What it says beside its status is not read.
            Ok(answer) => judged(due.attempts, answer.status().as_u16(), now, rand::random()),
            Err(error) => later(due.attempts, None, &said(error), now, rand::random()),
        })
    }
}

/// `None`: the message tells of none, or it is no longer kept.
async fn call(state: &AppState, hook: &Hook, due: &Due) -> crate::error::ApiResult<Option<CallDetail>> {
    let Some(call_id) = due.call_id else { return Ok(None) };
    let corrections = agent_corrections::of_team(&state.store, hook.team_id).await?.lines();
    Ok(calls::find(&state.clickhouse, hook.team_id, CallId(call_id), &corrections)
        .await?
        .map(CallDetail::from))
}

/// The address may hold a secret in its query.
fn said(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text.chars().take(LONGEST_ERROR_CHARS).collect()
}

fn judged(attempts: i32, status: u16, now: OffsetDateTime, chance: f64) -> Outcome {
    let http_status = i32::from(status);
    match status {
        200..=299 => Outcome::Delivered { http_status },
        410 => Outcome::Failed {
            http_status: Some(http_status),
            error: "The receiver says that it is gone.".to_owned(),
        },
        _ => later(
            attempts,
            Some(http_status),
            &format!("The receiver answered with status {status}."),
            now,
            chance,
        ),
    }
}

/// `chance`: 0 to 1.
fn later(attempts: i32, http_status: Option<i32>, error: &str, now: OffsetDateTime, chance: f64) -> Outcome {
    let error = error.to_owned();
    if attempts >= MOST_ATTEMPTS {
        return Outcome::Failed { http_status, error };
    }
    let pause_s = (FIRST_PAUSE_S * 3f64.powi(attempts - 1)).min(LONGEST_PAUSE_S) * (0.5 + chance);
    Outcome::Later { at: now + Duration::from_secs_f64(pause_s), http_status, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    #[test]
    fn pauses_grow_with_chance_in_them_and_end() {
        let mut before = 0.0;
        for attempts in 1..MOST_ATTEMPTS {
            let at = |chance| match later(attempts, None, "away", NOW, chance) {
                Outcome::Later { at, .. } => (at - NOW).as_seconds_f64(),
                other => panic!("{other:?}"),
            };
            assert!(at(0.0) < at(1.0) && at(0.5) > before && at(1.0) <= 1.5 * LONGEST_PAUSE_S);
            before = at(0.5);
        }
        assert!(matches!(later(MOST_ATTEMPTS, None, "away", NOW, 0.5), Outcome::Failed { .. }));
    }

    #[test]
    fn only_two_hundreds_have_arrived_and_who_is_gone_is_not_asked_again() {
        assert_eq!(judged(1, 204, NOW, 0.0), Outcome::Delivered { http_status: 204 });
        assert!(matches!(judged(1, 410, NOW, 0.0), Outcome::Failed { http_status: Some(410), .. }));
        for status in [301, 400, 404, 429, 500] {
            assert!(matches!(judged(1, status, NOW, 0.0), Outcome::Later { .. }), "{status}");
        }
    }
}
