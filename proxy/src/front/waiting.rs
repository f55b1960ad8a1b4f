//! Connections that wait for a request while there is hardly room: when it is used up, the one that has waited longest
//! makes way for the next that comes. Else whoever opens connections and says nothing on them would keep everybody out.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

#[derive(Debug, Default)]
pub(crate) struct Waiting(Arc<Mutex<Queue>>);

/// In the order they began to wait.
#[derive(Debug, Default)]
struct Queue {
    next: u64,
    waiters: BTreeMap<u64, Arc<Notify>>,
}

/// One that waits, until dropped.
#[derive(Debug)]
pub(crate) struct Waiter {
    queue: Arc<Mutex<Queue>>,
    number: u64,
    dismissed: Arc<Notify>,
}

impl Waiting {
    pub(crate) fn join(&self) -> Waiter {
        let dismissed = Arc::new(Notify::new());
        let mut queue = self.0.lock();
        let number = queue.next;
        queue.next += 1;
        queue.waiters.insert(number, Arc::clone(&dismissed));
        Waiter { queue: Arc::clone(&self.0), number, dismissed }
    }

    /// Tells the one that has waited longest to go. `false`: nobody waits.
    pub(crate) fn dismiss(&self) -> bool {
        let longest = self.0.lock().waiters.pop_first();
        if let Some((_, dismissed)) = &longest {
            dismissed.notify_one();
        }
        longest.is_some()
    }
}

impl Waiter {
    /// Tells when it is to go.
    pub(crate) fn dismissal(&self) -> Arc<Notify> {
        Arc::clone(&self.dismissed)
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.queue.lock().waiters.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn who_waits_longest_goes_first_and_who_has_left_is_not_asked() {
        let waiting = Waiting::default();
        assert!(!waiting.dismiss(), "nobody waits");
        let (first, second, third) = (waiting.join(), waiting.join(), waiting.join());
        drop(second);
        assert!(waiting.dismiss());
        assert!(first.dismissal().notified().now_or_never().is_some());
        assert!(third.dismissal().notified().now_or_never().is_none());
        assert!(waiting.dismiss());
        assert!(third.dismissal().notified().now_or_never().is_some());
        assert!(!waiting.dismiss());
    }
}
