//! Calls, traces and figures: what ClickHouse holds, as callers see it.

use aop_clickhouse::{CallBodyRow, LlmCallRow, MessageRow, SpanRow};
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use serde_json::json;
use uuid::Uuid;

use crate::world::World;

/// A call of our team a minute ago.
pub(crate) fn call(world: &World, id: u8, trace: u8) -> LlmCallRow {
    LlmCallRow {
        team: *world.team.as_bytes(),
        ts: minute_ago_us(world),
        call_id: [id; 16],
        trace_id: [trace; 16],
        span_id: [id; 8],
        agent: "Writer".into(),
        operation: "chat_completions".into(),
        requested_model: "sim-fast".into(),
        response_model: "sim-fast".into(),
        provider: "simulator".into(),
        status: "ok".into(),
        http_status: 200,
        in_uncached: 100,
        in_cache_read: 20,
        out_text: 30,
        out_reasoning: 5,
        cost_input: 1_000_000_000,
        cost_output: 500_000_001,
        cost: 1_500_000_001,
        cost_known: true,
        duration_us: 1_000_000,
        usage_source: "provider".into(),
        identity_sources: vec![("agent".into(), "aop_header".into())],
        attempts: 1,
        retention_days: 30,
        ..LlmCallRow::default()
    }
}

/// The span of that call.
pub(crate) fn span(world: &World, id: u8, trace: u8) -> SpanRow {
    SpanRow {
        team: *world.team.as_bytes(),
        ts: minute_ago_us(world),
        trace_id: [trace; 16],
        span_id: [id; 8],
        span_type: "llm_call".into(),
        name: "sim-fast".into(),
        status: "completed".into(),
        ended_at: minute_ago_us(world) + 1_000_000,
        source: "gateway".into(),
        call_id: [id; 16],
        version: 1,
        retention_days: 30,
        ..SpanRow::default()
    }
}

fn minute_ago_us(world: &World) -> i64 {
    world.clock.now_us() - 60_000_000
}

#[tokio::test]
async fn a_call_is_listed_and_shown_in_full_with_exact_money() {
    let world = World::new().await;
    let token = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let row = LlmCallRow {
        units: vec![("image_out#1024x1024".into(), 2_000_000), ("second_in".into(), 1_500_000)],
        passed: "GET /v1/files".into(),
        ..call(&world, 3, 4)
    };
    let hash = [9; 16];
    let body = CallBodyRow {
        team: row.team,
        ts: row.ts,
        call_id: row.call_id,
        input_hashes: vec![hash],
        params: r#"{"temperature":0}"#.into(),
        retention_days: 30,
        ..CallBodyRow::default()
    };
    let message = MessageRow {
        team: row.team,
        day: u16::try_from(row.ts.div_euclid(86_400_000_000)).unwrap(),
        hash,
        role: "user".into(),
        content: r#"{"role":"user","content":"hi"}"#.into(),
        retention_days: 30,
        ..MessageRow::default()
    };
    let clickhouse = &world.clickhouse.clickhouse;
    clickhouse.insert_batch(&[row], "calls").await.unwrap();
    clickhouse.insert_batch(&[body], "bodies").await.unwrap();
    clickhouse.insert_batch(&[message], "messages").await.unwrap();

    let list = world.get("/api/calls", &token).await.expect(200);
    let listed = &list["items"][0];
    let id = Uuid::from_bytes([3; 16]).to_string();
    assert_eq!((&listed["call_id"], &listed["cost"]), (&json!(id), &json!("0.001500000001")));
    assert_eq!((&listed["input_tokens"], &listed["output_tokens"]), (&json!(120), &json!(35)));
    assert_eq!(
        (&listed["status"], &listed["crew"], &listed["first_token_us"]),
        (&json!("ok"), &json!(null), &json!(null))
    );

    let detail = world.get(&format!("/api/calls/{id}"), &token).await.expect(200);
    assert_eq!(detail["agent"], "Writer");
    assert_eq!(detail["usage"]["out_reasoning"], 5);
    assert_eq!(
        detail["units"],
        json!([{"meter": "image_out", "variant": "1024x1024", "count": "2"},
            {"meter": "second_in", "variant": "", "count": "1.5"}])
    );
    assert_eq!(detail["passed"], "GET /v1/files");
    assert_eq!(detail["identity"]["sources"]["agent"], "aop_header");
    assert_eq!(detail["content"]["input"][0]["content"]["content"], "hi");
    assert_eq!(detail["content"]["params"]["temperature"], 0);
}

