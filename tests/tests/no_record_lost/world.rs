//! The processes of one installation, as `aop` starts them, in a directory and a Postgres database of their own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aop_service::keys::MasterKey;
use aop_store::testing::TestStore;
use aop_tests::parts::{free_ports, segments_with_records, until_it_listens};

pub const BOOTSTRAP_KEY: &str = "aop-fault-test-key-with-every-permission";
const PASSWORD: &str = "fault-test";
const MASTER_KEY: [u8; 32] = [7; 32];

/// What can be killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    Proxy,
    Collector,
    ClickHouse,
    SpanWriter,
}

impl Victim {
    pub const ALL: [Self; 4] = [Self::Proxy, Self::Collector, Self::ClickHouse, Self::SpanWriter];
}

/// A process that is started again after each kill.
struct Part {
    command: Box<dyn Fn(u32) -> Command>,
    /// Counts starts.
    life: u32,
    child: Child,
}

impl Part {
    fn start(command: impl Fn(u32) -> Command + 'static) -> Self {
        let child = command(0).spawn().unwrap();
        Self { command: Box::new(command), life: 0, child }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn restart(&mut self) {
        self.life += 1;
        self.child = (self.command)(self.life).spawn().unwrap();
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Already gone when it ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Everything that runs. Postgres is the one of the test run, with a database of this test's own.
pub struct World {
    proxy: Part,
    collector: Part,
    clickhouse: Part,
    span_writer: Part,
    _simulator: Part,
    pub gateway_url: String,
    pub database: aop_clickhouse::Config,
    dir: tempfile::TempDir,
    _store: TestStore,
}

impl World {
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = TestStore::new().await;
        let [clickhouse, collector, proxy, simulator, nobody] = free_ports();
        let settings = Settings::new(dir.path(), &store, clickhouse, collector, proxy, simulator, nobody);
        let part = |name: &'static str| {
            let settings = settings.clone();
            Part::start(move |_| settings.aop(name))
        };
        let clickhouse_part = part("clickhouse");
        until_it_listens(clickhouse);
        let migrated = settings.aop("migrate").output().unwrap();
        assert!(migrated.status.success(), "aop migrate: {}", String::from_utf8_lossy(&migrated.stderr));
        let simulator_part = part("simulator");
        until_it_listens(simulator);
        let writer_dir = dir.path().join("span-writer");
        std::fs::create_dir(&writer_dir).unwrap();
        let writer_settings = settings.clone();
        let world = Self {
            clickhouse: clickhouse_part,
            collector: part("collector"),
            proxy: part("proxy"),
            span_writer: Part::start(move |life| writer_settings.span_writer(&writer_dir, life)),
            _simulator: simulator_part,
            gateway_url: format!("http://127.0.0.1:{proxy}"),
            database: settings.database(clickhouse),
            dir,
            _store: store,
        };
        until_it_listens(proxy);
        world
    }

    /// Kills with -9, leaves it dead for this long, and starts it again.
    pub fn kill(&mut self, victim: Victim, dead_for: Duration) {
        let part = match victim {
            Victim::Proxy => &mut self.proxy,
            Victim::Collector => &mut self.collector,
            Victim::ClickHouse => &mut self.clickhouse,
            Victim::SpanWriter => &mut self.span_writer,
        };
        part.kill();
        std::thread::sleep(dead_for);
        part.restart();
    }

    /// Returns when every record has left both spools.
    pub fn until_everything_is_shipped(&mut self, within: Duration) {
        drop(self.span_writer.child.stdin.take());
        let started = Instant::now();
        let mut quiet = 0;
        // The name of a segment changes while it is sealed: it is looked at twice.
        while quiet < 2 {
            let waiting: usize = ["proxy-spool", "span-writer/spool"]
                .map(|spool| segments_with_records(&self.dir.path().join(spool)))
                .iter()
                .sum();
            quiet = if waiting == 0 { quiet + 1 } else { 0 };
            assert!(started.elapsed() < within, "{waiting} segments are not shipped after {within:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What somebody could not read, anywhere. A frame that a kill left unfinished is no damage: it was cut off and kept,
    /// and its call was never answered.
    pub fn set_aside(&self) -> Vec<PathBuf> {
        ["collector/dead-letters", "proxy-spool/quarantine", "span-writer/spool/quarantine"]
            .iter()
            .flat_map(|dir| std::fs::read_dir(self.dir.path().join(dir)).unwrap())
            .map(|entry| entry.unwrap().path())
            .filter(|path| !is_unfinished(&std::fs::read(path).unwrap()))
            .collect()
    }

    /// Names of the spans and log lines whose spool had taken them.
    pub fn acknowledged_spans(&self) -> Vec<String> {
        let notes = std::fs::read_to_string(self.dir.path().join("span-writer/acknowledged")).unwrap();
        let whole = notes.rfind('\n').map_or("", |end| &notes[..end]);
        whole.lines().map(str::to_owned).collect()
    }
}

/// The environment that every part reads its settings from.
#[derive(Clone)]
struct Settings(Vec<(&'static str, String)>);

impl Settings {
    fn new(
        dir: &Path,
        store: &TestStore,
        clickhouse: u16,
        collector: u16,
        proxy: u16,
        simulator: u16,
        nobody: u16,
    ) -> Self {
        let path = |name: &str| dir.join(name).to_str().unwrap().to_owned();
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let address = |port: u16| format!("127.0.0.1:{port}");
        let master = MasterKey::from_bytes(MASTER_KEY);
        Self(vec![
            ("AOP_LOG", "error".to_owned()),
            ("AOP_MASTER_KEY", master.to_hex().expose().clone()),
            ("AOP_INTERNAL_TOKEN", master.internal_token().expose().clone()),
            ("AOP_BOOTSTRAP_KEY", BOOTSTRAP_KEY.to_owned()),
            ("AOP_ADMIN_EMAIL", "fault@example.com".to_owned()),
            ("AOP_ADMIN_PASSWORD", "fault-test-password-1".to_owned()),
            ("DATABASE_URL", store.url()),
            ("AOP_ENGINES_DIR", engines().to_str().unwrap().to_owned()),
            ("AOP_CLICKHOUSE_LISTEN", address(clickhouse)),
            ("AOP_CLICKHOUSE_DIR", path("clickhouse")),
            ("AOP_CLICKHOUSE_URL", url(clickhouse)),
            ("AOP_CLICKHOUSE_USER", "default".to_owned()),
            ("AOP_CLICKHOUSE_PASSWORD", PASSWORD.to_owned()),
            ("AOP_CLICKHOUSE_DATABASE", "aop".to_owned()),
            ("AOP_COLLECTOR_LISTEN", address(collector)),
            ("AOP_COLLECTOR_DIR", path("collector")),
            ("AOP_COLLECTOR_URL", url(collector)),
            ("AOP_SIMULATOR_LISTEN", address(simulator)),
            ("AOP_SIMULATOR_URL", url(simulator)),
            ("AOP_LISTEN", address(proxy)),
            ("AOP_SPOOL_DIR", path("proxy-spool")),
            ("AOP_API_URL", url(nobody)),
            // Every part dies with the test.
            ("AOP_PARENT_PID", std::process::id().to_string()),
        ])
    }

    fn database(&self, port: u16) -> aop_clickhouse::Config {
        aop_clickhouse::Config {
            url: format!("http://127.0.0.1:{port}"),
            user: "default".to_owned(),
            password: PASSWORD.to_owned(),
            database: "aop".to_owned(),
        }
    }

    fn aop(&self, part: &str) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_span-writer")).with_file_name("aop");
        assert!(binary.exists(), "{} is missing: run `cargo build --bin aop`", binary.display());
        let mut command = Command::new(binary);
        command.arg(part).envs(self.0.iter().cloned()).stdin(Stdio::null());
        command
    }

    fn span_writer(&self, dir: &Path, life: u32) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_span-writer"));
        command.arg(dir).arg(life.to_string()).envs(self.0.iter().cloned()).stdin(Stdio::piped());
        command
    }
}

fn engines() -> PathBuf {
    let given = std::env::var_os("AOP_ENGINES_DIR").map(PathBuf::from);
    given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../engines/node_modules"))
}

/// The beginning of a frame whose end was never written.
fn is_unfinished(bytes: &[u8]) -> bool {
    let length = bytes.first_chunk::<4>().map(|length| u32::from_le_bytes(*length) as usize);
    length.is_none_or(|length| bytes.len() < aop_domain::frame::FRAME_OVERHEAD_BYTES + length)
}
