//! Replays as callers see them: what would be sent, what it may cost, what is refused and why, and who may.

use aop_clickhouse::{CallBodyRow, LlmCallRow, MessageRow, SpanRow};
use aop_domain::id::{CallId, DeploymentId, ProviderId, ReplayId, RouteId, TeamId, TraceId};
use aop_domain::replay::Plan;
use aop_domain::routing::{BreakerPolicy, Continues, RoutePolicy};
use aop_store::model_deployments::{self, DeploymentSettings};
use aop_store::providers::ProviderSettings;
use aop_store::replays::{self, Filter, NewReplay, claim};
use aop_store::routes::{RouteSettings, Target};
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use aop_store::{Scope, providers, routes, teams};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::records::{call, span};
use crate::world::World;

/// A replay that waits, and no other beside it: a team may have so many only.
pub(crate) async fn only_open(world: &World) -> ReplayId {
    for open in replays::list(&world.store, world.team, &Filter::default(), 100).await.unwrap() {
        replays::request_cancel(&world.store, world.team, open.id).await.unwrap();
    }
    let id = ReplayId(Uuid::now_v7());
    let new = NewReplay {
        id,
        source_trace: TraceId([4; 16]),
        source_call: CallId::from_bytes([3; 16]),
        trace: TraceId(*id.as_bytes()),
        scope: "call",
        model: "sim-fast".into(),
        edits: vec![],
        max_cost: None,
        plan: b"{}".to_vec(),
        calls: vec![CallId::from_bytes([3; 16])],
        created_by: world.user("replayer", Role::Developer, None).await,
        key: None,
    };
    assert!(replays::create(&world.store, world.team, &new).await.unwrap());
    id
}

/// A model of this name, at a price the simulator has.
pub(crate) async fn model(world: &World, name: &str) {
    let scope = Scope::Team(world.team);
    let (provider, deployment) = (ProviderId(Uuid::now_v7()), DeploymentId(Uuid::now_v7()));
    let settings = ProviderSettings {
        name: provider.to_string(),
        kind: "openai".into(),
        base_url: "https://llm.example/v1".into(),
        price_provider: "openai".into(),
        is_active: true,
    };
    providers::create(&world.store, scope, provider, &settings).await.unwrap();
    let settings = DeploymentSettings {
        name: deployment.to_string(),
        provider_id: provider,
        credential_id: None,
        upstream_model: name.into(),
        timeouts: aop_domain::gateway::Timeouts::default(),
        breaker: BreakerPolicy::default(),
        continues: Continues::Auto,
        is_active: true,
    };
    model_deployments::create(&world.store, scope, deployment, &settings).await.unwrap();
    let settings = RouteSettings {
        model: name.into(),
        max_attempts: 1,
        operations: vec!["chat".into()],
        policy: RoutePolicy::default(),
        is_active: true,
        targets: vec![Target { deployment_id: deployment, priority: 0, weight: 1 }],
    };
    routes::create(&world.store, scope, RouteId(Uuid::now_v7()), &settings).await.unwrap();
}

/// Stores what a call said and got.
pub(crate) async fn said(world: &World, call: &LlmCallRow, input: &[Value], output: &[Value]) {
    let hash = |message: &Value| -> [u8; 16] {
        let text = message.to_string();
        let number = text.bytes().fold(0_u128, |sum, byte| sum.wrapping_mul(257) + u128::from(byte));
        number.to_be_bytes()
    };
    let rows: Vec<MessageRow> = input
        .iter()
        .chain(output)
        .map(|message| MessageRow {
            team: call.team,
            day: u16::try_from(call.ts.div_euclid(86_400_000_000)).unwrap(),
            hash: hash(message),
            role: message["role"].as_str().unwrap().into(),
            content: message.to_string(),
            bytes: u32::try_from(message.to_string().len()).unwrap(),
            retention_days: call.retention_days,
        })
        .collect();
    let body = CallBodyRow {
        team: call.team,
        ts: call.ts,
        call_id: call.call_id,
        input_hashes: input.iter().map(hash).collect(),
        output_hashes: output.iter().map(hash).collect(),
        params: r#"{"model":"sim-fast","temperature":0.5}"#.into(),
        retention_days: call.retention_days,
        ..CallBodyRow::default()
    };
    let token = Uuid::now_v7();
    let clickhouse = &world.clickhouse.clickhouse;
    clickhouse.insert_batch(&rows, &format!("messages-{token}")).await.unwrap();
    clickhouse.insert_batch(&[body], &format!("bodies-{token}")).await.unwrap();
}

fn message(role: &str, content: &str) -> Value {
    json!({ "role": role, "content": content })
}