#[tokio::test]
async fn a_key_is_told_what_its_own_call_cost_and_nothing_of_other_keys() {
    let world = World::new().await;
    let owner = world.user("owner", Role::Developer, Some(MemberRole::Member)).await;
    let (key_id, key) = world.key_with_id(owner, &["gateway"]).await;
    let own = LlmCallRow { key_id: *key_id.as_bytes(), ..call(&world, 3, 4) };
    let others = call(&world, 5, 6);
    world.clickhouse.clickhouse.insert_batch(&[own, others], "calls").await.unwrap();
    let receipt = world.get(&format!("/v1/calls/{}", Uuid::from_bytes([3; 16])), &key).await.expect(200);
    assert_eq!((&receipt["cost"], &receipt["usage"]["out_reasoning"]), (&json!("0.001500000001"), &json!(5)));
    assert!(receipt.get("content").is_none() && receipt.get("input_preview").is_none());
    let other = world.get(&format!("/v1/calls/{}", Uuid::from_bytes([5; 16])), &key).await;
    assert_eq!(other.status, 404);
}

#[tokio::test]
async fn calls_are_filtered_and_paged() {
    let world = World::new().await;
    let token = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let mut rows: Vec<_> = (1..=5)
        .map(|id| LlmCallRow { ts: call(&world, id, 4).ts + i64::from(id), ..call(&world, id, 4) })
        .collect();
    rows[0].status = "timeout".into();
    rows[1].agent = "Researcher".into();
    rows[2].cost_known = false;
    for (at, issuer) in [(3, "https://a"), (4, "https://b")] {
        (rows[at].token_issuer, rows[at].token_subject) = (issuer.into(), "ada".into());
    }
    world.clickhouse.clickhouse.insert_batch(&rows, "calls").await.unwrap();
    let count = async |query: &str| {
        let list = world.get(&format!("/api/calls?{query}"), &token).await.expect(200);
        list["items"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 5);
    assert_eq!(count("status=timeout").await, 1);
    assert_eq!(count("agent=Researcher&model=sim-fast").await, 1);
    assert_eq!(count("token_subject=ada").await, 2);
    assert_eq!(count("token_subject=ada&token_issuer=https://b").await, 1);
    assert_eq!(count("token_subject=eve").await, 0);
    assert_eq!(count(&format!("trace_id={}", "04".repeat(16))).await, 5);
    assert_eq!(count("to=2020-01-01T00:00:00Z").await, 0);
    let first = world.get("/api/calls?limit=3", &token).await.expect(200);
    assert!(first["items"].as_array().unwrap().iter().any(|call| call["cost"].is_null()));
    let by_token = &first["items"][0];
    assert_eq!((&by_token["token_issuer"], &by_token["token_subject"]), (&json!("https://b"), &json!("ada")));
    assert_eq!(
        (&first["items"][2]["token_issuer"], &first["items"][2]["token_subject"]),
        (&json!(null), &json!(null))
    );
    let rest = format!("limit=3&cursor={}", first["next_cursor"].as_str().unwrap());
    assert_eq!(count(&rest).await, 2);
    for bad in [
        "status=great",
        "trace_id=xyz",
        "from=yesterday",
        "cursor=nonsense",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
    ] {
        assert_eq!(world.get(&format!("/api/calls?{bad}"), &token).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn no_team_sees_the_records_of_another() {
    let world = World::new().await;
    let stranger = world.signed_in("stranger", Role::Developer, None).await;
    world.post("/api/teams", &stranger, json!({"name": "theirs"})).await.expect(201);
    world.clickhouse.clickhouse.insert_batch(&[call(&world, 3, 4)], "calls").await.unwrap();
    world.clickhouse.clickhouse.insert_batch(&[span(&world, 3, 4)], "spans").await.unwrap();
    assert_eq!(world.get("/api/calls", &stranger).await.expect(200)["items"], json!([]));
    assert_eq!(world.get("/api/traces", &stranger).await.expect(200)["items"], json!([]));
    assert_eq!(world.get("/api/analytics/overview", &stranger).await.expect(200)["totals"]["calls"], 0);
    let ours = world.get(&format!("/api/calls/{}", Uuid::from_bytes([3; 16])), &stranger).await;
    let none = world.get(&format!("/api/calls/{}", Uuid::from_bytes([8; 16])), &stranger).await;
    assert_eq!((ours.status, &ours.body), (none.status, &none.body));
    assert_eq!(ours.refused(404), "not_found");
    let ours = world.get(&format!("/api/traces/{}", "04".repeat(16)), &stranger).await;
    assert_eq!(ours.refused(404), "not_found");
}

#[tokio::test]
async fn a_trace_has_its_spans_and_a_running_one_has_no_end() {
    let world = World::new().await;
    let token = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let running = SpanRow {
        span_id: [7; 8],
        span_type: "agent".into(),
        name: "Writer".into(),
        status: "running".into(),
        ended_at: 0,
        version: 0,
        ..span(&world, 7, 4)
    };
    let child = SpanRow { parent_span_id: [7; 8], ..span(&world, 3, 4) };
    world.clickhouse.clickhouse.insert_batch(&[running, child], "spans").await.unwrap();
    let list = world.get("/api/traces", &token).await.expect(200);
    assert_eq!(list["items"][0]["trace_id"], "04".repeat(16));
    let trace = world.get(&format!("/api/traces/{}", "04".repeat(16)), &token).await.expect(200);
    let spans = trace["spans"].as_array().unwrap();
    let agent = spans.iter().find(|span| span["span_type"] == "agent").unwrap();
    assert_eq!((&agent["ended_at"], &agent["duration_us"]), (&json!(null), &json!(null)));
    let child = spans.iter().find(|span| span["span_type"] == "llm_call").unwrap();
    assert_eq!(
        (&child["parent_span_id"], &child["duration_us"]),
        (&json!("07".repeat(8)), &json!(1_000_000))
    );
    assert_eq!(world.get("/api/traces/not-an-id", &token).await.refused(404), "not_found");
}

#[tokio::test]
async fn the_overview_sums_the_range_and_the_one_before() {
    let world = World::new().await;
    let token = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let yesterday = LlmCallRow { ts: call(&world, 9, 4).ts - 25 * 3_600_000_000, ..call(&world, 9, 4) };
    let unknown =
        LlmCallRow { cost_known: false, cost: 0, cost_input: 0, cost_output: 0, ..call(&world, 4, 4) };
    let failed = LlmCallRow { status: "upstream_error".into(), ..call(&world, 5, 4) };
    let rows = [call(&world, 3, 4), unknown, failed, yesterday];
    world.clickhouse.clickhouse.insert_batch(&rows, "calls").await.unwrap();
    let overview = world.get("/api/analytics/overview", &token).await.expect(200);
    let totals = &overview["totals"];
    assert_eq!(
        (&totals["calls"], &totals["errors"], &totals["unknown_cost_calls"]),
        (&json!(3), &json!(1), &json!(1))
    );
    assert_eq!(totals["cost"], "0.003000000002");
    assert_eq!(overview["previous"]["calls"], 1);
    assert_eq!(
        (&overview["by_agent"][0]["name"], &overview["by_model"][0]["name"]),
        (&json!("Writer"), &json!("sim-fast"))
    );
    let in_series: u64 =
        overview["series"].as_array().unwrap().iter().map(|p| p["calls"].as_u64().unwrap()).sum();
    assert_eq!(in_series, 3);
}
