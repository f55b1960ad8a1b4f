//! Tokens of other issuers: what is taken, and everything that only looks like it. And keys that change meanwhile.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)]
#[path = "../../../api/tests/it/oidc_keys.rs"]
mod oidc_keys;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aop_service::token::{
    Claims, Issuer, KeyError, KeySet, Keyring, KeysFrom, Pace, TokenError, looks_like_one, peek,
};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use oidc_keys::TestKey;
use parking_lot::Mutex;
use proptest::prelude::*;
use serde_json::{Value, json};

const ISSUER: &str = "https://login.example.com/";
const NOW_S: i64 = 1_800_000_000;

/// RFC 8032, test 1: the seed in its PKCS #8 wrapping, and the public key.
const ED25519_SEED: &str = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v_VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
const ED25519_PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": "aop", "sub": "ada", "exp": NOW_S + 300, "groups": ["ops", "dev"]})
}

fn with(change: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn set(keys: &[Value]) -> KeySet {
    KeySet::read(json!({"keys": keys}).to_string().as_bytes()).unwrap()
}

fn ring_of(keys: KeysFrom, pace: Pace) -> Keyring {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let audiences = vec!["aop".to_owned(), "https://aop.example.com".to_owned()];
    Keyring::new(Issuer { id: "corp".into(), issuer: ISSUER.into(), audiences, keys }, pace).unwrap()
}

fn given(keys: &[Value]) -> Keyring {
    ring_of(KeysFrom::Given(set(keys)), Pace::default())
}

async fn judged(ring: &Keyring, token: &str) -> Result<Claims, TokenError> {
    ring.verify(token, &peek(token)?, NOW_S).await
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn ed25519() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": ED25519_PUBLIC})
}

fn signed_by_ed25519(claims: &Value) -> String {
    let key = EncodingKey::from_ed_der(&URL_SAFE_NO_PAD.decode(ED25519_SEED).unwrap());
    encode(&Header { kid: Some("ed".into()), ..Header::new(Algorithm::EdDSA) }, claims, &key).unwrap()
}

#[tokio::test]
async fn tokens_of_each_algorithm_are_taken_with_a_key_of_their_kind() {
    let ring = given(&[TestKey::First.published(), TestKey::Curve.published(), ed25519()]);
    for token in [
        TestKey::First.sign(Some("first"), &claims()),
        TestKey::Curve.sign(Some("curve"), &claims()),
        signed_by_ed25519(&claims()),
        // Without a name, the one key of that kind is meant.
        TestKey::First.sign(None, &claims()),
    ] {
        assert!(looks_like_one(&token));
        let claims = judged(&ring, &token).await.unwrap();
        assert!(claims.say("sub", "ada") && claims.say("groups", "dev"));
    }
}

#[tokio::test]
async fn a_token_that_its_issuer_did_not_sign_is_refused_however_it_is_made() {
    let ring = given(&[TestKey::First.published(), TestKey::Curve.published()]);
    let honest = TestKey::First.sign(Some("first"), &claims());
    let (signed, signature) = honest.rsplit_once('.').unwrap();
    let header = |header: Value| format!("{}.{}", part(&header), part(&claims()));
    let public = TestKey::First.published();
    let hmac = |secret: &[u8]| {
        let header = Header { kid: Some("first".into()), ..Header::new(Algorithm::HS256) };
        encode(&header, &claims(), &EncodingKey::from_secret(secret)).unwrap()
    };
    let embedded = json!({"alg": "RS256", "kid": "second", "jwk": TestKey::Second.published(),
        "jku": "https://evil.example/keys", "x5u": "https://evil.example/cert"});
    let second = TestKey::Second.sign(Some("second"), &claims());
    for (token, expected, why) in [
        (format!("{}.{signature}", header(json!({"alg": "none"}))), TokenError::Algorithm, "alg none"),
        (format!("{}.", header(json!({"alg": "none"}))), TokenError::Malformed, "no signature at all"),
        (
            format!("{}.{signature}", header(json!({"alg": "NoNe", "kid": "first"}))),
            TokenError::Algorithm,
            "alg NoNe",
        ),
        (hmac(public["n"].as_str().unwrap().as_bytes()), TokenError::Algorithm, "the modulus as a secret"),
        (hmac(public.to_string().as_bytes()), TokenError::Algorithm, "the public key as a secret"),
        (
            format!("{}.{signature}", header(json!({"alg": "RS512", "kid": "first"}))),
            TokenError::Algorithm,
            "RS512",
        ),
        (
            format!("{}.{signature}", header(json!({"alg": "ES256", "kid": "first"}))),
            TokenError::UnknownKey,
            "another kind's name",
        ),
        (
            TestKey::Curve.sign(Some("first"), &claims()),
            TokenError::UnknownKey,
            "a curve under an RSA key's name",
        ),
        (second.clone(), TokenError::UnknownKey, "a key that is not published"),
        (
            TestKey::Second.sign(Some("first"), &claims()),
            TokenError::Signature,
            "the name of a published key",
        ),
        (TestKey::Second.sign(None, &claims()), TokenError::Signature, "no name and another key"),
        (
            format!("{}.{}", header(embedded), second.rsplit_once('.').unwrap().1),
            TokenError::UnknownKey,
            "its own key inside",
        ),
        (
            format!(
                "{}.{signature}",
                header(json!({"alg": "RS256", "kid": "first", "crit": ["b64"], "b64": false}))
            ),
            TokenError::Malformed,
            "an extension it calls critical",
        ),
        (format!("{signed}.{}", "A".repeat(signature.len())), TokenError::Signature, "a signature of zeros"),
        (
            format!("{signed}.{}", &signature[..signature.len() - 4]),
            TokenError::Signature,
            "a shorter signature",
        ),
        (format!("{signed}.{signature}="), TokenError::Signature, "a padded signature"),
        (format!("{signed}."), TokenError::Malformed, "an empty signature"),
        (format!("{signed}.{signature}.x"), TokenError::Malformed, "a fourth part"),
        (
            format!(
                "{}.{}.{signature}",
                signed.split_once('.').unwrap().0,
                part(&with(&json!({"sub": "root"})))
            ),
            TokenError::Signature,
            "other claims under its signature",
        ),
        ("..".to_owned(), TokenError::Malformed, "nothing but dots"),
        ("x".repeat(20_000), TokenError::Malformed, "far too long"),
    ] {
        assert_eq!(judged(&ring, &token).await, Err(expected), "{why}");
    }
}

#[tokio::test]
async fn what_a_token_says_of_itself_is_judged_by_the_clock_and_the_audience() {
    let ring = given(&[TestKey::First.published()]);
    for (change, expected) in [
        (json!({}), None),
        (json!({"aud": ["other", "https://aop.example.com"]}), None),
        (json!({"exp": NOW_S as f64 + 0.5}), None),
        (json!({"exp": NOW_S - 29, "nbf": NOW_S + 29, "iat": NOW_S + 30}), None),
        (json!({"exp": NOW_S - 30}), Some(TokenError::Expired)),
        (json!({"exp": -1e300}), Some(TokenError::Expired)),
        (json!({"exp": null}), Some(TokenError::NoExpiry)),
        (json!({"exp": "never"}), Some(TokenError::NoExpiry)),
        (json!({"nbf": NOW_S + 31}), Some(TokenError::NotYet)),
        (json!({"iat": NOW_S + 31}), Some(TokenError::NotYet)),
        (json!({"nbf": "now"}), Some(TokenError::Malformed)),
        (json!({"aud": "aop2"}), Some(TokenError::Audience)),
        (json!({"aud": ["other"]}), Some(TokenError::Audience)),
        (json!({"aud": []}), Some(TokenError::Audience)),
        (json!({"aud": {"aop": true}}), Some(TokenError::Audience)),
        (json!({"aud": null}), Some(TokenError::Audience)),
        (json!({"iss": "https://login.example.com"}), Some(TokenError::UnknownIssuer)),
    ] {
        let judged = judged(&ring, &TestKey::First.sign(Some("first"), &with(&change))).await;
        assert_eq!(judged.err(), expected, "{change}");
    }
    let mut endless = claims();
    endless.as_object_mut().unwrap().remove("exp");
    let token = TestKey::First.sign(Some("first"), &endless);
    assert_eq!(judged(&ring, &token).await.err(), Some(TokenError::NoExpiry));
}

#[tokio::test]
async fn a_claim_is_found_by_name_or_pointer_and_never_by_half() {
    let ring = given(&[TestKey::First.published()]);
    let said = with(&json!({"n": 7, "yes": true, "deep": {"roles": ["a"], "x/y": "z"}, "void": null,
        "https://example.com/team": "blue", "list": [{"name": "a"}]}));
    let claims = judged(&ring, &TestKey::First.sign(None, &said)).await.unwrap();
    for (claim, value, expected) in [
        ("sub", "ada", true),
        ("sub", "ad", false),
        ("sub", "ADA", false),
        ("sub", "*", true),
        ("groups", "ops", true),
        ("groups", "op", false),
        ("groups", "*", true),
        ("n", "7", true),
        ("yes", "true", true),
        ("https://example.com/team", "blue", true),
        ("/deep/roles", "a", true),
        ("/deep/x~1y", "z", true),
        ("deep.roles", "a", false),
        ("deep", "*", false),
        ("void", "*", false),
        ("void", "null", false),
        ("none", "*", false),
        ("/none/roles", "*", false),
        ("list", "a", false),
        ("/", "*", false),
    ] {
        assert_eq!(claims.say(claim, value), expected, "{claim} is {value}");
    }
}

#[test]
fn only_public_keys_that_can_sign_here_count() {
    let mut with_secret = TestKey::First.published();
    with_secret["d"] = json!("AQAB");
    let mut for_encryption = TestKey::First.published();
    for_encryption["use"] = json!("enc");
    let mut of_another_algorithm = TestKey::First.published();
    of_another_algorithm["alg"] = json!("PS256");
    let mut only_signs = TestKey::Curve.published();
    only_signs["key_ops"] = json!(["sign"]);
    for (key, why) in [
        (TestKey::Short.published(), "1,024 bits"),
        (json!({"kty": "oct", "kid": "first", "k": "c2VjcmV0", "alg": "HS256"}), "a shared secret"),
        (with_secret, "a private key"),
        (for_encryption, "for encryption"),
        (of_another_algorithm, "for PS256"),
        (only_signs, "not for verifying"),
        (json!({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}), "another curve"),
        (json!({"kty": "LATTICE"}), "an unknown kind"),
        (json!("key"), "no object"),
    ] {
        let text = json!({"keys": [key]}).to_string();
        assert_eq!(KeySet::read(text.as_bytes()).err(), Some(KeyError::NoKey), "{why}");
    }
    assert_eq!(KeySet::read(b"[]").err(), Some(KeyError::NoSet));
}

#[tokio::test]
async fn two_keys_of_one_name_mean_nothing() {
    let mut other = TestKey::Second.published();
    other["kid"] = json!("first");
    let ring = given(&[TestKey::First.published(), other]);
    let token = TestKey::First.sign(Some("first"), &claims());
    assert_eq!(judged(&ring, &token).await, Err(TokenError::UnknownKey));
}

/// An issuer that publishes what a test says, and counts how often it was asked.
struct Publisher {
    keys: Arc<Mutex<Option<Vec<Value>>>>,
    asked: Arc<AtomicUsize>,
    ring: Arc<Keyring>,
}

impl Publisher {
    async fn start(pace: Pace) -> Self {
        let keys = Arc::new(Mutex::new(Some(vec![TestKey::First.published()])));
        let asked = Arc::new(AtomicUsize::new(0));
        let (published, count) = (Arc::clone(&keys), Arc::clone(&asked));
        let answer = move || {
            count.fetch_add(1, Ordering::SeqCst);
            let keys = published.lock().clone();
            async move { keys.map(|keys| Json(json!({"keys": keys}))).ok_or(axum::http::StatusCode::BAD_GATEWAY) }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/keys", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/keys", get(answer))).await });
        let ring = Arc::new(ring_of(KeysFrom::Address(address), pace));
        let following = Arc::clone(&ring);
        tokio::spawn(async move { following.follow().await });
        Self { keys, asked, ring }
    }

    async fn shown(&self, key: TestKey) -> Result<(), TokenError> {
        judged(&self.ring, &key.sign(Some(key.id()), &claims())).await.map(drop)
    }
}

