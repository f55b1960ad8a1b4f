//! Crews and their runs over the API: stored, started, streamed, cancelled. A runner's part is played by the store's own
//! functions, so every step is where the test wants it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../tests/shared/patience.rs"]
mod patience;

use std::time::Duration;

use aop_api::server::{Public, state};
use aop_clickhouse::ClickHouse;
use aop_domain::crew::demo;
use aop_domain::id::{ExecutionId, KeyId, TeamId};
use aop_domain::run_event::RunEvent;
use aop_service::clock::Clock;
use aop_service::keys::MasterKey;
use aop_store::api_keys::{self, KeySettings, NewKey};
use aop_store::executions::claim::{self, Claim, Ending};
use aop_store::team_members::{self, MemberRole};
use aop_store::testing::TestStore;
use aop_store::users::Role;
use patience::PATIENCE;
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

struct World {
    store: TestStore,
    team: TeamId,
    master_key: MasterKey,
    url: String,
    client: Client,
    _serving: DropGuard,
}

impl World {
    async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = TestStore::new().await;
        let team = store.add_team("Team").await;
        let master_key = MasterKey::from_bytes([5; 32]);
        // Nothing here reads what happened; an address nobody answers on shows that.
        let clickhouse = ClickHouse::connect(&aop_clickhouse::Config {
            url: "http://127.0.0.1:9".into(),
            user: String::new(),
            password: String::new(),
            database: "aop".into(),
        })
        .unwrap();
        let shutdown = CancellationToken::new();
        let public = Public {
            url: "http://127.0.0.1:8080",
            simulator_url: None,
            sso: &[],
            token_issuers: &[],
            collector_url: None,
        };
        let inner = aop_store::Store::connect(&store.url(), 8).await.unwrap();
        let state =
            state(inner.clone(), clickhouse, &master_key, &public, Clock::System, shutdown.clone()).unwrap();
        tokio::spawn(state.runs.clone().run(inner, shutdown.clone()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = aop_api::router::app(state);
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            store,
            team,
            master_key,
            url,
            client: Client::builder().timeout(PATIENCE).build().unwrap(),
            _serving: shutdown.drop_guard(),
        }
    }

    /// A key of a new member of a team.
    async fn key(&self, team: TeamId, role: Role, permission: &str) -> String {
        let user = self.store.add_user("someone", role).await;
        team_members::put(&self.store, team, user, MemberRole::Member).await.unwrap();
        let text = format!("aop-test-{}", Uuid::now_v7());
        let settings = KeySettings {
            name: "k".into(),
            permissions: vec![permission.into()],
            allowed_models: Vec::new(),
            rate_limit: None,
            is_active: true,
            expires_at: None,
        };
        let mac = self.master_key.virtual_key_mac(&text);
        let new = NewKey { id: KeyId(Uuid::now_v7()), user_id: user, mac, hint: "aop-…".into(), settings };
        api_keys::create(&self.store, team, &new).await.unwrap();
        text
    }

    async fn developer(&self) -> String {
        self.key(self.team, Role::Developer, "write").await
    }

    async fn send(&self, key: &str, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap_or(Value::Null))
    }

    async fn demo_crew(&self, key: &str) -> String {
        let body = json!({ "name": "Demo", "config": demo().config });
        let (status, crew) = self.send(key, Method::POST, "/api/crews", Some(body)).await;
        assert_eq!(status, StatusCode::CREATED, "{crew}");
        crew["id"].as_str().unwrap().to_owned()
    }

    async fn start(&self, key: &str, crew: &str) -> ExecutionId {
        let (status, started) =
            self.send(key, Method::POST, &format!("/api/crews/{crew}/run"), Some(json!({}))).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{started}");
        let id: ExecutionId = started["execution_id"].as_str().unwrap().parse().unwrap();
        assert_eq!(started["stream_url"], format!("/api/executions/{id}/stream"));
        id
    }

    async fn open(&self, key: &str, id: ExecutionId, last_event_id: Option<i64>) -> Events {
        let mut request =
            self.client.get(format!("{}/api/executions/{id}/stream", self.url)).bearer_auth(key);
        if let Some(last) = last_event_id {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events { response, text: String::new() }
    }

    async fn claim(&self) -> Claim {
        claim::next(&self.store, "test", Duration::from_secs(60)).await.unwrap().unwrap()
    }

    async fn say(&self, claim: &Claim, text: &str) {
        let event =
            RunEvent::Token { agent_name: "a".into(), task_name: "t".into(), call: 1, text: text.into() };
        claim::append_events(&self.store, claim.id, claim.attempt, &[event]).await.unwrap();
    }

    async fn finish(&self, claim: &Claim) {
        let ending = Ending {
            status: "completed",
            outputs: Some(json!({ "raw": "done" })),
            error_message: None,
            input_tokens: 3,
            output_tokens: 4,
            total_cost: Some("0.0070".parse().unwrap()),
        };
        let last = RunEvent::ExecutionCompleted {
            execution_id: claim.id,
            status: "completed".into(),
            outputs: ending.outputs.clone(),
            total_duration: 1.0,
            total_cost: ending.total_cost,
            input_tokens: 3,
            output_tokens: 4,
        };
        claim::finish(&self.store, claim.id, claim.attempt, &ending, &[last]).await.unwrap();
    }
}

