//! Single sign-on against a provider on loopback: the honest way first, then every way to cheat.

use std::sync::Arc;

use aop_api::sso::{GroupGrant, NewUsers, ProviderSettings};
use aop_domain::id::UserId;
use aop_store::refresh_tokens;
use aop_store::team_members::{self, MemberRole};
use aop_store::users::{self, NewUser, Role};
use axum::body::Body;
use axum::http::{Request, header};
use futures::future::join_all;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::oidc_keys::TestKey;
use crate::oidc_provider::{CLIENT_ID, CLIENT_SECRET, Provider, Script, Signing};
use crate::world::{Answer, PUBLIC_URL, World};

pub(crate) struct Stage {
    world: World,
    provider: Arc<Provider>,
    client: reqwest::Client,
}

/// A browser that left for the provider: its cookie, and where the provider is.
struct Leaving {
    cookie: String,
    to: Url,
}

impl Stage {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut ProviderSettings)) -> Self {
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

    fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.provider.script.lock());
    }

    fn claim(&self, claims: Value) {
        self.script(|script| script.claims = claims);
    }

    async fn leave(&self) -> Leaving {
        let answer = self.world.get("/api/auth/sso/login?provider=corp&return_to=/calls", "").await;
        let to = location(&answer);
        assert!(to.starts_with(&self.provider.issuer), "{to}");
        Leaving { cookie: cookies(&answer).remove(0), to: to.parse().unwrap() }
    }

    /// What the provider sends the browser back with: path and query of the callback.
    async fn consent(&self, leaving: &Leaving) -> String {
        let answer = self.client.get(leaving.to.clone()).send().await.unwrap();
        let back = answer.headers()[header::LOCATION].to_str().unwrap();
        back.strip_prefix(PUBLIC_URL).expect("it comes back to us").to_owned()
    }

    async fn come_back(&self, callback: &str, cookie: &str) -> Answer {
        let request = Request::get(callback).header(header::COOKIE, cookie);
        self.world.send(request.body(Body::empty()).unwrap()).await
    }

    /// One whole sign-in.
    async fn sign_in(&self) -> Answer {
        let leaving = self.leave().await;
        let callback = self.consent(&leaving).await;
        self.come_back(&callback, &leaving.cookie).await
    }

    /// One whole sign-in that works: the profile of whoever it is.
    async fn signed_in(&self) -> Value {
        let answer = self.sign_in().await;
        assert_eq!(location(&answer), "/signed-in?next=%2Fcalls");
        let cookie = cookies(&answer).into_iter().find(|cookie| cookie.starts_with("aop_refresh=")).unwrap();
        self.refresh(&cookie).await.expect(200)
    }

    async fn refresh(&self, cookie: &str) -> Answer {
        let request = Request::post("/api/auth/refresh").header(header::COOKIE, cookie);
        self.world.send(request.body(Body::empty()).unwrap()).await
    }

    /// One whole sign-in that is refused, and nobody got a session by it.
    async fn refusal(&self) -> String {
        refused(&self.sign_in().await)
    }

    async fn users(&self) -> usize {
        users::list(&self.world.store, None, 100).await.unwrap().len()
    }

    async fn local_user(&self, email: &str, role: Role) -> UserId {
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
fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.headers[header::LOCATION].to_str().unwrap().to_owned()
}

/// Cookies as a browser would send them back.
fn cookies(answer: &Answer) -> Vec<String> {
    let set = answer.headers.get_all(header::SET_COOKIE).iter();
    set.map(|value| value.to_str().unwrap().split(';').next().unwrap().to_owned()).collect()
}

