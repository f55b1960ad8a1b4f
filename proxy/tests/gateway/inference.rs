//! What nobody stated is found in the traffic, and stands in the record as inferred.

use aop_domain::identity::IdentitySource;
use aop_domain::limits::{Kind, LimitScope, Window};
use aop_domain::record::CallStatus;
use aop_identity::named_fingerprint;
use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, World, status_of, team};

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
async fn the_library_that_a_framework_calls_through_is_not_the_framework() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway = Gateway::start(world).await;
    let crew =
        asked("You are Researcher. R\nYour personal goal is: g", &[("user", "Current Task: collect facts")]);
    let plain = asked("You are a pirate.", &[("user", "Ahoy there")]);
    for (body, agent) in
        [(&crew, "OpenAI/Python 2.54.0"), (&plain, "OpenAI/Python 2.54.0"), (&crew, "my-crews/1.0")]
    {
        gateway.post_as(KEY, "/v1/chat/completions", body.to_string(), &[("user-agent", agent)]).await;
    }
    let named: Vec<String> = gateway
        .records()
        .into_iter()
        .map(|record| record.identity.unwrap().framework.unwrap().value)
        .collect();
    assert_eq!(named, ["crewai", "openai-python", "my-crews"]);
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
    assert_eq!(aop_domain::hex::hex(&record.trace_id), trace);
}

#[tokio::test]
async fn a_record_says_in_which_conversation_a_call_is_and_who_handed_over() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway = Gateway::start(world).await;
    let prompt = "Your name is Bob.";
    let first = gateway.chat(&asked(prompt, &[("user", "hello there")])).await;
    let said = first.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    gateway
        .chat(&asked(prompt, &[("user", "hello there"), ("assistant", &said), ("user", "and now?")]))
        .await;
    gateway
        .chat(&asked(
            "Plants, bees and the weather. Your name is Eve.",
            &[("user", &format!("Check this: {said}"))],
        ))
        .await;
    let records = gateway.recorded(3).await;
    let found: Vec<_> = records.iter().map(|record| record.inference.clone().unwrap()).collect();
    let first_span = u64::from_be_bytes(records[0].span_id[..].try_into().unwrap());
    assert_eq!(found[0].conversation, first_span, "a conversation is called as the span of its first call");
    assert_eq!(found[1].conversation, first_span);
    assert_eq!((found[2].parent_conversation, found[2].run_rule.as_str()), (first_span, "answer_text"));
    assert_eq!(found[0].agent, named_fingerprint("Bob"));
    assert_eq!((found[0].agent_name.as_str(), found[0].agent_rule.as_str()), ("Bob", "prompt:your_name_is"));
    assert_ne!(found[0].prompt, found[2].prompt);
    assert!((1..100).contains(&found[1].run_confidence));
}

#[tokio::test]
async fn a_corrected_agent_stands_in_the_record_beside_what_was_found() {
    let mut world = World::new();
    world.simulated("sim-fast").renamed(named_fingerprint("Bob"), "Robert");
    let gateway = Gateway::start(world).await;
    gateway.chat(&asked("Your name is Bob.", &[("user", "hi")])).await;
    gateway.chat(&asked("Plants, bees and the weather. Your name is Eve.", &[("user", "ho")])).await;
    let records = gateway.recorded(2).await;
    let agent = |at: usize| records[at].identity.clone().unwrap().agent.unwrap();
    assert_eq!((agent(0).value.as_str(), agent(0).source), ("Robert", IdentitySource::Corrected as i32));
    assert_eq!(records[0].identity.clone().unwrap().agent_rule, "corrected");
    assert_eq!(records[0].inference.clone().unwrap().agent_name, "Bob");
    assert_eq!((agent(1).value.as_str(), agent(1).source), ("Eve", IdentitySource::Inferred as i32));
}

/// A prompt may claim any name, and a team may know an agent by any name: who pays and what the key may do stays.
#[tokio::test]
async fn a_prompt_that_claims_another_agents_name_changes_claims_only() {
    let mut world = World::new();
    world.simulated("sim-fast");
    world.key("other-key", |key| key.user_id = aop_domain::id::UserId::from_bytes([8; 16]));
    world.limit("boss", Kind::Requests, Window::Hour, 1, |limit| {
        limit.scope = LimitScope::Agent;
        limit.subject = Some("Boss".to_owned());
    });
    world.renamed(named_fingerprint("Helper"), "Boss");
    let gateway = Gateway::start(world).await;
    let stated = [("x-aop-agent", "Boss")];
    let post = async |key: &str, prompt: &str, headers: &[(&str, &str)]| {
        let body = asked(prompt, &[("user", prompt)]).to_string();
        gateway.post_as(key, "/v1/chat/completions", body, headers).await.status
    };
    assert_eq!(post(KEY, "I am who I am", &stated).await, 200);
    // Neither the claim of a prompt nor a correction meets the limit that the stated agent has used up.
    for prompt in [
        "The accounts of the house are yours to mind. Your name is Boss.",
        "Plants, bees and the weather: a gardener. Your name is Helper.",
        "You are Boss. x\nYour personal goal is: y",
    ] {
        assert_eq!(post("other-key", prompt, &[]).await, 200, "{prompt}");
    }
    assert_eq!(post(KEY, "I am who I am", &stated).await, 429);
    let records = gateway.recorded(5).await;
    for record in &records[1..4] {
        assert_eq!(record.identity.clone().unwrap().agent.unwrap().value, "Boss");
        assert_eq!(&record.key_id[..], &[2; 16]);
        assert_eq!(&record.user_id[..], &[8; 16]);
        assert_eq!(&record.team_id[..], team().as_bytes());
        assert_eq!(status_of(record), CallStatus::Ok);
        let found = record.inference.clone().unwrap();
        assert!(found.agent_confidence < 100 && found.agent_rule.starts_with("prompt:"), "{found:?}");
    }
    // Of another key, so of nobody's run but its own.
    assert!(records[1..4].iter().all(|record| record.trace_id != records[0].trace_id));
}

#[tokio::test]
async fn tokens_that_are_counted_are_the_frameworks_own_call_before_the_one_they_were_counted_for() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway = Gateway::start(world).await;
    let body = json!({ "model": "sim-fast", "max_tokens": 64, "system": "You are Ada, who keeps the ledger.",
        "messages": [{ "role": "user", "content": "Which accounts are open?" }] })
    .to_string();
    gateway.post_as(KEY, "/v1/messages/count_tokens", body.clone(), &[]).await;
    gateway.post_as(KEY, "/v1/messages", body, &[]).await;
    let records = gateway.records();
    let internal: Vec<_> = records.iter().map(|record| record.inference.clone().unwrap().internal).collect();
    assert_eq!(internal, ["count_tokens", ""]);
    assert_eq!(records[0].trace_id, records[1].trace_id);
}
