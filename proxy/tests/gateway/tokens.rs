//! A token of another issuer in place of a virtual key: whose call it is, what it may, and that nothing else gets in.

use aop_domain::guard::{ContentPolicy, RecordingLevel};
use aop_domain::id::KeyId;
use aop_domain::limits::{Kind, Window};
use aop_service::token::{Issuer, KeySet, KeysFrom};
use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, World, chat, eventually, team};
use crate::in_flight::Listener;
use crate::oidc_keys::TestKey;
use crate::upstreams::{Act, Fixed};

const ISSUER: &str = "https://login.example.com";

fn token(claims: &Value) -> String {
    let mut all = json!({"iss": ISSUER, "aud": "aop", "exp": 4_000_000_000_i64});
    for (name, value) in claims.as_object().unwrap() {
        all[name] = value.clone();
    }
    TestKey::First.sign(Some("first"), &all)
}

async fn gateway(world: World) -> Gateway {
    telling(world, None).await
}

/// One that tells a collector of its calls in flight.
async fn telling(world: World, collector_url: Option<String>) -> Gateway {
    Gateway::start_with(world, |config| {
        if let Some(url) = collector_url {
            config.collector_url = url;
        }
        let keys = json!({"keys": [TestKey::First.published()]}).to_string();
        config.token_issuers = vec![Issuer {
            id: "corp".into(),
            issuer: ISSUER.into(),
            audiences: vec!["aop".into()],
            keys: KeysFrom::Given(KeySet::read(keys.as_bytes()).unwrap()),
        }];
    })
    .await
}

fn key(n: u8) -> KeyId {
    KeyId::from_bytes([n; 16])
}

#[tokio::test]
async fn a_token_acts_as_the_key_that_its_claim_leads_to() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[upstream.address]).model("other", &[upstream.address]);
    world.key("ops-key", |key| key.allowed_models = vec!["m".into()]);
    world.token_rule(ISSUER, "groups", "ops", key(2)).token_rule(ISSUER, "groups", "dev", key(1));
    let gateway = gateway(world).await;
    let ops = token(&json!({"sub": "ada", "groups": ["dev", "ops"]}));
    let call = async |model: &str, token: &str| {
        gateway.post_as(token, "/v1/chat/completions", chat(model).to_string(), &[]).await
    };
    assert_eq!(call("m", &ops).await.status, 200);
    assert_eq!(call("other", &ops).await.error().0, 403, "the models of its key hold");
    assert_eq!(call("other", &token(&json!({"groups": ["dev"]}))).await.status, 200);
    let nobody = call("m", &token(&json!({"groups": ["else"]}))).await;
    assert_eq!(nobody.error(), (403, "permission_denied".to_owned()));
    // Where Anthropic's clients show it.
    let shown = [("x-api-key", ops.as_str())];
    let reply = gateway.post_as("", "/v1/chat/completions", chat("m").to_string(), &shown).await;
    assert_eq!(reply.status, 200);
    let records = gateway.recorded(5).await;
    let keys: Vec<&[u8]> = records.iter().map(|record| &record.key_id[..]).collect();
    assert_eq!(keys, [&[2; 16][..], &[2; 16], &[1; 16], &[], &[2; 16]]);
    // Whom the token proves is kept with the call, also of one that is refused for what its key may not.
    let ada = || Some(("ada".to_owned(), ISSUER.to_owned()));
    let proven = records.into_iter().map(|record| record.token.map(|token| (token.subject, token.issuer)));
    let nobody = Some((String::new(), ISSUER.to_owned()));
    assert_eq!(proven.collect::<Vec<_>>(), [ada(), ada(), nobody, None, ada()]);
    assert!(upstream.requests().iter().all(|seen| !seen.head.contains(&ops.to_lowercase())));
}

#[tokio::test]
async fn whom_a_token_proves_is_kept_apart_from_what_its_bearer_says() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[upstream.address]).token_rule(ISSUER, "sub", "*", key(1));
    let gateway = gateway(world).await;
    let mut body = chat("m");
    body["user"] = "eve".into();
    body["token"] = json!({"subject": "eve"});
    let says = [("x-aop-user", "eve"), ("x-token-subject", "eve")];
    gateway.post_as(&token(&json!({"sub": "ada"})), "/v1/chat/completions", body.to_string(), &says).await;
    gateway.post_as(KEY, "/v1/chat/completions", body.to_string(), &says).await;
    let [by_token, by_key] = &gateway.recorded(2).await[..] else { panic!() };
    assert_eq!(by_token.token.as_ref().map(|token| token.subject.as_str()), Some("ada"));
    let claimed = by_token.identity.clone().and_then(|identity| identity.end_user).map(|claim| claim.value);
    assert_eq!(claimed.as_deref(), Some("eve"));
    assert_eq!(by_key.token, None, "a key proves no subject, whatever is said");
}

