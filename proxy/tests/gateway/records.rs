//! Every answered and every refused call leaves one record, before its answer is whole.

use crate::harness::{Gateway, KEY, World, chat, status_of};
use aop_domain::record::CallStatus;
use aop_proxy::WhenFull;
use rust_decimal::Decimal;

#[tokio::test]
async fn when_the_answer_is_here_its_record_is_in_the_spool() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway = Gateway::start(world).await;
    for calls in 1..=20 {
        let reply = gateway.chat(&chat("sim-fast")).await;
        let records = gateway.records();
        assert_eq!(records.len(), calls, "no waiting");
        let record = records.last().unwrap();
        let id = uuid::Uuid::from_slice(&record.call_id).unwrap().to_string();
        assert_eq!((&reply.headers["x-request-id"], &reply.headers["x-aop-call-id"]), (&id, &id));
        assert_eq!(reply.headers["x-aop-trace-id"], aop_domain::hex::hex(&record.trace_id));
    }
}

#[tokio::test]
async fn a_record_says_what_happened() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway = Gateway::start(world).await;
    let body = chat("sim-fast").to_string();
    let headers = [("x-aop-agent", "Writer"), ("x-aop-session-id", "s-1"), ("x-aop-internal", "forged")];
    let reply = gateway.post_as(KEY, "/v1/chat/completions", body.clone(), &headers).await;
    let record = gateway.only_record().await;
    assert_eq!(status_of(&record), CallStatus::Ok);
    assert_eq!((record.operation.as_str(), record.route.as_str()), ("chat_completions", "sim-fast"));
    assert_eq!(record.request_body, body.as_bytes());
    assert_eq!(record.response_body, reply.text.as_bytes());
    assert_eq!((record.request_bytes, record.response_bytes), (body.len() as u64, reply.text.len() as u64));
    assert_eq!(record.node, "test-node");
    assert_eq!(record.finish_reason, "stop");
    let usage = record.usage.unwrap();
    let told = reply.json()["usage"].clone();
    assert_eq!(
        (usage.input(), usage.output()),
        (told["prompt_tokens"].as_u64().unwrap(), told["completion_tokens"].as_u64().unwrap())
    );
    assert!(record.duration_us >= record.upstream_us && record.upstream_us > 0);
    assert!(u64::from(record.overhead_us) < record.duration_us);
    let identity = record.identity.unwrap();
    assert_eq!(
        (identity.agent.unwrap().value, identity.session.unwrap().value),
        ("Writer".into(), "s-1".into())
    );
    assert_eq!(record.attempts.len(), 1);
    assert_eq!(record.attempts[0].deployment, "sim-fast-0");
}

#[tokio::test]
async fn a_call_is_priced_exactly_or_its_cost_is_unknown() {
    let mut world = World::new();
    world.simulated("sim-fast").simulated("sim-tools");
    world.price("sim-fast", r#"{"input":"0.000002","output":"0.00001"}"#);
    let gateway = Gateway::start(world).await;
    for model in ["sim-fast", "sim-tools", "nothing"] {
        gateway.chat(&chat(model)).await;
    }
    let records = gateway.recorded(3).await;
    let usage = records[0].usage.unwrap();
    let times = |price: &str, tokens: u32| price.parse::<Decimal>().unwrap() * Decimal::from(tokens);
    assert_eq!(records[0].cost_input.parse(), Ok(times("0.000002", usage.in_uncached)));
    assert_eq!(records[0].cost_output.parse(), Ok(times("0.00001", usage.out_text)));
    assert_eq!((records[0].cost_known, records[0].price_version), (true, 7));
    assert!(!records[1].cost_known && records[1].cost_input.is_empty(), "no price: unknown, not zero");
    assert!(records[2].cost_known && records[2].cost_input == "0", "a refused call costs nothing");
}

#[tokio::test]
async fn strangers_cannot_fill_the_spool() {
    let gateway = Gateway::start(World::new()).await;
    for _ in 0..40 {
        let reply = gateway.post_as("aop-wrong", "/v1/chat/completions", "{}", &[]).await;
        assert_eq!(reply.error().0, 401);
    }
    let kept = gateway.records().len();
    assert!((10..20).contains(&kept), "{kept} of 40 are kept");
    let metrics = gateway.get("/metrics").await.text;
    let line =
        metrics.lines().find(|line| line.starts_with("aop_proxy_unrecorded_unknown_calls_total")).unwrap();
    assert_eq!(line.rsplit(' ').next().unwrap().parse::<usize>().unwrap(), 40 - kept, "the rest is counted");
    assert!(metrics.contains("aop_proxy_calls_total{status=\"client_error\"} 40"), "{metrics}");
}

#[tokio::test]
async fn a_full_spool_sheds_bodies_or_refuses_as_configured() {
    let filler = "x".repeat(100_000);
    let body = serde_json::json!({"model": "sim-fast", "messages": [{"role": "user", "content": filler}]});
    for (when_full, last_status) in [(WhenFull::ShedBodies, 200), (WhenFull::Refuse, 503)] {
        let mut world = World::new();
        world.simulated("sim-fast");
        let gateway = Gateway::start_with(world, |config| {
            config.spool_max_bytes = 1_000_000;
            config.when_full = when_full;
        })
        .await;
        let mut statuses = Vec::new();
        for _ in 0..12 {
            statuses.push(gateway.chat(&body).await.status);
        }
        assert_eq!(statuses[0], 200);
        assert_eq!(statuses[11], last_status, "{when_full:?}: {statuses:?}");
        let answered = statuses.iter().filter(|&&status| status == 200).count();
        let recorded = gateway.records().iter().filter(|record| status_of(record) == CallStatus::Ok).count();
        assert_eq!(recorded, answered, "{when_full:?}: an answered call is a recorded call");
    }
}

#[tokio::test]
async fn calls_in_flight_at_the_end_are_told_so_and_recorded_too() {
    let upstream = crate::upstreams::Fixed::start(vec![crate::upstreams::Act::WaitForClose], false).await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    let mut gateway = Gateway::start(world).await;
    let (url, body) = (gateway.url("/v1/chat/completions"), chat("m").to_string());
    let call =
        tokio::spawn(
            async move { crate::harness::client().post(url).bearer_auth(KEY).body(body).send().await },
        );
    crate::harness::eventually("the call is under way", || async {
        (!upstream.requests().is_empty()).then_some(())
    })
    .await;
    gateway.stop().await;
    let told = call.await.unwrap().unwrap();
    assert_eq!(told.status(), 503);
    let told: serde_json::Value = told.json().await.unwrap();
    assert_eq!(told["error"]["code"], "gateway_stopped");
    assert_eq!(gateway.only_record().await.error_code, "gateway_stopped");
}
