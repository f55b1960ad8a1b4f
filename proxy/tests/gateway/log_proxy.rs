//! The log proxy: identity in the path (G8).

use crate::harness::{Gateway, World, chat};

async fn gateway() -> Gateway {
    let mut world = World::new();
    world.simulated("sim-fast");
    Gateway::start(world).await
}

#[tokio::test]
async fn trace_and_agent_are_taken_from_the_path() {
    let gateway = gateway().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let body = chat("sim-fast").to_string();
    for path in [
        "/api/log-proxy/v1/chat/completions".to_owned(),
        format!("/api/log-proxy/{trace}/v1/chat/completions"),
        "/api/log-proxy/4bf92f35-77b3-4da6-a3ce-929d0e0e4736/Writer%20%ED%95%9C/v1/chat/completions"
            .to_owned(),
    ] {
        let reply = gateway.post(&path, body.clone()).await;
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
    }
    let records = gateway.recorded(3).await;
    let agents: Vec<_> = records
        .iter()
        .map(|record| {
            record.identity.as_ref().and_then(|identity| Some(identity.agent.as_ref()?.value.clone()))
        })
        .collect();
    assert_eq!(agents, [None, None, Some("Writer 한".to_owned())]);
    let traces: Vec<String> = records.iter().map(|record| aop_domain::hex::hex(&record.trace_id)).collect();
    assert_ne!(traces[0], trace, "nobody said: a new trace");
    assert_eq!((traces[1].as_str(), traces[2].as_str()), (trace, trace));
}

#[tokio::test]
async fn a_trace_id_that_is_none_is_refused() {
    let gateway = gateway().await;
    let body = chat("sim-fast").to_string();
    let reply = gateway.post("/api/log-proxy/not-a-trace/v1/chat/completions", body.clone()).await;
    assert_eq!(reply.error(), (400, "invalid_trace_id".to_owned()));
    let reply = gateway
        .post_as(crate::harness::KEY, "/v1/chat/completions", body, &[("x-aop-trace-id", "nope")])
        .await;
    assert_eq!(reply.error(), (400, "invalid_trace_id".to_owned()));
    assert_eq!(gateway.recorded(2).await.len(), 2);
}

#[tokio::test]
async fn the_log_proxy_verifies_key_and_model_like_the_gateway() {
    let gateway = gateway().await;
    let path = "/api/log-proxy/4bf92f3577b34da6a3ce929d0e0e4736/v1/chat/completions";
    let reply = gateway.post_as("aop-unknown", path, chat("sim-fast").to_string(), &[]).await;
    assert_eq!(reply.error(), (401, "invalid_api_key".to_owned()));
    assert_eq!(
        gateway.post(path, chat("nothing").to_string()).await.error(),
        (404, "model_not_found".to_owned())
    );
    assert_eq!(gateway.get("/api/log-proxy/v1/models").await.json()["data"][0]["id"], "sim-fast");
}
