//! The new process: asks for the sockets before it does anything else, gets ready, and takes its turn.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdStream;
use std::path::Path;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::time::timeout;

use super::{Held, SOCKET, wire};
use crate::health;
use crate::shared::Shared;

/// The old one answers at once; when it does not, it hangs.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// It writes down what inference remembers before it gives way.
const YOURS_WITHIN: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Why this process does not serve: one sentence.
pub(crate) type Why = String;

/// A line to the process that serves.
#[derive(Debug)]
pub(crate) struct Turn {
    stream: StdStream,
    /// The old one reaches the management API, so this one has to as well.
    needs_api: bool,
    ready_within: Duration,
}

/// Asks the process that serves for what it holds.
pub(crate) fn ask(run_dir: &Path, ready_within: Duration) -> Result<(Held, Turn), Why> {
    let path = run_dir.join(SOCKET);
    let stream = StdStream::connect(&path).map_err(|error| {
        format!(
            "nobody serves here that could be taken over from ({}: {error}); start without --take-over",
            path.display()
        )
    })?;
    let broken =
        |error: io::Error| format!("the process that serves does not answer at {}: {error}", path.display());
    let given = (|| {
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        stream.set_write_timeout(Some(ANSWER_WITHIN))?;
        io::Write::write_all(&mut &stream, wire::one_line(wire::ASK).as_bytes())?;
        wire::receive_with(&stream)
    })();
    let (line, descriptors) = given.map_err(broken)?;
    if let Some(why) = line.strip_prefix(wire::NO) {
        return Err(format!("the process that serves does not give way: {why}"));
    }
    let (held, needs_api) = read_given(&line, descriptors)
        .ok_or_else(|| "the process that serves gives something that this version does not understand; restart it instead".to_owned())?;
    Ok((held, Turn { stream, needs_api, ready_within }))
}

fn read_given(line: &str, descriptors: Vec<OwnedFd>) -> Option<(Held, bool)> {
    let mut words = line.strip_prefix(wire::GIVEN)?.split(' ');
    let needs_api = words.next()? == "api=1";
    let mut descriptors = descriptors.into_iter();
    let owner = descriptors.next()?.into();
    let asked_at = Some(descriptors.next()?.into());
    let mut listeners = Vec::new();
    for word in words {
        let address: SocketAddr = word.parse().ok()?;
        listeners.push((address, TcpListener::from(descriptors.next()?)));
    }
    descriptors.next().is_none().then_some((Held { owner, asked_at, listeners }, needs_api))
}

/// Another end of the line to the old one, for what fails meanwhile.
pub(crate) struct Told(StdStream);

impl Told {
    pub(crate) fn give_up(&self, why: &str) {
        let line = wire::one_line(&format!("{}{why}", wire::FAILED));
        // It sees the end of the connection otherwise.
        let _ = io::Write::write_all(&mut &self.0, line.as_bytes());
    }
}

impl Turn {
    pub(crate) fn to_old(&self) -> Option<Told> {
        self.stream.try_clone().ok().map(Told)
    }

    /// Returns when it is this process's turn to accept, and the old one has been told so.
    pub(crate) async fn wait(self, shared: &Shared) -> Result<(), Why> {
        let is_ready = async {
            while !health::can_serve(shared, self.needs_api) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        if timeout(self.ready_within, is_ready).await.is_err() {
            let why =
                format!("it was not ready within {:?}: {}", self.ready_within, health::what_lacks(shared));
            return Err(why);
        }
        let broken = |error: io::Error| format!("the connection to the process that serves failed: {error}");
        self.stream.set_nonblocking(true).map_err(broken)?;
        let mut stream = UnixStream::from_std(self.stream).map_err(broken)?;
        let turn = async {
            wire::write_line(&mut stream, wire::READY).await?;
            wire::read_line(&mut stream).await
        };
        match timeout(YOURS_WITHIN, turn).await {
            Ok(Ok(line)) if line == wire::YOURS => {}
            Ok(Ok(line)) => {
                return Err(format!(
                    "the process that serves does not give way: {}",
                    line.trim_start_matches(wire::NO)
                ));
            }
            // It died, and nobody serves: all that it had is open here.
            Ok(Err(error)) => {
                tracing::warn!(%error, "the process that served has gone before its turn ended; this one serves");
                take_memory(shared).await;
                return Ok(());
            }
            Err(_) => return Err("the process that serves did not give way in time".to_owned()),
        }
        take_memory(shared).await;
        wire::write_line(&mut stream, wire::ACCEPTING).await.or_else(|error| match error.kind() {
            // As above.
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => Ok(()),
            _ => Err(broken(error)),
        })
    }
}

/// What the old one wrote down a moment ago.
async fn take_memory(shared: &Shared) {
    tokio::task::block_in_place(|| {
        shared.inference.load_again();
        shared.limiter.load_learned();
    });
}