/// The code on the sign-in page.
#[track_caller]
fn refused(answer: &Answer) -> String {
    let to = location(answer);
    let code = to.strip_prefix("/login?sso_error=").unwrap_or_else(|| panic!("{to}"));
    assert!(
        cookies(answer).iter().all(|cookie| cookie == "aop_sso="),
        "no session, and the state is forgotten"
    );
    code.split('&').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_sign_in_page_learns_which_providers_there_are_and_no_secret() {
    let stage = Stage::new().await;
    let list = stage.world.get("/api/auth/providers", "").await.expect(200);
    let expected = json!({"items": [{
        "id": "corp",
        "name": "Our company",
        "login_url": format!("{PUBLIC_URL}/api/auth/sso/login?provider=corp"),
    }]});
    assert_eq!(list, expected);
}

#[tokio::test]
async fn a_new_person_waits_for_approval_and_is_known_again() {
    let stage = Stage::new().await;
    let first = stage.signed_in().await;
    let user = &first["user"];
    assert_eq!(
        (&user["email"], &user["name"], &user["role"]),
        (&json!("ann@example.com"), &json!("Ann"), &json!("pending"))
    );
    // The address may change at the provider; the person does not.
    stage.claim(json!({"email": "ann.married@example.com"}));
    let again = stage.signed_in().await;
    assert_eq!((&again["user"]["id"], &again["user"]["email"]), (&user["id"], &user["email"]));
    stage.claim(json!({"sub": "subject-2", "email": "bob@example.com"}));
    assert_ne!(stage.signed_in().await["user"]["id"], user["id"]);
    assert_eq!(stage.users().await, 2);
}

#[tokio::test]
async fn leaving_tells_the_provider_what_is_needed_and_keeps_the_rest_in_the_browser() {
    let stage = Stage::new().await;
    let answer = stage.world.get("/api/auth/sso/login?provider=corp", "").await;
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Max-Age=600", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    let to: Url = location(&answer).parse().unwrap();
    let value = |name: &str| to.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned();
    assert_eq!(value("redirect_uri"), format!("{PUBLIC_URL}/api/auth/callback/"));
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(value(name).len(), 43, "{name} carries 256 bits");
        assert!(!set.contains(&value(name)), "{name} cannot be read in the cookie");
    }
    assert!(!to.as_str().contains("s3cret"));
    let other = stage.leave().await;
    assert!(!other.to.as_str().contains(&value("state")) && !other.to.as_str().contains(&value("nonce")));
}

#[tokio::test]
async fn a_session_by_single_sign_on_ends_by_signing_out() {
    let stage = Stage::new().await;
    let answer = stage.sign_in().await;
    let set: Vec<_> =
        answer.headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect();
    assert!(set[0].contains("HttpOnly") && set[0].contains("SameSite=Strict"), "{set:?}");
    let cookie = cookies(&answer).remove(0);
    let request = Request::post("/api/auth/logout").header(header::COOKIE, &cookie);
    assert_eq!(stage.world.send(request.body(Body::empty()).unwrap()).await.status, 204);
    assert_eq!(stage.refresh(&cookie).await.refused(401), "no_session");
}

#[tokio::test]
async fn only_the_browser_that_began_a_sign_in_can_end_it_and_only_once() {
    let stage = Stage::new().await;
    let (ours, theirs) = (stage.leave().await, stage.leave().await);
    let callback = stage.consent(&ours).await;
    for (cookie, why) in [
        (String::new(), "no cookie"),
        (theirs.cookie.clone(), "another browser's cookie"),
        (format!("{}x", ours.cookie), "a changed cookie"),
        ("aop_sso=".into(), "an empty cookie"),
    ] {
        assert_eq!(refused(&stage.come_back(&callback, &cookie).await), "not_begun_here", "{why}");
    }
    for changed in [
        callback.replace("state=", "state=x"),
        callback.split("&state=").next().unwrap().to_owned(),
        format!("{}&state=", callback.split("&state=").next().unwrap()),
    ] {
        assert_eq!(refused(&stage.come_back(&changed, &ours.cookie).await), "not_begun_here", "{changed}");
    }
    let good = stage.come_back(&callback, &ours.cookie).await;
    assert_eq!(location(&good), "/signed-in?next=%2Fcalls");
    assert_eq!(refused(&stage.come_back(&callback, &ours.cookie).await), "not_begun_here", "a replay");
    // A fresh code for a state that was used up is a replay too.
    let again = stage.consent(&ours).await;
    assert_eq!(refused(&stage.come_back(&again, &ours.cookie).await), "not_begun_here");
}

#[tokio::test]
async fn a_code_of_another_sign_in_is_worth_nothing() {
    let stage = Stage::new().await;
    let (victim, attacker) = (stage.leave().await, stage.leave().await);
    let stolen = stage.consent(&victim).await;
    let code = stolen.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let own = stage.consent(&attacker).await;
    let own_code = own.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let injected = own.replace(own_code, code);
    assert_eq!(refused(&stage.come_back(&injected, &attacker.cookie).await), "failed");
    assert_eq!(stage.users().await, 0);
}

