//! Re-pricings from the question to the last slice, with workers and collectors that die in between.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use aop_clickhouse::repricing::{self, SliceId};
use aop_clickhouse::{CallRepricingRow, ClickHouse, LlmCallRow, SpanRow};
use aop_domain::id::TeamId;
use aop_store::executions::claim::{self as runs, Ending};
use aop_store::repricings::{self as stored, NewRepricing};
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use aop_store::{Scope, teams};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::world::World;

const DAY_US: i64 = 86_400_000_000;
const LEASE_US: i64 = aop_api::repricings::LEASE.as_micros() as i64;
// Somebody looks at it and waits.
const _: () = assert!(LEASE_US <= 10_000_000);
const OTHER: TeamId = TeamId(Uuid::from_u128(0x0199_a7c2_0000_7000_8000_0000_0000_0002));

/// A re-pricing that waits for its estimate.
pub(crate) async fn asked_for(world: &World) -> Uuid {
    let id = Uuid::now_v7();
    let new = NewRepricing {
        id,
        price_id: None,
        provider: String::new(),
        models: vec!["gpt-4o".into()],
        deployment: String::new(),
        from_at: world.now() - Duration::days(1),
        to_at: world.now(),
        created_by: None,
        created_at: world.now(),
    };
    stored::create(&world.store, Scope::Team(world.team), &new).await.unwrap();
    id
}

#[derive(Deserialize)]
struct Asked {
    team: TeamId,
    repricing: Uuid,
    slice: u32,
    rows: Vec<CallRepricingRow>,
}

/// Does what the collector does, or dies at it: the looks that its next slice lives for; `usize::MAX` for ever.
#[derive(Clone)]
struct Collector {
    clickhouse: ClickHouse,
    looks: Arc<AtomicUsize>,
}

async fn slice(State(collector): State<Collector>, Json(asked): Json<Asked>) -> StatusCode {
    let id = SliceId { team: asked.team, repricing: asked.repricing, slice: asked.slice };
    let looks = collector.looks.swap(usize::MAX, Ordering::SeqCst);
    let work = repricing::apply(&collector.clickhouse, id, &asked.rows);
    match (KilledAfter { inner: Box::pin(work), looks }).await {
        Some(done) => {
            done.unwrap();
            StatusCode::OK
        }
        None => StatusCode::BAD_GATEWAY,
    }
}

/// A future that is given up after so many looks at it, as by a process that is killed.
struct KilledAfter<F> {
    inner: Pin<Box<F>>,
    looks: usize,
}

impl<F: Future> Future for KilledAfter<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.looks == 0 {
            return Poll::Ready(None);
        }
        self.looks -= 1;
        self.inner.as_mut().poll(context).map(Some)
    }
}

struct Stage {
    world: World,
    admin: String,
    looks: Arc<AtomicUsize>,
}

