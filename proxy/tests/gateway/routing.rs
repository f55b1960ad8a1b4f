//! Which provider answers: priority, fallback, retries, and what the client hears when none does.

use crate::harness::{Gateway, PROVIDER_KEY, World, chat, free_address, hasty_before, status_of};
use crate::upstreams::{Act, Fixed};
use aop_domain::record::CallStatus;

#[tokio::test]
async fn the_next_target_answers_when_the_first_refuses_the_connection_or_fails() {
    let failing = Fixed::json(503, "", r#"{"error":{"message":"busy"}}"#).await;
    let good = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[free_address(), failing.address, good.address]);
    let gateway = Gateway::start(world).await;
    let reply = gateway.chat(&chat("m")).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let record = gateway.only_record().await;
    let tried: Vec<_> = record.attempts.iter().map(|a| (a.error_code.as_str(), a.reason.as_str())).collect();
    assert_eq!(
        tried,
        [("upstream_unreachable", "route:first"), ("upstream_error", "fallback"), ("", "fallback")]
    );
    assert_eq!(record.attempts[1].http_status, 503);
    assert_eq!(record.attempts[2].status, CallStatus::Ok as i32);
    assert!(record.upstream_us >= record.attempts[2].duration_us && record.attempts[2].first_byte_us > 0);
}

#[tokio::test]
async fn a_single_target_is_tried_again_up_to_the_routes_bound() {
    let failing = Fixed::json(500, "", r#"{"error":{"message":"oops","code":"boom"}}"#).await;
    let mut world = World::new();
    world.model("m", &[failing.address]);
    let gateway = Gateway::start(world).await;
    let reply = gateway.chat(&chat("m")).await;
    assert_eq!(
        (reply.status, reply.json()["error"]["code"].as_str()),
        (500, Some("boom")),
        "its own error is passed on"
    );
    assert_eq!(failing.requests().len(), 3);
    let record = gateway.only_record().await;
    assert_eq!(status_of(&record), CallStatus::UpstreamError);
    assert_eq!(
        record.attempts.iter().map(|a| a.reason.as_str()).collect::<Vec<_>>(),
        ["route:first", "retry", "retry"]
    );
    assert!(String::from_utf8_lossy(&record.response_body).contains("boom"));
}

#[tokio::test]
async fn a_request_the_provider_calls_wrong_is_not_tried_again() {
    let refusing =
        Fixed::json(400, "", r#"{"error":{"message":"bad temperature","param":"temperature"}}"#).await;
    let mut world = World::new();
    world.model("m", &[refusing.address, refusing.address]);
    let gateway = Gateway::start(world).await;
    let reply = gateway.chat(&chat("m")).await;
    assert_eq!((reply.status, reply.json()["error"]["param"].as_str()), (400, Some("temperature")));
    assert_eq!(refusing.requests().len(), 1);
}

#[tokio::test]
async fn a_rate_limit_is_passed_on_with_its_time_to_wait() {
    let limited = Fixed::json(
        429,
        "retry-after: 30\r\nx-ratelimit-remaining-requests: 0\r\nset-cookie: a=b\r\n",
        r#"{"error":{"message":"slow down"}}"#,
    )
    .await;
    let mut world = World::new();
    world.model("m", &[limited.address]);
    let gateway = Gateway::start(world).await;
    let reply = gateway.chat(&chat("m")).await;
    assert_eq!((reply.status, reply.headers["retry-after"].as_str()), (429, "30"));
    assert_eq!(reply.headers["x-ratelimit-remaining-requests"], "0");
    assert!(!reply.headers.contains_key("set-cookie"));
    assert_eq!(limited.requests().len(), 1, "30 seconds are not waited for");
    assert_eq!(status_of(&gateway.only_record().await), CallStatus::RateLimited);
}

#[tokio::test]
async fn a_refused_credential_is_the_gateways_trouble_and_is_not_shown() {
    let refusing =
        Fixed::json(401, "", &format!(r#"{{"error":{{"message":"Incorrect API key: {PROVIDER_KEY}"}}}}"#))
            .await;
    let mut world = World::new();
    world.model("m", &[refusing.address]);
    let gateway = Gateway::start(world).await;
    assert_eq!(gateway.chat(&chat("m")).await.error(), (502, "upstream_refused_credential".to_owned()));
    let head = &refusing.requests()[0].head;
    assert!(head.contains(&format!("authorization: bearer {PROVIDER_KEY}")), "{head}");
    assert!(!head.contains("aop-test-key") && !head.contains("x-aop"), "{head}");
    let record = gateway.only_record().await;
    assert!(!format!("{record:?}").contains(PROVIDER_KEY));
}

#[tokio::test]
async fn upstreams_that_misbehave_end_in_one_clear_error() {
    for (what, acts, status, code) in [
        ("garbage", vec![Act::Send(b"\x00\x01garbage\r\n\r\n".to_vec())], 502, "upstream_bad_answer"),
        ("closes at once", vec![], 502, "upstream_unreachable"),
        (
            "no JSON",
            vec![Act::Send(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>".to_vec(),
            )],
            502,
            "upstream_bad_answer",
        ),
        (
            "cuts its answer",
            vec![Act::Send(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60\r\n\r\n{\"id\":"
                    .to_vec(),
            )],
            502,
            "upstream_cut",
        ),
        (
            "two lengths",
            vec![Act::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}".to_vec())],
            502,
            "upstream_bad_answer",
        ),
        (
            "redirects",
            vec![Act::Send(
                b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"
                    .to_vec(),
            )],
            502,
            "upstream_error",
        ),
        ("never answers", vec![Act::WaitForClose], 504, "upstream_timeout"),
    ] {
        let upstream = Fixed::start(acts, false).await;
        let mut world = World::new();
        let base = format!("http://{}/v1", upstream.address);
        world.route("m", "openai", "m", &[&base], |route| {
            route.max_attempts = 1;
            if code == "upstream_timeout" {
                hasty_before(route);
            }
        });
        let gateway = Gateway::start(world).await;
        let reply = gateway.chat(&chat("m")).await;
        assert_eq!(reply.error(), (status, code.to_owned()), "{what}");
        let record = gateway.only_record().await;
        assert_eq!((record.http_status, record.error_code.as_str()), (u32::from(status), code), "{what}");
    }
}

#[tokio::test]
async fn a_pooled_connection_that_died_is_replaced_without_an_error() {
    // Answers, says keep-alive, and closes.
    let body = crate::upstreams::OK_BODY;
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let upstream = Fixed::start(vec![Act::Send(answer.into_bytes())], false).await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    let gateway = Gateway::start(world).await;
    for _ in 0..20 {
        assert_eq!(gateway.chat(&chat("m")).await.status, 200);
    }
    let records = gateway.recorded(20).await;
    assert!(
        records.iter().all(|record| record.attempts.len() == 1),
        "no attempt is counted for a dead connection"
    );
}

#[tokio::test]
async fn a_model_without_a_usable_deployment_is_502() {
    let mut world = World::new();
    world.route("m", "openai", "m", &["not a url"], |_| {});
    let gateway = Gateway::start(world).await;
    assert_eq!(gateway.chat(&chat("m")).await.error(), (502, "upstream_unreachable".to_owned()));
}