#[tokio::test]
async fn a_sign_in_that_takes_longer_than_ten_minutes_begins_anew() {
    let stage = Stage::new().await;
    let leaving = stage.leave().await;
    let callback = stage.consent(&leaving).await;
    stage.world.clock.advance_us(600_000_000);
    assert_eq!(refused(&stage.come_back(&callback, &leaving.cookie).await), "not_begun_here");
    assert_eq!(stage.users().await, 0);
}

#[tokio::test]
async fn a_token_that_was_not_made_for_this_sign_in_is_refused() {
    let stage = Stage::new().await;
    let now_s = stage.world.clock.now_s();
    for claims in [
        json!({"nonce": "another"}),
        json!({"nonce": null}),
        json!({"nonce": 1}),
        json!({"aud": "somebody-else"}),
        json!({"aud": null}),
        json!({"aud": []}),
        json!({"aud": ["somebody-else"]}),
        json!({"aud": [CLIENT_ID, "somebody-else"]}),
        json!({"azp": "somebody-else"}),
        json!({"iss": "https://evil.example"}),
        json!({"iss": format!("{}/", stage.provider.issuer)}),
        json!({"iss": null}),
        json!({"exp": now_s - 31}),
        json!({"exp": 0}),
        json!({"exp": null}),
        json!({"exp": "soon"}),
        json!({"iat": now_s + 31}),
        json!({"iat": null}),
        json!({"nbf": now_s + 31}),
        json!({"sub": ""}),
        json!({"sub": null}),
        json!({"sub": "x".repeat(256)}),
    ] {
        stage.claim(claims.clone());
        assert_eq!(stage.refusal().await, "failed", "{claims}");
        assert_eq!(stage.users().await, 0);
    }
    stage.claim(
        json!({"aud": [CLIENT_ID, "somebody-else"], "azp": CLIENT_ID, "exp": now_s - 29, "iat": now_s + 29}),
    );
    stage.signed_in().await;
}

#[tokio::test]
async fn a_token_that_the_provider_did_not_sign_is_refused() {
    let stage = Stage::new().await;
    let first = Some(TestKey::First.id());
    let encrypts_only = json!({"use": "enc", "kid": "second"});
    let mut encrypting = TestKey::Second.published();
    for (name, value) in encrypts_only.as_object().unwrap() {
        encrypting[name] = value.clone();
    }
    let mut other_algorithm = TestKey::Second.published();
    other_algorithm["alg"] = json!("RS512");
    let both = vec![TestKey::First.published(), TestKey::Second.published()];
    let honest = vec![TestKey::First.published(), TestKey::Curve.published()];
    for (signing, published, why) in [
        (Signing::Not, honest.clone(), "no signature"),
        (Signing::HmacOfPublicKey, honest.clone(), "the public key as an HMAC secret"),
        (Signing::With(TestKey::Second), honest.clone(), "a key that is not published"),
        (Signing::Claiming(TestKey::Second, first), honest.clone(), "the name of a published key"),
        (Signing::Claiming(TestKey::Curve, first), honest.clone(), "a key of another kind"),
        (
            Signing::Claiming(TestKey::First, Some("curve")),
            honest.clone(),
            "the name of a key of another kind",
        ),
        (
            Signing::Claiming(TestKey::First, Some("../../etc/passwd")),
            honest.clone(),
            "a name that is a path",
        ),
        (Signing::Claiming(TestKey::First, None), both.clone(), "no name, and several keys it could be"),
        (Signing::With(TestKey::Short), vec![TestKey::Short.published()], "a key of 1,024 bits"),
        (Signing::With(TestKey::Second), vec![encrypting], "a key for encryption"),
        (Signing::With(TestKey::Second), vec![other_algorithm], "a key for another algorithm"),
        (
            Signing::With(TestKey::First),
            vec![TestKey::First.published(), TestKey::First.published()],
            "two keys of one name",
        ),
        (Signing::With(TestKey::First), vec![], "no keys at all"),
    ] {
        stage.script(|script| {
            script.signing = signing;
            script.published = published;
        });
        // Past the hour in which the keys of the case before count.
        stage.world.clock.advance_us(3_600_000_000);
        assert_eq!(stage.refusal().await, "failed", "{why}");
        assert_eq!(stage.users().await, 0, "{why}");
    }
}

