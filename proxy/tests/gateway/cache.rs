//! The response cache at the front door: the same answer to the same question, for those who may share it (G6).

use std::time::Duration;

use aop_domain::guard::{CachePolicy, CacheScope, ContentPolicy};
use aop_domain::id::{KeyId, RouteId, TeamId};
use aop_domain::limits::{Kind, Window};
use aop_domain::record::{CacheOutcome, CallRecord, CallStatus};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, Reply, World, client, eventually, status_of, team};
use crate::upstreams::{Act, DONE, FINISH, Fixed, LAST_CHUNK, TOKEN, USAGE, sse};

pub const ANSWER: &str = r#"{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello."},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}"#;

pub fn on(scope: CacheScope) -> ContentPolicy {
    ContentPolicy { recording: None, cache: Some(CachePolicy { ttl_s: 60, scope }) }
}

pub fn cached(upstream: &Fixed) -> World {
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    world.price("m", r#"{"input":"0.001","output":"0.01"}"#);
    world.guard(|guard| {
        guard.teams.insert(team(), on(CacheScope::Team));
    });
    world
}

pub fn ask(content: &str) -> Value {
    json!({"model": "m", "messages": [{"role": "user", "content": content}]})
}

fn outcome(record: &CallRecord) -> CacheOutcome {
    CacheOutcome::try_from(record.cache).unwrap()
}

async fn ask_with(gateway: &Gateway, key: &str, control: &str, body: &Value) -> Reply {
    gateway.post_as(key, "/v1/chat/completions", body.to_string(), &[("cache-control", control)]).await
}

#[tokio::test]
async fn the_same_question_is_answered_once_by_the_provider_and_told_as_a_hit() {
    let upstream = Fixed::json(200, "", ANSWER).await;
    let gateway = Gateway::start(cached(&upstream)).await;
    let first = gateway.chat(&ask("hi")).await;
    // Written another way, by another user: still the same question.
    let again = r#"{ "messages":[{"content":"hi","role":"user"}], "model":"m", "user":"ann" }"#;
    let second = gateway.post("/v1/chat/completions", again).await;
    assert_eq!((first.status, first.headers["x-aop-cache"].as_str()), (200, "miss"));
    assert_eq!((second.status, second.headers["x-aop-cache"].as_str()), (200, "hit"));
    assert_eq!((second.text.as_str(), first.text.as_str()), (ANSWER, ANSWER));
    assert_eq!(second.headers["content-type"], "application/json");
    assert!(
        second.headers.contains_key("age") && second.headers["x-request-id"] != first.headers["x-request-id"]
    );
    assert_eq!(upstream.requests().len(), 1);

    let records = gateway.recorded(2).await;
    assert_eq!((outcome(&records[0]), outcome(&records[1])), (CacheOutcome::Miss, CacheOutcome::Hit));
    let hit = &records[1];
    assert_eq!((status_of(hit), hit.http_status, hit.attempts.len()), (CallStatus::Ok, 200, 0));
    assert!(hit.cost_known && hit.cost_input == "0" && hit.cost_output == "0", "{hit:?}");
    assert_eq!(hit.cost_saved, "0.06", "ten tokens in, five out");
    assert!(records[0].cost_saved.is_empty());
    assert_eq!((hit.response_model.as_str(), hit.finish_reason.as_str()), ("m", "stop"));
    assert_eq!(hit.response_body, ANSWER.as_bytes());
    let metrics = gateway.get("/metrics").await.text;
    assert!(
        metrics.contains("aop_proxy_cache_hits_total 1")
            && metrics.contains("aop_proxy_cache_misses_total 1")
    );
}

#[tokio::test]
async fn a_stream_is_given_again_as_the_stream_the_client_got() {
    let mut bytes = sse(&[TOKEN, TOKEN, FINISH, USAGE, DONE]);
    bytes.extend(LAST_CHUNK);
    let upstream = Fixed::start(vec![Act::Send(bytes)], true).await;
    let gateway = Gateway::start(cached(&upstream)).await;
    let mut body = ask("hi");
    body["stream"] = json!(true);
    let first = gateway.chat(&body).await;
    let second = gateway.chat(&body).await;
    assert_eq!(first.text, [TOKEN, TOKEN, FINISH, DONE].concat(), "without the usage nobody asked for");
    assert_eq!(second.text, first.text);
    assert_eq!(second.headers["x-aop-cache"], "hit");
    assert_eq!(second.headers["content-type"], "text/event-stream");
    assert_eq!(upstream.requests().len(), 1);
    let records = gateway.recorded(2).await;
    assert!(records[1].response_is_sse && records[1].stream && records[1].finish_reason == "stop");
    // The same question without a stream is another one.
    body["stream"] = json!(false);
    assert_ne!(gateway.chat(&body).await.headers.get("x-aop-cache").map(String::as_str), Some("hit"));
}

#[tokio::test]
async fn a_translated_stream_is_given_again_in_the_clients_dialect() {
    let mut world = World::new();
    world.simulated("sim-fast");
    world.guard(|guard| {
        guard.teams.insert(team(), on(CacheScope::Team));
    });
    let gateway = Gateway::start(world).await;
    let body = json!({"model": "sim-fast", "max_tokens": 50, "stream": true, "messages": [{"role": "user", "content": "hi"}]});
    let first = gateway.post("/v1/messages", body.to_string()).await;
    let second = gateway.post("/v1/messages", body.to_string()).await;
    assert_eq!(second.headers["x-aop-cache"], "hit");
    assert_eq!(second.text, first.text);
    assert!(second.text.contains("event: message_stop"), "{}", second.text);
}

#[tokio::test]
async fn teams_never_share_and_keys_only_where_they_may() {
    let upstream = Fixed::json(200, "", ANSWER).await;
    let other_team = TeamId::from_bytes([8; 16]);
    let mut world = cached(&upstream);
    world.key("aop-mate", |_| {});
    world.key("aop-other", |key| key.team_id = other_team);
    world.key("aop-own", |_| {});
    world.guard(|guard| {
        guard.teams.insert(other_team, on(CacheScope::Team));
        guard.keys.insert(KeyId::from_bytes([4; 16]), on(CacheScope::Key));
    });
    let gateway = Gateway::start(world).await;
    for (key, told) in [
        (KEY, "miss"),
        ("aop-mate", "hit"),
        ("aop-other", "miss"),
        ("aop-other", "hit"),
        ("aop-own", "miss"),
        ("aop-own", "hit"),
    ] {
        let reply = gateway.post_as(key, "/v1/chat/completions", ask("hi").to_string(), &[]).await;
        assert_eq!(reply.headers["x-aop-cache"], told, "{key}");
    }
}

#[tokio::test]
async fn what_the_caller_says_about_the_cache_holds() {
    let upstream = Fixed::json(200, "", ANSWER).await;
    let gateway = Gateway::start(cached(&upstream)).await;
    for (control, told, asked) in [
        ("no-store", "bypass", 1),
        ("max-age=60", "miss", 2),
        ("max-age=60", "hit", 2),
        ("no-store", "bypass", 3),
        ("no-cache", "miss", 4),
        ("max-age=0", "miss", 5),
        ("private", "hit", 5),
    ] {
        let reply = ask_with(&gateway, KEY, control, &ask("hi")).await;
        assert_eq!(
            (reply.headers["x-aop-cache"].as_str(), upstream.requests().len()),
            (told, asked),
            "{control}"
        );
    }
    let outcomes: Vec<_> = gateway.recorded(7).await.iter().map(outcome).collect();
    assert_eq!(outcomes[0], CacheOutcome::Bypass);
}

#[tokio::test]
async fn it_is_off_until_somebody_turns_it_on_and_a_route_can() {
    let upstream = Fixed::json(200, "", ANSWER).await;
    let mut world = World::new();
    world.model("m", &[upstream.address]).model("n", &[upstream.address]);
    world.guard(|guard| {
        guard.routes.insert(RouteId::from_bytes([2; 16]), on(CacheScope::Team));
    });
    let gateway = Gateway::start(world).await;
    for _ in 0..2 {
        assert!(!gateway.chat(&ask("hi")).await.headers.contains_key("x-aop-cache"));
    }
    let mut body = ask("hi");
    body["model"] = json!("n");
    gateway.chat(&body).await;
    assert_eq!(gateway.chat(&body).await.headers["x-aop-cache"], "hit");
    assert_eq!(upstream.requests().len(), 3);
}

#[tokio::test]
async fn errors_and_halves_are_never_given_again() {
    let told_inside = r#"{"error":{"message":"no credits","code":402}}"#;
    let cut = vec![Act::Send(sse(&[TOKEN, TOKEN]))];
    for (what, upstream, stream) in [
        ("an error", Fixed::json(400, "", r#"{"error":{"message":"no"}}"#).await, false),
        ("an error told with 200", Fixed::json(200, "", told_inside).await, false),
        ("half a stream", Fixed::start(cut, false).await, true),
    ] {
        let gateway = Gateway::start(cached(&upstream)).await;
        let mut body = ask("hi");
        body["stream"] = json!(stream);
        for _ in 0..2 {
            if stream {
                gateway.chat_until_cut(&body).await;
            } else {
                assert_eq!(gateway.chat(&body).await.headers["x-aop-cache"], "miss", "{what}");
            }
        }
        assert!(upstream.requests().len() >= 2, "{what}: {}", upstream.requests().len());
    }
}

#[tokio::test]
async fn many_who_ask_the_same_at_once_make_one_call() {
    let answer = format!(
        "HTTP/1.1 200 x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{ANSWER}",
        ANSWER.len()
    );
    let acts = vec![Act::Wait(Duration::from_millis(300)), Act::Send(answer.into_bytes())];
    let upstream = Fixed::start(acts, true).await;
    let gateway = Gateway::start(cached(&upstream)).await;
    let replies = join_all((0..8).map(|_| async { gateway.chat(&ask("hi")).await })).await;
    assert!(replies.iter().all(|reply| reply.status == 200 && reply.text == ANSWER));
    assert_eq!(upstream.requests().len(), 1);
    let hits = replies.iter().filter(|reply| reply.headers["x-aop-cache"] == "hit").count();
    assert_eq!(hits, 7);
}

#[tokio::test]
async fn a_leader_that_leaves_lets_the_others_try_on_their_own() {
    let upstream = Fixed::start(vec![Act::WaitForClose], false).await;
    let gateway = Gateway::start(cached(&upstream)).await;
    let send = |body: Value| {
        let request =
            client().post(gateway.url("/v1/chat/completions")).bearer_auth(KEY).body(body.to_string());
        tokio::spawn(async move { request.send().await })
    };
    let leader = send(ask("hi"));
    eventually("the leader is under way", || async { (upstream.requests().len() == 1).then_some(()) }).await;
    let waiter = send(ask("hi"));
    eventually("the other waits", || async {
        gateway.get("/metrics").await.text.contains("aop_proxy_cache_waits_total 1").then_some(())
    })
    .await;
    assert_eq!(upstream.requests().len(), 1);
    leader.abort();
    eventually("the other asks for itself", || async { (upstream.requests().len() >= 2).then_some(()) })
        .await;
    waiter.abort();
}

#[tokio::test]
async fn a_hit_uses_nothing_of_a_limit() {
    let upstream = Fixed::json(200, "", ANSWER).await;
    let mut world = cached(&upstream);
    world.limit("two a minute", Kind::Requests, Window::Minute, 2, |_| {});
    let gateway = Gateway::start(world).await;
    for _ in 0..5 {
        assert_eq!(gateway.chat(&ask("hi")).await.status, 200);
    }
    assert_eq!(gateway.chat(&ask("second")).await.status, 200);
    assert_eq!(gateway.chat(&ask("third")).await.status, 429);
    assert_eq!(gateway.chat(&ask("hi")).await.status, 200, "what is kept is given all the same");
}
