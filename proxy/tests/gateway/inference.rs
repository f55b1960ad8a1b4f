//! What nobody stated is found in the traffic, and stands in the record as inferred.

use aop_domain::identity::IdentitySource;
use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, World};

fn asked(system: &str, rest: &[(&str, &str)]) -> Value {
    let mut messages = vec![json!({ "role": "system", "content": system })];
    messages.extend(rest.iter().map(|(role, text)| json!({ "role": role, "content": text })));
    json!({ "model": "sim-fast", "messages": messages })
}

#[tokio::test]
async fn agents_and_their_run_are_found_without_a_word_about_them() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway = Gateway::start(world).await;
    let first = gateway
        .chat(&asked(
            "You are Researcher. R\nYour personal goal is: g",
            &[("user", "Current Task: collect facts")],
        ))
        .await;
    let answer = first.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    let task = format!("Current Task: write\n\nThis is the context you're working with:\n{answer}");
    let second =
        gateway.chat(&asked("You are Writer. W\nYour personal goal is: g", &[("user", &task)])).await;
    assert_eq!(first.headers["x-aop-trace-id"], second.headers["x-aop-trace-id"]);
    let records = gateway.records();
    let identity: Vec<_> = records.iter().map(|record| record.identity.clone().unwrap()).collect();
    let agents: Vec<String> = identity.iter().map(|identity| identity.agent.clone().unwrap().value).collect();
    assert_eq!(agents, ["Researcher", "Writer"]);
    assert_eq!(identity[1].agent.clone().unwrap().source, IdentitySource::Inferred as i32);
    assert_eq!(identity[1].trace_source, IdentitySource::Inferred as i32);
    assert_eq!(identity[1].agent_rule, "inferred:prompt:crewai_role");
    assert!((1..100).contains(&identity[1].agent_confidence));
    assert_eq!(identity[1].parent_agent.clone().unwrap().value, "Researcher");
    assert_eq!(identity[1].framework.clone().unwrap().value, "crewai");
}

#[tokio::test]
async fn what_is_stated_is_not_touched() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway = Gateway::start(world).await;
    let body = asked("Your name is Bob.", &[("user", "hi")]).to_string();
    let trace = "0123456789abcdef0123456789abcdef";
    let headers = [("x-aop-agent", "Ann"), ("x-aop-trace-id", trace)];
    gateway.post_as(KEY, "/v1/chat/completions", body, &headers).await;
    let record = gateway.only_record().await;
    let identity = record.identity.unwrap();
    assert_eq!(identity.agent.unwrap().value, "Ann");
    assert_eq!((identity.agent_confidence, identity.agent_rule.as_str()), (100, "header:x-aop-agent"));
    assert_eq!(aop_service::keys::hex(&record.trace_id), trace);
}
