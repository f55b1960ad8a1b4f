//! How a person reaches a running installation from the command line: a socket in its directory, which only its own user
//! can open. It takes one word and answers with one line.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream as StdStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

const SOCKET: &str = "control.sock";
const UPGRADE: &str = "upgrade";
const DONE: &str = "done ";
const FAILED: &str = "failed ";
const WORD_WITHIN: Duration = Duration::from_secs(5);
const WORD_MAX_BYTES: u64 = 64;

pub(crate) struct Control(Option<UnixListener>);

/// Somebody who asked for an upgrade and waits to hear of it.
pub(crate) struct Asked(UnixStream);

impl Control {
    /// The caller owns the directory; what stands there is of a process that has gone or given way.
    pub(crate) fn listen(dir: &Path) -> Self {
        let path = dir.join(SOCKET);
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path);
        if let Err(error) = &listener {
            tracing::warn!(path = %path.display(), %error, "`aop upgrade` will not work here; a signal does");
        }
        Self(listener.ok())
    }

    /// The next one who asks.
    pub(crate) async fn asked(&self) -> Asked {
        let Some(listener) = &self.0 else { return std::future::pending().await };
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            };
            let mut asker = tokio::io::BufReader::new(stream);
            let mut word = String::new();
            let mut bounded = (&mut asker).take(WORD_MAX_BYTES);
            let read = tokio::time::timeout(WORD_WITHIN, bounded.read_line(&mut word)).await;
            let asked = Asked(asker.into_inner());
            if matches!(read, Ok(Ok(_))) && word.trim_end() == UPGRADE {
                return asked;
            }
            asked.answer(&Err("only `upgrade` can be asked for".to_owned())).await;
        }
    }
}

impl Asked {
    pub(crate) async fn answer(mut self, outcome: &Result<String, String>) {
        let (word, text) = match outcome {
            Ok(text) => (DONE, text),
            Err(why) => (FAILED, why),
        };
        // Whoever asked may have left.
        let _ = self.0.write_all(format!("{word}{}\n", text.replace(['\n', '\r'], " ")).as_bytes()).await;
    }
}

/// Asks whoever runs in this directory, and waits for the outcome.
pub(crate) fn ask(dir: &Path) -> anyhow::Result<String> {
    let path = dir.join(SOCKET);
    let mut stream = StdStream::connect(&path)
        .with_context(|| format!("nothing runs in {} that could be upgraded", dir.display()))?;
    writeln!(stream, "{UPGRADE}")?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    if let Some(text) = line.trim_end().strip_prefix(DONE) {
        return Ok(text.to_owned());
    }
    match line.trim_end().strip_prefix(FAILED) {
        Some(why) => bail!("{why}"),
        None => bail!("what runs in {} ended before it said what became of the upgrade", dir.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_asks_hears_what_became_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let there = dir.path().to_owned();
        assert!(ask(&there).unwrap_err().to_string().contains("nothing runs in"));
        let control = Control::listen(dir.path());
        for outcome in [Ok("all is new".to_owned()), Err("it did\nnot start".to_owned())] {
            let there = there.clone();
            let asking = tokio::task::spawn_blocking(move || ask(&there).map_err(|error| error.to_string()));
            control.asked().await.answer(&outcome).await;
            assert_eq!(asking.await.unwrap(), outcome.map_err(|why| why.replace('\n', " ")));
        }
        let (mut stranger, there) = (StdStream::connect(dir.path().join(SOCKET)).unwrap(), there.clone());
        stranger.write_all(b"stop\n").unwrap();
        let asking = tokio::task::spawn_blocking(move || ask(&there).unwrap());
        control.asked().await.answer(&Ok("yes".to_owned())).await;
        assert_eq!(asking.await.unwrap(), "yes");
        let mut said = String::new();
        BufReader::new(stranger).read_line(&mut said).unwrap();
        assert_eq!(said, "failed only `upgrade` can be asked for\n");
    }
}