#[tokio::test]
async fn both_kinds_of_keys_count_and_unknown_kinds_beside_them_do_no_harm() {
    let stage = Stage::new().await;
    let unknown = json!({"kty": "LATTICE", "kid": "first", "v": 1});
    stage.script(|script| script.published.insert(0, unknown));
    stage.script(|script| script.signing = Signing::With(TestKey::Curve));
    stage.signed_in().await;
    stage.script(|script| script.signing = Signing::With(TestKey::First));
    stage.signed_in().await;
    // Without a name, the one key that fits is meant.
    stage.script(|script| script.signing = Signing::Claiming(TestKey::First, None));
    stage.signed_in().await;
}

#[tokio::test]
async fn a_rotated_key_is_noticed_at_once_and_asked_for_not_more_than_every_ten_seconds() {
    let stage = Stage::new().await;
    stage.signed_in().await;
    stage.signed_in().await;
    let asked = || {
        let asked = stage.provider.asked.lock();
        (asked.discovery, asked.keys)
    };
    assert_eq!(asked(), (1, 1));
    stage.script(|script| {
        script.signing = Signing::With(TestKey::Second);
        script.published = vec![TestKey::Second.published()];
    });
    assert_eq!(stage.refusal().await, "failed");
    assert_eq!(asked().1, 1, "asked a moment ago");
    stage.world.clock.advance_us(10_000_000);
    stage.signed_in().await;
    assert_eq!(asked().1, 2);
    // What was signed with the old key is worth nothing now.
    stage.script(|script| script.signing = Signing::With(TestKey::First));
    stage.world.clock.advance_us(10_000_000);
    assert_eq!(stage.refusal().await, "failed");
    stage.world.clock.advance_us(3_600_000_000);
    stage.script(|script| script.signing = Signing::With(TestKey::Second));
    stage.signed_in().await;
    assert_eq!(asked().0, 2, "the document is asked for once an hour");
}

#[tokio::test]
async fn nobody_is_sent_to_another_site_afterwards() {
    let stage = Stage::new().await;
    for path in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "%2F%2Fevil.example",
        "",
    ] {
        let answer =
            stage.world.get(&format!("/api/auth/sso/login?provider=corp&return_to={path}"), "").await;
        let leaving = Leaving { cookie: cookies(&answer).remove(0), to: location(&answer).parse().unwrap() };
        let callback = stage.consent(&leaving).await;
        let ended = stage.come_back(&callback, &leaving.cookie).await;
        assert_eq!(location(&ended), "/signed-in?next=%2F", "{path}");
    }
}

#[tokio::test]
async fn an_address_that_is_not_verified_leads_to_no_account() {
    let stage = Stage::with(|settings| {
        settings.link_by_email = true;
        settings.new_users = NewUsers::Become(Role::Developer);
    })
    .await;
    let admin = stage.local_user("ann@example.com", Role::Admin).await;
    for claims in [json!({"email_verified": false}), json!({"email_verified": null}), json!({"email": null})]
    {
        stage.claim(claims);
        assert_eq!(stage.refusal().await, "unverified_email");
    }
    stage.claim(json!({"email": "new@example.com", "email_verified": false}));
    assert_eq!(stage.refusal().await, "unverified_email");
    assert_eq!(stage.users().await, 1, "nor is one made");
    let kept = users::find_password_hash(&stage.world.store, admin).await.unwrap();
    assert_eq!(kept.as_deref(), Some("$argon2id$"));
}

#[tokio::test]
async fn an_account_with_the_address_is_linked_only_where_that_is_allowed() {
    let stage = Stage::new().await;
    stage.local_user("ann@example.com", Role::Developer).await;
    assert_eq!(stage.refusal().await, "email_taken");

    let stage = Stage::with(|settings| settings.link_by_email = true).await;
    let local = stage.local_user("ann@example.com", Role::Developer).await;
    let user = stage.signed_in().await["user"].clone();
    assert_eq!(
        (user["id"].as_str().unwrap(), &user["role"]),
        (local.to_string().as_str(), &json!("developer"))
    );
    assert!(users::find_password_hash(&stage.world.store, local).await.unwrap().is_some());
    // The address now belongs to somebody else at the provider: that is not the same person.
    stage.claim(json!({"sub": "subject-2"}));
    assert_eq!(stage.refusal().await, "email_taken");
    assert_eq!(stage.users().await, 1);
}

