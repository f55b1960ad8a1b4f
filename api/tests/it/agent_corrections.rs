//! Agents over the API: the tree of a run, corrections, and everything that follows them.

use aop_clickhouse::{AgentLinkRow, HandoverRow, LlmCallRow, SpanRow, TraceLinkRow};
use aop_identity::named_fingerprint;
use aop_store::audit_log;
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::records;
use crate::world::World;

const RESEARCHER: &str = "researcher";
const WORKER: &str = "worker";

fn key(name: &str) -> String {
    format!("{:016x}", named_fingerprint(name))
}

/// A call that said nothing of itself; `id` seconds after the first.
fn found(world: &World, id: u8, trace: u8, agent: &str) -> LlmCallRow {
    let row = records::call(world, id, trace);
    LlmCallRow {
        ts: row.ts + i64::from(id) * 1_000_000,
        agent: agent.into(),
        agent_rule: "inferred:prompt:your_name_is".into(),
        agent_confidence: 90,
        identity_sources: vec![("agent".into(), "inferred".into())],
        trace_source: "inferred".into(),
        conversation: u64::from(id),
        agent_fingerprint: named_fingerprint(agent),
        prompt_fingerprint: 5,
        found_agent: agent.into(),
        found_rule: "prompt:your_name_is".into(),
        found_confidence: 90,
        run_rule: "answer_text".into(),
        run_confidence: 80,
        input_preview: format!("do {id}"),
        ..row
    }
}

fn span(world: &World, row: &LlmCallRow) -> SpanRow {
    SpanRow {
        ts: row.ts,
        ended_at: row.ts + 1_000_000,
        agent: row.agent.clone(),
        cost: row.cost,
        cost_known: row.cost_known,
        input_tokens: 120,
        output_tokens: 35,
        ..records::span(world, row.call_id[0], row.trace_id[0])
    }
}

/// A researcher hands over to a worker, who is in another trace until a link says that both are one run.
async fn recorded(world: &World) {
    let mut other = found(world, 3, 4, RESEARCHER);
    other.prompt_fingerprint = 6;
    let rows = [found(world, 1, 4, RESEARCHER), found(world, 2, 9, WORKER), other];
    let spans: Vec<SpanRow> = rows.iter().map(|row| span(world, row)).collect();
    let handover = HandoverRow {
        team: rows[0].team,
        ts: rows[0].ts,
        trace_id: rows[0].trace_id,
        call_id: rows[0].call_id,
        from_span: u64::from_be_bytes([1; 8]),
        from_conversation: 1,
        from_agent: named_fingerprint(RESEARCHER),
        target: WORKER.into(),
        passing: "delegate".into(),
        rule: "tool".into(),
        confidence: 95,
        retention_days: 30,
        ..HandoverRow::default()
    };
    let link = TraceLinkRow {
        team: rows[0].team,
        ts: rows[2].ts,
        part: [9; 16],
        whole: [4; 16],
        rule: "answer_text".into(),
        confidence: 90,
        retention_days: 30,
    };
    let clickhouse = &world.clickhouse.clickhouse;
    clickhouse.insert_batch(&rows, "calls").await.unwrap();
    clickhouse.insert_batch(&spans, "spans").await.unwrap();
    clickhouse.insert_batch(&[handover], "handovers").await.unwrap();
    clickhouse.insert_batch(&[link], "links").await.unwrap();
}

fn names(agents: &Value) -> Vec<String> {
    let named = |agent: &Value| agent["name"].as_str().unwrap_or("-").to_owned();
    agents.as_array().unwrap().iter().map(named).collect()
}

async fn correct(world: &World, token: &str, body: Value) -> Value {
    world.post("/api/agent-corrections", token, body).await.expect(201)
}

