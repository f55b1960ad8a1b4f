//! A browser, this installation, and a provider on loopback: what every test of single sign-on walks through.

use std::sync::Arc;

use aop_api::sso::{NewUsers, ProviderSettings};
use aop_domain::id::UserId;
use aop_store::users::{self, NewUser, Role};
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::oidc_provider::{CLIENT_ID, CLIENT_SECRET, Provider, Script};
use crate::world::{Answer, PUBLIC_URL, World};

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) provider: Arc<Provider>,
    client: reqwest::Client,
}

/// A browser that left for the provider: its cookie, and where the provider is.
pub(crate) struct Leaving {
    pub(crate) cookie: String,
    pub(crate) to: Url,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut ProviderSettings)) -> Self {
        let clock = World::clock();
        let provider = Provider::start(clock.clone()).await;
        let mut settings = ProviderSettings {
            id: "corp".into(),
            name: "Our company".into(),
            issuer: provider.issuer.clone(),
            client_id: CLIENT_ID.into(),
            client_secret: Some(CLIENT_SECRET.to_owned().into()),
            scopes: "openid email profile".into(),
            email_domains: vec![],
            new_users: NewUsers::Become(Role::Pending),
            link_by_email: false,
            trust_email: false,
            groups_claim: "groups".into(),
            groups: vec![],
        };
        change(&mut settings);
        let world = World::build(clock, &[settings]).await;
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self { world, provider, client: client.build().unwrap() }
    }

    pub(crate) fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.provider.script.lock());
    }

    pub(crate) fn claim(&self, claims: Value) {
        self.script(|script| script.claims = claims);
    }

    pub(crate) async fn leave(&self) -> Leaving {
        let answer = self.world.get("/api/auth/sso/login?provider=corp&return_to=/calls", "").await;
        let to = location(&answer);
        assert!(to.starts_with(&self.provider.issuer), "{to}");
        Leaving { cookie: cookies(&answer).remove(0), to: to.parse().unwrap() }
    }

    /// What the provider sends the browser back with: path and query of the callback.
    pub(crate) async fn consent(&self, leaving: &Leaving) -> String {
        let answer = self.client.get(leaving.to.clone()).send().await.unwrap();
        let back = answer.headers()[header::LOCATION].to_str().unwrap();
        back.strip_prefix(PUBLIC_URL).expect("it comes back to us").to_owned()
    }

    pub(crate) async fn come_back(&self, callback: &str, cookie: &str) -> Answer {
        let request = Request::get(callback).header(header::COOKIE, cookie);
        self.world.send(request.body(Body::empty()).unwrap()).await
    }

    /// One whole sign-in.
    pub(crate) async fn sign_in(&self) -> Answer {
        let leaving = self.leave().await;
        let callback = self.consent(&leaving).await;
        self.come_back(&callback, &leaving.cookie).await
    }

    /// One whole sign-in that works: the profile of whoever it is.
    pub(crate) async fn signed_in(&self) -> Value {
        let answer = self.sign_in().await;
        assert_eq!(location(&answer), "/signed-in?next=%2Fcalls");
        let cookie = cookies(&answer).into_iter().find(|cookie| cookie.starts_with("aop_refresh=")).unwrap();
        self.refresh(&cookie).await.expect(200)
    }

    pub(crate) async fn refresh(&self, cookie: &str) -> Answer {
        let request = Request::post("/api/auth/refresh").header(header::COOKIE, cookie);
        self.world.send(request.body(Body::empty()).unwrap()).await
    }

    /// One whole sign-in that is refused, and nobody got a session by it.
    pub(crate) async fn refusal(&self) -> String {
        refused(&self.sign_in().await)
    }

    pub(crate) async fn users(&self) -> usize {
        users::list(&self.world.store, None, 100).await.unwrap().len()
    }

    pub(crate) async fn local_user(&self, email: &str, role: Role) -> UserId {
        let id = UserId(Uuid::now_v7());
        let new = NewUser {
            id,
            email: email.into(),
            name: "Local".into(),
            role,
            password_hash: Some("$argon2id$".into()),
        };
        users::create(&self.world.store, &new).await.unwrap();
        id
    }
}

#[track_caller]
pub(crate) fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.headers[header::LOCATION].to_str().unwrap().to_owned()
}

/// Cookies as a browser would send them back.
pub(crate) fn cookies(answer: &Answer) -> Vec<String> {
    let set = answer.headers.get_all(header::SET_COOKIE).iter();
    set.map(|value| value.to_str().unwrap().split(';').next().unwrap().to_owned()).collect()
}

/// The code on the sign-in page.
#[track_caller]
pub(crate) fn refused(answer: &Answer) -> String {
    let to = location(answer);
    let code = to.strip_prefix("/login?sso_error=").unwrap_or_else(|| panic!("{to}"));
    assert!(
        cookies(answer).iter().all(|cookie| cookie == "aop_sso="),
        "no session, and the state is forgotten"
    );
    code.split('&').next().unwrap().to_owned()
}
