//! A proxy, a collector and an API, each the process that `aop` starts, over databases of this test's own.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aop_clickhouse::testing::TestClickHouse;
use aop_service::keys::MasterKey;
use aop_store::testing::TestStore;
use aop_tests::parts::{free_ports, segments_with_records, until_it_listens};
use serde_json::{Value, json};

use super::Capture;
use super::patience::PATIENCE;
use super::provider::Provider;

const KEY: &str = "aop-who-called-test-key-with-every-permission";
const MASTER_KEY: [u8; 32] = [9; 32];
const PAUSE: Duration = Duration::from_millis(50);
/// Headers that belong to the connection, not to the call.
const NOT_SENT: [&str; 7] = [
    "host",
    "authorization",
    "x-api-key",
    "x-goog-api-key",
    "content-length",
    "connection",
    "accept-encoding",
];

struct Part(Child);

impl Drop for Part {
    fn drop(&mut self) {
        // Already gone when it ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub struct Installation {
    gateway_urls: Vec<String>,
    api_url: String,
    client: reqwest::Client,
    _parts: Vec<Part>,
    dir: tempfile::TempDir,
    clickhouse: TestClickHouse,
    _store: TestStore,
}

impl Installation {
    /// With a provider that answers as the one of the capture did.
    pub async fn start(capture: &Capture) -> Self {
        Self::start_with(capture, 1, "full").await
    }

    /// With so many proxies, each with a spool of its own, and so much of each call kept.
    pub async fn start_with(capture: &Capture, proxies: usize, recording: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let (store, clickhouse) = (TestStore::new().await, TestClickHouse::start().await.unwrap());
        let [proxy, api, collector] = free_ports();
        let settings = settings(dir.path(), &store, &clickhouse.config, [proxy, api, collector]);
        let migrated = aop("migrate", &settings).output().unwrap();
        assert!(migrated.status.success(), "aop migrate: {}", String::from_utf8_lossy(&migrated.stderr));
        let mut parts: Vec<Part> =
            ["collector", "api", "proxy"].map(|part| Part(aop(part, &settings).spawn().unwrap())).into();
        let mut gateways = vec![proxy];
        for number in 1..proxies {
            let [port] = free_ports();
            let spool = dir.path().join("spools").join(number.to_string());
            let mut own = settings.clone();
            own.retain(|(name, _)| !matches!(*name, "AOP_LISTEN" | "AOP_SPOOL_DIR"));
            own.push(("AOP_LISTEN", format!("127.0.0.1:{port}")));
            own.push(("AOP_SPOOL_DIR", spool.to_str().unwrap().to_owned()));
            parts.push(Part(aop("proxy", &own).spawn().unwrap()));
            gateways.push(port);
        }
        [collector, api].into_iter().chain(gateways.iter().copied()).for_each(until_it_listens);
        let installation = Self {
            gateway_urls: gateways.iter().map(|port| format!("http://127.0.0.1:{port}")).collect(),
            api_url: format!("http://127.0.0.1:{api}"),
            client: client(),
            _parts: parts,
            dir,
            clickhouse,
            _store: store,
        };
        installation.keep(recording).await;
        installation.offer(capture).await;
        installation
    }

