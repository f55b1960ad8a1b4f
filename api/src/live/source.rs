//! One subscription to a live stream of the collector (server-sent events): the one of records (`GET /live`), or the one of
//! calls in flight. It reconnects with a growing pause, and says so to every listener, because what was accepted in
//! between is not repeated.

use std::time::Duration;

use bytes::BytesMut;
use futures::StreamExt;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use aop_domain::id::{TeamId, TraceId};
use aop_service::secret::Secret;

use crate::live::hub::{Hub, LiveRecord};

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The collector sends a heartbeat more often than this.
const LONGEST_SILENCE: Duration = Duration::from_secs(45);
/// A line longer than this is not one of the collector's.
const LONGEST_LINE_BYTES: usize = 1 << 20;

/// Where the stream is and how we show that we belong to it.
#[derive(Clone)]
pub struct LiveSource {
    pub client: reqwest::Client,
    pub url: String,
    pub internal_token: Secret,
}

/// What we read of a record; the rest is passed on as it came.
#[derive(Deserialize)]
struct Addressed {
    team_id: TeamId,
    #[serde(default)]
    trace_id: Option<TraceId>,
}

impl LiveSource {
    /// Feeds `hub` until `shutdown`.
    pub async fn run(self, hub: Hub, shutdown: CancellationToken) {
        shutdown.run_until_cancelled(self.follow(&hub)).await;
    }

    /// Feeds `hub` until it is dropped.
    pub async fn follow(&self, hub: &Hub) {
        let mut pause = FIRST_PAUSE;
        loop {
            let heard = self.listen(hub).await;
            hub.publish_gap();
            match heard {
                Ok(()) => pause = FIRST_PAUSE,
                Err(error) => {
                    tracing::debug!(%error, url = self.url, "a live stream of the collector is not available");
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Reads one connection to its end. An error means that it never began.
    async fn listen(&self, hub: &Hub) -> Result<(), reqwest::Error> {
        let request =
            self.client.get(&self.url).header(aop_service::internal::HEADER, self.internal_token.expose());
        let answer = request.send().await?.error_for_status()?;
        let mut body = answer.bytes_stream();
        let mut lines = Lines::default();
        while let Ok(Some(Ok(chunk))) = tokio::time::timeout(LONGEST_SILENCE, body.next()).await {
            lines.push(&chunk);
            while let Some(data) = lines.next_data() {
                publish(hub, data);
            }
        }
        Ok(())
    }
}

fn publish(hub: &Hub, text: String) {
    if let Ok(addressed) = serde_json::from_str::<Addressed>(&text) {
        let record = LiveRecord { trace_id: addressed.trace_id.unwrap_or_default(), text };
        hub.publish(addressed.team_id, record);
    }
}

/// Cuts a stream of bytes into the `data:` lines of server-sent events. The collector writes one line per event.
#[derive(Default)]
struct Lines {
    pending: BytesMut,
    /// Inside a line that is too long; its bytes are thrown away up to its end.
    skipping: bool,
}

impl Lines {
    fn push(&mut self, chunk: &[u8]) {
        self.pending.extend_from_slice(chunk);
    }

    fn next_data(&mut self) -> Option<String> {
        loop {
            let Some(end) = self.pending.iter().position(|&byte| byte == b'\n') else {
                if self.pending.len() > LONGEST_LINE_BYTES {
                    self.pending.clear();
                    self.skipping = true;
                }
                return None;
            };
            let line = self.pending.split_to(end + 1);
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            if let Some(data) = line.strip_prefix(b"data:")
                && let Ok(text) = std::str::from_utf8(data)
            {
                return Some(text.trim().to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_in_pieces(text: &[u8], piece: usize) -> Vec<String> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for chunk in text.chunks(piece) {
            lines.push(chunk);
            found.extend(std::iter::from_fn(|| lines.next_data()));
        }
        found
    }

    #[test]
    fn events_are_the_same_however_the_bytes_are_cut() {
        let text = ": hello\n\ndata: {\"a\":1}\r\n\nid: 4\ndata:{\"b\":\"\u{d55c}\"}\n\n".as_bytes();
        for piece in 1..text.len() {
            assert_eq!(
                read_in_pieces(text, piece),
                ["{\"a\":1}", "{\"b\":\"\u{d55c}\"}"],
                "pieces of {piece}"
            );
        }
    }

    #[test]
    fn an_endless_line_is_skipped_and_the_next_one_is_read() {
        let mut text = b"data: ".to_vec();
        text.resize(LONGEST_LINE_BYTES * 2, b'x');
        text.extend_from_slice(b"\ndata: ok\n");
        assert_eq!(read_in_pieces(&text, 65_536), ["ok"]);
    }
}
