//! Starts a gateway on a free port with facts made in the test, and reads back what it recorded.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use prost::Message;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use aop_domain::correction::{CorrectionKind, Corrections, Rule};
use aop_domain::frame::{Item, Segment};
use aop_domain::gateway::{
    Deployment, GatewaySnapshot, PriceOverride, Provider, ProviderAccess, Route, RouteTarget,
    SealedCredential, Timeouts, TokenRule, VirtualKey,
};
use aop_domain::guard::GuardFacts;
use aop_domain::id::{
    CorrectionId, CredentialId, DeploymentId, KeyId, LimitId, ProviderId, RouteId, TeamId, UserId,
};
use aop_domain::limits::{Kind, Limit, LimitScope, Window};
use aop_domain::record::{CallRecord, CallStatus};
use aop_domain::routing::{BreakerPolicy, Continues, RoutePolicy};
use aop_proxy::{Config, Facts, Limits, WhenFull};
use aop_service::keys::{KeyDomain, MasterKey};
use aop_service::secret::Secret;

#[path = "../../../tests/shared/patience.rs"]
mod patience;
pub use patience::PATIENCE;

pub const KEY: &str = "aop-test-key";
pub const PROVIDER_KEY: &str = "sk-provider-secret";

pub fn master() -> MasterKey {
    MasterKey::from_bytes([5; 32])
}

pub fn team() -> TeamId {
    TeamId::from_bytes([1; 16])
}

/// No provider is given up while a test runs: what ends a call is what the test does.
fn patient() -> Timeouts {
    let minutes = 10 * 60_000;
    Timeouts { connect_ms: minutes, first_byte_ms: minutes, idle_ms: minutes, total_ms: minutes }
}

/// The first of the route's deployments is given up soon when it does not begin to answer.
pub fn hasty_before(route: &mut Route) {
    hasty(route, Timeouts { first_byte_ms: 500, ..patient() });
}

/// The same, when it is silent after it has begun.
pub fn hasty_within(route: &mut Route) {
    hasty(route, Timeouts { idle_ms: 500, ..patient() });
}

fn hasty(route: &mut Route, timeouts: Timeouts) {
    let target = &mut route.targets[0];
    target.deployment = Arc::new(Deployment { timeouts, ..Deployment::clone(&target.deployment) });
}

/// The facts of one gateway, built up by a test.
#[derive(Default)]
pub struct World {
    snapshot: GatewaySnapshot,
}

impl World {
    /// One active key of one team that may call everything.
    pub fn new() -> Self {
        let mut world = Self::default();
        world.key(KEY, |_| {});
        world
    }

    pub fn key(&mut self, text: &str, change: impl FnOnce(&mut VirtualKey)) -> &mut Self {
        let n = self.snapshot.keys.len() as u8 + 1;
        let mut key = VirtualKey {
            id: KeyId::from_bytes([n; 16]),
            team_id: team(),
            user_id: UserId::from_bytes([2; 16]),
            name: "test".into(),
            permissions: vec!["gateway".into()],
            active: true,
            expires_at_s: None,
            allowed_models: vec![],
        };
        change(&mut key);
        self.snapshot.keys.insert(master().virtual_key_mac(text), Arc::new(key));
        self
    }

    /// A model answered by these upstreams, in this order.
    pub fn model(&mut self, name: &str, upstreams: &[SocketAddr]) -> &mut Self {
        let bases: Vec<String> = upstreams.iter().map(|address| format!("http://{address}/v1")).collect();
        let bases: Vec<&str> = bases.iter().map(String::as_str).collect();
        self.route(name, "openai", name, &bases, |_| {})
    }

    /// A model of the simulator, by its own name.
    pub fn simulated(&mut self, name: &str) -> &mut Self {
        self.route(name, "simulator", name, &["simulator:"], |_| {})
    }

    /// Tokens of this issuer in which the claim has the value act as the key.
    pub fn token_rule(&mut self, issuer: &str, claim: &str, value: &str, key: KeyId) -> &mut Self {
        self.snapshot.token_rules.push(TokenRule {
            key_id: key,
            issuer: issuer.into(),
            claim: claim.into(),
            value: value.into(),
        });
        self
    }

