//! What was recorded of one run, and of no other.

use std::time::Duration;

use aop_clickhouse::{LlmCallRow, LogRow, SpanRow};
use aop_domain::id::ExecutionId;
use aop_store::executions::claim::{self, Ending};
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use serde_json::{Value, json};

use crate::access::{crew, execution};
use crate::records::{call, span};
use crate::world::World;

struct Stage {
    world: World,
    token: String,
    run: ExecutionId,
}

/// Two runs, with two calls, a span and three lines of log of the first, and something of each kind of the second.
async fn stage() -> Stage {
    let world = World::new().await;
    let token = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let crew = crew(&world).await;
    let (run, other) = (execution(&world, crew).await, execution(&world, crew).await);
    let of = |id: ExecutionId| *id.as_bytes();
    let calls = [
        LlmCallRow { execution_id: of(run), ..call(&world, 3, 4) },
        LlmCallRow {
            execution_id: of(run),
            agent: "Researcher".into(),
            cost_known: false,
            cost: 0,
            cost_input: 0,
            cost_output: 0,
            status: "timeout".into(),
            ..call(&world, 5, 4)
        },
        LlmCallRow { execution_id: of(other), ..call(&world, 6, 7) },
    ];
    let spans = [
        SpanRow { execution_id: of(run), ..span(&world, 3, 4) },
        SpanRow { execution_id: of(other), ..span(&world, 6, 7) },
    ];
    let line = |seq: u32, id, level: &str, message: &str| LogRow {
        team: *world.team.as_bytes(),
        ts: world.clock.now_us(),
        seq,
        execution_id: of(id),
        agent: "Writer".into(),
        level: level.into(),
        message: message.into(),
        attributes: vec![("task".into(), "write".into())],
        retention_days: 30,
        ..LogRow::default()
    };
    let lines = [
        line(0, run, "info", "The task begins"),
        line(1, run, "warning", "The tool was slow"),
        line(2, run, "info", "The task ends"),
        line(3, other, "info", "Another run"),
    ];
    let clickhouse = &world.clickhouse.clickhouse;
    clickhouse.insert_batch(&calls, "calls").await.unwrap();
    clickhouse.insert_batch(&spans, "spans").await.unwrap();
    clickhouse.insert_batch(&lines, "lines").await.unwrap();
    Stage { world, token, run }
}

impl Stage {
    async fn get(&self, what: &str) -> Value {
        self.world.get(&format!("/api/executions/{}/{what}", self.run), &self.token).await.expect(200)
    }
}

fn messages(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_runs_log_is_read_in_order_filtered_and_paged() {
    let stage = stage().await;
    let all = stage.get("logs").await;
    assert_eq!(messages(&all), ["The task begins", "The tool was slow", "The task ends"]);
    let first = &all["items"][0];
    assert_eq!(
        (&first["level"], &first["agent"], &first["metadata"]),
        (&json!("info"), &json!("Writer"), &json!({"task": "write"}))
    );
    assert_eq!((&first["execution_id"], &first["trace_id"]), (&json!(stage.run.to_string()), &json!(null)));
    assert_eq!(messages(&stage.get("logs?level=warning").await), ["The tool was slow"]);
    assert_eq!(messages(&stage.get("logs?text=TASK&limit=1").await), ["The task begins"]);
    let page = stage.get("logs?limit=2").await;
    let rest = stage.get(&format!("logs?limit=2&cursor={}", page["next_cursor"].as_str().unwrap())).await;
    assert_eq!(messages(&rest), ["The task ends"]);
    assert_eq!(rest["next_cursor"], json!(null));
    assert_eq!(
        stage
            .world
            .get(&format!("/api/executions/{}/logs?level=loud", stage.run), &stage.token)
            .await
            .refused(400),
        "invalid_query"
    );
}

#[tokio::test]
async fn a_runs_traces_are_its_own() {
    let stage = stage().await;
    let traces = stage.get("traces").await;
    let items = traces["items"].as_array().unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(
        (&items[0]["trace_id"], &items[0]["execution_id"]),
        (&json!("04".repeat(16)), &json!(stage.run.to_string()))
    );
}

#[tokio::test]
async fn a_runs_use_is_summed_exactly_and_unknown_costs_are_counted_apart() {
    let stage = stage().await;
    let metrics = stage.get("metrics").await;
    let total = &metrics["total"];
    assert_eq!(
        (&total["calls"], &total["errors"], &total["unknown_cost_calls"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!((&total["cost"], &total["input_tokens"]), (&json!("0.001500000001"), &json!(240)));
    assert_eq!((&total["call_duration_ms"], &metrics["duration_ms"]), (&json!(2000), &json!(null)));
    let rows = metrics["by_agent_and_model"].as_array().unwrap();
    assert_eq!(
        rows.iter().map(|row| row["agent"].as_str().unwrap()).collect::<Vec<_>>(),
        ["Writer", "Researcher"]
    );
    assert_eq!(
        (&rows[0]["model"], &rows[0]["cost"], &rows[1]["cost"]),
        (&json!("sim-fast"), &json!("0.001500000001"), &json!("0"))
    );
}

#[tokio::test]
async fn another_teams_run_has_no_records() {
    let stage = stage().await;
    let stranger = stage.world.signed_in("stranger", Role::Developer, None).await;
    stage.world.post("/api/teams", &stranger, json!({"name": "theirs"})).await.expect(201);
    for what in ["traces", "logs", "metrics"] {
        let answer = stage.world.get(&format!("/api/executions/{}/{what}", stage.run), &stranger).await;
        assert_eq!(answer.refused(404), "not_found", "{what}");
    }
}

#[tokio::test]
async fn what_a_run_cost_whose_runner_could_not_know_is_known_from_the_ledger() {
    let Stage { world, token, run } = stage().await;
    // Ended by somebody, in the middle of a call.
    let ending = Ending {
        status: "cancelled",
        outputs: None,
        error_message: None,
        input_tokens: 0,
        output_tokens: 0,
        total_cost: None,
    };
    let mut ids = Vec::new();
    while let Some(claim) = claim::next(&world.store, "runner", Duration::from_secs(60)).await.unwrap() {
        claim::finish(&world.store, claim.id, claim.attempt, &ending, &[]).await.unwrap();
        ids.push(claim.id);
    }
    let other = *ids.iter().find(|id| **id != run).unwrap();
    let known = world.get(&format!("/api/executions/{other}"), &token).await.expect(200);
    assert_eq!(known["total_cost"], "0.001500000001");
    assert_eq!((&known["input_tokens"], &known["output_tokens"]), (&json!(120), &json!(35)));
    let unknown = world.get(&format!("/api/executions/{run}"), &token).await.expect(200);
    assert!(unknown["total_cost"].is_null(), "one of its calls has no price");
    let listed = world.get("/api/executions", &token).await.expect(200);
    let costs: Vec<&Value> =
        listed["items"].as_array().unwrap().iter().map(|run| &run["total_cost"]).collect();
    assert_eq!(costs, [&known["total_cost"], &Value::Null]);
}
