//! The directory of the cluster: made once, with a password of its own, private to the account it runs as.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use aop_domain::hex::hex;

use super::account::Account;
use super::launch::{Launch, Program};
use super::{EmbeddedError, Launcher};

/// `data_dir/postgres`, mode 0700, owned by the account. Made when missing.
pub(super) fn open_home(data_dir: &Path, account: Option<Account>) -> Result<PathBuf, EmbeddedError> {
    let home = data_dir.join("postgres");
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&home);
    made.map_err(|error| EmbeddedError::io("create", &home, error))?;
    give(&home, account)?;
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700))
        .map_err(|error| EmbeddedError::io("set the mode of", &home, error))?;
    home.canonicalize().map_err(|error| EmbeddedError::io("find", &home, error))
}

/// Runs `initdb` when there is no cluster yet. Returns the password of the database's user.
pub(super) fn create_if_missing(launch: &Launch, launcher: &Launcher) -> Result<String, EmbeddedError> {
    let data = launch.home.join("data");
    let unfinished = launch.home.join("data.unfinished");
    let password_file = launch.home.join("password");
    if data.exists() {
        let password = fs::read_to_string(&password_file);
        return password.map_err(|error| EmbeddedError::io("read", &password_file, error));
    }
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(|error| EmbeddedError::io("remove", &unfinished, error))?;
    }
    let password = write_new_password(&password_file, launch.account)?;
    run_initdb(launch, launcher)?;
    // Moved into its place only when whole, so a start that was cut short begins again.
    fs::rename(&unfinished, &data).map_err(|error| EmbeddedError::io("rename", &unfinished, error))?;
    sync(&launch.home)?;
    Ok(password)
}

fn run_initdb(launch: &Launch, launcher: &Launcher) -> Result<(), EmbeddedError> {
    let initdb = Launch { program: Program::Initdb, ..launch.clone() };
    let output =
        Command::new(&launcher.program).args(&launcher.arguments).args(initdb.to_arguments()?).output();
    let output = output.map_err(|error| EmbeddedError::io("run", &launcher.program, error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(EmbeddedError::Initdb(if said.is_empty() { output.status.to_string() } else { said }))
}

fn write_new_password(path: &Path, account: Option<Account>) -> Result<String, EmbeddedError> {
    let write = || -> std::io::Result<String> {
        let mut random = [0u8; 32];
        File::open("/dev/urandom")?.read_exact(&mut random)?;
        let password = hex(&random);
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(password.as_bytes())?;
        file.sync_all()?;
        Ok(password)
    };
    let password = write().map_err(|error| EmbeddedError::io("write", path, error))?;
    give(path, account)?;
    Ok(password)
}

fn give(path: &Path, account: Option<Account>) -> Result<(), EmbeddedError> {
    let Some(Account { uid, gid }) = account else { return Ok(()) };
    chown(path, Some(uid), Some(gid)).map_err(|error| EmbeddedError::io("change the owner of", path, error))
}

fn sync(directory: &Path) -> Result<(), EmbeddedError> {
    let synced = File::open(directory).and_then(|directory| directory.sync_all());
    synced.map_err(|error| EmbeddedError::io("sync", directory, error))
}