impl Stage {
    /// Calls of two teams in two weeks: 100 uncached input tokens, 20 from a cache, 35 out.
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let world = World::with_collector(&format!("http://{}", listener.local_addr().unwrap())).await;
        let looks = Arc::new(AtomicUsize::new(usize::MAX));
        let collector =
            Collector { clickhouse: world.clickhouse.clickhouse.clone(), looks: Arc::clone(&looks) };
        let app = Router::new().route("/ingest/repricings", post(slice)).with_state(collector);
        tokio::spawn(async move { axum::serve(listener, app).await });
        teams::create(&world.store, OTHER, "theirs", None).await.unwrap();
        let admin = world.signed_in("admin", Role::Admin, Some(MemberRole::Member)).await;
        let calls = calls(&world);
        let spans: Vec<SpanRow> = calls.iter().map(|call| span_of(&world, call)).collect();
        world.clickhouse.clickhouse.insert_batch(&calls, "calls").await.unwrap();
        world.clickhouse.clickhouse.insert_batch(&spans, "spans").await.unwrap();
        Self { world, admin, looks }
    }

    /// A price of one dollar a token in, a tenth from a cache, two out.
    async fn price(&self, shared: bool, card: Value) -> Uuid {
        let body = json!({"provider": "simulator", "model": "sim-fast", "shared": shared, "card": card});
        let price = self.world.call("PUT", "/api/prices", &self.admin, body).await.expect(200);
        price["id"].as_str().unwrap().parse().unwrap()
    }

    async fn ask(&self, more: Value) -> Uuid {
        let at = |at: OffsetDateTime| at.format(&Rfc3339).unwrap();
        let mut body = json!({"from": at(self.world.now() - Duration::days(20)), "to": at(self.world.now())});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.world.post("/api/repricings", &self.admin, body).await.expect(201);
        assert_eq!(made["status"], "estimating");
        made["id"].as_str().unwrap().parse().unwrap()
    }

    async fn work(&self) {
        aop_api::repricings::once(&self.world.state, &CancellationToken::new()).await.unwrap();
    }

    async fn get(&self, id: Uuid) -> Value {
        self.world.get(&format!("/api/repricings/{id}"), &self.admin).await.expect(200)
    }

    async fn start(&self, id: Uuid) {
        let path = format!("/api/repricings/{id}/start");
        assert_eq!(self.world.post(&path, &self.admin, json!({})).await.expect(200)["status"], "running");
    }

    /// From the question to the end.
    async fn reprice(&self, more: Value) -> Value {
        let id = self.ask(more).await;
        self.work().await;
        self.start(id).await;
        self.work().await;
        self.get(id).await
    }

    fn clickhouse(&self) -> &ClickHouse {
        &self.world.clickhouse.clickhouse
    }
}

/// By their numbers: 1 and 2 a minute ago, 3 ten days ago, whose price is unknown; 4 of another model; 5 from the cache;
/// 6 a call of which nothing was measured; 7 of the other team.
fn calls(world: &World) -> Vec<LlmCallRow> {
    let call = |id: u8| LlmCallRow {
        price_provider: "simulator".into(),
        price_model: "sim-fast".into(),
        crew: "News".into(),
        key_id: [9; 16],
        ..crate::records::call(world, id, id)
    };
    let old = LlmCallRow {
        ts: world.clock.now_us() - 10 * DAY_US,
        cost_known: false,
        cost_input: 0,
        cost_output: 0,
        cost: 0,
        // As it was recorded before that was.
        price_provider: String::new(),
        price_model: String::new(),
        response_model: String::new(),
        ..call(3)
    };
    let other = |model: &str| LlmCallRow {
        response_model: model.into(),
        requested_model: model.into(),
        price_model: model.into(),
        ..call(4)
    };
    let hit = LlmCallRow { cache: "hit".into(), cost: 0, cost_input: 0, cost_output: 0, ..call(5) };
    let unmeasured = LlmCallRow { usage_source: "none".into(), ..call(6) };
    vec![
        call(1),
        call(2),
        old,
        other("sim-smart"),
        hit,
        unmeasured,
        LlmCallRow { team: *OTHER.as_bytes(), ..call(7) },
    ]
}

fn span_of(world: &World, call: &LlmCallRow) -> SpanRow {
    SpanRow {
        team: call.team,
        ts: call.ts,
        cost: call.cost,
        cost_known: call.cost_known,
        ..crate::records::span(world, call.call_id[0], call.trace_id[0])
    }
}

/// Every sum that somebody reads is the sum of the ledger's rows: of all teams together, and by team, model and trace.
async fn agree(clickhouse: &ClickHouse) -> String {
    let read = async |statement: String| {
        clickhouse.client().query(&statement).fetch_all::<(String, u64, String)>().await.unwrap()
    };
    let sums = |by: &str, known: &str, table: &str| {
        format!(
            "SELECT {by} AS name, toUInt64({known}), toString(sum(toDecimal128(cost, 12))) FROM {table} GROUP BY name ORDER BY name"
        )
    };
    let known = "countIf(cost_known)";
    let summed = "sum(cost_known_calls)";
    let model = "concat(hex(team), if(response_model = '', requested_model, response_model))";
    let models = read(sums(model, known, "llm_calls")).await;
    for table in ["usage_1h", "usage_1d", "usage_run"] {
        assert_eq!(read(sums("concat(hex(team), model)", summed, table)).await, models, "{table}");
    }
    let recent = "llm_calls WHERE ts > now() - INTERVAL 5 DAY";
    let minutes = "usage_1m WHERE bucket > now() - INTERVAL 5 DAY";
    assert_eq!(
        read(sums("concat(hex(team), model)", summed, minutes)).await,
        read(sums(model, known, recent)).await
    );
    let traces = read(sums("hex(trace_id)", known, "llm_calls")).await;
    for (table, counted) in [("spans", known), ("trace_index", summed), ("usage_run", summed)] {
        assert_eq!(read(sums("hex(trace_id)", counted, table)).await, traces, "{table}");
    }
    let all = read(sums("''", known, "llm_calls")).await;
    format!("{} {}", all[0].1, all[0].2)
}

