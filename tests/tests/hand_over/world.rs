//! Two ways to run: everything under `aop up`, or a front door by itself with a collector and a simulator beside it. The
//! engines are those of the test run, with databases of this test's own.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aop_clickhouse::testing::TestClickHouse;
use aop_service::keys::MasterKey;
use aop_store::testing::TestStore;
use aop_tests::parts::{free_ports, segments_with_records, until_it_listens};

pub const KEY: &str = "aop-hand-over-test-key-with-every-permission";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Up,
    Alone,
}

pub struct World {
    way: Way,
    dir: tempfile::TempDir,
    settings: Vec<(String, String)>,
    processes: Vec<Child>,
    pub address: String,
    /// Of the door with TLS, and what it shows.
    pub tls_address: String,
    pub certificate: String,
    pub clickhouse: TestClickHouse,
    _store: TestStore,
}

impl World {
    pub async fn start(way: Way, more: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = TestStore::new().await;
        let clickhouse = TestClickHouse::start().await.unwrap();
        let [proxy, tls, collector, simulator, nobody] = free_ports();
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let (address, url) =
            (|port: u16| format!("127.0.0.1:{port}"), |port: u16| format!("http://127.0.0.1:{port}"));
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(path("chain.pem"), made.cert.pem()).unwrap();
        std::fs::write(path("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let mut settings = vec![
            ("AOP_TLS_LISTEN", address(tls)),
            ("AOP_TLS_CERTIFICATE", path("chain.pem")),
            ("AOP_TLS_KEY", path("key.pem")),
            ("AOP_LOG", std::env::var("AOP_LOG").unwrap_or_else(|_| "error".to_owned())),
            ("AOP_MASTER_KEY", MasterKey::from_bytes([7; 32]).to_hex().expose().clone()),
            ("AOP_BOOTSTRAP_KEY", KEY.to_owned()),
            ("AOP_ADMIN_EMAIL", "hand@example.com".to_owned()),
            ("AOP_ADMIN_PASSWORD", "hand-over-password-1".to_owned()),
            ("DATABASE_URL", store.url()),
            ("AOP_CLICKHOUSE_URL", clickhouse.config.url.clone()),
            ("AOP_CLICKHOUSE_USER", clickhouse.config.user.clone()),
            ("AOP_CLICKHOUSE_PASSWORD", clickhouse.config.password.clone()),
            ("AOP_CLICKHOUSE_DATABASE", clickhouse.config.database.clone()),
            ("AOP_DATA_DIR", path("data")),
            ("AOP_LISTEN", address(proxy)),
        ];
        if way == Way::Alone {
            settings.extend([
                ("AOP_SPOOL_DIR", path("spool")),
                ("AOP_COLLECTOR_LISTEN", address(collector)),
                ("AOP_COLLECTOR_URL", url(collector)),
                ("AOP_COLLECTOR_DIR", path("collector")),
                ("AOP_SIMULATOR_LISTEN", address(simulator)),
                ("AOP_SIMULATOR_URL", url(simulator)),
                ("AOP_API_URL", url(nobody)),
            ]);
        }
        let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value));
        let settings =
            settings.chain(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        std::fs::create_dir(dir.path().join("bin")).unwrap();
        let mut world = Self {
            way,
            settings: settings.collect(),
            processes: Vec::new(),
            address: address(proxy),
            tls_address: address(tls),
            certificate: made.cert.pem(),
            dir,
            clickhouse,
            _store: store,
        };
        world.put_binary();
        match way {
            Way::Up => world.begin("up"),
            Way::Alone => {
                let migrated = world.aop(&["migrate"]).output().unwrap();
                assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
                ["collector", "simulator", "proxy"].into_iter().for_each(|part| world.begin(part));
                until_it_listens(simulator);
            }
        }
        until_it_listens(proxy);
        until_it_listens(tls);
        world
    }

    fn binary(&self) -> PathBuf {
        self.dir.path().join("bin/aop")
    }

