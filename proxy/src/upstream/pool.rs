//! Connections that wait for their next call, by the place they lead to.
//!
//! A connection that its provider closes while it waits is found out when it is taken, by a read that does not wait: no
//! task has to watch it. [`Pool::sweep`] closes those that nobody takes.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::connection::Connection;

/// Where a connection leads. Two providers behind one address share nothing but that: the name is part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) address: SocketAddr,
    pub(crate) tls: bool,
    pub(crate) host: String,
}

pub(crate) struct Pool {
    idle: Mutex<Idle>,
    most: usize,
}

#[derive(Default)]
struct Idle {
    /// The most recently used last: it is taken first, so that the others can grow old and be closed.
    by_place: HashMap<Place, Vec<Waiting>>,
    count: usize,
}

struct Waiting {
    connection: Connection,
    until: Instant,
}

impl Pool {
    pub(crate) fn new(most: usize) -> Self {
        Self { idle: Mutex::default(), most }
    }

    /// A connection that was used before and is still open as far as can be known.
    pub(super) fn take(&self, place: &Place, now: Instant) -> Option<Connection> {
        loop {
            let mut waiting = self.idle.lock().pop(place)?;
            if waiting.until > now && waiting.connection.is_quiet() {
                return Some(waiting.connection);
            }
        }
    }

    /// Keeps a connection whose last answer was read to its end. When the pool is full it is closed instead.
    pub(super) fn put(&self, place: Place, connection: Connection, now: Instant, keep: Duration) {
        let mut idle = self.idle.lock();
        if idle.count < self.most {
            idle.count += 1;
            idle.by_place.entry(place).or_default().push(Waiting { connection, until: now + keep });
        }
    }

    /// Closes connections that waited too long, and those that their provider has closed.
    pub(crate) fn sweep(&self, now: Instant) {
        let mut idle = self.idle.lock();
        for waiting in idle.by_place.values_mut() {
            waiting.retain_mut(|waiting| waiting.until > now && waiting.connection.is_quiet());
        }
        idle.by_place.retain(|_, waiting| !waiting.is_empty());
        idle.count = idle.by_place.values().map(Vec::len).sum();
    }
}

impl Idle {
    fn pop(&mut self, place: &Place) -> Option<Waiting> {
        let waiting = self.by_place.get_mut(place)?.pop()?;
        self.count -= 1;
        Some(waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;
    use tokio::net::{TcpListener, TcpStream};

    const KEEP: Duration = Duration::from_secs(60);

    struct Provider {
        listener: TcpListener,
        place: Place,
    }

    impl Provider {
        async fn new() -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            Self { listener, place: Place { address, tls: false, host: "127.0.0.1".into() } }
        }

        async fn connect(&self) -> (Connection, TcpStream) {
            let (ours, theirs) = tokio::join!(TcpStream::connect(self.place.address), self.listener.accept());
            let stream: pingora_core::protocols::l4::stream::Stream = ours.unwrap().into();
            (Connection::new(Box::new(stream)), theirs.unwrap().0)
        }
    }

    #[tokio::test]
    async fn a_connection_is_used_again_for_the_same_place_only() {
        let (provider, pool, now) = (Provider::new().await, Pool::new(4), Instant::now());
        let (connection, _theirs) = provider.connect().await;
        pool.put(provider.place.clone(), connection, now, KEEP);
        let other = Place { host: "other".into(), ..provider.place.clone() };
        assert!(pool.take(&other, now).is_none());
        assert!(pool.take(&Place { tls: true, ..provider.place.clone() }, now).is_none());
        assert!(pool.take(&provider.place, now).is_some());
        assert!(pool.take(&provider.place, now).is_none(), "it is taken by one call only");
    }

    #[tokio::test]
    async fn a_connection_that_was_closed_or_spoke_unasked_is_not_used_again() {
        let (provider, pool, now) = (Provider::new().await, Pool::new(4), Instant::now());
        let (closed, theirs) = provider.connect().await;
        drop(theirs);
        let (spoke, mut theirs) = provider.connect().await;
        theirs.write_all(b"HTTP/1.1 408 Request Timeout\r\n\r\n").await.unwrap();
        for mut connection in [closed, spoke] {
            // Until the kernel has told it.
            while connection.is_quiet() {
                tokio::task::yield_now().await;
            }
            pool.put(provider.place.clone(), connection, now, KEEP);
        }
        assert!(pool.take(&provider.place, now).is_none());
    }

    #[tokio::test]
    async fn what_waits_too_long_is_closed_and_the_pool_has_an_end() {
        let (provider, pool, now) = (Provider::new().await, Pool::new(2), Instant::now());
        let mut kept = Vec::new();
        for _ in 0..3 {
            let (connection, theirs) = provider.connect().await;
            pool.put(provider.place.clone(), connection, now, KEEP);
            kept.push(theirs);
        }
        assert_eq!(pool.idle.lock().count, 2, "the third was closed");
        assert!(pool.take(&provider.place, now + KEEP).is_none());
        let (connection, _theirs) = provider.connect().await;
        pool.put(provider.place.clone(), connection, now, KEEP);
        pool.sweep(now + KEEP);
        assert!(pool.idle.lock().by_place.is_empty());
    }
}
