//! The embedded Postgres on the real engine: first start, crash, orphan, and directories that its user cannot reach.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../../tests/shared/patience.rs"]
mod patience;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use patience::PATIENCE;
use sqlx::{Connection, PgConnection};

/// One `aop-postgres run`, which is to the database what `aop up` is.
struct Running {
    parent: Child,
    url: String,
    data: PathBuf,
}

fn engines() -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../engines/node_modules");
    std::env::var_os("AOP_ENGINES_DIR").map_or(installed, PathBuf::from)
}

fn start(data_dir: &Path) -> Running {
    let mut parent = Command::new(env!("CARGO_BIN_EXE_aop-postgres"))
        .arg("run")
        .args([data_dir, &engines()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(parent.stdout.take().unwrap()).read_line(&mut url).unwrap();
    assert!(url.starts_with("postgres://"), "it did not become ready");
    Running { parent, url: url.trim().to_owned(), data: data_dir.join("postgres/data") }
}

impl Running {
    fn postmaster(&self) -> Pid {
        let file = fs::read_to_string(self.data.join("postmaster.pid")).unwrap();
        Pid::from_raw(file.lines().next().unwrap().parse().unwrap())
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    fn stop(mut self) {
        kill(Pid::from_raw(self.parent.id() as i32), Signal::SIGTERM).unwrap();
        assert!(self.parent.wait().unwrap().success());
        assert!(!self.data.join("postmaster.pid").exists(), "a clean stop leaves no pid file");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.parent.kill();
        let _ = self.parent.wait();
    }
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn exists(pid: Pid) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

async fn numbers(running: &Running) -> Vec<i32> {
    sqlx::query_scalar("SELECT n FROM numbers ORDER BY n")
        .fetch_all(&mut running.connect().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn it_survives_a_kill_of_the_postmaster_and_of_its_parent() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = start(dir.path());
    let mut connection = running.connect().await;
    sqlx::raw_sql("CREATE TABLE numbers (n int); INSERT INTO numbers VALUES (1)")
        .execute(&mut connection)
        .await
        .unwrap();
    let owner = fs::metadata(&running.data).unwrap();
    assert_ne!(owner.uid(), 0, "Postgres never runs as root");
    assert_eq!(owner.mode() & 0o077, 0, "nobody else may look into the data directory");
    let password = fs::metadata(dir.path().join("postgres/password")).unwrap();
    assert_eq!(password.mode() & 0o777, 0o600);

    kill(running.postmaster(), Signal::SIGKILL).unwrap();
    assert!(!running.parent.wait().unwrap().success(), "the parent reports a database that ended by itself");

    let mut again = start(dir.path());
    assert_eq!(numbers(&again).await, [1]);
    sqlx::raw_sql("INSERT INTO numbers VALUES (2)").execute(&mut again.connect().await).await.unwrap();
    let postmaster = again.postmaster();
    again.parent.kill().unwrap();
    wait_until("no orphan stays when the parent is killed", || !exists(postmaster));

    let third = start(dir.path());
    assert_eq!(numbers(&third).await, [1, 2]);
    third.stop();
}

#[tokio::test]
async fn an_orphan_and_a_pid_file_of_another_process_do_not_stop_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = start(dir.path());
    // A postmaster that hangs does not hear the kernel's word about its parent's death.
    let orphan = first.postmaster();
    kill(orphan, Signal::SIGSTOP).unwrap();
    first.parent.kill().unwrap();
    first.parent.wait().unwrap();
    kill(orphan, Signal::SIGCONT).unwrap();
    let second = start(dir.path());
    wait_until("the orphan was stopped", || !exists(orphan));

    let pid_file = second.data.join("postmaster.pid");
    let text = fs::read_to_string(&pid_file).unwrap();
    second.stop();
    let someone_else = text.replacen(text.lines().next().unwrap(), &std::process::id().to_string(), 1);
    fs::write(&pid_file, someone_else).unwrap();
    start(dir.path()).stop();
}

#[tokio::test]
async fn a_data_directory_below_a_private_home_works() {
    let home = tempfile::tempdir().unwrap();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let data_dir = home.path().join(".local/share/aop");
    let running = start(&data_dir);
    let one: i32 = sqlx::query_scalar("SELECT 1").fetch_one(&mut running.connect().await).await.unwrap();
    assert_eq!(one, 1);
    running.stop();
    start(&data_dir).stop();
}

#[tokio::test]
async fn nobody_gets_in_without_the_password() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path());
    let (_, after_password) = running.url.split_once('@').unwrap();
    let wrong = format!("postgres://aop:wrong@{after_password}");
    let error = PgConnection::connect(&wrong).await.unwrap_err();
    assert!(error.to_string().contains("password authentication failed"), "{error}");
    running.stop();
}