    /// A new file stands where the running binary was started from.
    pub fn put_binary(&self) {
        // Between two names of one file a rename would do nothing.
        let _ = std::fs::remove_file(self.binary());
        std::fs::hard_link(built(), self.binary())
            .or_else(|_| std::fs::copy(built(), self.binary()).map(drop))
            .unwrap();
    }

    /// One that says that it is a newer `aop`, and then does this.
    pub fn put_script(&self, then: &str) {
        let beside = self.dir.path().join("bin/next");
        let text = format!(
            "#!/bin/sh\nif [ \"$1\" = --version ]; then echo aop 9.9.9; exit; fi\nreal={}\n{then}\n",
            built().display()
        );
        std::fs::write(&beside, text).unwrap();
        std::fs::set_permissions(&beside, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::rename(beside, self.binary()).unwrap();
    }

    fn aop(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.binary());
        command.args(arguments).envs(self.settings.iter().cloned()).stdin(Stdio::null());
        command
    }

    fn begin(&mut self, part: &str) {
        let mut command = self.aop(&[part]);
        // What a front door starts is in its group, and ends with it.
        command.process_group(0).stdout(Stdio::null());
        if part != "proxy" {
            command.env("AOP_PARENT_PID", std::process::id().to_string());
        }
        self.processes.push(command.spawn().unwrap());
    }

    fn dir_to_ask(&self) -> (&'static str, PathBuf) {
        match self.way {
            Way::Up => ("--data", self.dir.path().join("data")),
            Way::Alone => ("--spool", self.spool()),
        }
    }

    fn spool(&self) -> PathBuf {
        self.dir.path().join(match self.way {
            Way::Up => "data/spool/proxy",
            Way::Alone => "spool",
        })
    }

    /// What `aop upgrade` says, and whether it is glad.
    pub async fn upgrade(&self) -> Result<String, String> {
        let (flag, dir) = self.dir_to_ask();
        let mut command = Command::new(built());
        command.args(["upgrade", flag]).arg(dir).stdin(Stdio::null());
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }

    /// Returns when `aop upgrade` can be heard, and everything answers.
    pub async fn until_ready(&self) {
        let control = self.dir_to_ask().1.join("control.sock");
        let patience = Instant::now() + Duration::from_secs(120);
        let mut client = crate::http::Client::new(&self.address, KEY);
        let is_ready =
            |body: &str| [r#""snapshot":true"#, r#""spool":true"#].iter().all(|part| body.contains(part));
        while !control.exists() || !client.get("/readyz").await.is_ok_and(|answer| is_ready(&answer.body)) {
            assert!(Instant::now() < patience, "it is not ready");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Returns when every record has left every spool.
    pub async fn until_everything_is_shipped(&self, within: Duration) {
        let started = Instant::now();
        let mut quiet = 0;
        // The name of a segment changes while it is sealed: it is looked at twice.
        while quiet < 2 {
            let beside =
                (1..8).map(|number| self.spool().join(format!("beside-{number}"))).filter(|dir| dir.exists());
            let waiting: usize = beside.chain([self.spool()]).map(|dir| segments_with_records(&dir)).sum();
            quiet = if waiting == 0 { quiet + 1 } else { 0 };
            assert!(started.elapsed() < within, "{waiting} segments are not shipped after {within:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The front door that was started first, when it runs alone: has it gone?
    pub fn first_has_gone(&mut self) -> bool {
        self.processes.last_mut().unwrap().try_wait().unwrap().is_some()
    }

    pub async fn number(&self, sql: &str) -> u64 {
        let query = self.clickhouse.clickhouse.client().query(sql);
        query.fetch_one::<u64>().await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // Each leads a group of its own, which this test made.
            let _ = Command::new("kill")
                .args(["-KILL", "--", &format!("-{}", process.id())])
                .stderr(Stdio::null())
                .status();
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn built() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_span-writer")).with_file_name("aop");
    assert!(binary.exists(), "{} is missing: run `cargo build --bin aop`", binary.display());
    binary
}
