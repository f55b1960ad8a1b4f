//! What teams, keys and models say about recording and the response cache, over the API.

use aop_domain::guard::{CachePolicy, CacheScope, RecordingLevel};
use aop_store::gateway::load_snapshot;
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test]
async fn what_an_owner_says_reaches_the_gateway_and_can_be_taken_back() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let path = format!("/api/teams/{}/policy", world.team.0);
    assert_eq!(world.get(&path, &owner).await.expect(200), json!({}));
    let says = json!({"recording": "redacted", "cache": {"ttl_s": 3600, "scope": "key"}});
    let before = load_snapshot(&world.store).await.unwrap();
    assert_eq!(world.call("PUT", &path, &owner, says.clone()).await.expect(200), says);
    assert_eq!(world.get(&path, &owner).await.expect(200), says);
    let snapshot = load_snapshot(&world.store).await.unwrap();
    assert!(snapshot.version > before.version, "the gateway is told");
    let policy = snapshot.guard.teams[&world.team];
    assert_eq!(policy.recording, Some(RecordingLevel::Redacted));
    assert_eq!(policy.cache, Some(CachePolicy { ttl_s: 3600, scope: CacheScope::Key }));
    world.call("PUT", &path, &owner, json!({})).await.expect(200);
    assert!(load_snapshot(&world.store).await.unwrap().guard.teams.is_empty());
}

#[tokio::test]
async fn a_keys_word_is_its_teams_owners() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let developer = world.signed_in("dev", Role::Developer, Some(MemberRole::Member)).await;
    let made = world
        .post("/api/api-keys", &developer, json!({"name": "k", "permissions": ["gateway"]}))
        .await
        .expect(201);
    let path = format!("/api/api-keys/{}/policy", made["api_key"]["id"].as_str().unwrap());
    let says = json!({"recording": "metadata"});
    assert_eq!(
        world.call("PUT", &path, &developer, says.clone()).await.status,
        403,
        "a holder must not hide"
    );
    world.call("PUT", &path, &owner, says.clone()).await.expect(200);
    assert_eq!(world.get(&path, &developer).await.expect(200), says, "its holder sees it");
    let other = world.signed_in("other", Role::Developer, Some(MemberRole::Member)).await;
    assert_eq!(world.get(&path, &other).await.status, 404, "another's key is not there");
    // It goes with its key.
    let key = format!("/api/api-keys/{}", made["api_key"]["id"].as_str().unwrap());
    assert_eq!(world.call("DELETE", &key, &owner, Value::Null).await.status, 204);
    assert!(load_snapshot(&world.store).await.unwrap().guard.keys.is_empty());
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let path = format!("/api/teams/{}/policy", world.team.0);
    let too_long = json!({"cache": {"ttl_s": 2_592_001, "scope": "team"}});
    assert_eq!(world.call("PUT", &path, &owner, too_long).await.refused(400), "invalid_value");
    assert_eq!(world.call("PUT", &path, &owner, json!({"recording": "some"})).await.status, 400);
    assert_eq!(world.call("PUT", &path, &owner, json!({"cash": {}})).await.status, 400);
}
