//! Single sign-on: which tokens and which keys of a provider count.

use serde_json::json;

use crate::oidc_keys::TestKey;
use crate::oidc_provider::{CLIENT_ID, Signing};
use crate::sso_stage::Stage;

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