#[tokio::test]
async fn two_traces_that_turned_out_to_be_one_run_are_read_as_one_from_either() {
    let world = World::new().await;
    let token = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    recorded(&world).await;
    let whole = world.get(&format!("/api/traces/{}", "04".repeat(16)), &token).await.expect(200);
    let part = world.get(&format!("/api/traces/{}", "09".repeat(16)), &token).await.expect(200);
    assert_eq!(whole, part);
    assert_eq!(whole["trace_id"], "04".repeat(16));
    assert_eq!(whole["parts"], json!(["04".repeat(16), "09".repeat(16)]));
    assert_eq!(
        (&whole["found"]["rule"], &whole["found"]["confidence"]),
        (&json!("answer_text"), &json!(0.9))
    );
    assert_eq!((&whole["call_count"], &whole["cost"]), (&json!(3), &json!("0.004500000003")));
    let lines: Vec<_> =
        whole["tree"].as_array().unwrap().iter().map(|node| node["kind"].as_str().unwrap()).collect();
    assert_eq!(lines, ["run", "agent", "task", "call", "task", "call", "agent", "task", "call"]);
    assert_eq!(whole["tree"][0]["totals"]["calls"], 3);
    assert_eq!(whole["tree"][2]["name"], "do 1");
    let how = &whole["tree"][3]["found"];
    assert_eq!(
        (&how["agent"]["rule"], &how["run"]["confidence"]),
        (&json!("prompt:your_name_is"), &json!(0.8))
    );
    let passed = &whole["handovers"][0];
    assert_eq!((&passed["from"], &passed["to"]), (&json!(key(RESEARCHER)), &json!(key(WORKER))));
    assert_eq!(passed["to_call_id"], Uuid::from_bytes([2; 16]).to_string());
    let graph = world.get(&format!("/api/traces/{}/graph", "09".repeat(16)), &token).await.expect(200);
    assert_eq!(names(&graph["nodes"]), [RESEARCHER, WORKER]);
    assert_eq!((&graph["edges"][0]["count"], &graph["edges"][0]["passing"]), (&json!(1), &json!("delegate")));
    let list = world.get("/api/traces", &token).await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "a part is no trace of its own");
    assert_eq!(
        (&list["items"][0]["trace_id"], &list["items"][0]["call_count"]),
        (&json!("04".repeat(16)), &json!(3))
    );
}

#[tokio::test]
async fn a_correction_holds_for_past_calls_wherever_they_are_read_and_is_taken_back_whole() {
    let world = World::new().await;
    let token = world.signed_in("developer", Role::Developer, Some(MemberRole::Member)).await;
    recorded(&world).await;
    let trace = format!("/api/traces/{}", "04".repeat(16));
    let before = world.get(&trace, &token).await.expect(200);
    let renamed = correct(
        &world,
        &token,
        json!({"kind": "rename", "agent": key(RESEARCHER),
        "from_name": RESEARCHER, "name": "Head o'Research\\"}),
    )
    .await;
    let name = "Head o'Research\\";
    assert_eq!((&renamed["name"], &renamed["created_by_name"]), (&json!(name), &json!("developer")));
    correct(
        &world,
        &token,
        json!({"kind": "split", "agent": key(RESEARCHER), "name": "Reader",
        "when": {"prompt": "0000000000000006"}}),
    )
    .await;

    let run = world.get(&trace, &token).await.expect(200);
    assert_eq!(names(&run["run_agents"]), [name, WORKER, "Reader"]);
    assert_eq!(run["run_agents"], world.get(&format!("{trace}/graph"), &token).await.expect(200)["nodes"]);
    assert_eq!(run["run_agents"][0]["agent"], key(RESEARCHER));
    assert_eq!(run["run_agents"][0]["found"]["source"], "corrected");
    assert_eq!(run["run_agents"][2]["fingerprints"], json!([key(RESEARCHER)]));
    assert_eq!(run["spans"][0]["agent"], name);
    assert_eq!(run["tree"][0]["totals"], before["tree"][0]["totals"]);

    let calls = world.get("/api/calls", &token).await.expect(200);
    let shown: Vec<_> = calls["items"].as_array().unwrap().iter().map(|call| call["agent"].clone()).collect();
    assert_eq!(shown, [json!("Reader"), json!(WORKER), json!(name)]);
    assert_eq!(calls["items"][0]["agent_key"], key("Reader"));
    for (agent, calls) in [("Reader", 1), (RESEARCHER, 0), (WORKER, 1)] {
        let path = format!("/api/calls?agent={agent}");
        let list = world.get(&path, &token).await.expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), calls, "{agent}");
        let list = world.get(&format!("/api/traces?agent={agent}"), &token).await.expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), calls.min(1), "traces of {agent}");
    }
    let list = world.get("/api/traces", &token).await.expect(200);
    assert_eq!(list["items"][0]["agents"], json!([name, "Reader", WORKER]), "of both of its traces");
    let call = world.get(&format!("/api/calls/{}", Uuid::from_bytes([1; 16])), &token).await.expect(200);
    assert_eq!((&call["agent"], &call["identity"]["agent_rule"]), (&json!(name), &json!("corrected")));
    assert_eq!(call["identity"]["sources"]["agent"], "corrected");
    assert_eq!(call["identity"]["fingerprint"], key(RESEARCHER));
    let overview = world.get("/api/analytics/overview", &token).await.expect(200);
    let mut by_agent: Vec<_> = overview["by_agent"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["name"].as_str().unwrap(), group["calls"].as_u64().unwrap()))
        .collect();
    by_agent.sort_unstable();
    assert_eq!(by_agent, [(name, 1), ("Reader", 1), (WORKER, 1)]);

    let listed = world.get("/api/agent-corrections", &token).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(listed["items"][0]["when"], json!({"prompt": "0000000000000006"}));
    for correction in listed["items"].as_array().unwrap() {
        let path = format!("/api/agent-corrections/{}", correction["id"].as_str().unwrap());
        world.call("DELETE", &path, &token, Value::Null).await.expect(204);
    }
    assert_eq!(world.get(&trace, &token).await.expect(200), before);
    let entries = audit_log::list(&world.store, Some(world.team), None, 10).await.unwrap();
    let actions: Vec<_> = entries.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "agent_correction.create",
            "agent_correction.create",
            "agent_correction.delete",
            "agent_correction.delete"
        ]
    );
    assert_eq!(entries[3].detail["name"], name);
}