#[tokio::test]
async fn a_price_that_was_negotiated_later_holds_after_it_was_looked_at_and_started() {
    let stage = Stage::new().await;
    let before = agree(stage.clickhouse()).await;
    let price = stage.price(false, json!({"input": "1", "cache_read": "0.1", "output": "2"})).await;
    let id = stage.ask(json!({"price_id": price})).await;
    stage.world.post(&format!("/api/repricings/{id}/start"), &stage.admin, json!({})).await.expect(409);
    stage.work().await;
    let looked_at = stage.get(id).await;
    assert_eq!((&looked_at["status"], &looked_at["result"]), (&json!("estimated"), &Value::Null));
    let sums = &looked_at["estimate"]["sums"];
    assert_eq!(
        (&sums["calls"], &sums["changed"], &sums["became_known"], &sums["old_cost"], &sums["new_cost"]),
        (&json!(3), &json!(3), &json!(1), &json!("0.003000000002"), &json!("516"))
    );
    assert_eq!(looked_at["estimate"]["not_measured"], 1);
    assert_eq!(looked_at["estimate"]["by_day"].as_array().unwrap().len(), 2);
    assert_eq!(agree(stage.clickhouse()).await, before, "a look changes nothing");

    stage.start(id).await;
    stage.work().await;
    let done = stage.get(id).await;
    assert_eq!((&done["status"], &done["error"]), (&json!("done"), &Value::Null));
    assert_eq!(done["result"], done["estimate"]);
    // Three of ours, the other model, the unmeasured, the hit and the other team's keep theirs.
    assert_eq!(agree(stage.clickhouse()).await, "7 516.004500000003");
    let call = Uuid::from_bytes([1; 16]);
    let detail = stage.world.get(&format!("/api/calls/{call}"), &stage.admin).await.expect(200);
    assert_eq!(
        (&detail["cost"], &detail["costs"]["cache"], &detail["price_version"]),
        (&json!("172"), &json!("2"), &json!(1))
    );
    let told = &detail["repricings"][0];
    assert_eq!(
        (&told["repricing_id"], &told["old_cost"], &told["old_price_version"], &told["new_cost"]),
        (&json!(id), &json!("0.001500000001"), &json!(0), &json!("172"))
    );
    stage.world.post(&format!("/api/repricings/{id}/start"), &stage.admin, json!({})).await.expect(409);

    let again = stage.reprice(json!({"price_id": price})).await;
    assert_eq!(
        (&again["result"]["sums"]["calls"], &again["result"]["sums"]["changed"]),
        (&json!(3), &json!(0))
    );
    assert_eq!(agree(stage.clickhouse()).await, "7 516.004500000003");
}

#[tokio::test]
async fn without_a_price_named_each_call_gets_the_one_in_force_at_its_time() {
    let stage = Stage::new().await;
    let from = (stage.world.now() - Duration::days(3)).format(&Rfc3339).unwrap();
    let body = json!({"provider": "simulator", "model": "sim-fast", "shared": true, "effective_from": from,
        "card": {"input": "1", "output": "1"}});
    stage.world.call("PUT", "/api/prices", &stage.admin, body).await.expect(200);
    let done = stage.reprice(json!({"models": ["sim-fast"], "all_teams": true})).await;
    assert_eq!((&done["status"], &done["all_teams"]), (&json!("done"), &json!(true)));
    let teams = done["result"]["by_team"].as_array().unwrap();
    assert_eq!(teams.len(), 2);
    let theirs = teams.iter().find(|team| team["name"] == OTHER.0.to_string()).unwrap();
    assert_eq!(
        theirs["sums"]["new_cost"], "155",
        "cached tokens cost what tokens do where they have no price"
    );
    let days = done["result"]["by_day"].as_array().unwrap();
    assert_eq!(days[0]["sums"]["became_known"], 1, "ten days ago the shipped price was in force");
    assert_ne!(days[0]["sums"]["new_cost"], "155");
    agree(stage.clickhouse()).await;
}

