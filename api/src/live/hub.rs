//! The fan-out. Each team has its own bounded channel; who reads too slowly loses the oldest records and is told how
//! many. Nobody waits for a reader.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{broadcast, watch};

use aop_domain::id::{TeamId, TraceId};

/// Records a subscriber may lie behind before it loses the oldest.
const CHANNEL_RECORDS: usize = 1024;
/// WebSockets open at the same time, all teams together.
const MOST_SUBSCRIBERS: usize = 2048;

/// One accepted record as it goes out.
#[derive(Debug)]
pub struct LiveRecord {
    pub trace_id: TraceId,
    /// The JSON object as the collector sent it.
    pub text: String,
}

/// What a subscriber hears.
#[derive(Debug, Clone)]
pub enum LiveEvent {
    Record(Arc<LiveRecord>),
    /// The connection to the collector was cut: an unknown number of records is missing.
    Gap,
}

/// Cheap to clone.
#[derive(Clone, Default)]
pub struct Hub(Arc<Inner>);

#[derive(Default)]
struct Inner {
    teams: Mutex<HashMap<TeamId, broadcast::Sender<LiveEvent>>>,
    subscribers: watch::Sender<usize>,
}

impl Hub {
    /// `None` when too many are listening already.
    pub fn subscribe(&self, team: TeamId) -> Option<Subscription> {
        let mut taken = 0;
        self.0.subscribers.send_modify(|count| {
            taken = *count;
            *count += 1;
        });
        let place = Place(Arc::clone(&self.0));
        if taken >= MOST_SUBSCRIBERS {
            return None;
        }
        let mut teams = self.0.teams.lock();
        let sender = teams.entry(team).or_insert_with(|| broadcast::channel(CHANNEL_RECORDS).0);
        Some(Subscription { events: sender.subscribe(), _place: place })
    }

    /// Hands a record to whoever listens to its team. A channel nobody listens to any more is taken away.
    pub fn publish(&self, team: TeamId, record: LiveRecord) {
        let mut teams = self.0.teams.lock();
        if let Some(sender) = teams.get(&team)
            && sender.send(LiveEvent::Record(Arc::new(record))).is_err()
        {
            teams.remove(&team);
        }
    }

    /// Tells everyone that records may be missing.
    pub fn publish_gap(&self) {
        self.0.teams.lock().retain(|_, sender| sender.send(LiveEvent::Gap).is_ok());
    }

    pub fn subscriber_count(&self) -> usize {
        *self.0.subscribers.borrow()
    }

    /// Returns when somebody listens, or when nobody does.
    pub async fn wait_for_listeners(&self, any: bool) {
        let mut subscribers = self.0.subscribers.subscribe();
        // The hub lives as long as whoever waits here.
        let _ = subscribers.wait_for(|count| (*count > 0) == any).await;
    }
}

/// One listener's end.
pub struct Subscription {
    pub events: broadcast::Receiver<LiveEvent>,
    _place: Place,
}

/// Gives the place back when the listener goes, however it goes.
struct Place(Arc<Inner>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.subscribers.send_modify(|count| *count = count.saturating_sub(1));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use tokio::sync::broadcast::error::{RecvError, TryRecvError};
    use uuid::Uuid;

    fn record(text: &str) -> LiveRecord {
        LiveRecord { trace_id: TraceId::NIL, text: text.to_owned() }
    }

    fn team(n: u128) -> TeamId {
        TeamId(Uuid::from_u128(n))
    }

    #[tokio::test]
    async fn a_record_reaches_its_own_team_only() {
        let hub = Hub::default();
        let mut ours = hub.subscribe(team(1)).unwrap();
        let mut theirs = hub.subscribe(team(2)).unwrap();
        hub.publish(team(1), record("x"));
        let LiveEvent::Record(got) = ours.events.recv().await.unwrap() else { panic!("expected a record") };
        assert_eq!(got.text, "x");
        assert_eq!(theirs.events.try_recv().err(), Some(TryRecvError::Empty));
    }

    #[tokio::test]
    async fn a_slow_listener_learns_how_many_it_missed_and_goes_on_with_the_rest() {
        let hub = Hub::default();
        let mut slow = hub.subscribe(team(1)).unwrap();
        for n in 0..CHANNEL_RECORDS + 5 {
            hub.publish(team(1), record(&n.to_string()));
        }
        assert_eq!(slow.events.recv().await.unwrap_err(), RecvError::Lagged(5));
        let LiveEvent::Record(next) = slow.events.recv().await.unwrap() else { panic!("expected a record") };
        assert_eq!(next.text, "5");
    }

    #[test]
    fn places_are_given_back() {
        let hub = Hub::default();
        let listening = hub.subscribe(team(1)).unwrap();
        assert_eq!(hub.subscriber_count(), 1);
        drop(listening);
        hub.publish(team(1), record("nobody hears this"));
        assert_eq!(hub.subscriber_count(), 0);
        assert!(hub.0.teams.lock().is_empty());
    }
}