#[tokio::test]
async fn an_account_that_nobody_vouched_for_is_taken_over_by_the_owner_of_the_address() {
    let stage = Stage::with(|settings| settings.link_by_email = true).await;
    let squatted = stage.local_user("ann@example.com", Role::Pending).await;
    let squatter = stage.world.sign_in(squatted).await;
    stage.world.get("/api/auth/me", &squatter).await.expect(200);
    stage.signed_in().await;
    assert_eq!(users::find_password_hash(&stage.world.store, squatted).await.unwrap(), None);
    assert_eq!(stage.world.get("/api/auth/me", &squatter).await.refused(401), "session_over");
}

#[tokio::test]
async fn a_switched_off_account_stays_shut() {
    let stage = Stage::with(|settings| settings.link_by_email = true).await;
    let id: UserId = stage.signed_in().await["user"]["id"].as_str().unwrap().parse().unwrap();
    users::update_access(&stage.world.store, id, None, Some(false)).await.unwrap();
    assert_eq!(stage.refusal().await, "account_off");
    // Nor by another identity with its address.
    stage.claim(json!({"sub": "subject-2"}));
    assert_eq!(stage.refusal().await, "account_off");
    assert_eq!(stage.users().await, 1);
}

#[tokio::test]
async fn who_may_have_an_account_is_for_the_operator_to_say() {
    let stage = Stage::with(|settings| settings.email_domains = vec!["example.org".into()]).await;
    assert_eq!(stage.refusal().await, "other_domain");
    let stage = Stage::with(|settings| settings.new_users = NewUsers::Refused).await;
    assert_eq!(stage.refusal().await, "no_account");
    assert_eq!(stage.users().await, 0);
    let stage = Stage::with(|settings| settings.new_users = NewUsers::Become(Role::Developer)).await;
    assert_eq!(stage.signed_in().await["user"]["role"], "developer");
}

#[tokio::test]
async fn groups_decide_the_role_at_every_sign_in_and_open_teams() {
    let grant = |group: &str, role| GroupGrant { group: group.into(), role: Some(role), team: None };
    let stage = Stage::with(|settings| {
        settings.new_users = NewUsers::Refused;
        settings.groups =
            vec![grant("staff", Role::Viewer), grant("ops", Role::Admin), grant("eng", Role::Developer)];
    })
    .await;
    let sign_in = async |groups: Value| {
        stage.claim(json!({"groups": groups}));
        stage.signed_in().await["user"]["role"].clone()
    };
    stage.claim(json!({"groups": ["unknown"]}));
    assert_eq!(stage.refusal().await, "no_account");
    assert_eq!(sign_in(json!(["staff", "eng"])).await, "developer");
    assert_eq!(sign_in(json!(["staff"])).await, "viewer");
    assert_eq!(sign_in(json!([])).await, "viewer", "no group says nothing");
    assert_eq!(sign_in(json!("ops")).await, "admin");
    assert_eq!(sign_in(json!(["staff"])).await, "admin", "the last administrator stays one");
}

#[tokio::test]
async fn a_group_leads_into_a_team_and_nobody_is_lowered_there() {
    let stage = Stage::with(|settings| {
        let team = Some((World::team_id(), MemberRole::Member));
        let nowhere = Some((aop_domain::id::TeamId(Uuid::now_v7()), MemberRole::Owner));
        settings.groups = vec![
            GroupGrant { group: "eng".into(), role: Some(Role::Developer), team },
            GroupGrant { group: "eng".into(), role: None, team: nowhere },
        ];
    })
    .await;
    stage.claim(json!({"groups": ["eng"]}));
    let user = stage.signed_in().await["user"].clone();
    assert_eq!(user["teams"], json!([{"id": World::team_id(), "name": "ours", "role": "member"}]));
    let id: UserId = user["id"].as_str().unwrap().parse().unwrap();
    team_members::put(&stage.world.store, stage.world.team, id, MemberRole::Owner).await.unwrap();
    assert_eq!(stage.signed_in().await["user"]["teams"][0]["role"], "owner");
}