    /// A limit of the test's team, or what `change` makes of it.
    pub fn limit(
        &mut self,
        name: &str,
        kind: Kind,
        window: Window,
        amount: i64,
        change: impl FnOnce(&mut Limit),
    ) -> &mut Self {
        let mut limit = Limit {
            id: LimitId::from_bytes([self.snapshot.limits.len() as u8 + 1; 16]),
            team_id: Some(team()),
            name: name.into(),
            scope: LimitScope::Team,
            subject: None,
            kind,
            window,
            amount,
            shadow: false,
        };
        change(&mut limit);
        self.snapshot.limits.push(Arc::new(limit));
        self
    }

    /// What teams, keys and routes say about recording and the cache.
    pub fn guard(&mut self, change: impl FnOnce(&mut GuardFacts)) -> &mut Self {
        change(&mut self.snapshot.guard);
        self
    }

    /// What is done with calls that fit a filter.
    pub fn hooks(&mut self, hooks: Vec<Arc<aop_domain::hook::Hook>>) -> &mut Self {
        self.snapshot.hooks = hooks;
        self
    }

    /// The team's policy of the runaway guard.
    pub fn runaway(&mut self, team: TeamId, policy: aop_domain::runaway::Policy) -> &mut Self {
        self.snapshot.runaway.of_teams.insert(team, policy);
        self
    }

    /// The team knows this agent by another name.
    pub fn renamed(&mut self, agent: u64, name: &str) -> &mut Self {
        let rule = Rule {
            id: CorrectionId::NIL,
            kind: CorrectionKind::Rename,
            agent,
            condition: None,
            to_agent: agent,
            name: name.to_owned(),
        };
        self.snapshot.corrections.insert(team(), Corrections::new([rule]));
        self
    }

    /// Gives the deployments of a model this secret.
    pub fn secret(&mut self, model: &str, secret: &str) -> &mut Self {
        let routes = self.snapshot.routes.iter().filter(|route| route.model == model);
        let targets = routes.flat_map(|route| &route.targets);
        for id in targets.filter_map(|target| target.deployment.credential_id) {
            let key = master().derive(KeyDomain::ProviderCredential);
            let sealed = key.seal(secret.as_bytes(), id.as_bytes(), [9; 24]).unwrap();
            self.snapshot.credentials.insert(id, SealedCredential { id, sealed });
        }
        self
    }

    /// A provider whose own API may be called, with this secret; empty: without one.
    pub fn provider(&mut self, name: &str, kind: &str, base: &str, secret: &str) -> &mut Self {
        let n = 200 + self.snapshot.providers.len() as u8;
        let credential = CredentialId::from_bytes([n; 16]);
        let mut credentials = Vec::new();
        if !secret.is_empty() {
            let key = master().derive(KeyDomain::ProviderCredential);
            let sealed = key.seal(secret.as_bytes(), credential.as_bytes(), [n; 24]).unwrap();
            self.snapshot.credentials.insert(credential, SealedCredential { id: credential, sealed });
            credentials.push((None, credential));
        }
        let provider = Provider {
            id: ProviderId::from_bytes([n; 16]),
            team_id: None,
            name: name.into(),
            kind: kind.into(),
            base_url: base.into(),
            price_provider: "openai".into(),
        };
        self.snapshot.providers.push(ProviderAccess { provider: Arc::new(provider), credentials });
        self
    }

    /// A price for this model at every upstream of the tests.
    pub fn price(&mut self, model: &str, card_json: &str) -> &mut Self {
        self.snapshot.price_overrides.push(PriceOverride {
            team_id: None,
            version: 7,
            provider: "openai".into(),
            model: model.into(),
            effective_from_s: 0,
            card_json: card_json.into(),
        });
        self
    }