async fn insert(world: &World, calls: &[LlmCallRow]) {
    let spans: Vec<_> = calls
        .iter()
        .map(|call| SpanRow {
            ts: call.ts,
            ended_at: call.ts + 500_000,
            ..span(world, call.call_id[0], call.trace_id[0])
        })
        .collect();
    let clickhouse = &world.clickhouse.clickhouse;
    clickhouse.insert_batch(calls, &Uuid::now_v7().to_string()).await.unwrap();
    clickhouse.insert_batch(&spans, &Uuid::now_v7().to_string()).await.unwrap();
}

/// A run of one conversation of two calls, then one that failed, one of another talk, and an embedding.
async fn run(world: &World) {
    let of = |id: u8, conversation: u64, later_us: i64| {
        let first = call(world, id, 4);
        LlmCallRow { conversation, ts: first.ts + later_us, ..first }
    };
    let calls = [
        of(3, 7, 0),
        of(4, 7, 1_000_000),
        LlmCallRow { status: "upstream_error".into(), ..of(5, 7, 2_000_000) },
        of(6, 8, 3_000_000),
        LlmCallRow { operation: "embeddings".into(), ..of(7, 9, 4_000_000) },
    ];
    let start = [message("system", "Help."), message("user", "Hi")];
    let answer = [message("assistant", "Hello.")];
    let mut next = start.to_vec();
    next.extend([answer[0].clone(), message("user", "And?")]);
    said(world, &calls[0], &start, &answer).await;
    said(world, &calls[1], &next, &[message("assistant", "Bye.")]).await;
    said(world, &calls[3], &start, &[]).await;
    insert(world, &calls).await;
}

fn id(number: u8) -> String {
    Uuid::from_bytes([number; 16]).to_string()
}

#[tokio::test]
async fn a_plan_tells_what_would_be_sent_and_what_it_may_cost() {
    let world = World::new().await;
    model(&world, "gpt-4o").await;
    run(&world).await;
    let token = world.signed_in("developer", Role::Developer, Some(MemberRole::Member)).await;
    let plan = async |scope: &str, model: &str| {
        let wish = json!({"call_id": id(3), "scope": scope, "model": model});
        world.post("/api/replays/plan", &token, wish).await.expect(200)
    };

    let one = plan("call", "gpt-4o").await;
    assert_eq!((&one["calls"][0]["call_id"], one["calls"].as_array().unwrap().len()), (&json!(id(3)), 1));
    assert_eq!(
        (&one["system"], &one["message"], &one["temperature"]),
        (&json!("Help."), &json!("Hi"), &json!(0.5))
    );
    assert_eq!((&one["input_tokens"], &one["output_tokens"]), (&json!(120), &json!(35)));
    // 120 tokens in at 2.50 and 35 out at 10 dollars a million.
    assert_eq!((&one["model_exists"], &one["estimated_cost"]), (&json!(true), &json!("0.00065")));

    let talk = plan("conversation", "gpt-4o").await;
    let ids = |plan: &Value| -> Vec<Value> {
        plan["calls"].as_array().unwrap().iter().map(|call| call["call_id"].clone()).collect()
    };
    assert_eq!(ids(&talk), [id(3), id(4)], "a call that failed was no step of the talk");
    let whole = plan("run", "gpt-4o").await;
    assert_eq!(ids(&whole), [id(3), id(4), id(6)]);
    assert_eq!(
        (&whole["left_out"][0]["call_id"], &whole["left_out"][0]["code"]),
        (&json!(id(7)), &json!("not_a_conversation"))
    );

    let nobody = plan("call", "nobody-has-it").await;
    assert_eq!((&nobody["model_exists"], nobody.get("estimated_cost")), (&json!(false), Some(&Value::Null)));
}

#[tokio::test]
async fn what_was_not_recorded_is_refused_with_the_reason() {
    let world = World::new().await;
    let token = world.signed_in("developer", Role::Developer, Some(MemberRole::Member)).await;
    let silent = LlmCallRow { recording: "metadata".into(), ..call(&world, 3, 4) };
    let gone = call(&world, 4, 4);
    let held = call(&world, 5, 4);
    let other = LlmCallRow { operation: "embeddings".into(), ..call(&world, 6, 4) };
    said(&world, &held, &[], &[]).await;
    insert(&world, &[silent, gone, held, other]).await;
    for (call, code) in [
        (3, "content_not_recorded"),
        (4, "content_not_kept"),
        (5, "request_not_whole"),
        (6, "not_a_conversation"),
    ] {
        let wish = json!({"call_id": id(call), "scope": "call"});
        for path in ["/api/replays/plan", "/api/replays"] {
            assert_eq!(world.post(path, &token, wish.clone()).await.refused(400), code, "{path} {call}");
        }
    }
    let unknown = json!({"call_id": id(9), "scope": "run"});
    assert_eq!(world.post("/api/replays/plan", &token, unknown).await.refused(404), "not_found");
}