#[tokio::test]
async fn the_first_token_waits_for_the_keys_and_a_rotation_is_noticed_by_nobody() {
    let pace = Pace { gap: Duration::ZERO, wait: Duration::from_secs(10), ..Pace::default() };
    let publisher = Publisher::start(pace).await;
    assert_eq!(publisher.shown(TestKey::First).await, Ok(()), "before the keys were there");
    *publisher.keys.lock() = Some(vec![TestKey::Second.published()]);
    assert_eq!(publisher.shown(TestKey::Second).await, Ok(()));
    assert_eq!(publisher.shown(TestKey::First).await, Err(TokenError::UnknownKey), "it was taken back");
    *publisher.keys.lock() = None;
    assert_eq!(publisher.shown(TestKey::Second).await, Ok(()), "while the issuer is away");
}

#[tokio::test]
async fn a_flood_of_unknown_keys_asks_the_issuer_once() {
    let pace = Pace { gap: Duration::from_secs(3600), wait: Duration::from_secs(10), ..Pace::default() };
    let publisher = Publisher::start(pace).await;
    assert_eq!(publisher.shown(TestKey::First).await, Ok(()));
    let asked = publisher.asked.load(Ordering::SeqCst);
    for _ in 0..50 {
        assert_eq!(publisher.shown(TestKey::Second).await, Err(TokenError::UnknownKey));
    }
    assert_eq!((asked, publisher.asked.load(Ordering::SeqCst)), (1, 1));
}

