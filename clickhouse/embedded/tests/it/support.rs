//! A server in a child process, on a free port, with data of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use aop_clickhouse::{ClickHouse, Config};

pub(crate) const PASSWORD: &str = "s3cret of the test";

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(data: &Path) -> Self {
        let mut child = Command::new(example())
            .args([library().as_os_str(), data.as_os_str(), "127.0.0.1:0".as_ref(), PASSWORD.as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the example `serve` starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.trim().parse().unwrap_or_else(|_| panic!("the server said '{line}' and not its address"));
        Self { child, address }
    }

    /// What a server says that cannot start.
    pub(crate) fn refused(data: &Path) -> String {
        let output = Command::new(example())
            .args([library().as_os_str(), data.as_os_str(), "127.0.0.1:0".as_ref(), PASSWORD.as_ref()])
            .stdin(Stdio::null())
            .output()
            .expect("the example `serve` starts");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn config(&self, database: &str) -> Config {
        Config {
            url: self.url(),
            user: "default".into(),
            password: PASSWORD.into(),
            database: database.into(),
        }
    }

    pub(crate) fn connect(&self, database: &str) -> ClickHouse {
        ClickHouse::connect(&self.config(database)).unwrap()
    }

    /// A client with a database of the test's schema.
    pub(crate) async fn migrated(&self) -> ClickHouse {
        let clickhouse = self.connect("aop");
        clickhouse.migrate(&aop_clickhouse::Topology::Single).await.unwrap();
        clickhouse
    }

    /// As the out-of-memory killer or a power cut does it: nothing is written, nothing is said.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and says whether it did so cleanly.
    pub(crate) fn stop(mut self) -> bool {
        drop(self.child.stdin.take());
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _already_waited = self.child.wait();
    }
}

/// `cargo test` and `cargo nextest run` build a package's examples before its tests.
fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let example = test.parent().unwrap().parent().unwrap().join("examples/serve");
    assert!(
        example.exists(),
        "{} is missing: cargo build -p aop-clickhouse-embedded --examples",
        example.display()
    );
    example
}

fn library() -> PathBuf {
    let engines = std::env::var_os("AOP_ENGINES_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../engines/node_modules"),
        PathBuf::from,
    );
    let library = engines.join("@chdb/lib-linux-x64-gnu/libchdb.so");
    assert!(library.exists(), "{} is missing: run `make setup`", library.display());
    library
}
