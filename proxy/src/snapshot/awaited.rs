//! What is there only after a moment, and is replaced whole from then on: whoever needs it before is woken by its coming.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwapOption, Guard};
use tokio::sync::Notify;

pub(crate) struct Awaited<T> {
    current: ArcSwapOption<T>,
    came: Notify,
}

impl<T> Awaited<T> {
    pub(crate) fn empty() -> Self {
        Self { current: ArcSwapOption::empty(), came: Notify::new() }
    }

    pub(crate) fn load(&self) -> Guard<Option<Arc<T>>> {
        self.current.load()
    }

    pub(crate) fn load_full(&self) -> Option<Arc<T>> {
        self.current.load_full()
    }

    pub(crate) fn store(&self, new: Arc<T>) {
        self.current.store(Some(new));
        self.came.notify_waiters();
    }

    /// `None`: it has not come within this time.
    pub(crate) async fn within(&self, at_most: Duration) -> Option<Arc<T>> {
        let coming = async {
            loop {
                // Made before the look: what comes in between is told as well.
                let came = self.came.notified();
                if let Some(current) = self.load_full() {
                    return current;
                }
                came.await;
            }
        };
        tokio::time::timeout(at_most, coming).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    const AT_MOST: Duration = Duration::from_secs(3);

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_is_woken_when_it_comes_and_not_a_moment_later() {
        let awaited = Arc::new(Awaited::empty());
        let waiting: Vec<_> = (0..100)
            .map(|_| {
                let awaited = Arc::clone(&awaited);
                tokio::spawn(async move { (awaited.within(AT_MOST).await, Instant::now()) })
            })
            .collect();
        tokio::time::sleep(Duration::from_micros(1_234_567)).await;
        assert!(waiting.iter().all(|waiter| !waiter.is_finished()));
        let came = Instant::now();
        awaited.store(Arc::new(7));
        for waiter in waiting {
            assert_eq!(waiter.await.unwrap(), (Some(Arc::new(7)), came));
        }
        assert_eq!(
            awaited.within(Duration::ZERO).await,
            Some(Arc::new(7)),
            "and who comes later waits for nothing"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_come_is_given_up_in_time() {
        let awaited = Awaited::<u8>::empty();
        let begun = Instant::now();
        assert_eq!(awaited.within(AT_MOST).await, None);
        assert_eq!(begun.elapsed(), AT_MOST);
    }
}
