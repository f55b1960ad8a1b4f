//! Policies of the runaway guard over the API.

use aop_store::gateway;
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test]
async fn a_team_and_its_keys_have_policies_of_their_own_and_go_back_to_the_default() {
    let world = World::new().await;
    let user = world.user("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let owner = world.sign_in(user).await;
    let (key, _) = world.key_with_id(user, &["gateway"]).await;
    let shown = world.get("/api/runaway", &owner).await.expect(200);
    assert_eq!((&shown["is_default"], &shown["team"]), (&json!(true), &shown["defaults"]));
    let mut policy = shown["defaults"].clone();
    policy["run_cost"] = json!({"action": "stop", "limit": "1.50"});
    let put = world.call("PUT", "/api/runaway", &owner, policy.clone()).await.expect(200);
    assert_eq!((&put["is_default"], &put["team"]["run_cost"]["limit"]), (&json!(false), &json!("1.5")));
    policy["run_calls"] = json!({"action": "slow", "limit": null});
    let of_key = format!("/api/runaway/keys/{key}");
    let put = world.call("PUT", &of_key, &owner, policy).await.expect(200);
    assert_eq!(put["keys"][0]["policy"]["run_calls"], json!({"action": "slow", "limit": null}));
    let snapshot = gateway::load_snapshot(&world.store).await.unwrap();
    assert_eq!(snapshot.runaway.find(world.team, key).run_calls.limit, None);
    world.call("DELETE", &of_key, &owner, Value::Null).await.expect(204);
    world.call("DELETE", &of_key, &owner, Value::Null).await.expect(404);
    world.call("DELETE", "/api/runaway", &owner, Value::Null).await.expect(204);
    let shown = world.get("/api/runaway", &owner).await.expect(200);
    assert_eq!((&shown["is_default"], &shown["keys"]), (&json!(true), &json!([])));
}

#[tokio::test]
async fn a_policy_that_cannot_be_meant_is_refused_with_its_field() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let defaults = world.get("/api/runaway", &owner).await.expect(200)["defaults"].clone();
    for (rule, value, field) in [
        ("growth", json!({"action": "flag", "times": 1}), "growth.times"),
        ("run_cost", json!({"action": "stop", "limit": "0"}), "run_cost.limit"),
        ("run_depth", json!({"action": "stop", "limit": 0}), "run_depth.limit"),
    ] {
        let mut policy = defaults.clone();
        policy[rule] = value;
        let refused = world.call("PUT", "/api/runaway", &owner, policy).await;
        assert_eq!(refused.body["field"], field, "{}", refused.body);
        assert_eq!(refused.refused(400), "invalid_policy");
    }
}