#[tokio::test]
async fn an_undone_correction_leaves_nothing_of_itself_in_calls_that_were_recorded_under_it() {
    let world = World::new().await;
    let token = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let row = LlmCallRow {
        agent: "Corrected name".into(),
        agent_rule: "corrected".into(),
        agent_confidence: 100,
        identity_sources: vec![("agent".into(), "corrected".into())],
        ..found(&world, 1, 4, RESEARCHER)
    };
    world.clickhouse.clickhouse.insert_batch(&[row], "calls").await.unwrap();
    let call = world.get(&format!("/api/calls/{}", Uuid::from_bytes([1; 16])), &token).await.expect(200);
    assert_eq!(call["agent"], RESEARCHER);
    let identity = &call["identity"];
    assert_eq!(
        (&identity["agent_rule"], &identity["agent_confidence"]),
        (&json!("inferred:prompt:your_name_is"), &json!(90))
    );
    assert_eq!(identity["sources"]["agent"], "inferred");
}

#[tokio::test]
async fn merged_agents_are_one_in_the_tree_and_follow_later_names() {
    let world = World::new().await;
    let token = world.signed_in("developer", Role::Developer, Some(MemberRole::Member)).await;
    recorded(&world).await;
    let merge = json!({"kind": "merge", "agent": key(WORKER), "into": key(RESEARCHER), "name": RESEARCHER});
    correct(&world, &token, merge).await;
    correct(&world, &token, json!({"kind": "rename", "agent": key(RESEARCHER), "name": "first"})).await;
    // The same again replaces it.
    correct(&world, &token, json!({"kind": "rename", "agent": key(RESEARCHER), "name": "Both"})).await;
    let run = world.get(&format!("/api/traces/{}", "04".repeat(16)), &token).await.expect(200);
    assert_eq!(names(&run["run_agents"]), ["Both"]);
    assert_eq!(run["run_agents"][0]["totals"]["calls"], 3);
    assert_eq!(run["handovers"], json!([]));
    let facts = world.get(&format!("/api/agents/{}", key(WORKER)), &token).await.expect(200);
    assert_eq!((&facts["name"], &facts["agent"]), (&json!("Both"), &json!(key(RESEARCHER))));
    assert_eq!((&facts["calls"], &facts["found_names"]), (&json!(1), &json!([WORKER])));
    assert_eq!(facts["corrections"].as_array().unwrap().len(), 1);
    let facts = world.get(&format!("/api/agents/{}", key(RESEARCHER)), &token).await.expect(200);
    assert_eq!(
        (&facts["calls"], &facts["traces"], &facts["cost"]),
        (&json!(2), &json!(1), &json!("0.003000000002"))
    );
    assert_eq!(facts["prompts"].as_array().unwrap().len(), 2);
    let back = json!({"kind": "merge", "agent": key(RESEARCHER), "into": key(WORKER), "name": WORKER});
    let refused = world.post("/api/agent-corrections", &token, back).await;
    assert_eq!(refused.refused(400), "correction_circle");
}

