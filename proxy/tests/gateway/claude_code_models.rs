//! What Claude Code demands of a gateway, where the model's name is ours: it takes an unknown name for a current model and
//! sends all that a current one knows, so a route to an older one, or to a cloud that knows less, has that taken out (G1, G2).

use aop_domain::routing::Unsupported;
use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, Reply, World, client};
use crate::upstreams::{Fixed, Seen};

const BETAS: &str =
    "claude-code-20250219,context-management-2025-06-27,effort-2025-11-24,prompt-caching-scope-2026-01-05";
const ANSWER: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":1}}"#;

/// What it sends with every turn to a model that it takes for a current one.
fn turn() -> Value {
    json!({
        "model": "best", "max_tokens": 32_000,
        "system": [
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2"},
            {"type": "text", "text": "You are", "cache_control": {"type": "ephemeral", "ttl": "1h", "scope": "global"}},
        ],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi \u{e9}", "cache_control": {"type": "ephemeral"}}]}],
        "tools": [{"name": "Bash", "description": "d", "input_schema": {"type": "object"}, "eager_input_streaming": true}],
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": "high"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "metadata": {"user_id": "u"},
    })
}

async fn gateway(kind: &str, model: &str, base: &str, secret: &str, wish: Unsupported) -> Gateway {
    let mut world = World::new();
    world.route("best", kind, model, &[base], |route| route.policy.unsupported = wish);
    if !secret.is_empty() {
        world.secret("best", secret);
    }
    Gateway::start(world).await
}

async fn ask(gateway: &Gateway, body: &Value) -> Reply {
    let request = client().post(gateway.url("/v1/messages?beta=true")).bearer_auth(KEY);
    let request = request.header("anthropic-version", "2023-06-01").header("anthropic-beta", BETAS);
    Reply::of(request.body(body.to_string()).send().await.unwrap()).await
}

fn sent(upstream: &Fixed) -> (Seen, Value) {
    let seen = upstream.requests().remove(0);
    let body = serde_json::from_slice(&seen.body).unwrap();
    (seen, body)
}