    pub fn route(
        &mut self,
        name: &str,
        kind: &str,
        upstream_model: &str,
        bases: &[&str],
        change: impl FnOnce(&mut Route),
    ) -> &mut Self {
        let mut targets = Vec::new();
        for (at, base) in bases.iter().enumerate() {
            let n = (self.snapshot.routes.len() * 10 + at + 1) as u8;
            let credential = CredentialId::from_bytes([n; 16]);
            let sealed = master()
                .derive(KeyDomain::ProviderCredential)
                .seal(PROVIDER_KEY.as_bytes(), credential.as_bytes(), [n; 24])
                .unwrap();
            self.snapshot.credentials.insert(credential, SealedCredential { id: credential, sealed });
            let provider = Provider {
                id: ProviderId::from_bytes([n; 16]),
                team_id: None,
                name: format!("provider-{at}"),
                kind: kind.into(),
                base_url: (*base).into(),
                price_provider: "openai".into(),
            };
            let deployment = Deployment {
                id: DeploymentId::from_bytes([n; 16]),
                name: format!("{name}-{at}"),
                provider: Arc::new(provider),
                upstream_model: upstream_model.into(),
                credential_id: Some(credential),
                timeouts: patient(),
                breaker: BreakerPolicy::default(),
                continues: Continues::Auto,
            };
            targets.push(RouteTarget { deployment: Arc::new(deployment), priority: at as u16, weight: 1 });
        }
        let mut route = Route {
            id: RouteId::from_bytes([self.snapshot.routes.len() as u8 + 1; 16]),
            team_id: None,
            model: name.into(),
            targets,
            max_attempts: 3,
            operations: vec![],
            policy: RoutePolicy::default(),
        };
        change(&mut route);
        self.snapshot.routes.push(Arc::new(route));
        self
    }
}

