//! `POST /ingest/segments`: one sealed segment, stored whole before it is answered.
//!
//! | answer | meaning for the sender |
//! |--------|------------------------|
//! | 200    | every record is stored (or kept as a dead letter): delete the segment |
//! | 422 with `x-aop-verdict: unreadable` | the bytes are no segment: set it aside |
//! | 413    | longer than a segment can be: set nothing aside, somebody must look |
//! | 503    | not stored, or not wholly: send it again |
//!
//! A record that cannot be read never blocks the ones beside it. Rows that ClickHouse refuses do: nothing is thrown away
//! because of a schema that is being changed, and the growing lag shows it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aop_clickhouse::ClickHouse;
use aop_domain::error_kind::ErrorKind;
use aop_domain::frame::MAX_PAYLOAD_BYTES;
use aop_service::clock::Clock;
use aop_service::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::dead_letter::DeadLetters;
use crate::decode::{self, Decoded};
use crate::live::Live;
use crate::memory::{Lessons, Memory};
use crate::metrics::Metrics;
use crate::rows::{self, Rows};
use crate::schema::Schema;
use crate::settle::Settling;
use crate::store;

/// One record of the longest kind behind an almost full segment.
const MAX_SEGMENT_BYTES: usize = MAX_PAYLOAD_BYTES + 32 * 1024 * 1024;
/// Segments in memory at once.
const AT_ONCE: usize = 3;
/// How long a segment waits for its turn, and how long its bytes may take to arrive.
const TURN_LIMIT: Duration = Duration::from_secs(20);
const BODY_LIMIT: Duration = Duration::from_secs(60);

const VERDICT: HeaderName = HeaderName::from_static("x-aop-verdict");

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Intake(Arc<Parts>);

struct Parts {
    clickhouse: ClickHouse,
    schema: Schema,
    memory: Memory,
    dead_letters: DeadLetters,
    live: Live,
    settling: Settling,
    metrics: Metrics,
    clock: Clock,
    turns: Semaphore,
}

/// The answer to a stored segment.
#[derive(Debug, Serialize)]
struct Accepted {
    records: usize,
    dead_letters: usize,
    damaged: usize,
    /// It was stored before; nothing was done.
    again: bool,
}

impl Intake {
    pub(crate) fn new(
        clickhouse: ClickHouse,
        schema: Schema,
        dead_letters: DeadLetters,
        live: Live,
        settling: Settling,
        metrics: Metrics,
        clock: Clock,
    ) -> Self {
        let (memory, turns) = (Memory::default(), Semaphore::new(AT_ONCE));
        Self(Arc::new(Parts {
            clickhouse,
            schema,
            memory,
            dead_letters,
            live,
            settling,
            metrics,
            clock,
            turns,
        }))
    }
}

pub(crate) async fn segment(State(intake): State<Intake>, body: Body) -> Response {
    let parts = &intake.0;
    let answer = accept(parts, body).await;
    let result = match &answer {
        Ok(accepted) if accepted.again => "again",
        Ok(_) => "stored",
        Err(Rejected::Unreadable(_)) => "unreadable",
        Err(Rejected::Problem(_)) => "failed",
    };
    parts.metrics.segments.with_label_values(&[result]).inc();
    match answer {
        Ok(accepted) => Json(accepted).into_response(),
        Err(rejected) => rejected.into_response(),
    }
}

enum Rejected {
    Unreadable(aop_domain::frame::HeaderError),
    Problem(Problem),
}

impl IntoResponse for Rejected {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::Unreadable(error) => {
                tracing::error!(%error, "a segment cannot be read");
                let mut response = Problem::invalid("unreadable_segment", error.to_string()).into_response();
                *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
                response.headers_mut().insert(VERDICT, HeaderValue::from_static("unreadable"));
                response
            }
        }
    }
}

fn unavailable(code: &'static str, detail: String) -> Rejected {
    Rejected::Problem(Problem::new(ErrorKind::Unavailable, code, detail))
}

