//! Who called, from end to end: a capture of a real agent framework is sent through the proxy, without a header that says
//! who calls, and the run is read back from the API as a tree and a graph (M4). What the tree must say stands in the
//! capture's labels, which came from inside the framework.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod capture;
mod installation;
#[path = "../../shared/patience.rs"]
mod patience;
mod provider;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use capture::Capture;
use installation::Installation;

/// Spellings of one name are one name.
fn spelled(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn texts<'v>(list: &'v Value, field: &str) -> Vec<&'v str> {
    list.as_array().unwrap().iter().filter_map(|item| item[field].as_str()).collect()
}

/// The agents of a run, spelled alike.
fn agents(run: &Value) -> BTreeSet<String> {
    let of_kind = |agent: &&Value| agent["kind"] == "agent";
    let all = run["run_agents"].as_array().unwrap().iter().filter(of_kind);
    all.map(|agent| spelled(agent["name"].as_str().unwrap_or_default())).collect()
}

/// Pairs of agents of which the first handed over to the second.
fn handed(run: &Value) -> BTreeSet<(String, String)> {
    let name = |key: &Value| {
        let agents = run["run_agents"].as_array().unwrap();
        let agent = agents.iter().find(|agent| agent["agent"] == *key).unwrap();
        spelled(agent["name"].as_str().unwrap())
    };
    run["handovers"].as_array().unwrap().iter().map(|one| (name(&one["from"]), name(&one["to"]))).collect()
}

/// Sends a capture and reads all its runs back.
async fn runs_of(installation: &Installation, capture: &Capture) -> Vec<Value> {
    installation.send(capture).await;
    let calls = installation.calls(capture.calls.len()).await;
    let traces: BTreeSet<&str> = texts(&calls, "trace_id").into_iter().collect();
    let mut runs: Vec<Value> = Vec::new();
    for trace in traces {
        let run = installation.get(&format!("/api/traces/{trace}")).await;
        if !runs.iter().any(|known| known["trace_id"] == run["trace_id"]) {
            runs.push(run);
        }
    }
    runs
}

