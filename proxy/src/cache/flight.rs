//! Single flight: of several who ask the same at once, one goes to the provider. The others wait, get its answer when it
//! is kept, and are let go to try on their own when it is not: the one failed, left, or got what may not be kept.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::{Cache, Entry, Key};

/// What a caller is to do.
pub(crate) enum Turn {
    Go(Lead),
    Wait(Waiting),
    /// The answer came in the meantime.
    Take(Arc<Entry>),
}

type Landed = Option<Arc<Entry>>;

#[derive(Default)]
pub(crate) struct Flights {
    under_way: Mutex<HashMap<Key, watch::Receiver<Landed>>>,
}

/// Whoever holds it asks the provider for all. Dropped without an answer, it lets the others go.
pub(crate) struct Lead {
    cache: Arc<Cache>,
    key: Key,
    sender: watch::Sender<Landed>,
}

pub(crate) struct Waiting(watch::Receiver<Landed>);

impl Flights {
    pub(super) fn turn(
        &self,
        cache: &Arc<Cache>,
        key: Key,
        find: impl FnOnce() -> Option<Arc<Entry>>,
    ) -> Turn {
        let mut under_way = self.under_way.lock();
        if let Some(flight) = under_way.get(&key) {
            return Turn::Wait(Waiting(flight.clone()));
        }
        // A flight that has just landed is not under way any more, but its answer is kept.
        if let Some(entry) = find() {
            return Turn::Take(entry);
        }
        let (sender, receiver) = watch::channel(None);
        under_way.insert(key, receiver);
        Turn::Go(Lead { cache: Arc::clone(cache), key, sender })
    }
}

impl Lead {
    /// The answer is kept already: those who come now find it.
    pub(crate) fn land(self, entry: Arc<Entry>) {
        self.sender.send_replace(Some(entry));
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.cache.flights.under_way.lock().remove(&self.key);
    }
}

impl Waiting {
    /// `None`: there will be no answer.
    pub(crate) async fn landed(mut self) -> Option<Arc<Entry>> {
        let landed = self.0.wait_for(Option::is_some).await.ok()?;
        landed.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aop_domain::id::TeamId;
    use std::time::{Duration, Instant};

    const KEY: Key = Key { team: TeamId::NIL, question: [7; 32] };

    fn entry(cache: &Arc<Cache>) -> Arc<Entry> {
        let entry = Arc::new(Entry {
            body: bytes::Bytes::from_static(b"{}"),
            is_sse: false,
            model: String::new(),
            id: String::new(),
            dropped: Vec::new(),
            finish_reason: String::new(),
            cost: None,
            kept_at: Instant::now(),
            ttl: Duration::from_secs(60),
        });
        cache.keep(KEY, Arc::clone(&entry), 0);
        entry
    }

    fn turn(cache: &Arc<Cache>) -> Turn {
        cache.turn(KEY, Duration::MAX, Instant::now())
    }

    #[tokio::test]
    async fn one_goes_and_the_others_get_its_answer() {
        let cache = Cache::new(1 << 20, None);
        let Turn::Go(lead) = turn(&cache) else { panic!("the first one goes") };
        let Turn::Wait(waiting) = turn(&cache) else { panic!("the second one waits") };
        lead.land(entry(&cache));
        assert_eq!(waiting.landed().await.unwrap().body, "{}");
        assert!(matches!(turn(&cache), Turn::Take(_)), "those who come later find it");
    }

    #[tokio::test]
    async fn who_fails_lets_the_others_go() {
        let cache = Cache::new(1 << 20, None);
        let Turn::Go(lead) = turn(&cache) else { panic!("the first one goes") };
        let Turn::Wait(waiting) = turn(&cache) else { panic!("the second one waits") };
        drop(lead);
        assert!(waiting.landed().await.is_none());
        assert!(matches!(turn(&cache), Turn::Go(_)), "the way is free again");
    }

    #[test]
    fn an_answer_older_than_asked_for_is_not_taken_and_the_room_is_bounded() {
        let cache = Cache::new(4_096, None);
        let kept = entry(&cache);
        let later = kept.kept_at + Duration::from_secs(30);
        assert!(cache.find(&KEY, Duration::from_secs(30), later).is_some());
        assert!(cache.find(&KEY, Duration::from_secs(29), later).is_none());
        for n in 0..100 {
            cache.keep(Key { question: [n; 32], ..KEY }, Arc::clone(&kept), 0);
        }
        assert!(cache.weight_bytes() <= 4_096, "{}", cache.weight_bytes());
    }
}
