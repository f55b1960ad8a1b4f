//! What a run needs around it: a database, a team, a gateway, a collector and runners.

use std::time::Duration;

use aop_domain::crew::demo;
use aop_domain::id::{CrewId, ExecutionId, TeamId, TraceId, UserId};
use aop_runner::Config;
use aop_service::keys::MasterKey;
use aop_service::outbound::Policy;
use aop_store::crews::{self, Content};
use aop_store::execution_events::{self, Event};
use aop_store::executions::{self, Execution, NewExecution, TriggeredBy};
use aop_store::testing::TestStore;
use aop_store::users::Role;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::collector::Collector;
use crate::gateway::{Asked, Gateway, Script};
use crate::patience::PATIENCE;

pub(crate) struct World {
    pub(crate) store: TestStore,
    pub(crate) team: TeamId,
    pub(crate) user: UserId,
    pub(crate) master_key: MasterKey,
    pub(crate) gateway: Gateway,
    pub(crate) collector: Collector,
    pub(crate) dir: TempDir,
}

/// A runner inside this process.
pub(crate) struct Runner {
    stop: CancellationToken,
    task: tokio::task::JoinHandle<Result<(), aop_runner::Error>>,
}

impl Runner {
    pub(crate) async fn shut_down(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

impl World {
    pub(crate) async fn new(script: impl Fn(&Asked, usize) -> Script + Send + Sync + 'static) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = TestStore::new().await;
        let team = store.add_team("Team").await;
        let user = store.add_user("dev", Role::Developer).await;
        let master_key = MasterKey::from_bytes([3; 32]);
        let gateway = Gateway::start(&master_key, script).await;
        let dir = TempDir::new().unwrap();
        Self { store, team, user, master_key, gateway, collector: Collector::start().await, dir }
    }

    pub(crate) fn config(&self, node: &str) -> Config {
        let mut spool = aop_spool::Config::new(self.dir.path().join(node));
        spool.seal_after = Duration::from_millis(50);
        let mut config = Config::new(
            self.store.url(),
            self.gateway.url.clone(),
            self.collector.url.clone(),
            self.master_key.clone(),
            spool,
            node,
        );
        config.heartbeat_every = Duration::from_millis(200);
        config.stale_after = Duration::from_secs(2);
        config.tool_policy = Policy::public().with_private();
        config
    }

    pub(crate) fn start_runner(&self, node: &str) -> Runner {
        self.start(self.config(node))
    }

    pub(crate) fn start(&self, config: Config) -> Runner {
        let stop = CancellationToken::new();
        Runner { task: tokio::spawn(aop_runner::run(config, stop.clone())), stop }
    }

    /// Saves a crew and queues a run of it.
    pub(crate) async fn queue(&self, config: &Value, inputs: Value) -> ExecutionId {
        let crew_id = CrewId(Uuid::now_v7());
        let content =
            Content { name: "Test crew".into(), description: String::new(), config: config.clone() };
        let crew = crews::create(&self.store, self.team, crew_id, Uuid::now_v7(), &content, Some(self.user))
            .await
            .unwrap();
        let id = ExecutionId(Uuid::now_v7());
        let new = NewExecution {
            id,
            crew_id,
            crew_name: crew.name,
            crew_version: crew.version,
            config: crew.config,
            inputs,
            trace_id: TraceId(*id.as_bytes()),
            triggered_by: TriggeredBy { user: Some(self.user), key: None },
        };
        executions::create(&self.store, self.team, &new).await.unwrap();
        id
    }

    pub(crate) async fn execution(&self, id: ExecutionId) -> Execution {
        executions::find(&self.store, self.team, id).await.unwrap().unwrap()
    }

    pub(crate) async fn ended(&self, id: ExecutionId) -> Execution {
        self.until("the run ends", async || {
            let execution = self.execution(id).await;
            execution.completed_at.is_some().then_some(execution)
        })
        .await
    }

    pub(crate) async fn events(&self, id: ExecutionId) -> Vec<Event> {
        execution_events::after(&self.store, self.team, id, 0, 10_000).await.unwrap()
    }

    /// Names of the run's events, streamed text left out.
    pub(crate) async fn story(&self, id: ExecutionId) -> Vec<String> {
        self.events(id).await.into_iter().map(|event| event.event).filter(|name| name != "token").collect()
    }

    /// Looks again and again until there is an answer.
    pub(crate) async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while tokio::time::Instant::now() < deadline {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("waited {PATIENCE:?} in vain until {what}");
    }
}

/// One agent that answers one task.
pub(crate) fn one_task() -> Value {
    json!({
        "agents": [{ "name": "a", "role": "Answerer", "goal": "g", "backstory": "b", "llm": "m" }],
        "tasks": [{ "name": "t1", "description": "say it", "expected_output": "words", "agent": "a" }]
    })
}

/// The demo crew: a researcher with a calculator, then a writer.
pub(crate) fn two_tasks() -> Value {
    demo().config
}