#[tokio::test]
async fn wherever_its_worker_or_its_collector_is_killed_it_goes_on_and_doubles_nothing() {
    let stage = Stage::new().await;
    let mut killed = (0, 0);
    for round in 1..=12_usize {
        // The flex tier is nobody's, but of one call it is not known that it was not.
        let card = json!({"input": round.to_string(), "output": "1", "input@flex": "99"});
        let price = stage.price(true, card).await;
        let id = stage.ask(json!({"price_id": price, "all_teams": true})).await;
        stage.work().await;
        stage.start(id).await;
        stage.looks.store(if round % 2 == 0 { round * 3 } else { usize::MAX }, Ordering::SeqCst);
        let stop = CancellationToken::new();
        let worker = aop_api::repricings::once(&stage.world.state, &stop);
        let looks = if round % 2 == 0 { usize::MAX } else { round * 4 };
        match (KilledAfter { inner: Box::pin(worker), looks }).await {
            None => killed.0 += 1,
            Some(Err(_)) => killed.1 += 1,
            Some(Ok(())) => {}
        }
        stage.looks.store(usize::MAX, Ordering::SeqCst);
        // Nobody takes what a living worker holds; the dead one's is taken when its time is over.
        stage.world.clock.advance_us(LEASE_US + 1);
        stage.work().await;
        let done = stage.get(id).await;
        assert_eq!((&done["status"], &done["error"]), (&json!("done"), &Value::Null), "round {round}");
        let sums = &done["result"]["sums"];
        assert_eq!((&sums["calls"], &sums["changed"]), (&json!(4), &json!(4)), "round {round}");
        assert_eq!(done["result"]["tier_assumed"], 1, "round {round}");
        let expected = 4 * (120 * round + 35);
        assert_eq!(sums["new_cost"], expected.to_string());
        assert_eq!(agree(stage.clickhouse()).await, format!("7 {expected}.003000000002"), "round {round}");
    }
    assert!(killed.0 > 2 && killed.1 > 2, "hardly anything was killed: {killed:?}");
}

#[tokio::test]
async fn what_a_dead_worker_held_another_takes_as_soon_as_it_has_been_silent_for_a_lease_and_not_before() {
    let stage = Stage::new().await;
    let price = stage.price(true, json!({"input": "1", "output": "1"})).await;
    let id = stage.ask(json!({"price_id": price, "all_teams": true})).await;
    stage.work().await;
    stage.start(id).await;
    // It takes the job, and is never heard of again.
    let (store, now) = (&stage.world.store, stage.world.now());
    let dead = stored::claim::next(store, Uuid::from_u128(1), now, aop_api::repricings::LEASE)
        .await
        .unwrap()
        .unwrap();
    stage.world.clock.advance_us(LEASE_US - 1_000_000);
    stage.work().await;
    let waiting = stage.get(id).await;
    assert_eq!((&waiting["status"], &waiting["result"]), (&json!("running"), &Value::Null));
    stage.world.clock.advance_us(2_000_000);
    stage.work().await;
    assert_eq!(stage.get(id).await["status"], "done");
    // It was only slow: it is told so, and writes nothing.
    assert_eq!(stored::claim::hold(store, &dead, stage.world.now()).await.unwrap(), stored::claim::Held::No);
    assert!(!stored::claim::begin_slice(store, &dead, &json!({})).await.unwrap());
    agree(stage.clickhouse()).await;
}