#[tokio::test]
async fn a_correction_that_says_nothing_clear_is_refused() {
    let world = World::new().await;
    let token = world.signed_in("developer", Role::Developer, Some(MemberRole::Member)).await;
    for (body, code) in [
        (json!({"kind": "rename", "agent": "xyz", "name": "n"}), "invalid_fingerprint"),
        (json!({"kind": "rename", "agent": "0000000000000000", "name": "n"}), "invalid_fingerprint"),
        (json!({"kind": "rename", "agent": key("a"), "name": " "}), "invalid_name"),
        (json!({"kind": "rename", "agent": key("a"), "name": "n\u{7}"}), "invalid_name"),
        (json!({"kind": "rename", "agent": key("a"), "name": "n", "into": key("b")}), "invalid_correction"),
        (json!({"kind": "merge", "agent": key("a"), "name": "n"}), "invalid_fingerprint"),
        (json!({"kind": "merge", "agent": key("a"), "into": key("a"), "name": "n"}), "correction_circle"),
        (json!({"kind": "split", "agent": key("a"), "name": "n"}), "invalid_correction"),
        (json!({"kind": "split", "agent": key("a"), "name": "n", "when": {}}), "invalid_correction"),
        (
            json!({"kind": "split", "agent": key("a"), "name": "A", "when": {"prompt": key("p")}}),
            "invalid_correction",
        ),
    ] {
        let refused = world.post("/api/agent-corrections", &token, body.clone()).await;
        assert_eq!(refused.refused(400), code, "{body}");
    }
    for path in ["/api/agents/xyz", "/api/agents/00000000000000ff"] {
        assert_eq!(world.get(path, &token).await.refused(404), "not_found");
    }
}

#[tokio::test]
async fn corrections_and_agents_of_a_team_are_its_own() {
    let world = World::new().await;
    let token = world.signed_in("developer", Role::Developer, Some(MemberRole::Member)).await;
    recorded(&world).await;
    let made = correct(&world, &token, json!({"kind": "rename", "agent": key(WORKER), "name": "Ours"})).await;
    let stranger = world.signed_in("stranger", Role::Developer, None).await;
    world.post("/api/teams", &stranger, json!({"name": "theirs"})).await.expect(201);
    assert_eq!(world.get("/api/agent-corrections", &stranger).await.expect(200)["items"], json!([]));
    let path = format!("/api/agent-corrections/{}", made["id"].as_str().unwrap());
    let refused = world.call("DELETE", &path, &stranger, Value::Null).await;
    assert_eq!(refused.refused(404), "not_found");
    for path in [format!("/api/agents/{}", key(WORKER)), format!("/api/traces/{}/graph", "04".repeat(16))] {
        assert_eq!(world.get(&path, &stranger).await.refused(404), "not_found");
    }
    // A link that names our traces in another team's rows joins nothing of ours.
    let foreign = TraceLinkRow {
        team: [0xee; 16],
        ts: records::call(&world, 1, 4).ts,
        part: [4; 16],
        whole: [8; 16],
        retention_days: 30,
        ..TraceLinkRow::default()
    };
    world.clickhouse.clickhouse.insert_batch(&[foreign], "foreign").await.unwrap();
    let run = world.get(&format!("/api/traces/{}", "04".repeat(16)), &token).await.expect(200);
    assert_eq!(run["trace_id"], "04".repeat(16));
}

#[tokio::test]
async fn an_agent_that_became_known_later_is_named_in_the_tree_from_its_first_call() {
    let world = World::new().await;
    let token = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let unnamed = LlmCallRow {
        agent: String::new(),
        agent_fingerprint: 0x55,
        found_agent: String::new(),
        found_rule: String::new(),
        found_confidence: 0,
        key_id: [1; 16],
        ..found(&world, 1, 4, "")
    };
    let link = AgentLinkRow {
        team: unnamed.team,
        ts: unnamed.ts + 5_000_000,
        key_id: [1; 16],
        was: 0x55,
        is: named_fingerprint("Bob"),
        name: "Bob".into(),
        rule: "message_name".into(),
        confidence: 96,
        retention_days: 30,
        ..AgentLinkRow::default()
    };
    let clickhouse = &world.clickhouse.clickhouse;
    clickhouse.insert_batch(&[span(&world, &unnamed)], "spans").await.unwrap();
    clickhouse.insert_batch(&[unnamed], "calls").await.unwrap();
    clickhouse.insert_batch(&[link], "links").await.unwrap();
    let run = world.get(&format!("/api/traces/{}", "04".repeat(16)), &token).await.expect(200);
    assert_eq!(names(&run["run_agents"]), ["Bob"]);
    assert_eq!(run["run_agents"][0]["found"]["rule"], "united");
}