#[tokio::test]
async fn a_replay_is_queued_with_its_edits_and_found_from_both_ends() {
    let world = World::new().await;
    model(&world, "gpt-4o").await;
    run(&world).await;
    let user = world.user("developer", Role::Developer, Some(MemberRole::Member)).await;
    let token = world.sign_in(user).await;
    let (key, _) = world.key_with_id(user, &["gateway"]).await;
    let wish = json!({
        "call_id": id(3), "scope": "conversation", "model": "gpt-4o", "system": "Be brief.", "temperature": 0,
        "other_arguments": "use_recorded", "max_cost": "0.5", "key_id": key,
    });
    let started = world.post("/api/replays", &token, wish).await.expect(202);
    assert_eq!((&started["status"], &started["calls"]), (&json!("pending"), &json!(2)));
    assert_eq!((&started["edits"], &started["max_cost"]), (&json!(["system", "temperature"]), &json!("0.5")));
    assert_eq!(started["key_id"], json!(key));

    let claim = claim::next(&world.store, "runner").await.unwrap().unwrap();
    let plan: Plan = serde_json::from_slice(&claim.plan).unwrap();
    let history = aop_domain::replay::history(&plan, &plan.calls[0], &[]).unwrap().history;
    assert_eq!(history, [message("system", "Be brief."), message("user", "Hi")]);
    // The agent was stated in a header, so it is stated again.
    assert_eq!(plan.calls[0].stated, [("x-aop-agent".to_owned(), "Writer".to_owned())]);
    assert_eq!((claim.key, claim.user), (Some(key), Some(user)));

    let new = started["trace_id"].as_str().unwrap();
    let source = started["source_trace_id"].as_str().unwrap();
    assert_eq!(source, "04".repeat(16));
    for filter in [format!("trace_id={new}"), format!("trace_id={source}"), format!("call_id={}", id(4))] {
        let list = world.get(&format!("/api/replays?{filter}"), &token).await.expect(200);
        assert_eq!(list["items"][0]["id"], started["id"], "{filter}");
    }
    let none = world.get(&format!("/api/replays?call_id={}", id(6)), &token).await.expect(200);
    assert_eq!(none["items"], json!([]));
    let detail =
        world.get(&format!("/api/replays/{}", started["id"].as_str().unwrap()), &token).await.expect(200);
    let steps: Vec<&Value> = detail["steps"].as_array().unwrap().iter().map(|step| &step["status"]).collect();
    assert_eq!((&detail["status"], steps), (&json!("running"), vec![&json!("waiting"), &json!("waiting")]));
}

#[tokio::test]
async fn a_replay_of_another_team_or_on_somebody_elses_key_is_not_there() {
    let world = World::new().await;
    model(&world, "sim-fast").await;
    run(&world).await;
    let token = world.signed_in("developer", Role::Developer, Some(MemberRole::Member)).await;
    let other = world.user("other", Role::Developer, Some(MemberRole::Member)).await;
    let (theirs, _) = world.key_with_id(other, &["gateway"]).await;
    let wish = json!({"call_id": id(3), "scope": "call", "key_id": theirs});
    assert_eq!(world.post("/api/replays", &token, wish.clone()).await.refused(404), "not_found");
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let started = world.post("/api/replays", &owner, wish).await.expect(202);

    let stranger = world.user("stranger", Role::Developer, None).await;
    let team = TeamId(Uuid::now_v7());
    teams::create(&world.store, team, "theirs", Some(stranger)).await.unwrap();
    let stranger = world.sign_in(stranger).await;
    let path = format!("/api/replays/{}", started["id"].as_str().unwrap());
    assert_eq!(world.get(&path, &stranger).await.refused(404), "not_found");
    assert_eq!(world.post(&format!("{path}/cancel"), &stranger, json!({})).await.refused(404), "not_found");
    let wish = json!({"call_id": id(3), "scope": "call"});
    assert_eq!(world.post("/api/replays", &stranger, wish).await.refused(404), "not_found");

    let cancelled = world.post(&format!("{path}/cancel"), &token, json!({})).await.expect(202);
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(world.post(&format!("{path}/cancel"), &token, json!({})).await.refused(409), "already_ended");
}

#[tokio::test]
async fn a_team_has_so_many_replays_open_and_no_more() {
    let world = World::new().await;
    model(&world, "sim-fast").await;
    run(&world).await;
    let token = world.signed_in("developer", Role::Developer, Some(MemberRole::Member)).await;
    let wish = json!({"call_id": id(3), "scope": "call"});
    for _ in 0..replays::MOST_OPEN {
        world.post("/api/replays", &token, wish.clone()).await.expect(202);
    }
    assert_eq!(world.post("/api/replays", &token, wish).await.refused(409), "too_many_replays");
}