#[tokio::test]
async fn a_cancelled_one_ends_after_the_slice_that_was_begun_and_can_go_on() {
    let stage = Stage::new().await;
    let price = stage.price(true, json!({"input": "1", "output": "1"})).await;
    let id = stage.ask(json!({"price_id": price, "all_teams": true})).await;
    stage.work().await;
    stage.start(id).await;
    // Its collector dies in the first slice.
    stage.looks.store(6, Ordering::SeqCst);
    let failed = aop_api::repricings::once(&stage.world.state, &CancellationToken::new()).await;
    assert!(failed.is_err());
    assert!(stage.get(id).await["error"].as_str().unwrap().contains("collector"));
    let path = format!("/api/repricings/{id}/cancel");
    let ending = stage.world.post(&path, &stage.admin, json!({})).await.expect(200);
    assert_eq!((&ending["status"], &ending["cancel_requested"]), (&json!("running"), &json!(true)));
    stage.work().await;
    let ended = stage.get(id).await;
    assert_eq!((&ended["status"], &ended["result"]["sums"]["changed"]), (&json!("cancelled"), &json!(1)));
    agree(stage.clickhouse()).await;
    stage.world.post(&path, &stage.admin, json!({})).await.expect(409);
    stage.start(id).await;
    stage.work().await;
    assert_eq!(stage.get(id).await["result"]["sums"]["changed"], 4);
    agree(stage.clickhouse()).await;
}

#[tokio::test]
async fn a_runs_cost_follows_that_of_its_calls_and_nobody_elses() {
    let stage = Stage::new().await;
    let crew = crate::access::crew(&stage.world).await;
    let run = crate::access::execution(&stage.world, crew).await;
    let of_run = |team: TeamId, id: u8| LlmCallRow {
        team: *team.as_bytes(),
        execution_id: *run.as_bytes(),
        price_provider: "simulator".into(),
        price_model: "sim-fast".into(),
        ..crate::records::call(&stage.world, id, 40)
    };
    let rows = [of_run(stage.world.team, 40), of_run(stage.world.team, 41), of_run(OTHER, 42)];
    stage.clickhouse().insert_batch(&rows, "of a run").await.unwrap();
    let ending = Ending {
        status: "completed",
        outputs: None,
        error_message: None,
        input_tokens: 240,
        output_tokens: 70,
        total_cost: Some("0.003000000002".parse().unwrap()),
    };
    let lease = std::time::Duration::from_secs(60);
    let claim = runs::next(&stage.world.store, "runner", lease).await.unwrap().unwrap();
    runs::finish(&stage.world.store, claim.id, claim.attempt, &ending, &[]).await.unwrap();
    let price = stage.price(true, json!({"input": "1", "output": "1"})).await;
    let done = stage.reprice(json!({"price_id": price, "all_teams": true})).await;
    assert_eq!(done["result"]["sums"]["changed"], 7);
    let shown = stage.world.get(&format!("/api/executions/{run}"), &stage.admin).await.expect(200);
    assert_eq!(shown["total_cost"], "310");
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let stage = Stage::new().await;
    let ours = stage.price(false, json!({"input": "1"})).await;
    let body = |more: Value| {
        let mut body = json!({"from": "2026-01-01T00:00:00Z", "to": "2026-01-05T00:00:00Z"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let ask = async |more: Value, status: u16| {
        stage.world.post("/api/repricings", &stage.admin, body(more)).await.refused(status)
    };
    assert_eq!(ask(json!({"price_id": ours, "all_teams": true}), 400).await, "price_of_one_team");
    assert_eq!(ask(json!({"price_id": Uuid::now_v7()}), 404).await, "not_found");
    assert_eq!(ask(json!({"to": "2025-12-01T00:00:00Z"}), 400).await, "invalid_range");
    assert_eq!(ask(json!({"from": "2024-01-01T00:00:00Z"}), 400).await, "range_too_long");
    assert_eq!(ask(json!({"models": vec!["m"; 101]}), 400).await, "too_many_models");
    assert_eq!(ask(json!({"provider": "  "}), 400).await, "invalid_name");
    let one_thing = stage.price(false, json!({"image_out": "1"})).await;
    let done = stage.reprice(json!({"price_id": one_thing})).await;
    assert_eq!((&done["result"]["not_priced"], &done["result"]["sums"]["changed"]), (&json!(3), &json!(0)));
    assert_eq!(done["result"]["sums"]["still_unknown"], 1);
}
