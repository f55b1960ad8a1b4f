//! A whole API on a database of its own, and people to call it.

use aop_api::auth::access_token;
use aop_api::auth::session::LIFETIME_S;
use aop_api::router::app;
use aop_api::server::{Public, state};
use aop_api::sso::ProviderSettings;
use aop_api::state::AppState;
use aop_clickhouse::testing::TestClickHouse;
use aop_domain::id::{KeyId, TeamId, UserId};
use aop_service::clock::Clock;
use aop_service::keys::{KeyDomain, MasterKey};
use aop_service::token::{Issuer, KeySet, KeysFrom};
use aop_store::api_keys::{self, KeySettings, NewKey};
use aop_store::refresh_tokens::{self, NewToken, Session};
use aop_store::team_members::{self, MemberRole};
use aop_store::teams;
use aop_store::testing::TestStore;
use aop_store::users::Role;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

pub(crate) const PUBLIC_URL: &str = "http://aop.test";

pub(crate) struct World {
    pub(crate) store: TestStore,
    pub(crate) clickhouse: TestClickHouse,
    pub(crate) master_key: MasterKey,
    pub(crate) clock: Clock,
    pub(crate) state: AppState,
    pub(crate) app: Router,
    pub(crate) team: TeamId,
}

/// Whose tokens this installation takes.
pub(crate) const ISSUER: &str = "https://login.example.com";

fn issuer() -> Issuer {
    Issuer {
        id: "corp".into(),
        issuer: ISSUER.into(),
        audiences: vec!["aop".into()],
        keys: KeysFrom::Given(KeySet::default()),
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// The refusal's stable code.
    #[track_caller]
    pub(crate) fn refused(self, status: u16) -> String {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        self.expect(status)["code"].as_str().unwrap().to_owned()
    }

    /// The refresh cookie as a browser would send it back.
    pub(crate) fn cookie(&self) -> String {
        let set = self.headers[header::SET_COOKIE].to_str().unwrap();
        set.split(';').next().unwrap().to_owned()
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::build(Self::clock(), &[]).await
    }

    /// Stands still at the present.
    pub(crate) fn clock() -> Clock {
        Clock::fixed(Clock::System.now_us())
    }

    /// The id of our team, known before there is a world.
    pub(crate) fn team_id() -> TeamId {
        TeamId(Uuid::from_u128(0x0199_a7c2_0000_7000_8000_0000_0000_0001))
    }

    /// With these single sign-on providers.
    pub(crate) async fn build(clock: Clock, sso: &[ProviderSettings]) -> Self {
        Self::build_with(clock, sso, None).await
    }

    /// With a collector that can be asked.
    pub(crate) async fn with_collector(url: &str) -> Self {
        Self::build_with(Self::clock(), &[], Some(url)).await
    }

    async fn build_with(clock: Clock, sso: &[ProviderSettings], collector_url: Option<&str>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = TestStore::new().await;
        let clickhouse = TestClickHouse::start().await.unwrap();
        let master_key = MasterKey::from_bytes([5; 32]);
        let state = state(
            (*store).clone(),
            clickhouse.clickhouse.clone(),
            &master_key,
            &Public { url: PUBLIC_URL, simulator_url: None, sso, token_issuers: &[issuer()], collector_url },
            clock.clone(),
            CancellationToken::new(),
        )
        .unwrap();
        let team = Self::team_id();
        teams::create(&store, team, "ours", None).await.unwrap();
        Self { app: app(state.clone()), store, clickhouse, master_key, clock, state, team }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A request with a bearer token (empty: none) and a JSON body (null: none).
    pub(crate) async fn call(&self, method: &str, path: &str, token: &str, body: Value) -> Answer {
        self.send(request(method, path, token, &body)).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.call("GET", path, token, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.call("POST", path, token, body).await
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.clock.now_s()).unwrap()
    }

    /// A user with this role, in our team when a membership is given.
    pub(crate) async fn user(&self, name: &str, role: Role, member: Option<MemberRole>) -> UserId {
        let user = self.store.add_user(name, role).await;
        if let Some(member) = member {
            team_members::put(&self.store, self.team, user, member).await.unwrap();
        }
        user
    }

    /// An access token of a new session of the user.
    pub(crate) async fn sign_in(&self, user: UserId) -> String {
        let session = Session { user_id: user, family_id: Uuid::now_v7() };
        let token = NewToken {
            id: Uuid::now_v7(),
            hash: rand::random(),
            expires_at: self.now() + Duration::seconds(LIFETIME_S),
        };
        refresh_tokens::start(&self.store, session, &token).await.unwrap();
        let key = self.master_key.derive(KeyDomain::AccessToken);
        access_token::issue(user.0, session.family_id, Uuid::now_v7(), self.clock.now_s(), &key).unwrap()
    }

    /// An access token of a new user in our team.
    pub(crate) async fn signed_in(&self, name: &str, role: Role, member: Option<MemberRole>) -> String {
        let user = self.user(name, role, member).await;
        self.sign_in(user).await
    }

    /// A virtual key of the user in our team.
    pub(crate) async fn key(&self, user: UserId, permissions: &[&str]) -> String {
        self.key_with_id(user, permissions).await.1
    }

    pub(crate) async fn key_with_id(&self, user: UserId, permissions: &[&str]) -> (KeyId, String) {
        let key = format!("aop-{}", Uuid::now_v7().simple());
        let settings = KeySettings {
            name: "a key".into(),
            permissions: permissions.iter().map(|text| (*text).to_owned()).collect(),
            allowed_models: vec![],
            rate_limit: None,
            is_active: true,
            expires_at: None,
        };
        let id = KeyId(Uuid::now_v7());
        let mac = self.master_key.virtual_key_mac(&key);
        let new = NewKey { id, user_id: user, mac, hint: "aop-…".into(), settings };
        api_keys::create(&self.store, self.team, &new).await.unwrap();
        (id, key)
    }
}

pub(crate) fn request(method: &str, path: &str, token: &str, body: &Value) -> Request<Body> {
    let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path);
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    if body.is_null() {
        return request.body(Body::empty()).unwrap();
    }
    request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap()
}