#[tokio::test]
async fn what_the_token_leaves_out_is_asked_for_and_must_be_about_the_same_person() {
    let stage = Stage::new().await;
    stage.claim(json!({"email": null, "email_verified": null, "name": null}));
    let about =
        |sub: &str| json!({"sub": sub, "email": "ann@example.com", "email_verified": true, "name": "Ann U."});
    stage.script(|script| script.userinfo = about("subject-2"));
    assert_eq!(stage.refusal().await, "failed");
    stage.script(|script| script.userinfo = about("subject-1"));
    assert_eq!(stage.signed_in().await["user"]["name"], "Ann U.");
    // What is signed counts more than what is asked for.
    let stage = Stage::with(|settings| {
        settings.groups = vec![GroupGrant { group: "ops".into(), role: Some(Role::Admin), team: None }];
    })
    .await;
    stage.script(|script| {
        script.userinfo = json!({"sub": "subject-1", "email": "eve@example.com", "groups": ["ops"]});
    });
    let user = stage.signed_in().await["user"].clone();
    assert_eq!((&user["email"], &user["role"]), (&json!("ann@example.com"), &json!("admin")));
}

#[tokio::test]
async fn a_provider_that_refuses_or_misbehaves_leads_back_to_the_sign_in_page() {
    let stage = Stage::new().await;
    stage.script(|script| script.refuses = true);
    assert_eq!(stage.refusal().await, "denied");
    stage.script(|script| script.refuses = false);
    // An answer of another issuer, mixed into this sign-in (RFC 9207).
    stage.script(|script| script.callback = "&iss=https%3A%2F%2Fevil.example");
    assert_eq!(stage.refusal().await, "failed");
    let unknown = stage.world.get("/api/auth/sso/login?provider=nobody&return_to=/calls", "").await;
    assert_eq!(location(&unknown), "/login?sso_error=unknown_provider&next=%2Fcalls");
    assert_eq!(stage.users().await, 0);

    for document in [
        json!({"issuer": "https://evil.example"}),
        json!({"token_endpoint": "file:///etc/passwd"}),
        json!({"jwks_uri": null}),
        json!({"token_endpoint": "http://user:password@127.0.0.1/token"}),
    ] {
        let stage = Stage::new().await;
        stage.script(|script| script.document = document.clone());
        let answer = stage.world.get("/api/auth/sso/login?provider=corp", "").await;
        assert_eq!(refused(&answer), "failed", "{document}");
    }

    let stage = Stage::with(|settings| settings.issuer = "http://127.0.0.1:9".into()).await;
    let answer = stage.world.get("/api/auth/sso/login?provider=corp", "").await;
    assert_eq!(refused(&answer), "unavailable");
}

#[tokio::test]
async fn an_issuer_that_promises_to_name_itself_must() {
    let stage = Stage::new().await;
    stage.script(|script| script.document = json!({"authorization_response_iss_parameter_supported": true}));
    assert_eq!(stage.refusal().await, "failed");
    let named: &'static str =
        format!("&iss={}", stage.provider.issuer.replace(':', "%3A").replace('/', "%2F")).leak();
    stage.script(|script| script.callback = named);
    stage.signed_in().await;
}

#[tokio::test]
async fn a_provider_that_takes_the_secret_in_the_form_gets_it_there() {
    let stage = Stage::new().await;
    stage.script(|script| {
        script.document = json!({"token_endpoint_auth_methods_supported": ["client_secret_post"]});
    });
    stage.signed_in().await;
    let stage = Stage::with(|settings| settings.client_secret = Some("wrong".to_owned().into())).await;
    assert_eq!(stage.refusal().await, "failed");
}

#[tokio::test]
async fn one_person_in_many_browsers_at_once_becomes_one_user() {
    let stage = Stage::new().await;
    let answers = join_all((0..8).map(|_| stage.sign_in())).await;
    assert!(answers.iter().all(|answer| location(answer).starts_with("/signed-in")));
    assert_eq!(stage.users().await, 1);
}

#[tokio::test]
async fn failed_sign_ins_are_slowed_down_per_source() {
    let stage = Stage::new().await;
    for _ in 0..50 {
        let answer = stage.come_back("/api/auth/callback/?state=x&code=y", "").await;
        assert_eq!(refused(&answer), "not_begun_here");
    }
    let answer = stage.world.get("/api/auth/sso/login?provider=corp", "").await;
    assert_eq!(answer.refused(429), "too_many_attempts");
}

#[tokio::test]
async fn refresh_tokens_of_sso_users_are_like_any_other() {
    let stage = Stage::new().await;
    stage.signed_in().await;
    let later = stage.world.now() + time::Duration::days(31);
    // One from the callback and its successor from the first refresh.
    assert_eq!(refresh_tokens::delete_expired(&stage.world.store, later).await.unwrap(), 2);
}