proptest! {
    #[test]
    fn whatever_is_shown_is_judged_without_a_panic(
        text in prop_oneof![".{0,80}", "[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}"],
        header in any::<Vec<u8>>(),
    ) {
        let _ = (looks_like_one(&text), peek(&text).is_ok());
        let text = format!("{}.{text}.AA", URL_SAFE_NO_PAD.encode(header));
        let _ = peek(&text);
    }

    #[test]
    fn no_other_bytes_pass_under_a_signature(at in 0usize..400, flip in 1u8..=255) {
        let token = TestKey::First.sign(Some("first"), &claims());
        let mut bytes = token.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        if let Ok(changed) = String::from_utf8(bytes) {
            let ring = given(&[TestKey::First.published()]);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            prop_assert!(runtime.block_on(judged(&ring, &changed)).is_err(), "{changed}");
        }
    }
}

#[tokio::test]
async fn the_subject_is_the_tokens_own_and_no_longer_than_a_subject_may_be() {
    let ring = given(&[TestKey::First.published()]);
    let subject = async |sub: Value| {
        let token = TestKey::First.sign(Some("first"), &with(&json!({"sub": sub})));
        judged(&ring, &token).await.unwrap().subject().map(str::to_owned)
    };
    assert_eq!(
        subject(json!("repo:org/app:ref:refs/heads/main")).await.as_deref(),
        Some("repo:org/app:ref:refs/heads/main")
    );
    assert_eq!(subject(json!("é".repeat(300))).await, Some("é".repeat(255)));
    for none in [json!(null), json!(7), json!(["ada"])] {
        assert_eq!(subject(none.clone()).await, None, "{none}");
    }
}