#[tokio::test]
async fn a_subject_that_is_an_address_is_in_no_record_that_is_to_hold_none() {
    for level in [RecordingLevel::Redacted, RecordingLevel::Metadata] {
        let upstream = Fixed::answering().await;
        let mut world = World::new();
        world.model("m", &[upstream.address]).token_rule(ISSUER, "sub", "*", key(1));
        world.guard(|guard| {
            guard.teams.insert(team(), ContentPolicy { recording: Some(level), cache: None });
        });
        let gateway = gateway(world).await;
        let token = token(&json!({"sub": "ann.bee@example.com"}));
        gateway.post_as(&token, "/v1/chat/completions", chat("m").to_string(), &[]).await;
        let record = gateway.only_record().await;
        assert_eq!(record.token.map(|token| token.subject).as_deref(), Some("[email]"), "{level:?}");
    }
}

#[tokio::test]
async fn whom_a_token_proves_is_told_while_the_call_runs_and_masked_where_it_is_not_to_be_kept() {
    for (level, shown) in
        [(RecordingLevel::Full, "ann.bee@example.com"), (RecordingLevel::Redacted, "[email]")]
    {
        let upstream = Fixed::start(vec![Act::WaitForClose], false).await;
        let (listener, collector) = Listener::start().await;
        let mut world = World::new();
        world.model("m", &[upstream.address]).token_rule(ISSUER, "sub", "*", key(1));
        world.guard(|guard| {
            guard.teams.insert(team(), ContentPolicy { recording: Some(level), cache: None });
        });
        let gateway = telling(world, Some(collector)).await;
        listener.want(1, true, &[]);
        let token = token(&json!({"sub": "ann.bee@example.com"}));
        let body = chat("m").to_string();
        let asking = gateway.post_as(&token, "/v1/chat/completions", body, &[]);
        let told = eventually("the call is told of", || async { listener.calls().first().cloned() });
        let told = tokio::select! {
            reply = asking => panic!("nobody answers: {reply:?}"),
            told = told => told,
        };
        assert_eq!((told.token_issuer.as_str(), told.token_subject.as_str()), (ISSUER, shown), "{level:?}");
    }
}

#[tokio::test]
async fn the_keys_limits_and_its_end_hold_for_its_tokens() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    world.key("off", |key| key.active = false).key("old", |key| key.expires_at_s = Some(1));
    world.limit("few", Kind::Requests, Window::Total, 1, |limit| {
        limit.scope = aop_domain::limits::LimitScope::Key;
        limit.subject = Some(key(1).to_string());
    });
    for (value, n) in [("on", 1), ("off", 2), ("old", 3), ("gone", 9)] {
        world.token_rule(ISSUER, "sub", value, key(n));
    }
    let gateway = gateway(world).await;
    let call = async |sub: &str| {
        let token = token(&json!({"sub": sub}));
        gateway.post_as(&token, "/v1/chat/completions", chat("m").to_string(), &[]).await
    };
    assert_eq!(call("on").await.status, 200);
    assert_eq!(call("on").await.error().0, 429);
    assert_eq!(call("off").await.error(), (401, "invalid_api_key".to_owned()));
    assert_eq!(call("old").await.error(), (401, "expired_api_key".to_owned()));
    assert_eq!(call("gone").await.error(), (403, "permission_denied".to_owned()));
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_bad_token_is_refused_with_its_reason_and_without_its_words() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    world.token_rule(ISSUER, "sub", "*", key(1));
    let gateway = gateway(world).await;
    let good = json!({"sub": "ada"});
    let (head, _) = token(&good).rsplit_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    for (token, status, code, says) in [
        (token(&json!({"sub": "ada", "exp": 1_000})), 401, "expired_api_key", "has expired"),
        (token(&json!({"sub": "ada", "aud": "else"})), 401, "invalid_api_key", "another audience"),
        (token(&json!({"sub": "ada", "iss": "https://evil.example"})), 401, "invalid_api_key", "issuer"),
        (format!("{head}.AAAA"), 401, "invalid_api_key", "signature is wrong"),
        (
            TestKey::Second.sign(Some("first"), &good),
            401,
            "invalid_api_key",
            "no signed token that can be read",
        ),
    ] {
        let reply = gateway.post_as(&token, "/v1/chat/completions", chat("m").to_string(), &[]).await;
        assert_eq!(reply.error(), (status, code.to_owned()), "{says}");
        assert!(reply.text.contains(says), "{says}: {}", reply.text);
        assert!(!reply.text.contains("ada") && !reply.text.contains("evil"), "{}", reply.text);
    }
    assert_eq!(upstream.requests().len(), 0);
}

#[tokio::test]
async fn without_an_issuer_a_token_is_an_unknown_key() {
    let mut world = World::new();
    world.token_rule(ISSUER, "sub", "*", key(1));
    let gateway = Gateway::start(world).await;
    let reply = gateway.post_as(&token(&json!({"sub": "ada"})), "/v1/chat/completions", "{}", &[]).await;
    assert_eq!(reply.error(), (401, "invalid_api_key".to_owned()));
}
