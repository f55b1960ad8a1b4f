//! One part while it runs: started again when it falls, replaced when it is asked to, stopped at the end.

use std::time::Duration;

use tokio::process::Child;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::child::{ParentPid, belongs_to, spawn, stop};
use super::{Part, Replace};
use crate::upgrade::program::Program;
use crate::upgrade::successor;

/// A part that keeps falling is restarted ever more slowly, up to this.
const SLOWEST_RESTART: Duration = Duration::from_secs(5);
const FASTEST_RESTART: Duration = Duration::from_millis(100);
/// A part that ran this long is healthy again: its next restart is quick.
const HEALTHY_AFTER: Duration = Duration::from_secs(30);
/// Where nobody can be asked: a binary that cannot work falls within this.
const LIVES_FOR: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A part is to run another program.
pub(super) struct Change {
    pub(super) program: Program,
    pub(super) within: Duration,
    /// `Err`: why it does not; it runs what it ran before.
    pub(super) done: oneshot::Sender<Result<(), String>>,
}

pub(super) struct Watched {
    part: Part,
    program: Program,
    running: Child,
    /// Processes that were replaced and end what they had begun.
    leaving: JoinSet<()>,
    all_stop: CancellationToken,
}

impl Watched {
    pub(super) fn new(part: Part, program: Program, running: Child) -> Self {
        Self { part, program, running, leaving: JoinSet::new(), all_stop: CancellationToken::new() }
    }

    /// Waits for the part to end; starts it again unless it was asked to.
    pub(super) async fn watch(mut self, stopping: CancellationToken, mut changes: mpsc::Receiver<Change>) {
        let mut pause = FASTEST_RESTART;
        let mut started = Instant::now();
        loop {
            tokio::select! {
                () = stopping.cancelled() => return self.stop().await,
                Some(change) = changes.recv() => {
                    let outcome = tokio::select! {
                        outcome = self.change(&change) => outcome,
                        () = stopping.cancelled() => return self.stop().await,
                    };
                    // Whoever asked may have left.
                    let _ = change.done.send(outcome);
                    started = Instant::now();
                    continue;
                }
                _ = self.leaving.join_next(), if !self.leaving.is_empty() => continue,
                ended = self.running.wait() => {
                    let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
                    tracing::warn!(part = self.part.name, how, "a part ended by itself and is started again");
                }
            }
            pause = if started.elapsed() > HEALTHY_AFTER {
                FASTEST_RESTART
            } else {
                (pause * 2).min(SLOWEST_RESTART)
            };
            loop {
                tokio::select! {
                    () = stopping.cancelled() => return self.stop().await,
                    () = tokio::time::sleep(pause) => {}
                }
                match self.start(&self.program.clone()) {
                    Ok(child) => break self.running = child,
                    Err(error) => tracing::error!(part = self.part.name, %error, "a part cannot be started"),
                }
                pause = (pause * 2).min(SLOWEST_RESTART);
            }
            started = Instant::now();
        }
    }

    fn start(&self, program: &Program) -> std::io::Result<Child> {
        spawn(&mut (self.part.command)(program), ParentPid::this())
    }

    async fn stop(mut self) {
        self.all_stop.cancel();
        let (name, signal, within) = (self.part.name, self.part.stop_signal, self.part.stop_within);
        stop(name, self.running, signal, within).await;
        while self.leaving.join_next().await.is_some() {}
    }

    async fn change(&mut self, change: &Change) -> Result<(), String> {
        match self.part.replace.clone() {
            Replace::Never => return Err("it is replaced only with the whole installation".to_owned()),
            Replace::TakeOver => self.take_over(change).await?,
            Replace::Restart(answers_at) => self.restart(change, answers_at.as_deref()).await?,
        }
        self.program = change.program.clone();
        Ok(())
    }

    async fn take_over(&mut self, change: &Change) -> Result<(), String> {
        let mut command = (self.part.command)(&change.program);
        command.arg("--take-over");
        belongs_to(&mut command, ParentPid::this());
        let successor = successor::start(command, change.within).await?;
        let mut before = std::mem::replace(&mut self.running, successor);
        let (name, signal, within) = (self.part.name, self.part.stop_signal, self.part.stop_within);
        let all_stop = self.all_stop.clone();
        self.leaving.spawn_local(async move {
            tokio::select! {
                _ = before.wait() => {}
                () = all_stop.cancelled() => stop(name, before, signal, within).await,
            }
        });
        Ok(())
    }

    /// What ran before is started again when the new program does not work.
    async fn restart(&mut self, change: &Change, answers_at: Option<&str>) -> Result<(), String> {
        let started = self.exchange(&change.program).await;
        let why = match started {
            Ok(()) => match self.until_it_works(answers_at, change.within).await {
                Ok(()) => return Ok(()),
                Err(why) => why,
            },
            Err(error) => format!("it cannot be started: {error}"),
        };
        if let Err(error) = self.exchange(&self.program.clone()).await {
            // The loop above tries on.
            tracing::error!(part = self.part.name, %error, "what ran before cannot be started either");
        }
        Err(why)
    }

    /// The running process is stopped and another one stands in its place.
    async fn exchange(&mut self, program: &Program) -> std::io::Result<()> {
        let Part { name, stop_signal, stop_within, .. } = self.part;
        super::child::stop_running(name, &mut self.running, stop_signal, stop_within).await;
        self.running = self.start(program)?;
        Ok(())
    }

    async fn until_it_works(&mut self, answers_at: Option<&str>, within: Duration) -> Result<(), String> {
        let works = async {
            match answers_at {
                Some(url) => until_it_answers(url).await,
                None => tokio::time::sleep(LIVES_FOR).await,
            }
        };
        tokio::select! {
            ended = self.running.wait() => {
                let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
                Err(format!("the new process ended before it worked ({how}); its log says more"))
            }
            worked = tokio::time::timeout(within, works) => {
                worked.map_err(|_| format!("the new process did not answer within {within:?}"))
            }
        }
    }
}

async fn until_it_answers(url: &str) {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build();
    let Ok(client) = client else { return std::future::pending().await };
    while !client.get(url).send().await.is_ok_and(|answer| answer.status().is_success()) {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
