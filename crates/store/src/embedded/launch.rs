//! From a child process of AOP to `postgres`: the last steps before `exec`, none of which needs `unsafe`.

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::IntoRawFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::getppid;
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::{EmbeddedError, USER};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Program {
    Initdb,
    Postgres,
}

/// All that the child must know; it crosses the command line as one argument of JSON. Holds no secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Launch {
    pub(super) program: Program,
    /// Holds `bin/`, `lib/`, `share/`.
    pub(super) engine: PathBuf,
    /// Holds `data/` and `password`; belongs to the account.
    pub(super) home: PathBuf,
    pub(super) account: Option<Account>,
    pub(super) port: u16,
    pub(super) durable: bool,
    pub(super) max_connections: u16,
    pub(super) parent_pid: u32,
}

impl Launch {
    pub(super) fn to_arguments(&self) -> Result<Vec<OsString>, EmbeddedError> {
        let json = serde_json::to_string(self).map_err(|error| EmbeddedError::Launch(error.to_string()))?;
        Ok(vec![json.into()])
    }

    fn from_arguments(arguments: impl Iterator<Item = OsString>) -> Result<Self, EmbeddedError> {
        let given: Vec<OsString> = arguments.collect();
        let [json] = given.as_slice() else {
            return Err(EmbeddedError::Launch("this command is only for AOP itself".into()));
        };
        serde_json::from_slice(json.as_encoded_bytes())
            .map_err(|error| EmbeddedError::Launch(error.to_string()))
    }

    fn command(&self, home: &Path) -> Command {
        let program = match self.program {
            Program::Initdb => "bin/initdb",
            Program::Postgres => "bin/postgres",
        };
        let mut command = Command::new(self.engine.join(program));
        // The caller's directory may be closed to the account, its environment may hold secrets and PG* variables.
        command.current_dir("/").env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC");
        match self.program {
            Program::Initdb => self.add_initdb_arguments(&mut command, home),
            Program::Postgres => self.add_server_arguments(&mut command, home),
        }
        command
    }

    fn add_initdb_arguments(&self, command: &mut Command, home: &Path) {
        command.arg("-D").arg(home.join("data.unfinished")).arg("--pwfile").arg(home.join("password"));
        command.args(["-U", USER, "-A", "scram-sha-256", "-E", "UTF8", "--no-instructions"]);
        command.args(["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]);
        if !self.durable {
            command.arg("--no-sync");
        }
    }

    /// On the command line, so that they hold whatever the files in the data directory say.
    fn add_server_arguments(&self, command: &mut Command, home: &Path) {
        command.arg("-D").arg(home.join("data"));
        let durable = if self.durable { "on" } else { "off" };
        let settings = [
            ("listen_addresses", "127.0.0.1".to_owned()),
            // No socket in the file system: one way in, with a password.
            ("unix_socket_directories", String::new()),
            ("port", self.port.to_string()),
            ("max_connections", self.max_connections.to_string()),
            ("fsync", durable.to_owned()),
            ("synchronous_commit", durable.to_owned()),
            ("full_page_writes", durable.to_owned()),
            ("shared_buffers", "64MB".to_owned()),
            ("io_method", "sync".to_owned()),
            ("timezone", "UTC".to_owned()),
            ("log_timezone", "UTC".to_owned()),
            ("logging_collector", "off".to_owned()),
        ];
        for (name, value) in settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
    }
}

/// The body of the hidden subcommand that [`super::Launcher`] names; `arguments` are those after its name.
/// Returns only when it failed: otherwise this process has become Postgres.
pub fn exec_postgres(arguments: impl Iterator<Item = OsString>) -> EmbeddedError {
    match try_exec(arguments) {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

fn try_exec(arguments: impl Iterator<Item = OsString>) -> Result<std::convert::Infallible, EmbeddedError> {
    let launch = Launch::from_arguments(arguments)?;
    let home = reachable_home(&launch)?;
    if let Some(account) = launch.account {
        account
            .become_it()
            .map_err(|error| EmbeddedError::Launch(format!("cannot give up root: {error}")))?;
    }
    // After the change of user: that clears the setting.
    prctl::set_pdeathsig(Signal::SIGINT).map_err(|error| EmbeddedError::Launch(error.to_string()))?;
    if u32::try_from(getppid().as_raw()) != Ok(launch.parent_pid) {
        return Err(EmbeddedError::Launch("the process that started it is gone".into()));
    }
    let mut command = launch.command(&home);
    let program = PathBuf::from(command.get_program());
    Err(EmbeddedError::io("run", program, command.exec()))
}

/// A name by which the account can open the home. When a directory above it is closed to the account (root's own
/// home is), that is an inherited descriptor of it: opening `/proc/self/fd/N/...` passes no directory above.
fn reachable_home(launch: &Launch) -> Result<PathBuf, EmbeddedError> {
    let home = &launch.home;
    if launch.account.is_none_or(|account| account.can_reach(home)) {
        return Ok(home.clone());
    }
    let opened = File::open(home).map_err(|error| EmbeddedError::io("open", home, error))?;
    // `dup` clears close-on-exec, and the descriptor is meant to stay open in Postgres and its children.
    let inherited =
        nix::unistd::dup(&opened).map_err(|error| EmbeddedError::io("open", home, error.into()))?;
    Ok(PathBuf::from(format!("/proc/self/fd/{}", inherited.into_raw_fd())))
}
