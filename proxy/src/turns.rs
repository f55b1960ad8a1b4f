//! Calls that are ready in the same moment come to what concerns others together: their records share one write, and
//! their sends follow each other.
//!
//! A send wakes whoever reads at the other end. When each call is taken from its first byte to its send before the next,
//! the other end falls asleep in between and is woken for every single one, which costs more than the send. Taken step
//! by step, all calls that are ready first think and then send: one that finds the other end awake wakes nobody. It is
//! also kinder to the caches of the processor. Nothing waits for a clock, nor for a call that is not ready: a call that is
//! alone does not wait at all.

use crate::shared::Shared;

/// Lets every other call that is ready come as far as this one.
pub(crate) async fn others_first(shared: &Shared) {
    if are_others(shared) {
        tokio::task::yield_now().await;
    }
}

/// Is there another call than the one that asks? It may be one that only waits: then what is asked of the runtime is one look
/// for events more than needed.
pub(crate) fn are_others(shared: &Shared) -> bool {
    shared.room.calls.taken() > 1
}
