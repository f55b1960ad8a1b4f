//! Rules by which tokens act as keys: whose they are, and that gateways hear of them.

use aop_domain::id::{KeyId, TeamId, UserId};
use aop_store::api_keys::{KeySettings, NewKey};
use aop_store::testing::TestStore;
use aop_store::token_rules::{self, NewRule};
use aop_store::users::Role;
use aop_store::{Error, api_keys, gateway};
use uuid::Uuid;

use crate::new_id;

async fn add_key(store: &TestStore, team: TeamId, user: UserId) -> KeyId {
    let settings = KeySettings {
        name: "service".into(),
        permissions: vec!["gateway".into()],
        allowed_models: vec![],
        rate_limit: None,
        is_active: true,
        expires_at: None,
    };
    let new = NewKey { id: new_id(), user_id: user, mac: [7; 32], hint: "aop-...x7Qa".into(), settings };
    api_keys::create(store, team, &new).await.unwrap().id
}

fn rule(key: KeyId, by: UserId, value: &str, position: i32) -> NewRule {
    NewRule {
        id: Uuid::now_v7(),
        key_id: key,
        issuer: "https://login.example.com".into(),
        claim: "groups".into(),
        value: value.into(),
        position,
        created_by: by,
    }
}

#[tokio::test]
async fn a_rule_is_its_teams_and_goes_with_its_key() {
    let store = TestStore::new().await;
    let user = store.add_user("ada", Role::Admin).await;
    let (team, other) = (store.add_team("Research").await, store.add_team("Other").await);
    let key = add_key(&store, team, user).await;
    let before = gateway::load_version(&store).await.unwrap();
    assert_eq!(token_rules::create(&store, other, &rule(key, user, "ops", 5)).await.unwrap(), None);
    let late = token_rules::create(&store, team, &rule(key, user, "ops", 5)).await.unwrap().unwrap();
    let first = token_rules::create(&store, team, &rule(key, user, "dev", 1)).await.unwrap().unwrap();
    assert_eq!((late.key_id, late.key_name.as_str()), (key.0, "service"));
    let again = token_rules::create(&store, team, &rule(key, user, "ops", 5)).await.unwrap_err();
    assert!(matches!(again, Error::Duplicate { .. }), "{again}");

    assert_eq!(token_rules::list(&store, team, None, 10).await.unwrap(), [first.clone(), late.clone()]);
    assert_eq!(
        token_rules::list(&store, team, Some(first.id), 10).await.unwrap(),
        std::slice::from_ref(&late)
    );
    assert_eq!(token_rules::list(&store, other, None, 10).await.unwrap(), []);
    let snapshot = gateway::load_snapshot(&store).await.unwrap();
    assert!(snapshot.version > before, "gateways hear of it");
    let values: Vec<_> = snapshot.token_rules.iter().map(|rule| (rule.value.as_str(), rule.key_id)).collect();
    assert_eq!(values, [("dev", key), ("ops", key)], "in the order of their positions");

    assert!(!token_rules::delete(&store, other, first.id).await.unwrap());
    assert!(token_rules::delete(&store, team, first.id).await.unwrap());
    api_keys::delete(&store, team, key).await.unwrap();
    assert_eq!(token_rules::list(&store, team, None, 10).await.unwrap(), []);
    assert!(gateway::load_snapshot(&store).await.unwrap().token_rules.is_empty());
}
