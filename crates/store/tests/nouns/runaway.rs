//! Policies of the runaway guard: the team's, a key's in its place, and what gateways get of them.

use aop_domain::id::KeyId;
use aop_domain::runaway::{Action, Policy};
use aop_store::api_keys::{self, KeySettings, NewKey};
use aop_store::testing::TestStore;
use aop_store::users::Role;
use aop_store::{gateway, runaway_policies};

use crate::new_id;

fn policy(times: u32) -> Policy {
    let mut policy = Policy::default();
    policy.repeated_call.times = times;
    policy.repeated_call.action = Action::Stop;
    policy
}

#[tokio::test]
async fn a_keys_policy_stands_in_place_of_its_teams() {
    let store = TestStore::new().await;
    let (team, user) = (store.add_team("Research").await, store.add_user("ada", Role::Developer).await);
    let other = store.add_team("Other").await;
    let key: KeyId = new_id();
    let settings = KeySettings {
        name: "ci".into(),
        permissions: vec!["gateway".into()],
        allowed_models: vec![],
        rate_limit: None,
        is_active: true,
        expires_at: None,
    };
    let new = NewKey { id: key, user_id: user, mac: [7; 32], hint: "...".into(), settings };
    api_keys::create(&store, team, &new).await.unwrap();
    assert_eq!(runaway_policies::of_team(&store, team).await.unwrap(), None);
    for times in [3, 4] {
        assert!(runaway_policies::put(&store, team, None, user, &policy(times)).await.unwrap());
        assert!(runaway_policies::put(&store, team, Some(key), user, &policy(times * 10)).await.unwrap());
    }
    assert!(
        !runaway_policies::put(&store, other, Some(key), user, &policy(9)).await.unwrap(),
        "no key of theirs"
    );
    let snapshot = gateway::load_snapshot(&store).await.unwrap();
    assert_eq!(snapshot.runaway.find(team, new_id()), policy(4));
    assert_eq!(snapshot.runaway.find(team, key), policy(40));
    assert_eq!(snapshot.runaway.find(other, new_id()), Policy::default());
    let of_keys = runaway_policies::of_keys(&store, team, 9).await.unwrap();
    assert_eq!((of_keys[0].key_name.as_str(), of_keys[0].policy), ("ci", policy(40)));
    assert!(runaway_policies::delete(&store, team, Some(key)).await.unwrap());
    assert!(!runaway_policies::delete(&store, team, Some(key)).await.unwrap());
    assert_eq!(gateway::load_snapshot(&store).await.unwrap().runaway.find(team, key), policy(4));
}

#[tokio::test]
async fn a_policy_that_a_newer_program_wrote_leaves_the_gateway_working() {
    let store = TestStore::new().await;
    let (team, user) = (store.add_team("Research").await, store.add_user("ada", Role::Developer).await);
    runaway_policies::put(&store, team, None, user, &policy(3)).await.unwrap();
    sqlx::query(
        r#"UPDATE runaway_policies SET policy = '{"repeated_call": {"action": "sing", "times": 3}}'"#,
    )
    .execute(store.pool())
    .await
    .unwrap();
    let snapshot = gateway::load_snapshot(&store).await.unwrap();
    assert_eq!(snapshot.runaway.find(team, new_id()), Policy::default());
}
