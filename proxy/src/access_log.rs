//! The access log: one JSON line for each model call, for whoever wants to read calls with `grep` or ship them with what
//! ships their other logs. Off unless asked for. It holds figures and ids, never contents, never a key.
//!
//! A call hands its line over and goes on; a thread of its own writes. When that cannot keep up, lines are dropped and
//! counted. A file that was moved away (rotated) is opened anew within a second.

mod line;
mod writer;

use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use parking_lot::Mutex;
use prometheus::IntCounter;

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

enum Message {
    Line(Vec<u8>),
    Stop,
}

pub(crate) struct AccessLog {
    to: Option<SyncSender<Message>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    dropped: IntCounter,
}

impl AccessLog {
    pub(crate) fn open(to: &AccessLogTo, dropped: IntCounter) -> std::io::Result<Self> {
        let writer = match to {
            AccessLogTo::Nowhere => return Ok(Self { to: None, thread: Mutex::new(None), dropped }),
            AccessLogTo::StandardError => Writer::standard_error(),
            AccessLogTo::File(path) => Writer::file(path)?,
        };
        let (to, lines) = sync_channel(WAITING_LINES);
        let lost = dropped.clone();
        let thread = std::thread::Builder::new()
            .name("access log".to_owned())
            .spawn(move || writer.run(&lines, &lost))?;
        Ok(Self { to: Some(to), thread: Mutex::new(Some(thread)), dropped })
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
    let Some(to) = &log.to else { return };
    match to.try_send(Message::Line(line::of(call, record))) {
        Ok(()) => {}
        Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => log.dropped.inc(),
    }
}
