//! The file a part is started from. It is held open, so that a part that falls is started again from the very same one,
//! also when another stands at its path by now: a new version comes when it is asked for, and to all parts.

use std::fs::{File, Metadata};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::process::Command;

use crate::supervisor::child::{ParentPid, belongs_to};

/// A binary says its version at once.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

#[derive(Debug, Clone)]
pub(crate) struct Program {
    path: PathBuf,
    file: Arc<File>,
}

impl Program {
    /// What this process runs.
    pub(crate) fn own() -> std::io::Result<Self> {
        Ok(Self { path: std::env::current_exe()?, file: Arc::new(File::open("/proc/self/exe")?) })
    }

    /// What stands at its path now.
    pub(crate) fn on_disk(&self) -> std::io::Result<Self> {
        Ok(Self { path: self.path.clone(), file: Arc::new(File::open(&self.path)?) })
    }

    /// Where to start it from.
    pub(crate) fn path(&self) -> PathBuf {
        let is_same = |a: &Metadata, b: &Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
        match (std::fs::metadata(&self.path), self.file.metadata()) {
            (Ok(there), Ok(ours)) if !is_same(&there, &ours) => self.held(),
            (Err(_), _) => self.held(),
            _ => self.path.clone(),
        }
    }

    /// The open file, as a path.
    fn held(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), self.file.as_raw_fd()))
    }

    pub(crate) fn shown(&self) -> &Path {
        &self.path
    }

    /// Starts it to hear its version: what cannot be executed, or is no `aop`, is found before anything is stopped.
    pub(crate) async fn version(&self) -> Result<String, String> {
        let shown = self.shown().display();
        let mut command = Command::new(self.path());
        command.arg("--version").stdin(Stdio::null());
        belongs_to(&mut command, ParentPid::this());
        let output = match tokio::time::timeout(ANSWER_WITHIN, command.output()).await {
            Ok(Ok(output)) => output,
            Ok(Err(error)) => return Err(format!("{shown} cannot be started: {error}")),
            Err(_) => return Err(format!("{shown} does not say its version within {ANSWER_WITHIN:?}")),
        };
        let said = String::from_utf8_lossy(&output.stdout);
        match said.trim().strip_prefix("aop ") {
            Some(version) if output.status.success() => Ok(version.to_owned()),
            _ => {
                let error = String::from_utf8_lossy(&output.stderr);
                let last = error.lines().last().unwrap_or("it says nothing");
                Err(format!("{shown} does not say that it is aop ({}): {last}", output.status))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn script(path: &Path, text: &str) {
        let beside = path.with_extension("new");
        std::fs::write(&beside, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&beside, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::rename(&beside, path).unwrap();
    }

    #[tokio::test]
    async fn a_part_is_started_from_the_file_it_was_whatever_stands_there_now() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("aop");
        script(&path, "echo aop 1");
        let first = Program { path: path.clone(), file: Arc::new(File::open(&path).unwrap()) };
        assert_eq!((first.path(), first.version().await), (path.clone(), Ok("1".to_owned())));
        script(&path, "echo aop 2");
        let second = first.on_disk().unwrap();
        assert_eq!(first.version().await, Ok("1".to_owned()));
        assert_eq!(second.version().await, Ok("2".to_owned()));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(second.version().await, Ok("2".to_owned()));
        assert!(first.on_disk().is_err());
    }

    #[tokio::test]
    async fn what_is_not_aop_is_told_apart_with_its_last_words() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("aop");
        script(&path, "echo 'no such library' >&2; exit 3");
        let broken = Program { path: path.clone(), file: Arc::new(File::open(&path).unwrap()) };
        let why = broken.version().await.unwrap_err();
        assert!(why.contains("exit status: 3") && why.ends_with("no such library"), "{why}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(broken.version().await.unwrap_err().contains("cannot be started"));
    }
}
