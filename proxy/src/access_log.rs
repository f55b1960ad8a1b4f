//! The access log: one JSON line for each model call, or for everything that comes to the front door, for whoever wants to
//! read it with `grep` or ship it with what ships their other logs. Off unless asked for. It holds figures and ids, never
//! contents, never a key.
//!
//! A call hands its line over and goes on; a thread of its own writes. When that cannot keep up, lines are dropped and
//! counted. A file that was moved away (rotated) is opened anew within a second.

pub(crate) mod connection;
mod line;
pub(crate) mod request;
mod writer;

use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use parking_lot::Mutex;
use prometheus::IntCounter;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use aop_domain::record::CallRecord;

use crate::call::Call;
use writer::Writer;

/// Lines that may wait to be written.
const WAITING_LINES: usize = 8192;

/// Where the lines go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AccessLogTo {
    #[default]
    Nowhere,
    StandardError,
    /// Made when it is not there, and appended to.
    File(PathBuf),
}

/// What leaves a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccessLogOf {
    #[default]
    Calls,
    /// Calls, requests to the management API and the UI, WebSockets, probes, and connections that came to nothing.
    Everything,
}

enum Message {
    Line(Vec<u8>),
    Stop,
}

pub(crate) struct AccessLog {
    to: Option<SyncSender<Message>>,
    of: AccessLogOf,
    thread: Mutex<Option<JoinHandle<()>>>,
    dropped: IntCounter,
}

impl AccessLog {
    pub(crate) fn open(to: &AccessLogTo, of: AccessLogOf, dropped: IntCounter) -> std::io::Result<Self> {
        let writer = match to {
            AccessLogTo::Nowhere => return Ok(Self { to: None, of, thread: Mutex::new(None), dropped }),
            AccessLogTo::StandardError => Writer::standard_error(),
            AccessLogTo::File(path) => Writer::file(path)?,
        };
        let (to, lines) = sync_channel(WAITING_LINES);
        let lost = dropped.clone();
        let thread = std::thread::Builder::new()
            .name("access log".to_owned())
            .spawn(move || writer.run(&lines, &lost))?;
        Ok(Self { to: Some(to), of, thread: Mutex::new(Some(thread)), dropped })
    }

    /// Whether more than calls leave a line.
    pub(crate) fn is_of_everything(&self) -> bool {
        self.to.is_some() && self.of == AccessLogOf::Everything
    }

    fn put(&self, line: &impl Serialize) {
        let Some(to) = &self.to else { return };
        // Plain fields: writing them as JSON cannot fail. JSON has no line ends outside of what it escapes.
        let mut text = serde_json::to_vec(line).unwrap_or_default();
        text.push(b'\n');
        match to.try_send(Message::Line(text)) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => self.dropped.inc(),
        }
    }

    /// Writes what waits, and ends. Lines that come later are dropped, and counted as such.
    pub(crate) fn close(&self) {
        let (Some(to), Some(thread)) = (&self.to, self.thread.lock().take()) else { return };
        // It cannot be gone: only this ends it.
        let _ = to.send(Message::Stop);
        if thread.join().is_err() {
            tracing::error!("the access log's thread panicked");
        }
    }
}

/// A call has ended.
pub(crate) fn note(call: &Call, record: &CallRecord) {
    let log = &call.shared.access_log;
    if log.to.is_some() {
        log.put(&line::of(call, record));
    }
}

/// RFC 3339, in UTC.
fn when(at_us: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_us) * 1_000);
    at.ok().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}
