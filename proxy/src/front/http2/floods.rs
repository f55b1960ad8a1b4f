//! Floods that the HTTP/2 library stops by itself, under the options of the front door: how much of one gets in before the
//! connection is ended, or not read any further. In memory, one task after the other and without a clock, so that a version
//! of the library that lets more in fails here.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use h2::Reason;
use pingora_core::protocols::Digest;
use pingora_core::protocols::http::v2::server::{self, H2Accept, HttpSession};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::task::JoinHandle;

use super::options;
use crate::config::Limits;
use crate::front::wire::{Pace, Watched};

#[allow(unreachable_pub)]
#[path = "../../../tests/gateway/frames.rs"]
mod frames;
use frames::{EMPTY_SETTINGS, PING, PREFACE, frame, head, last_words};

/// What either side may have written that the other has not read.
const WIRE_BYTES: usize = 16 << 10;
/// A flood that has got so much in is not stopped.
const MOST_BYTES: usize = 8 << 20;
/// Turns that the other side gets to read something before it counts as not reading.
const TURNS: usize = 1_000;

/// A client's end of a connection, and the door's, which takes every stream and lets none go.
struct Flood {
    client: DuplexStream,
    door: JoinHandle<Taken>,
    sent_bytes: usize,
}

/// What came of the streams.
#[derive(Debug, Default, PartialEq, Eq)]
struct Taken {
    calls: usize,
    rejected: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum Stopped {
    /// The connection was ended.
    Ended,
    /// Nothing is read from it any more.
    NotRead,
}

impl Flood {
    async fn begin() -> Self {
        let (client, door) = tokio::io::duplex(WIRE_BYTES);
        let patience = Duration::from_secs(3600);
        let (door, _) = Watched::new(Box::new(door), Pace { patience, min_bytes_per_s: 1 });
        let door = tokio::spawn(async move {
            let options = options(&Limits::default());
            let mut connection = server::handshake(Box::new(door), Some(options)).await.unwrap();
            let digest = Arc::new(Digest::default());
            let (mut calls, mut taken) = (Vec::new(), Taken::default());
            while let Ok(Some(came)) = HttpSession::from_h2_conn(&mut connection, Arc::clone(&digest)).await {
                match came {
                    H2Accept::Session(call) => calls.push(call),
                    H2Accept::Rejected => taken.rejected += 1,
                }
            }
            taken.calls = calls.len();
            taken
        });
        let mut flood = Self { client, door, sent_bytes: 0 };
        flood.client.write_all(&[PREFACE, EMPTY_SETTINGS].concat()).await.unwrap();
        flood
    }

    /// Sends what `next` makes until it is stopped.
    async fn run(&mut self, mut next: impl FnMut(u32) -> Vec<u8>) -> Stopped {
        for turn in 0.. {
            let bytes = next(turn);
            let mut left = &bytes[..];
            let mut turns = 0;
            while !left.is_empty() {
                assert!(self.sent_bytes < MOST_BYTES, "nobody stops it");
                match self.client.write(left).now_or_never() {
                    Some(Ok(written)) => {
                        left = &left[written..];
                        self.sent_bytes += written;
                        turns = 0;
                    }
                    Some(Err(_)) => return Stopped::Ended,
                    None if turns == TURNS => return Stopped::NotRead,
                    None => turns += 1,
                }
                tokio::task::yield_now().await;
            }
        }
        unreachable!("turns do not run out before bytes do")
    }