/// An open event stream.
struct Events {
    response: Response,
    text: String,
}

impl Events {
    /// The next event as (id, name, data); `None` when the stream has ended.
    async fn next(&mut self) -> Option<(i64, String, Value)> {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let (frame, rest) = (frame.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    frame
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(|value| value.trim_start().to_owned())
                };
                let Some(name) = field("event:") else { continue };
                let data = serde_json::from_str(&field("data:").unwrap()).unwrap();
                return Some((field("id:").unwrap().parse().unwrap(), name, data));
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk());
            let chunk = chunk.await.expect("the stream goes on").unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn rest(&mut self) -> Vec<(i64, String)> {
        let mut rest = Vec::new();
        while let Some((id, name, _)) = self.next().await {
            rest.push((id, name));
        }
        rest
    }
}

#[tokio::test]
async fn a_crew_is_stored_changed_listed_and_deleted() {
    let world = World::new().await;
    let key = world.developer().await;
    let id = world.demo_crew(&key).await;
    let path = format!("/api/crews/{id}");
    let (_, crew) = world.send(&key, Method::GET, &path, None).await;
    assert_eq!((crew["version"].as_i64(), crew["placeholders"].clone()), (Some(1), json!(["topic"])));
    assert_eq!(crew["config"], demo().config, "as it was written");

    let body = json!({ "name": "Renamed", "description": "d", "config": demo().config });
    let (status, crew) = world.send(&key, Method::PUT, &path, Some(body)).await;
    assert_eq!(
        (status, crew["version"].as_i64(), crew["name"].as_str()),
        (StatusCode::OK, Some(2), Some("Renamed"))
    );
    let (_, page) = world.send(&key, Method::GET, "/api/crews?limit=1", None).await;
    assert_eq!((page["items"][0]["id"].as_str(), page.get("next_cursor")), (Some(id.as_str()), None));
    assert_eq!(world.send(&key, Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(world.send(&key, Method::GET, &path, None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_definition_that_cannot_run_is_refused_with_its_field() {
    let world = World::new().await;
    let key = world.developer().await;
    let mut config = demo().config;
    config["process"] = json!("hierarchical");
    config["tasks"][1]["human_input"] = json!(true);
    let body = json!({ "name": "x", "config": config });
    let (status, problem) = world.send(&key, Method::POST, "/api/crews", Some(body)).await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::BAD_REQUEST, Some("crew_invalid")));
    assert_eq!(problem["field"], "process");
    assert!(problem["detail"].as_str().unwrap().contains("tasks[1].human_input"), "{problem}");

    let (status, answer) =
        world.send(&key, Method::POST, "/api/crews/validate", Some(json!({ "config": config }))).await;
    assert_eq!((status, answer["valid"].as_bool()), (StatusCode::OK, Some(false)));
    assert_eq!(answer["problems"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_run_without_a_value_it_needs_is_not_queued() {
    let world = World::new().await;
    let key = world.developer().await;
    let mut config = demo().config;
    config.as_object_mut().unwrap().remove("inputs");
    let body = json!({ "name": "x", "config": config });
    let (_, crew) = world.send(&key, Method::POST, "/api/crews", Some(body)).await;
    let run = format!("/api/crews/{}/run", crew["id"].as_str().unwrap());
    let (status, problem) =
        world.send(&key, Method::POST, &run, Some(json!({ "inputs": { "year": 2026 } }))).await;
    assert_eq!((status, problem["field"].as_str()), (StatusCode::BAD_REQUEST, Some("inputs.topic")));
    let (_, page) = world.send(&key, Method::GET, "/api/executions", None).await;
    assert_eq!(page["items"], json!([]));
    let (status, _) =
        world.send(&key, Method::POST, &run, Some(json!({ "inputs": { "topic": "wind" } }))).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(world.claim().await.inputs, json!({ "topic": "wind" }));
}

#[tokio::test]
async fn a_stream_tells_every_event_once_and_goes_on_where_the_client_left() {
    let world = World::new().await;
    let key = world.developer().await;
    let crew = world.demo_crew(&key).await;
    let id = world.start(&key, &crew).await;
    let claim = world.claim().await;
    world.say(&claim, "one").await;

    let mut events = world.open(&key, id, None).await;
    let first = events.next().await.unwrap();
    assert_eq!((first.0, first.1.as_str(), first.2["text"].as_str()), (1, "token", Some("one")));
    world.say(&claim, "two").await;
    let told = std::time::Instant::now();
    assert_eq!(events.next().await.unwrap().2["text"], "two");
    assert!(told.elapsed() < Duration::from_secs(1), "it was woken: {:?}", told.elapsed());
    drop(events);
    for n in 0..300 {
        world.say(&claim, &n.to_string()).await;
    }

    let mut again = world.open(&key, id, Some(1)).await;
    assert_eq!(again.next().await.unwrap().2["text"], "two");
    world.finish(&claim).await;
    let rest = again.rest().await;
    assert_eq!(rest.iter().map(|(id, _)| *id).collect::<Vec<_>>(), (3..=303).collect::<Vec<_>>());
    assert_eq!(rest.last().unwrap().1, "execution_completed", "and then it ends");
    assert_eq!(world.open(&key, id, Some(302)).await.rest().await.len(), 1, "also for who comes late");

    let (_, execution) = world.send(&key, Method::GET, &format!("/api/executions/{id}"), None).await;
    assert_eq!(execution["total_cost"], "0.007");
    assert_eq!(
        (execution["status"].as_str(), execution["outputs"]["raw"].as_str()),
        (Some("completed"), Some("done"))
    );
    assert_eq!(execution["trace_id"], id.0.simple().to_string());
    let (_, page) = world.send(&key, Method::GET, &format!("/api/crews/{crew}/executions"), None).await;
    assert_eq!(page["items"][0]["id"], id.to_string());
    let (_, none) = world.send(&key, Method::GET, "/api/executions?status=failed", None).await;
    assert_eq!(none["items"], json!([]));
}

#[tokio::test]
async fn a_run_can_answer_with_its_stream() {
    let world = World::new().await;
    let key = world.key(world.team, Role::Developer, "run").await;
    let crew = world.demo_crew(&world.developer().await).await;
    let response = world
        .client
        .post(format!("{}/api/crews/{crew}/run", world.url))
        .bearer_auth(&key)
        .header("accept", "text/event-stream")
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let mut events = Events { response, text: String::new() };
    let claim = world.claim().await;
    world.say(&claim, "hello").await;
    world.finish(&claim).await;
    assert_eq!(events.rest().await, [(1, "token".to_owned()), (2, "execution_completed".to_owned())]);
}

#[tokio::test]
async fn a_waiting_run_is_cancelled_and_its_stream_ends() {
    let world = World::new().await;
    let key = world.developer().await;
    let crew = world.demo_crew(&key).await;
    let id = world.start(&key, &crew).await;
    let mut events = world.open(&key, id, None).await;
    let cancel = format!("/api/executions/{id}/cancel");
    let (status, execution) = world.send(&key, Method::POST, &cancel, None).await;
    assert_eq!((status, execution["status"].as_str()), (StatusCode::ACCEPTED, Some("cancelled")));
    assert_eq!(events.rest().await, [(1, "execution_completed".to_owned())]);
    let (status, problem) = world.send(&key, Method::POST, &cancel, None).await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::CONFLICT, Some("already_ended")));
}

#[tokio::test]
async fn who_may_only_read_starts_and_changes_nothing_and_another_team_sees_nothing() {
    let world = World::new().await;
    let developer = world.developer().await;
    let crew = world.demo_crew(&developer).await;
    let id = world.start(&developer, &crew).await;
    let viewer = world.key(world.team, Role::Viewer, "write").await;
    let reader = world.key(world.team, Role::Developer, "read").await;
    let runner = world.key(world.team, Role::Developer, "run").await;
    let body = || Some(json!({ "name": "x", "config": demo().config }));
    let (crew_path, run_path) = (format!("/api/crews/{crew}"), format!("/api/crews/{crew}/run"));
    let (execution_path, cancel_path) =
        (format!("/api/executions/{id}"), format!("/api/executions/{id}/cancel"));
    for key in [&viewer, &reader] {
        assert_eq!(world.send(key, Method::GET, &crew_path, None).await.0, StatusCode::OK);
        assert_eq!(world.send(key, Method::GET, &execution_path, None).await.0, StatusCode::OK);
        assert_eq!(world.send(key, Method::POST, &run_path, Some(json!({}))).await.0, StatusCode::FORBIDDEN);
        assert_eq!(world.send(key, Method::POST, &cancel_path, None).await.0, StatusCode::FORBIDDEN);
    }
    for key in [&viewer, &reader, &runner] {
        assert_eq!(world.send(key, Method::POST, "/api/crews", body()).await.0, StatusCode::FORBIDDEN);
        assert_eq!(world.send(key, Method::PUT, &crew_path, body()).await.0, StatusCode::FORBIDDEN);
        assert_eq!(world.send(key, Method::DELETE, &crew_path, None).await.0, StatusCode::FORBIDDEN);
    }
    let other = world.store.add_team("Other").await;
    let stranger = world.key(other, Role::Developer, "write").await;
    for (method, path, sent) in [
        (Method::GET, crew_path.as_str(), None),
        (Method::PUT, &crew_path, body()),
        (Method::DELETE, &crew_path, None),
        (Method::POST, &run_path, Some(json!({}))),
        (Method::GET, &execution_path, None),
        (Method::POST, &cancel_path, None),
        (Method::GET, &format!("{execution_path}/stream"), None),
        (Method::GET, &format!("{crew_path}/executions"), None),
    ] {
        let (status, _) = world.send(&stranger, method.clone(), path, sent).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{method} {path}");
    }
    assert_eq!(world.send(&stranger, Method::GET, "/api/executions", None).await.1["items"], json!([]));
}