async fn accept(parts: &Arc<Parts>, body: Body) -> Result<Accepted, Rejected> {
    if !parts.schema.is_current() {
        return Err(unavailable(
            "migrating",
            "ClickHouse does not have the schema yet; send it again.".to_owned(),
        ));
    }
    let turn = tokio::time::timeout(TURN_LIMIT, parts.turns.acquire()).await;
    let Ok(Ok(_turn)) = turn else {
        return Err(unavailable("busy", "Other segments are being stored; send it again.".to_owned()));
    };
    let bytes = read(body).await?;
    let started = Instant::now();
    let converted = convert(Arc::clone(parts), bytes.clone()).await?;
    let Converted { decoded, rows, lessons, again } = converted;
    let accepted = Accepted {
        records: decoded.records(),
        dead_letters: decoded.undecodable.len(),
        damaged: decoded.damaged.len(),
        again,
    };
    if again {
        return Ok(accepted);
    }
    if let Err(error) = store::store(&parts.clickhouse, &decoded.header, &rows).await {
        let (writer, segment) = (decoded.header.writer, decoded.header.segment);
        tracing::warn!(%writer, segment, %error, retryable = error.is_retryable(), "a segment could not be stored");
        return Err(unavailable("not_stored", format!("The segment was not stored: {error}")));
    }
    let header = &decoded.header;
    parts.memory.learn((header.writer, header.segment, header.created_at_us), lessons);
    parts.count(&accepted, &rows, bytes.len(), started);
    parts.live.publish(&rows);
    parts.settling.hear(header.writer, &decoded.calls);
    Ok(accepted)
}

async fn read(body: Body) -> Result<Bytes, Rejected> {
    match tokio::time::timeout(BODY_LIMIT, Limited::new(body, MAX_SEGMENT_BYTES).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            let detail = format!("A segment has at most {MAX_SEGMENT_BYTES} bytes.");
            Err(Rejected::Problem(Problem::new(ErrorKind::TooLarge, "segment_too_large", detail)))
        }
        Ok(Err(_)) | Err(_) => {
            Err(unavailable("cut", "The segment did not arrive whole; send it again.".to_owned()))
        }
    }
}

struct Converted {
    decoded: Decoded,
    rows: Rows,
    lessons: Lessons,
    again: bool,
}

/// Decoding and hashing megabytes is work for a thread of its own; so is the disk under the dead letters.
async fn convert(parts: Arc<Parts>, bytes: Bytes) -> Result<Converted, Rejected> {
    let converting = tokio::task::spawn_blocking(move || {
        let decoded = decode::decode(bytes.clone()).map_err(Rejected::Unreadable)?;
        let header = &decoded.header;
        if parts.memory.has_segment(&(header.writer, header.segment, header.created_at_us)) {
            return Ok(Converted {
                decoded,
                rows: Rows::default(),
                lessons: Lessons::default(),
                again: true,
            });
        }
        parts.dead_letters.keep(header, &bytes, &decoded.undecodable, &decoded.damaged).map_err(|error| {
            tracing::error!(%error, "dead letters cannot be kept; the segment stays with its writer");
            unavailable("dead_letters", "What could not be read could not be kept either.".to_owned())
        })?;
        let (rows, lessons) = rows::of(&decoded, &parts.memory);
        Ok(Converted { decoded, rows, lessons, again: false })
    });
    converting.await.map_err(|error| Rejected::Problem(Problem::internal(error)))?
}

impl Parts {
    fn count(&self, accepted: &Accepted, rows: &Rows, bytes: usize, started: Instant) {
        self.metrics.count(rows);
        self.metrics.dead_letters.inc_by(accepted.dead_letters as u64);
        self.metrics.damaged.inc_by(accepted.damaged as u64);
        self.metrics.segment_bytes.inc_by(bytes as u64);
        self.metrics.store_seconds.observe(started.elapsed().as_secs_f64());
        let ended = |row: &aop_clickhouse::LlmCallRow| row.ts.saturating_add_unsigned(row.duration_us);
        if let Some(oldest) = rows.calls.iter().map(ended).min() {
            self.metrics.lag_seconds.observe((self.clock.now_us() - oldest).max(0) as f64 / 1e6);
        }
    }
}