/// What has to be true of every tree.
fn check(run: &Value, calls: usize) {
    let tree = run["tree"].as_array().unwrap();
    let leaves: Vec<&Value> = tree.iter().filter(|node| node["kind"] == "call").collect();
    assert_eq!(leaves.len(), calls);
    assert_eq!(run["tree"][0]["totals"]["calls"], calls);
    let mut depth = 0;
    for node in tree {
        let here = node["depth"].as_u64().unwrap();
        assert!(here <= depth + 1, "a line hangs in the air: {node}");
        depth = here;
        for found in node["found"].as_object().unwrap().values() {
            let sure = found["confidence"].as_f64().unwrap();
            assert!((0.0..=1.0).contains(&sure) && !found["reason"].as_str().unwrap().is_empty(), "{found}");
        }
    }
    let sum = |field: &str| leaves.iter().map(|leaf| leaf["totals"][field].as_u64().unwrap()).sum::<u64>();
    for field in ["input_tokens", "output_tokens", "errors"] {
        assert_eq!(run["tree"][0]["totals"][field], sum(field), "{field}");
        let by_agent = run["run_agents"].as_array().unwrap().iter();
        let by_agent: u64 = by_agent.map(|agent| agent["totals"][field].as_u64().unwrap()).sum();
        assert_eq!(by_agent, sum(field), "{field} by agent");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_triage_that_hands_over_and_back_is_one_run_of_three_agents() {
    let capture = Capture::open("openai_agents_triage");
    let installation = Installation::start(&capture).await;
    let runs = runs_of(&installation, &capture).await;
    assert_eq!(runs.len(), capture.runs().len());
    let run = &runs[0];
    check(run, capture.calls.len());
    assert_eq!(agents(run), capture.agents());
    assert_eq!(handed(run), capture.handovers());
    for one in run["handovers"].as_array().unwrap() {
        assert!(one["from_call_id"].is_string() && one["to_call_id"].is_string(), "{one}");
    }
    let graph = installation.get(&format!("/api/traces/{}/graph", run["trace_id"].as_str().unwrap())).await;
    assert_eq!(graph["nodes"], run["run_agents"]);
    let counts = graph["edges"].as_array().unwrap().iter().map(|edge| edge["count"].as_u64().unwrap());
    assert_eq!(counts.sum::<u64>(), run["handovers"].as_array().unwrap().len() as u64);

    // A correction holds for these calls at once, and for the next as soon as the proxy has heard of it.
    let triage = &run["run_agents"][0];
    let rename = json!({"kind": "rename", "agent": triage["agent"], "from_name": triage["name"], "name": "Front desk"});
    installation.post("/api/agent-corrections", rename).await;
    let again = installation.get(&format!("/api/traces/{}", run["trace_id"].as_str().unwrap())).await;
    assert_eq!(again["run_agents"][0]["name"], "Front desk");
    assert_eq!(again["tree"][0]["totals"], run["tree"][0]["totals"]);
    let recorded = installation.until_recorded_as("Front desk", &capture).await;
    assert_eq!(recorded["identity"]["agent_rule"], "corrected");
    assert_eq!(recorded["identity"]["fingerprint"], triage["agent"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_at_googles_own_api_are_known_as_those_at_the_gateways_are() {
    let capture = Capture::open("adk_native_streamed");
    let installation = Installation::start(&capture).await;
    let runs = runs_of(&installation, &capture).await;
    assert_eq!(runs.len(), capture.runs().len());
    for run in &runs {
        check(run, run["call_count"].as_u64().unwrap() as usize);
        assert_eq!(agents(run), capture.agents());
        assert_eq!(handed(run), capture.handovers());
    }
    // What was said stands with the call, message by message, also what came in a stream.
    let calls = installation.get("/api/calls?limit=200&agent=pilot").await;
    let asks = calls["items"][0]["call_id"].as_str().unwrap();
    let call = installation.get(&format!("/api/calls/{asks}")).await;
    assert_eq!(call["framework"], "google-adk", "{call}");
    let roles = texts(&call["content"]["input"], "role");
    assert_eq!((roles[0], roles[1]), ("system", "user"), "{call}");
    let said = &call["content"]["output"][0];
    assert_eq!(said["role"], "assistant", "{call}");
    assert!(said["content"]["parts"][0]["functionCall"]["name"].is_string(), "{call}");
    assert!(call["content"]["tools"][0]["functionDeclarations"].is_array(), "{call}");
    assert!(call["usage"]["in_uncached"].as_u64().is_some_and(|tokens| tokens > 0), "{call}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_calls_alternate_between_two_proxies_is_read_as_one() {
    let capture = Capture::open("openai_agents_triage");
    let installation = Installation::start_with(&capture, 2, "full").await;
    installation.send(&capture).await;
    let calls = installation.calls(capture.calls.len()).await;
    let traces: BTreeSet<&str> = texts(&calls, "trace_id").into_iter().collect();
    assert!(traces.len() > 1, "each proxy has seen a part of it only");
    assert_eq!(capture.runs().len(), 1);
    for trace in &traces {
        let run = installation.run_of(trace, capture.calls.len()).await;
        check(&run, capture.calls.len());
        assert!(agents(&run).is_superset(&capture.agents()));
        let (sure, rule) = (run["found"]["confidence"].as_f64().unwrap(), &run["found"]["rule"]);
        assert!(sure > 0.5 && sure < 1.0 && rule.as_str().is_some_and(|rule| !rule.is_empty()), "{run}");
        let conversations = |run: &Value| -> BTreeSet<String> {
            let tree = run["tree"].as_array().unwrap().iter();
            tree.filter_map(|node| Some(node["conversation"].as_str()?.to_owned())).collect()
        };
        assert!(conversations(&run).len() < capture.calls.len(), "{:?}", conversations(&run));
    }
    let list = installation.get("/api/traces").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "lists show the run once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_which_nothing_said_is_kept_is_read_as_one_too() {
    let capture = Capture::open("openai_agents_triage");
    let installation = Installation::start_with(&capture, 2, "metadata").await;
    installation.send(&capture).await;
    let calls = installation.calls(capture.calls.len()).await;
    let first = calls[0]["call_id"].as_str().unwrap();
    let call = installation.get(&format!("/api/calls/{first}")).await;
    assert_eq!(call["recording"], "metadata", "{call}");
    let traces: BTreeSet<&str> = texts(&calls, "trace_id").into_iter().collect();
    assert!(traces.len() > 1, "each proxy has seen a part of it only");
    for trace in &traces {
        let run = installation.run_of(trace, capture.calls.len()).await;
        check(&run, capture.calls.len());
        assert_eq!(run["found"]["rule"], "same_history", "{run}");
    }
    let list = installation.get("/api/traces").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "lists show the run once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manager_that_delegates_in_parallel_is_seen_with_its_coworkers() {
    let capture = Capture::open("crewai_hierarchical");
    let installation = Installation::start(&capture).await;
    let runs = runs_of(&installation, &capture).await;
    assert_eq!(runs.len(), capture.runs().len());
    let run = &runs[0];
    check(run, capture.calls.len());
    assert_eq!(agents(run), capture.agents());
    assert_eq!(handed(run), capture.handovers());
    let graph = installation.get(&format!("/api/traces/{}/graph", run["trace_id"].as_str().unwrap())).await;
    assert!(graph["edges"].as_array().unwrap().iter().all(|edge| edge["passing"] == "delegate"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_framework_asks_for_itself_hangs_under_the_agent_it_serves() {
    let capture = Capture::open("crewai_memory");
    let installation = Installation::start(&capture).await;
    let runs = runs_of(&installation, &capture).await;
    let mut served = 0;
    for run in &runs {
        check(run, run["call_count"].as_u64().unwrap() as usize);
        for node in run["tree"].as_array().unwrap() {
            let Some(kind) = node["internal"].as_str().filter(|_| node["kind"] == "call") else { continue };
            let agents = run["run_agents"].as_array().unwrap();
            let agent = agents.iter().find(|agent| agent["agent"] == node["agent"]).unwrap();
            if kind == "embedding" {
                assert_eq!(agent["kind"], "framework");
                continue;
            }
            served += 1;
            assert_eq!(agent["kind"], "agent", "{node}");
            assert!(node["found"]["serves"]["reason"].is_string());
        }
    }
    let internal = capture.calls.iter().filter(|call| call.agent.starts_with('<'));
    assert_eq!(served, internal.filter(|call| call.path != "/v1/embeddings").count());
}
