//! A real OpenID Connect provider on loopback: it checks what a provider checks, and can be told to lie in one way at a time.

use std::collections::HashMap;
use std::sync::Arc;

use aop_service::clock::Clock;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Form, Json, Router, routing};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::oidc_keys::TestKey;

pub(crate) const CLIENT_ID: &str = "aop-client";
pub(crate) const CLIENT_SECRET: &str = "s3cret:with signs";

/// How the next tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signing {
    With(TestKey),
    /// With one key, under the name of another.
    Claiming(TestKey, Option<&'static str>),
    /// `alg: none`.
    Not,
    /// HMAC with what everybody knows: the public key.
    HmacOfPublicKey,
}

/// What the provider is to do; the defaults are honest.
pub(crate) struct Script {
    pub(crate) signing: Signing,
    pub(crate) published: Vec<Value>,
    /// Laid over the claims; `null` takes one away.
    pub(crate) claims: Value,
    /// What userinfo says; `null`: there is no such endpoint.
    pub(crate) userinfo: Value,
    /// Laid over the discovery document.
    pub(crate) document: Value,
    /// Added to the callback's query.
    pub(crate) callback: &'static str,
    pub(crate) refuses: bool,
}

#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) discovery: u32,
    pub(crate) keys: u32,
}

pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) script: Mutex<Script>,
    pub(crate) asked: Mutex<Asked>,
    clock: Clock,
    /// What was asked for, by code.
    codes: Mutex<HashMap<String, HashMap<String, String>>>,
}

impl Provider {
    pub(crate) async fn start(clock: Clock) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let script = Script {
            signing: Signing::With(TestKey::First),
            published: vec![TestKey::First.published(), TestKey::Curve.published()],
            claims: json!({}),
            userinfo: Value::Null,
            document: json!({}),
            callback: "",
            refuses: false,
        };
        let provider = Arc::new(Self {
            issuer,
            script: Mutex::new(script),
            asked: Mutex::default(),
            clock,
            codes: Mutex::default(),
        });
        let app = Router::new()
            .route("/.well-known/openid-configuration", routing::get(discovery))
            .route("/authorize", routing::get(authorize))
            .route("/token", routing::post(token))
            .route("/keys", routing::get(keys))
            .route("/userinfo", routing::get(userinfo))
            .with_state(Arc::clone(&provider));
        tokio::spawn(async move { axum::serve(listener, app).await });
        provider
    }

    fn id_token(&self, nonce: &str) -> String {
        let script = self.script.lock();
        let now_s = self.clock.now_s();
        let mut claims = json!({
            "iss": self.issuer, "sub": "subject-1", "aud": CLIENT_ID, "nonce": nonce, "iat": now_s, "exp": now_s + 300,
            "email": "ann@example.com", "email_verified": true, "name": "Ann",
        });
        lay_over(&mut claims, &script.claims);
        let kid = TestKey::First.id();
        match script.signing {
            Signing::With(key) => key.sign(Some(key.id()), &claims),
            Signing::Claiming(key, kid) => key.sign(kid, &claims),
            Signing::Not => format!("{}.", unsigned("none", kid, &claims)),
            Signing::HmacOfPublicKey => {
                let body = unsigned("HS256", kid, &claims);
                let secret = URL_SAFE_NO_PAD.decode(TestKey::First.modulus()).unwrap();
                let key = jsonwebtoken::EncodingKey::from_secret(&secret);
                let signature =
                    jsonwebtoken::crypto::sign(body.as_bytes(), &key, jsonwebtoken::Algorithm::HS256);
                format!("{body}.{}", signature.unwrap())
            }
        }
    }
}

fn unsigned(algorithm: &str, kid: &str, claims: &Value) -> String {
    let header = json!({"alg": algorithm, "typ": "JWT", "kid": kid}).to_string();
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn lay_over(under: &mut Value, over: &Value) {
    for (name, value) in over.as_object().unwrap() {
        if value.is_null() {
            under.as_object_mut().unwrap().remove(name);
        } else {
            under[name] = value.clone();
        }
    }
}

async fn discovery(State(provider): State<Arc<Provider>>) -> Json<Value> {
    provider.asked.lock().discovery += 1;
    let at = |path: &str| format!("{}{path}", provider.issuer);
    let mut document = json!({
        "issuer": provider.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"),
        "response_types_supported": ["code"],
    });
    let script = provider.script.lock();
    if !script.userinfo.is_null() {
        document["userinfo_endpoint"] = json!(at("/userinfo"));
    }
    lay_over(&mut document, &script.document);
    Json(document)
}

async fn keys(State(provider): State<Arc<Provider>>) -> Json<Value> {
    provider.asked.lock().keys += 1;
    Json(json!({"keys": provider.script.lock().published}))
}

async fn authorize(
    State(provider): State<Arc<Provider>>,
    Query(asked): Query<HashMap<String, String>>,
) -> Redirect {
    assert_eq!((asked["response_type"].as_str(), asked["client_id"].as_str()), ("code", CLIENT_ID));
    assert_eq!(asked["code_challenge_method"], "S256");
    assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
    let (back, state) = (&asked["redirect_uri"], &asked["state"]);
    let script = provider.script.lock();
    if script.refuses {
        return Redirect::to(&format!("{back}?error=access_denied&state={state}"));
    }
    let code = format!("code-{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 12]>()));
    let to = format!("{back}?code={code}&state={state}{}", script.callback);
    provider.codes.lock().insert(code, asked.clone());
    Redirect::to(&to)
}

async fn token(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let refused = |why: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": why}))).into_response();
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{}", encoded(CLIENT_SECRET))));
    let shown = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap());
    if shown != Some(&basic) && form.get("client_secret").map(String::as_str) != Some(CLIENT_SECRET) {
        return refused("invalid_client");
    }
    let asked = provider.codes.lock().remove(&form["code"]);
    let Some(asked) = asked.filter(|_| form["grant_type"] == "authorization_code") else {
        return refused("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    if challenge != asked["code_challenge"] || form["redirect_uri"] != asked["redirect_uri"] {
        return refused("invalid_grant");
    }
    let id_token = provider.id_token(&asked["nonce"]);
    Json(json!({"id_token": id_token, "access_token": "for-userinfo", "token_type": "Bearer"}))
        .into_response()
}

async fn userinfo(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
) -> Result<Json<Value>, StatusCode> {
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value != "Bearer for-userinfo") {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let said = provider.script.lock().userinfo.clone();
    Ok(Json(if said.is_null() { Value::Object(Map::new()) } else { said }))
}
