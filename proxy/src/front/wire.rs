//! The wire under an HTTP/2 connection, watched for a client that does not take what it asked for.
//!
//! What a stream has written waits in memory until the client takes it from its socket, and the stream's own task has
//! ended by then: nothing else would notice. A client that takes nothing, or next to nothing, is cut after a while; and
//! while its socket is full, [`Wire::is_full`] says so, so that what its streams hold is not taken for free.

use std::future::Future;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pingora_core::protocols::raw_connect::ProxyDigest;
use pingora_core::protocols::tls::SslDigest;
use pingora_core::protocols::{
    ALPN, GetProxyDigest, GetSocketDigest, GetTimingDigest, Peek, Shutdown, SocketDigest, Ssl, Stream,
    TimingDigest, UniqueID, UniqueIDType,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Sleep;

/// What was flushed is with the kernel: nothing of it is held here any more.
const EVERYTHING: usize = usize::MAX;

/// How slowly a client may take what is there for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// So long in all, beyond what [`Self::min_bytes_per_s`] would have taken for what it took.
    pub(crate) patience: Duration,
    pub(crate) min_bytes_per_s: u64,
}

/// What the streams of a connection know of its wire.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    is_full: AtomicBool,
    was_cut: AtomicBool,
    changed: Notify,
}

impl Wire {
    /// Something waits for the client to take it.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Acquire)
    }

    /// It ended because its client was too slow.
    pub(crate) fn was_cut(&self) -> bool {
        self.was_cut.load(Ordering::Relaxed)
    }

    /// Returns when nothing waits any more, or the connection has gone.
    pub(crate) async fn until_taken(&self) {
        loop {
            let changed = self.changed.notified();
            if !self.is_full() {
                return;
            }
            changed.await;
        }
    }

    fn set_full(&self, is_full: bool) {
        if self.is_full.swap(is_full, Ordering::AcqRel) != is_full {
            self.changed.notify_waiters();
        }
    }
}

/// How long a client has kept us waiting, less what it has made good by taking something.
#[derive(Debug)]
struct Debt {
    pace: Pace,
    owed: Duration,
    since: Option<Instant>,
}

impl Debt {
    fn new(pace: Pace) -> Self {
        Self { pace, owed: Duration::ZERO, since: None }
    }

    /// Nothing could be written. How much longer it may stay so.
    fn wait(&mut self, now: Instant) -> Duration {
        let since = *self.since.get_or_insert(now);
        self.pace.patience.saturating_sub(self.owed).saturating_sub(now.saturating_duration_since(since))
    }

    /// So many bytes could be.
    fn take(&mut self, bytes: usize, now: Instant) {
        if let Some(since) = self.since.take() {
            self.owed += now.saturating_duration_since(since);
        }
        let made_good_us = (bytes as u64).saturating_mul(1_000_000) / self.pace.min_bytes_per_s.max(1);
        self.owed = self.owed.saturating_sub(Duration::from_micros(made_good_us));
    }
}

