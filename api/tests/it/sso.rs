//! Single sign-on: leaving, coming back, and everybody who comes between.

use aop_store::refresh_tokens;
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;
use url::Url;

use crate::sso_stage::{Leaving, Stage, cookies, location, refused};
use crate::world::PUBLIC_URL;

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
