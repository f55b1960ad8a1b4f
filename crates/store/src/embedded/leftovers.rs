//! What an earlier run left in a data directory: a postmaster whose parent was killed, children that outlive a
//! killed postmaster for a moment, a `postmaster.pid` that names a process which is something else by now.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::EmbeddedError;

const POLL: Duration = Duration::from_millis(50);

/// From gentle to firm: after this long without success, this signal.
const STEPS: [(Duration, Signal); 3] = [
    (Duration::ZERO, Signal::SIGINT),
    (Duration::from_secs(10), Signal::SIGQUIT),
    (Duration::from_secs(20), Signal::SIGKILL),
];
const GIVE_UP: Duration = Duration::from_secs(30);

/// Returns when no Postgres works in `data` any more. The caller holds the lock of the data directory.
pub(super) fn stop(data: &Path) -> Result<(), EmbeddedError> {
    let started = Instant::now();
    let mut steps = STEPS.iter().peekable();
    while let Some(&pid) = running_in(data).first() {
        if started.elapsed() > GIVE_UP {
            return Err(EmbeddedError::StillRunning { path: data.to_owned(), pid });
        }
        if let Some((_, signal)) = steps.next_if(|(after, _)| started.elapsed() >= *after) {
            for pid in running_in(data) {
                // One that is gone by now is what we want.
                let _ = kill(Pid::from_raw(pid), *signal);
            }
        }
        sleep(POLL);
    }
    remove_stale_pid_file(data)
}

/// Postgres removes a stale one itself, except when the number in it belongs to another process of the same user.
fn remove_stale_pid_file(data: &Path) -> Result<(), EmbeddedError> {
    let file = data.join("postmaster.pid");
    match fs::remove_file(&file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(EmbeddedError::io("remove", file, error))
        }
        _ => Ok(()),
    }
}

/// Every process of Postgres has the data directory as its working directory.
fn running_in(data: &Path) -> Vec<i32> {
    let (Ok(data), Ok(processes)) = (fs::metadata(data), fs::read_dir("/proc")) else { return Vec::new() };
    let same_place = |process: &Path| {
        fs::metadata(process.join("cwd")).is_ok_and(|cwd| (cwd.dev(), cwd.ino()) == (data.dev(), data.ino()))
    };
    let is_postgres = |process: &Path| {
        fs::read_link(process.join("exe")).is_ok_and(|exe| {
            exe.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"postgres"))
        })
    };
    processes
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter_map(|process| Some((process.file_name()?.to_str()?.parse().ok()?, process)))
        .filter(|(_, process)| is_postgres(process) && same_place(process))
        .map(|(pid, _)| pid)
        .collect()
}