/// A running gateway. Stops when dropped.
pub struct Gateway {
    pub address: SocketAddr,
    pub facts: watch::Sender<Arc<GatewaySnapshot>>,
    pub kills: watch::Sender<Vec<aop_proxy::GivenKill>>,
    dir: tempfile::TempDir,
    shutdown: CancellationToken,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Gateway {
    pub async fn start(world: World) -> Self {
        Self::start_with(world, |_| {}).await
    }

    pub async fn start_with(world: World, change: impl FnOnce(&mut Config)) -> Self {
        Self::run(world, None, change).await
    }

    /// With facts and the ledger of limits in this database, as in an installation.
    pub async fn start_on(database_url: String) -> Self {
        Self::run(World::default(), Some(Secret::new(database_url)), |_| {}).await
    }

    /// The same, at once: its facts may not be there yet.
    pub async fn launch_on(database_url: String) -> Self {
        Self::launch(World::default(), Some(Secret::new(database_url)), |_| {}).await
    }

    async fn run(world: World, database: Option<Secret>, change: impl FnOnce(&mut Config)) -> Self {
        let gateway = Self::launch(world, database, change).await;
        gateway.until_it_has_its_facts().await;
        gateway
    }

    async fn launch(world: World, database: Option<Secret>, change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let shutdown = CancellationToken::new();
        let simulator = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let simulator_url = format!("http://{}", simulator.local_addr().unwrap());
        tokio::spawn(aop_simulator::serve(simulator, shutdown.clone()));
        let address = free_address();
        let mut config = Config {
            listen: address,
            tls: None,
            threads: 1,
            database_url: Secret::new(String::new()),
            api_url: "http://127.0.0.1:9".into(),
            collector_url: "http://127.0.0.1:9".into(),
            simulator_url,
            spool_dir: dir.path().join("spool"),
            spool_max_bytes: 1 << 30,
            when_full: WhenFull::default(),
            token_issuers: vec![],
            token_pace: aop_service::token::Pace::default(),
            access_log: aop_proxy::AccessLogTo::Nowhere,
            access_log_of: aop_proxy::AccessLogOf::default(),
            metrics_token: None,
            node: "test-node".into(),
            master_key: master(),
            run_dir: dir.path().to_owned(),
            limits_when_away: aop_proxy::WhenAway::default(),
            addresses: aop_proxy::AddressRules::default(),
            limits: Limits { grace: Duration::from_millis(200), ..Limits::default() },
            shared_cache: None,
        };
        change(&mut config);
        let (facts, snapshot) = watch::channel(Arc::new(world.snapshot));
        let (kills, killed) = watch::channel(Vec::new());
        let stop = shutdown.clone();
        let thread = std::thread::spawn(move || {
            let facts = database.map_or(Facts::Given { snapshot, kills: killed }, Facts::Postgres);
            aop_proxy::run_with(config, facts, stop).expect("the gateway starts");
        });
        Self { address, facts, kills, dir, shutdown, thread: Some(thread) }
    }

    async fn until_it_has_its_facts(&self) {
        let client = client();
        eventually("the gateway has its facts", || async {
            let ready = client.get(self.url("/readyz")).send().await.ok()?.json::<Value>().await.ok()?;
            (ready["snapshot"] == true).then_some(())
        })
        .await;
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Reply {
        self.post_as(KEY, path, body, &[]).await
    }

    pub async fn post_as(
        &self,
        key: &str,
        path: &str,
        body: impl Into<reqwest::Body>,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = client().post(self.url(path)).body(body);
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        if !key.is_empty() {
            request = request.bearer_auth(key);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Reply::of(request.send().await.expect("the gateway answers")).await
    }

    pub async fn chat(&self, body: &Value) -> Reply {
        self.post("/v1/chat/completions", body.to_string()).await
    }

    /// What came of a stream that ends with a cut connection.
    pub async fn chat_until_cut(&self, body: &Value) -> String {
        let request = client().post(self.url("/v1/chat/completions")).bearer_auth(KEY).body(body.to_string());
        let mut response = request.send().await.expect("the gateway answers");
        let mut text = String::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            text.push_str(&String::from_utf8_lossy(&chunk));
        }
        text
    }

    pub async fn get(&self, path: &str) -> Reply {
        Reply::of(client().get(self.url(path)).bearer_auth(KEY).send().await.unwrap()).await
    }

    /// Sends bytes as they are and reads until the connection closes.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        self.raw_for(bytes, PATIENCE).await
    }

    /// The same, until `wait` has passed at most.
    pub async fn raw_for(&self, bytes: &[u8], wait: Duration) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A gateway that refuses early may close before it has read everything.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(wait, stream.read_to_end(&mut answer)).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// What is in the spool now, in order.
    pub fn records(&self) -> Vec<CallRecord> {
        let mut files: Vec<_> = std::fs::read_dir(self.dir.path().join("spool"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|kind| kind == "seg" || kind == "open"))
            .collect();
        files.sort();
        let mut records = Vec::new();
        for file in files {
            // A segment may be sealed (renamed) meanwhile: the caller asks again.
            let Ok(bytes) = std::fs::read(file) else { continue };
            let Ok(segment) = Segment::parse(Bytes::from(bytes)) else { continue };
            records.extend(segment.items().filter_map(|item| match item {
                Item::Frame(frame) => CallRecord::decode(frame.payload).ok(),
                _ => None,
            }));
        }
        records
    }

    /// Waits until `count` calls are recorded, and gives them.
    pub async fn recorded(&self, count: usize) -> Vec<CallRecord> {
        eventually(&format!("{count} calls are recorded"), || async {
            let records = self.records();
            (records.len() >= count).then_some(records)
        })
        .await
    }

    pub async fn only_record(&self) -> CallRecord {
        let mut records = self.recorded(1).await;
        assert_eq!(records.len(), 1, "{records:#?}");
        records.remove(0)
    }

    pub async fn stop(&mut self) {
        self.shutdown.cancel();
        let thread = self.thread.take().unwrap();
        tokio::task::spawn_blocking(move || thread.join()).await.unwrap().expect("the gateway ends well");
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub text: String,
}

impl Reply {
    pub async fn of(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers =
            response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        Self { status, headers, text: response.text().await.unwrap_or_default() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Status and code of an error in OpenAI's envelope; the message must be one sentence without secrets.
    #[track_caller]
    pub fn error(&self) -> (u16, String) {
        let body = self.json();
        let message = body["error"]["message"].as_str().expect("an error says why");
        assert!(message.len() > 10 && message.len() < 400, "{message}");
        assert!(!self.text.contains(PROVIDER_KEY) && !self.text.contains(KEY), "a secret: {}", self.text);
        (self.status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    }

    /// The data of each server-sent event.
    pub fn events(&self) -> Vec<String> {
        self.text.lines().filter_map(|line| line.strip_prefix("data: ")).map(str::to_owned).collect()
    }
}

pub fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

pub fn chat(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "Say hello."}]})
}

pub fn status_of(record: &CallRecord) -> CallStatus {
    CallStatus::try_from(record.status).unwrap()
}

pub fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Asks until there is an answer; fails when there is none for long.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "not in {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
