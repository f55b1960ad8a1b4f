//! Writes a run's events in order. Streamed text is gathered, so that a fast model does not flood Postgres: at most ten
//! writes of text a second.

use std::time::Duration;

use aop_domain::id::ExecutionId;
use aop_domain::run_event::RunEvent;
use aop_store::executions::claim;
use aop_store::{Error as StoreError, Store};
use tokio::time::Instant;

const TEXT_EVERY: Duration = Duration::from_millis(100);

/// Whose text it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Speaker {
    pub(crate) agent_name: String,
    pub(crate) task_name: String,
    pub(crate) call: u32,
}

pub(crate) struct Journal {
    store: Store,
    id: ExecutionId,
    attempt: i32,
    gathered: Option<(Speaker, String)>,
    /// When gathered text may be written next.
    text_due: Instant,
}

impl Journal {
    pub(crate) fn new(store: Store, id: ExecutionId, attempt: i32) -> Self {
        Self { store, id, attempt, gathered: None, text_due: Instant::now() }
    }

    /// Writes events, after the text that came before them.
    pub(crate) async fn write(
        &mut self,
        events: impl IntoIterator<Item = RunEvent>,
    ) -> Result<(), StoreError> {
        let batch: Vec<RunEvent> = self.take_text().into_iter().chain(events).collect();
        if batch.is_empty() {
            return Ok(());
        }
        claim::append_events(&self.store, self.id, self.attempt, &batch).await
    }

    /// Gathers text; writes it when it is due.
    pub(crate) async fn text(&mut self, speaker: &Speaker, fresh: &str) -> Result<(), StoreError> {
        if !fresh.is_empty() {
            match &mut self.gathered {
                Some((_, text)) => text.push_str(fresh),
                None => self.gathered = Some((speaker.clone(), fresh.to_owned())),
            }
        }
        if Instant::now() >= self.text_due { self.write([]).await } else { Ok(()) }
    }

    /// When gathered text is to be written; `None` while there is none.
    pub(crate) fn text_due(&self) -> Option<Instant> {
        self.gathered.is_some().then_some(self.text_due)
    }

    fn take_text(&mut self) -> Option<RunEvent> {
        let (speaker, text) = self.gathered.take()?;
        self.text_due = Instant::now() + TEXT_EVERY;
        let Speaker { agent_name, task_name, call } = speaker;
        Some(RunEvent::Token { agent_name, task_name, call, text })
    }
}
