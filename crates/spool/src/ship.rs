//! Sealed segments on their way to the collector: at least once, oldest first, never given up.
//!
//! Each segment is sent as `POST {collector}/ingest/segments` with the file's bytes as the body and the headers
//! `x-aop-internal`, `x-aop-writer`, `x-aop-segment`. Answers:
//!
//! * 200: every record is stored. The segment is deleted.
//! * 422 with `x-aop-verdict: unreadable`: the collector has looked at it and can never read it. It is set aside.
//! * anything else, or no answer: it is sent again, after a pause that doubles and is drawn at random below its bound.

mod plain;

use std::fmt;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use aop_domain::frame::{HEADER_BYTES, Header};
use bytes::Bytes;
use reqwest::StatusCode;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::spool::{Claimed, Spool};
use plain::Plain;

/// Name and value of the header by which the collector says that a segment can never be read.
pub const VERDICT_HEADER: &str = "x-aop-verdict";
pub const UNREADABLE: &str = "unreadable";

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub struct Config {
    /// Base URL, e.g. `http://127.0.0.1:9100`, without a trailing slash.
    pub collector_url: String,
    pub internal_token: String,
    /// Segments on their way at once. Two hide the time of an answer; more do not help.
    pub in_flight: usize,
    /// One try, from connecting to the end of the answer.
    pub timeout: Duration,
}

impl Config {
    pub fn new(collector_url: impl Into<String>, internal_token: impl Into<String>) -> Self {
        Self {
            collector_url: collector_url.into(),
            internal_token: internal_token.into(),
            in_flight: 2,
            timeout: Duration::from_secs(60),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ship::Config")
            .field("collector_url", &self.collector_url)
            .field("in_flight", &self.in_flight)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Ships until `shutdown`. What is not acknowledged by then is shipped after the next start.
pub async fn run(
    spool: Arc<Spool>,
    config: Config,
    shutdown: CancellationToken,
) -> Result<(), reqwest::Error> {
    // The collector is ours: no proxy of the environment stands between.
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(config.timeout)
        .connect_timeout(Duration::from_secs(5))
        .tcp_nodelay(true)
        .build()?;
    let mut workers = JoinSet::new();
    for _ in 0..config.in_flight.max(1) {
        let (spool, config, client) = (Arc::clone(&spool), config.clone(), client.clone());
        let shutdown = shutdown.clone();
        workers.spawn(async move {
            let way = match Plain::new(&config.collector_url) {
                Some(plain) => Way::Plain(plain),
                None => Way::Tls(client),
            };
            shutdown.run_until_cancelled(work(&spool, &config, way)).await;
        });
    }
    while workers.join_next().await.is_some() {}
    Ok(())
}

/// How segments reach the collector.
enum Way {
    Plain(Plain),
    Tls(reqwest::Client),
}

async fn work(spool: &Spool, config: &Config, mut way: Way) {
    loop {
        match spool.claim() {
            Some(claimed) => {
                let held = Held { spool, number: claimed.number };
                ship(spool, config, &mut way, &claimed).await;
                drop(held);
            }
            None => spool.wait_sealed().await,
        }
    }
}

/// Gives the segment back when the shipper is cancelled in the middle.
struct Held<'a> {
    spool: &'a Spool,
    number: u64,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.spool.release(self.number);
    }
}

async fn ship(spool: &Spool, config: &Config, way: &mut Way, claimed: &Claimed) {
    let mut bound = FIRST_PAUSE;
    loop {
        let failure = match send(config, way, claimed).await {
            Ok(Answer::Stored) => return settle(claimed, spool.acknowledge(claimed)),
            Ok(Answer::Unreadable) => {
                tracing::error!(
                    segment = claimed.number,
                    "the collector cannot read a spool segment; it was set aside"
                );
                return settle(claimed, spool.quarantine(claimed));
            }
            Err(ShipFailure::Read(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                tracing::error!(file = %claimed.path.display(), "a sealed spool segment was deleted by someone else");
                return settle(claimed, spool.acknowledge(claimed));
            }
            Err(failure) => failure,
        };
        spool.count_ship_failure();
        let pause = bound.mul_f64(rand::random_range(0.5..1.0));
        tracing::warn!(segment = claimed.number, %failure, pause_ms = pause.as_millis() as u64, "shipping failed; trying again");
        tokio::time::sleep(pause).await;
        bound = (bound * 2).min(LONGEST_PAUSE);
    }
}

fn settle(claimed: &Claimed, result: std::io::Result<()>) {
    if let Err(error) = result {
        tracing::warn!(file = %claimed.path.display(), %error, "a shipped spool segment could not be removed; it may be sent again");
    }
}

enum Answer {
    Stored,
    Unreadable,
}

#[derive(Debug, thiserror::Error)]
enum ShipFailure {
    #[error("the segment cannot be read from the disk: {0}")]
    Read(#[from] std::io::Error),
    #[error("the collector did not answer: {0}")]
    Send(#[from] reqwest::Error),
    #[error("the collector did not answer: {0}")]
    SendPlain(std::io::Error),
    #[error("the collector did not answer in time")]
    Timeout,
    #[error("the collector answered {0}")]
    Refused(StatusCode),
}

async fn send(config: &Config, way: &mut Way, claimed: &Claimed) -> Result<Answer, ShipFailure> {
    let (status, verdict) = match way {
        Way::Plain(plain) => tokio::time::timeout(config.timeout, send_plain(plain, config, claimed))
            .await
            .unwrap_or(Err(ShipFailure::Timeout))?,
        Way::Tls(client) => send_tls(client, config, claimed).await?,
    };
    let unreadable = verdict.is_some_and(|verdict| verdict == UNREADABLE.as_bytes());
    match status {
        StatusCode::OK => Ok(Answer::Stored),
        StatusCode::UNPROCESSABLE_ENTITY if unreadable => Ok(Answer::Unreadable),
        other => Err(ShipFailure::Refused(other)),
    }
}

type StatusAndVerdict = (StatusCode, Option<Vec<u8>>);

async fn send_plain(
    plain: &mut Plain,
    config: &Config,
    claimed: &Claimed,
) -> Result<StatusAndVerdict, ShipFailure> {
    let file = File::open(&claimed.path)?;
    let bytes = file.metadata()?.len();
    let mut header = [0; HEADER_BYTES];
    // One that is too short has no writer; the collector says what it is.
    let read = file.read_at(&mut header, 0)?;
    let fields = format!(
        "content-type: application/octet-stream\r\nx-aop-internal: {}\r\nx-aop-writer: {}\r\nx-aop-segment: {}\r\n",
        config.internal_token,
        writer(&header[..read]),
        claimed.number
    );
    let answer = plain.post(&fields, &file, bytes).await.map_err(ShipFailure::SendPlain)?;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    Ok((status, answer.verdict))
}

async fn send_tls(
    client: &reqwest::Client,
    config: &Config,
    claimed: &Claimed,
) -> Result<StatusAndVerdict, ShipFailure> {
    let bytes = Bytes::from(tokio::fs::read(&claimed.path).await?);
    let response = client
        .post(format!("{}/ingest/segments", config.collector_url))
        .header("x-aop-internal", &config.internal_token)
        .header("x-aop-writer", writer(&bytes))
        .header("x-aop-segment", claimed.number)
        .body(bytes)
        .send()
        .await?;
    let verdict = response.headers().get(VERDICT_HEADER).map(|verdict| verdict.as_bytes().to_vec());
    Ok((response.status(), verdict))
}

fn writer(segment: &[u8]) -> String {
    Header::decode(segment).map(|header| header.writer.to_string()).unwrap_or_default()
}
