//! The old process: hears that another one wants to take over, gives it the sockets, and gives way when it is ready.

use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::Interest;
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use super::{Keep, Life, wire};
use crate::shared::Shared;

const ASK_WITHIN: Duration = Duration::from_secs(5);
/// The new one has loaded its facts and asked for its turn by then, or it is closed.
const READY_WITHIN: Duration = Duration::from_secs(600);

/// Why nothing was given.
enum Kept {
    /// The other side is to be told.
    Told(&'static str),
    Failed(String),
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Told(why) => f.write_str(why),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

impl From<io::Error> for Kept {
    fn from(error: io::Error) -> Self {
        Self::Failed(match error.kind() {
            io::ErrorKind::UnexpectedEof => "it ended before it was ready".to_owned(),
            _ => error.to_string(),
        })
    }
}

/// Serves whoever wants to take over, one after the other, until one has.
pub(crate) async fn to_successors(shared: &Shared, keep: &Arc<Keep>, life: &Life) {
    life.serving.cancelled().await;
    let Some(listener) = listener(keep) else { return };
    loop {
        let mut stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "another process could not ask to take over");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        match give(&mut stream, shared, keep).await {
            Ok(()) => break,
            Err(why) => {
                if let Kept::Told(why) = why {
                    let _ = wire::write_line(&mut stream, &format!("{}{why}", wire::NO)).await;
                }
                tracing::error!(%why, "another process wanted to take over and did not; this one goes on serving");
            }
        }
    }
    shared.inference.given_away();
    shared.handed_over.store(true, Ordering::Relaxed);
    shared.draining.store(true, Ordering::Relaxed);
    // The lock and the sockets are the other's now.
    drop(keep.lock().take());
    life.replaced.cancel();
    tracing::info!(
        calls = shared.in_flight(),
        connections = shared.room.connections.taken(),
        "another process serves now; this one ends the calls it has"
    );
}

fn listener(keep: &Keep) -> Option<UnixListener> {
    let asked_at = keep.lock().as_ref()?.asked_at.as_ref()?.try_clone();
    let listener = asked_at.and_then(|listener| {
        listener.set_nonblocking(true)?;
        UnixListener::from_std(listener)
    });
    listener.map_err(|error| tracing::warn!(%error, "no other process will be able to take over")).ok()
}

async fn give(stream: &mut UnixStream, shared: &Shared, keep: &Keep) -> Result<(), Kept> {
    let asked = timeout(ASK_WITHIN, wire::read_line(stream)).await;
    match asked.map_err(|_| Kept::Told("it said nothing"))? {
        Ok(line) if line == wire::ASK => {}
        Ok(_) => {
            return Err(Kept::Told(
                "it asks in a way that this version does not understand; restart this one instead",
            ));
        }
        Err(error) => return Err(error.into()),
    }
    if shared.draining.load(Ordering::Relaxed) {
        return Err(Kept::Told("it is stopping"));
    }
    let has_api = shared.api_reachable.load(Ordering::Relaxed);
    stream.writable().await?;
    stream.try_io(Interest::WRITABLE, || send_held(stream, keep, has_api))?;
    let said = timeout(READY_WITHIN, wire::read_line(stream)).await;
    let said = said.map_err(|_| Kept::Told("it was not ready in time"))??;
    if said != wire::READY {
        return Err(Kept::Failed(said.trim_start_matches(wire::FAILED).to_owned()));
    }
    if shared.draining.load(Ordering::Relaxed) {
        return Err(Kept::Told("it is stopping"));
    }
    let written =
        tokio::task::block_in_place(|| shared.inference.save().and_then(|()| shared.limiter.save_learned()));
    if let Err(error) = written {
        tracing::warn!(%error, "what this process has learned cannot be written; the next one begins with less");
    }
    wire::write_line(stream, wire::YOURS).await?;
    // No time out: it accepts or it dies. Until one of the two this process accepts as well, from the same queue.
    match wire::read_line(stream).await?.as_str() {
        wire::ACCEPTING => Ok(()),
        other => Err(Kept::Failed(other.trim_start_matches(wire::FAILED).to_owned())),
    }
}

fn send_held(stream: &UnixStream, keep: &Keep, has_api: bool) -> io::Result<()> {
    let keep = keep.lock();
    let held = keep.as_ref().ok_or(io::ErrorKind::NotFound)?;
    let asked_at = held.asked_at.as_ref().ok_or(io::ErrorKind::NotFound)?;
    let mut line = format!("{}api={}", wire::GIVEN, u8::from(has_api));
    let mut given = vec![held.owner.as_fd(), asked_at.as_fd()];
    for (address, listener) in &held.listeners {
        line.push_str(&format!(" {address}"));
        given.push(listener.as_fd());
    }
    wire::send_with(stream, &line, &given)
}