#[derive(Debug)]
pub(crate) struct Watched {
    inner: Stream,
    wire: Arc<Wire>,
    debt: Debt,
    /// Runs while the socket is full.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    pub(crate) fn new(inner: Stream, pace: Pace) -> (Self, Arc<Wire>) {
        let wire = Arc::new(Wire::default());
        (Self { inner, wire: Arc::clone(&wire), debt: Debt::new(pace), alarm: None }, wire)
    }

    /// What a write came to; a client that takes nothing for too long is cut here.
    fn came_to<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: Poll<io::Result<T>>,
        bytes: impl Fn(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        match poll {
            Poll::Ready(Ok(done)) => {
                if self.debt.since.is_some() || self.debt.owed > Duration::ZERO {
                    self.debt.take(bytes(&done), Instant::now());
                }
                self.alarm = None;
                self.wire.set_full(false);
                Poll::Ready(Ok(done))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                self.wire.set_full(true);
                let left = self.debt.wait(Instant::now());
                let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep(left)));
                ready!(alarm.as_mut().poll(cx));
                self.wire.was_cut.store(true, Ordering::Relaxed);
                Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, "the client takes nothing")))
            }
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.wire.set_full(false);
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.came_to(cx, poll, |written| *written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.inner).poll_flush(cx);
        self.came_to(cx, poll, |()| EVERYTHING)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.came_to(cx, poll, |()| EVERYTHING)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.came_to(cx, poll, |written| *written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[async_trait]
impl Shutdown for Watched {
    async fn shutdown(&mut self) {
        self.inner.shutdown().await;
    }
}

impl UniqueID for Watched {
    fn id(&self) -> UniqueIDType {
        self.inner.id()
    }
}

impl Ssl for Watched {
    fn get_ssl_digest(&self) -> Option<Arc<SslDigest>> {
        self.inner.get_ssl_digest()
    }

    fn selected_alpn_proto(&self) -> Option<ALPN> {
        self.inner.selected_alpn_proto()
    }
}

impl GetTimingDigest for Watched {
    fn get_timing_digest(&self) -> Vec<Option<TimingDigest>> {
        self.inner.get_timing_digest()
    }
}

impl GetProxyDigest for Watched {
    fn get_proxy_digest(&self) -> Option<Arc<ProxyDigest>> {
        self.inner.get_proxy_digest()
    }
}

impl GetSocketDigest for Watched {
    fn get_socket_digest(&self) -> Option<Arc<SocketDigest>> {
        self.inner.get_socket_digest()
    }
}

impl Peek for Watched {}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    fn watched(patience_s: u64, buffer_bytes: usize) -> (DuplexStream, Watched, Arc<Wire>) {
        let (client, server) = tokio::io::duplex(buffer_bytes);
        let pace = Pace { patience: Duration::from_secs(patience_s), min_bytes_per_s: 1024 };
        let (watched, wire) = Watched::new(Box::new(server), pace);
        (client, watched, wire)
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_cut_after_a_while_and_until_then_its_wire_is_full() {
        let (_client, mut server, wire) = watched(30, 10);
        let begun = tokio::time::Instant::now();
        let writing = tokio::spawn(async move { server.write_all(&[0; 100]).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(wire.is_full() && !wire.was_cut());
        let error = writing.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), 30);
        assert!(wire.was_cut() && !wire.is_full(), "and nobody waits for it any more");
        wire.until_taken().await;
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_for_a_full_wire_is_told_when_its_client_has_taken_all() {
        let (mut client, mut server, wire) = watched(30, 10);
        let writing = tokio::spawn(async move {
            server.write_all(&[0; 20]).await.unwrap();
            server
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        let waiting = tokio::spawn({
            let wire = Arc::clone(&wire);
            async move { wire.until_taken().await }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!waiting.is_finished());
        client.read_exact(&mut [0; 10]).await.unwrap();
        waiting.await.unwrap();
        let _server = writing.await.unwrap();
        assert!(!wire.is_full() && !wire.was_cut());
    }

    #[test]
    fn a_trickle_does_not_pay_for_the_time_it_takes_and_a_fair_pace_does() {
        let pace = Pace { patience: Duration::from_secs(30), min_bytes_per_s: 1024 };
        let begun = Instant::now();
        let at = |s: u64| begun + Duration::from_secs(s);
        let mut trickle = Debt::new(pace);
        assert_eq!(trickle.wait(at(0)).as_secs(), 30);
        trickle.take(1, at(20));
        assert_eq!(trickle.wait(at(20)).as_secs(), 10, "of its 20 s a byte has paid for a millisecond");
        assert_eq!(trickle.wait(at(31)), Duration::ZERO);

        let mut fair = Debt::new(pace);
        for turn in 0..100 {
            assert!(fair.wait(at(turn * 20)) > Duration::ZERO);
            fair.take(20 << 10, at(turn * 20 + 20));
        }
        assert_eq!(fair.owed, Duration::ZERO);
    }
}