#[tokio::test]
async fn a_current_model_gets_every_byte_and_header_as_they_came() {
    for (model, wish) in
        [("claude-opus-4-6", Unsupported::Drop), ("claude-3-5-haiku-20241022", Unsupported::CallerDecides)]
    {
        let upstream = Fixed::json(200, "", ANSWER).await;
        let gateway = gateway("anthropic", model, &format!("http://{}/v1", upstream.address), "", wish).await;
        let reply = ask(&gateway, &turn()).await;
        assert_eq!((reply.status, reply.headers.get("x-aop-dropped")), (200, None), "{model}");
        let (seen, _) = sent(&upstream);
        let expected = turn().to_string().replace(r#""best""#, &format!("\"{model}\""));
        assert_eq!(String::from_utf8_lossy(&seen.body), expected);
        assert!(seen.head.contains(&format!("anthropic-beta: {BETAS}")), "{}", seen.head);
    }
}

#[tokio::test]
async fn an_alias_that_leads_to_an_older_model_has_taken_out_what_that_does_not_know() {
    let upstream = Fixed::json(200, "", ANSWER).await;
    let base = format!("http://{}/v1", upstream.address);
    let gateway = gateway("anthropic", "claude-sonnet-4-20250514", &base, "", Unsupported::Drop).await;
    let reply = ask(&gateway, &turn()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.headers["x-aop-dropped"], "thinking.type, output_config.effort");
    let (seen, body) = sent(&upstream);
    assert_eq!(body["thinking"], json!({"type": "enabled", "budget_tokens": 16_384}));
    assert_eq!((&body["model"], body.get("output_config")), (&json!("claude-sonnet-4-20250514"), None));
    for untouched in ["system", "messages", "tools", "context_management", "metadata", "max_tokens"] {
        assert_eq!(body[untouched], turn()[untouched], "{untouched}");
    }
    let betas = BETAS.replace("effort-2025-11-24,", "");
    assert!(
        seen.head.contains(&format!("anthropic-beta: {betas}\r\n")),
        "the pair's other half: {}",
        seen.head
    );
    let record = gateway.only_record().await;
    assert_eq!(record.dropped_fields, ["thinking.type", "output_config.effort"]);
}

#[tokio::test]
async fn a_model_that_does_not_think_is_asked_without_thoughts() {
    let upstream = Fixed::json(200, "", ANSWER).await;
    let base = format!("http://{}/v1", upstream.address);
    let gateway = gateway("anthropic", "claude-3-5-haiku-20241022", &base, "", Unsupported::Drop).await;
    assert_eq!(ask(&gateway, &turn()).await.status, 200);
    let (seen, body) = sent(&upstream);
    for gone in ["thinking", "output_config", "context_management"] {
        assert!(body.get(gone).is_none(), "{gone}");
    }
    assert!(!seen.head.contains("context-management-") && !seen.head.contains("effort-"), "{}", seen.head);
}

#[tokio::test]
async fn vertex_gets_the_turn_as_it_was_written_and_of_the_betas_those_it_knows() {
    let upstream = Fixed::json(200, "", ANSWER).await;
    let base = format!("http://{}/v1/projects/p/locations/l", upstream.address);
    let gateway =
        gateway("vertex_anthropic", "claude-sonnet-4-6", &base, "ya29.token", Unsupported::default()).await;
    let reply = ask(&gateway, &turn()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let (seen, body) = sent(&upstream);
    let mut expected = turn();
    let fields = expected.as_object_mut().unwrap();
    fields.remove("model");
    fields.insert("anthropic_beta".into(), json!(["context-management-2025-06-27"]));
    fields.insert("anthropic_version".into(), json!("vertex-2023-10-16"));
    fields["system"][1]["cache_control"].as_object_mut().unwrap().remove("scope");
    assert_eq!(body, expected);
    assert!(!seen.head.contains("anthropic-beta"), "once is enough: {}", seen.head);
    let dropped = &reply.headers["x-aop-dropped"];
    assert_eq!(
        dropped,
        "cache_control.scope, anthropic-beta: claude-code-20250219, anthropic-beta: effort-2025-11-24, anthropic-beta: prompt-caching-scope-2026-01-05"
    );
}

#[tokio::test]
async fn bedrock_is_asked_for_what_an_older_model_there_knows() {
    let upstream = Fixed::json(
        200,
        "",
        r#"{"output":{"message":{"role":"assistant","content":[{"text":"ok"}]}},"stopReason":"end_turn","usage":{"inputTokens":3,"outputTokens":1,"totalTokens":4}}"#,
    )
    .await;
    let base = format!("http://{}", upstream.address);
    let model = "anthropic.claude-sonnet-4-20250514-v1:0";
    let gateway = gateway("bedrock", model, &base, "AKID:secret@eu-west-1", Unsupported::Drop).await;
    let reply = ask(&gateway, &turn()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let (_, body) = sent(&upstream);
    let more = &body["additionalModelRequestFields"];
    assert_eq!(more["thinking"], json!({"type": "enabled", "budget_tokens": 16_384}));
    assert!(more.get("output_config").is_none() && more.get("anthropic_beta").is_none(), "{more}");
    let dropped = &reply.headers["x-aop-dropped"];
    for name in ["thinking.type", "output_config.effort", "context_management"] {
        assert!(dropped.contains(name), "{name}: {dropped}");
    }
    // Where nothing is to be dropped, the field that Converse has no word for is named.
    let upstream = Fixed::json(500, "", "{}").await;
    let base = format!("http://{}", upstream.address);
    let strict = self::gateway("bedrock", model, &base, "AKID:secret@eu-west-1", Unsupported::Refuse).await;
    let reply = ask(&strict, &turn()).await;
    assert_eq!(reply.status, 400);
    assert!(reply.json()["error"]["message"].as_str().unwrap().contains('\''), "{reply:?}");
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn an_error_of_the_provider_arrives_word_for_word_with_its_waits_and_limits() {
    let body = r#"{"type":"error", "error":{"type":"invalid_request_error","message":"thinking.0: bound to a different conversation"},"request_id":"req_9"}"#;
    let headers = "anthropic-ratelimit-unified-status: allowed\r\nanthropic-ratelimit-unified-reset: 1763800000\r\nx-should-retry: false\r\nretry-after: 61\r\n";
    for status in [400, 413, 529] {
        let upstream = Fixed::json(status, headers, body).await;
        let mut world = World::new();
        let base = format!("http://{}/v1", upstream.address);
        world.route("best", "anthropic", "claude-opus-4-6", &[&base], |route| route.max_attempts = 1);
        let gateway = Gateway::start(world).await;
        let reply = ask(&gateway, &turn()).await;
        assert_eq!((reply.status, reply.text.as_str()), (status, body));
        assert_eq!(reply.headers["anthropic-ratelimit-unified-reset"], "1763800000");
        assert_eq!(reply.headers["anthropic-ratelimit-unified-status"], "allowed");
        assert_eq!(
            (&reply.headers["x-should-retry"][..], &reply.headers["retry-after"][..]),
            ("false", "61")
        );
    }
}