    /// Why the door ended the connection, and what it had taken.
    async fn end(mut self) -> (Option<Reason>, Taken) {
        let mut told = Vec::new();
        self.client.read_to_end(&mut told).await.unwrap();
        (last_words(&told), self.door.await.unwrap())
    }
}

const CALM: Option<Reason> = Some(Reason::ENHANCE_YOUR_CALM);

fn request(stream: u32) -> Vec<u8> {
    frame(1, 4, stream, &head("/v1/models", &[]))
}

#[tokio::test]
async fn calls_begun_and_reset_at_once_end_the_connection() {
    let mut flood = Flood::begin().await;
    // Many at a time: those that are taken one by one the door counts itself.
    let pair = |stream: u32| [request(stream), frame(3, 0, stream, &8_u32.to_be_bytes())].concat();
    let stopped = flood.run(|turn| (0..64).flat_map(|at| pair(1 + 2 * (64 * turn + at))).collect());
    assert_eq!(stopped.await, Stopped::Ended);
    assert!(flood.sent_bytes <= 64 << 10, "{} bytes", flood.sent_bytes);
    let (why, taken) = flood.end().await;
    assert_eq!(why, CALM);
    assert!(taken.calls < 256, "{taken:?}");
}

#[tokio::test]
async fn windows_that_grow_by_nothing_end_the_connection() {
    let mut flood = Flood::begin().await;
    let stopped = flood.run(|turn| {
        let stream = 1 + 2 * turn;
        [request(stream), frame(8, 0, stream, &0_u32.to_be_bytes())].concat()
    });
    assert_eq!(stopped.await, Stopped::Ended);
    assert!(flood.sent_bytes <= 64 << 10, "{} bytes", flood.sent_bytes);
    assert_eq!(flood.end().await.0, Some(Reason::PROTOCOL_ERROR));
}

#[tokio::test]
async fn a_head_without_end_ends_the_connection() {
    let mut flood = Flood::begin().await;
    // Each piece is a header of 1 KB that nobody refers to again.
    let piece = [&[0, 1, b'x', 127, 0x81, 7][..], &[b'y'; 1024]].concat();
    let stopped = flood.run(|turn| match turn {
        0 => frame(1, 0, 1, &head("/v1/models", &[])),
        _ => frame(9, 0, 1, &piece),
    });
    assert_eq!(stopped.await, Stopped::Ended);
    assert!(flood.sent_bytes <= 64 << 10, "{} bytes", flood.sent_bytes);
    let (why, taken) = flood.end().await;
    assert_eq!((why, taken), (CALM, Taken::default()));
}

#[tokio::test]
async fn pieces_of_nothing_end_the_connection() {
    let mut flood = Flood::begin().await;
    let stopped = flood.run(|turn| if turn == 0 { request(1) } else { frame(0, 0, 1, &[]) });
    assert_eq!(stopped.await, Stopped::Ended);
    assert!(flood.sent_bytes <= 256 << 10, "{} bytes", flood.sent_bytes);
    assert_eq!(flood.end().await.0, CALM);
}

#[tokio::test]
async fn pings_and_settings_whose_answers_nobody_takes_are_not_read_for_ever() {
    for flooding in [PING, EMPTY_SETTINGS] {
        let mut flood = Flood::begin().await;
        assert_eq!(flood.run(|_| flooding.to_vec()).await, Stopped::NotRead);
        // What the wire holds in either direction, and what the library reads ahead.
        assert!(flood.sent_bytes <= 8 * WIRE_BYTES, "{} bytes", flood.sent_bytes);
        flood.door.abort();
    }
}

#[tokio::test]
async fn a_small_head_that_grows_large_when_it_is_unpacked_is_no_call() {
    let mut flood = Flood::begin().await;
    // 4 KB that are remembered, and then named 4,000 times by one byte each: 16 MB of header in 8 KB.
    let remembered = [&[0x40, 1, b'x', 127, 0xa1, 30][..], &[b'y'; 4_000]].concat();
    let bomb = [head("/v1/models", &[]), remembered, vec![0xbe; 4_000]].concat();
    assert_eq!(flood.run(|turn| frame(1, 5, 1 + 2 * turn, &bomb)).await, Stopped::Ended);
    assert!(flood.sent_bytes <= 1 << 20, "{} bytes", flood.sent_bytes);
    let (_, taken) = flood.end().await;
    assert_eq!(taken.calls, 0);
}
