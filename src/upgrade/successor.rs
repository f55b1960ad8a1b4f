//! Starts the process that is to take over, and waits until it serves or says why it does not.

use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};

use super::report::{FAILED, SERVES};

/// Beyond what it may take to get ready, after which it says so itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// `Err`: why it does not serve, in one sentence; it has ended then.
pub(crate) async fn start(mut command: Command, ready_within: Duration) -> Result<Child, String> {
    let failed = |error: std::io::Error| format!("the new process cannot be started: {error}");
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(failed)?;
    ours.set_nonblocking(true).map_err(failed)?;
    let ours = UnixStream::from_std(ours).map_err(failed)?;
    command.stdin(Stdio::from(OwnedFd::from(theirs)));
    let mut child = command.spawn().map_err(failed)?;
    // Its end of the socket is in there.
    drop(command);
    let mut lines = BufReader::new(ours).lines();
    let said = tokio::time::timeout(ready_within + PATIENCE, lines.next_line()).await;
    let why = match said {
        Ok(Ok(Some(line))) if line == SERVES => return Ok(child),
        Ok(Ok(Some(line))) => line.trim_start_matches(FAILED).to_owned(),
        // It has ended, or is about to.
        Ok(_) => match tokio::time::timeout(Duration::from_secs(5), child.wait()).await {
            Ok(Ok(status)) => format!("the new process ended before it served ({status}); its log says more"),
            _ => "the new process closed its line before it served; its log says more".to_owned(),
        },
        Err(_) => format!("the new process neither served nor failed within {:?}", ready_within + PATIENCE),
    };
    let _ = child.kill().await;
    Err(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(text: &str) -> Command {
        let mut command = Command::new("sh");
        command.arg("-c").arg(text).kill_on_drop(true);
        command
    }

    #[tokio::test]
    async fn what_becomes_of_a_new_process_is_heard_from_itself_or_from_its_end() {
        let within = Duration::from_secs(30);
        let mut child = start(shell("echo serves >&0; exec sleep 60"), within).await.unwrap();
        assert!(child.try_wait().unwrap().is_none(), "it goes on");
        child.kill().await.unwrap();
        let why = start(shell("echo 'failed the port is taken' >&0; sleep 60"), within).await.unwrap_err();
        assert_eq!(why, "the port is taken");
        let why = start(shell("exit 7"), within).await.unwrap_err();
        assert!(why.contains("exit status: 7"), "{why}");
        let why = start(shell("kill -SEGV $$"), within).await.unwrap_err();
        assert!(why.contains("SIGSEGV"), "{why}");
        let why = start(Command::new("/nowhere/aop"), within).await.unwrap_err();
        assert!(why.contains("cannot be started"), "{why}");
    }
}