    /// From the next calls on. Gateways that know what is offered afterwards know this too.
    async fn keep(&self, recording: &str) {
        let teams = self.get("/api/teams").await;
        let url = format!("{}/api/teams/{}/policy", self.api_url, teams["items"][0]["id"].as_str().unwrap());
        let request = self.client.put(url).bearer_auth(KEY).json(&json!({ "recording": recording }));
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// The models of the capture, at a provider that answers as theirs did.
    async fn offer(&self, capture: &Capture) {
        let (kind, version) = if capture.is_googles() { ("gemini", "v1beta") } else { ("openai", "v1") };
        let base_url = format!("http://127.0.0.1:{}/{version}", Provider::start(capture).await.port);
        let provider = json!({"name": "captured", "kind": kind, "base_url": base_url,
            "credential": {"name": "key", "secret": "sk-0123456789abcdef"}});
        let provider = self.post("/api/providers", provider).await;
        for model in capture.models() {
            let target =
                json!({"provider_id": provider["id"], "credential_id": provider["credentials"][0]["id"]});
            self.post(
                "/api/models",
                json!({"model": model, "operations": ["chat", "embedding"], "targets": [target]}),
            )
            .await;
            for gateway in &self.gateway_urls {
                self.until_it_answers(gateway, &model).await;
            }
        }
    }

    /// The proxy has heard of the model.
    async fn until_it_answers(&self, gateway: &str, model: &str) {
        let begun = Instant::now();
        loop {
            let models = self.client.get(format!("{gateway}/v1/models")).bearer_auth(KEY);
            let models: Value = models.send().await.unwrap().json().await.unwrap();
            if models["data"].as_array().is_some_and(|list| list.iter().any(|one| one["id"] == model)) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "the proxy does not know {model}: {models}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Sends all calls in their order, each answered before the next, on connections of their own, to one proxy after the
    /// other.
    pub async fn send(&self, capture: &Capture) {
        let mut clients: HashMap<u64, reqwest::Client> = HashMap::new();
        for (gateway, call) in self.gateway_urls.iter().cycle().zip(&capture.calls) {
            let client = clients.entry(call.connection).or_insert_with(client);
            let answer = self.request(client, gateway, call).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            answer.bytes().await.unwrap();
        }
    }

    fn request(
        &self,
        client: &reqwest::Client,
        gateway: &str,
        call: &super::capture::Call,
    ) -> reqwest::RequestBuilder {
        // What the gateway has no endpoint of its own for is asked of the provider's own API.
        let below = if call.path.starts_with("/v1beta/") { "/passthrough/captured" } else { "" };
        let request = client.post(format!("{gateway}{below}{}", call.path)).bearer_auth(KEY);
        let sent = call.headers.iter().filter(|(name, _)| !NOT_SENT.contains(&name.as_str()));
        sent.fold(request, |request, (name, value)| request.header(name, value)).body(call.body.clone())
    }

    /// The list of calls, once there are so many and all that belongs to them is stored too.
    pub async fn calls(&self, count: usize) -> Value {
        let begun = Instant::now();
        let mut quiet = 0;
        // The name of a segment changes while it is sealed: it is looked at twice.
        while quiet < 2 {
            let spools = std::fs::read_dir(self.dir.path().join("spools")).unwrap().map(Result::unwrap);
            let waiting: usize = spools.map(|spool| segments_with_records(&spool.path())).sum();
            quiet = if waiting == 0 { quiet + 1 } else { 0 };
            assert!(begun.elapsed() < PATIENCE, "{waiting} segments are not stored");
            tokio::time::sleep(PAUSE).await;
        }
        let calls = self.get("/api/calls?limit=200").await["items"].take();
        assert_eq!(calls.as_array().unwrap().len(), count);
        calls
    }

    /// Sends the first call again until it is recorded under this name; that call in full.
    pub async fn until_recorded_as(&self, agent: &str, capture: &Capture) -> Value {
        let begun = Instant::now();
        loop {
            let answer =
                self.request(&self.client, &self.gateway_urls[0], &capture.calls[0]).send().await.unwrap();
            answer.bytes().await.unwrap();
            let rows = self.recorded_agents().await;
            if rows.iter().any(|name| name == agent) {
                let calls =
                    self.get(&format!("/api/calls?limit=1&agent={}", agent.replace(' ', "%20"))).await;
                return self
                    .get(&format!("/api/calls/{}", calls["items"][0]["call_id"].as_str().unwrap()))
                    .await;
            }
            assert!(begun.elapsed() < PATIENCE, "no call is recorded as {agent}: {rows:?}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Agents as they stand in the ledger, whatever corrections make of them now.
    async fn recorded_agents(&self) -> Vec<String> {
        let query =
            self.clickhouse.clickhouse.client().query("SELECT DISTINCT toString(agent) FROM llm_calls");
        query.fetch_all::<String>().await.unwrap()
    }

    /// The run of this trace, once all these calls are in it: what several proxies saw is settled a moment later.
    pub async fn run_of(&self, trace: &str, calls: usize) -> Value {
        let begun = Instant::now();
        loop {
            let run = self.get(&format!("/api/traces/{trace}")).await;
            if run["call_count"] == calls {
                return run;
            }
            assert!(begun.elapsed() < PATIENCE, "the run has {} of {calls} calls", run["call_count"]);
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer =
            self.client.get(format!("{}{path}", self.api_url)).bearer_auth(KEY).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.api_url)).bearer_auth(KEY).json(&body);
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, 201, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().timeout(PATIENCE).build().unwrap()
}

fn settings(
    dir: &Path,
    store: &TestStore,
    clickhouse: &aop_clickhouse::Config,
    [proxy, api, collector]: [u16; 3],
) -> Vec<(&'static str, String)> {
    let path = |name: &str| dir.join(name).to_str().unwrap().to_owned();
    let url = |port: u16| format!("http://127.0.0.1:{port}");
    let address = |port: u16| format!("127.0.0.1:{port}");
    let master = MasterKey::from_bytes(MASTER_KEY);
    vec![
        ("AOP_LOG", "error".to_owned()),
        ("AOP_MASTER_KEY", master.to_hex().expose().clone()),
        ("AOP_INTERNAL_TOKEN", master.internal_token().expose().clone()),
        ("AOP_BOOTSTRAP_KEY", KEY.to_owned()),
        ("AOP_ADMIN_EMAIL", "who@example.com".to_owned()),
        ("AOP_ADMIN_PASSWORD", "who-called-password-1".to_owned()),
        ("DATABASE_URL", store.url()),
        ("AOP_CLICKHOUSE_URL", clickhouse.url.clone()),
        ("AOP_CLICKHOUSE_USER", clickhouse.user.clone()),
        ("AOP_CLICKHOUSE_PASSWORD", clickhouse.password.clone()),
        ("AOP_CLICKHOUSE_DATABASE", clickhouse.database.clone()),
        ("AOP_COLLECTOR_LISTEN", address(collector)),
        ("AOP_COLLECTOR_DIR", path("collector")),
        ("AOP_COLLECTOR_URL", url(collector)),
        ("AOP_API_LISTEN", address(api)),
        ("AOP_API_URL", url(api)),
        ("AOP_LISTEN", address(proxy)),
        ("AOP_SPOOL_DIR", path("spools/0")),
        // Every part dies with the test.
        ("AOP_PARENT_PID", std::process::id().to_string()),
    ]
}

fn aop(part: &str, settings: &[(&'static str, String)]) -> Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_span-writer")).with_file_name("aop");
    assert!(binary.exists(), "{} is missing: run `cargo build --bin aop`", binary.display());
    let mut command = Command::new(binary);
    command.arg(part).envs(settings.iter().cloned()).stdin(Stdio::null());
    command
}
