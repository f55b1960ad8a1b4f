//! Virtual keys over the API.

use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use serde_json::{Value, json};

use crate::world::World;

async fn make(world: &World, token: &str, permissions: &[&str]) -> crate::world::Answer {
    world.post("/api/api-keys", token, json!({"name": "k", "permissions": permissions})).await
}

#[tokio::test]
async fn a_key_is_shown_once_works_is_replaced_and_revoked() {
    let world = World::new().await;
    let token = world.signed_in("dev", Role::Developer, Some(MemberRole::Member)).await;
    let made = make(&world, &token, &["read", "gateway"]).await.expect(201);
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("aop-"));
    let list = world.get("/api/api-keys", &token).await.expect(200);
    assert_eq!(list["items"][0]["permissions"], json!(["gateway", "read"]));
    assert!(!list.to_string().contains(key), "the list shows the key");
    world.get("/api/models", key).await.expect(200);

    let path = format!("/api/api-keys/{}", made["api_key"]["id"].as_str().unwrap());
    let new = world.post(&format!("{path}/regenerate"), &token, Value::Null).await.expect(200);
    let new_key = new["key"].as_str().unwrap();
    assert_eq!(world.get("/api/models", key).await.refused(401), "invalid_key");
    world.get("/api/models", new_key).await.expect(200);

    let off = world.call("PATCH", &path, &token, json!({"is_active": false})).await.expect(200);
    assert_eq!(off["is_active"], false);
    assert_eq!(world.get("/api/models", new_key).await.refused(401), "invalid_key");
    world.call("PATCH", &path, &token, json!({"is_active": true})).await.expect(200);
    assert_eq!(world.call("DELETE", &path, &token, Value::Null).await.status, 204);
    assert_eq!(world.get("/api/models", new_key).await.refused(401), "invalid_key");
    assert_eq!(world.call("DELETE", &path, &token, Value::Null).await.refused(404), "not_found");
}

#[tokio::test]
async fn a_key_stops_at_its_expiry_and_null_takes_the_expiry_away() {
    let world = World::new().await;
    let token = world.signed_in("dev", Role::Developer, Some(MemberRole::Member)).await;
    let at = world.now() + time::Duration::minutes(5);
    let at = at.format(&time::format_description::well_known::Rfc3339).unwrap();
    let body = json!({"name": "short", "permissions": ["read"], "expires_at": at});
    let made = world.post("/api/api-keys", &token, body).await.expect(201);
    let key = made["key"].as_str().unwrap();
    world.get("/api/models", key).await.expect(200);
    world.clock.advance_us(5 * 60 * 1_000_000);
    assert_eq!(world.get("/api/models", key).await.refused(401), "invalid_key");
    let path = format!("/api/api-keys/{}", made["api_key"]["id"].as_str().unwrap());
    let kept = world.call("PATCH", &path, &token, json!({"name": "long"})).await.expect(200);
    assert!(kept["expires_at"].is_string());
    let forever = world.call("PATCH", &path, &token, json!({"expires_at": null})).await.expect(200);
    assert!(forever["expires_at"].is_null());
    world.get("/api/models", key).await.expect(200);
}

#[tokio::test]
async fn nobody_mints_a_key_that_may_more_than_they_may() {
    let world = World::new().await;
    let viewer = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let developer = world.signed_in("dev", Role::Developer, Some(MemberRole::Member)).await;
    let owner = world.user("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let owner_token = world.sign_in(owner).await;
    make(&world, &viewer, &["read"]).await.expect(201);
    for more in ["gateway", "run", "write", "admin"] {
        assert_eq!(make(&world, &viewer, &["read", more]).await.refused(403), "more_than_yours");
    }
    make(&world, &developer, &["gateway", "read", "run", "write"]).await.expect(201);
    for more in ["admin", "passthrough"] {
        assert_eq!(make(&world, &developer, &[more]).await.refused(403), "more_than_yours");
    }
    make(&world, &owner_token, &["admin"]).await.expect(201);
    assert_eq!(make(&world, &owner_token, &[]).await.refused(400), "no_permissions");

    for less in ["gateway", "passthrough", "read", "run", "write"] {
        let key = world.key(owner, &[less]).await;
        assert_eq!(make(&world, &key, &["admin"]).await.refused(403), "key_not_allowed", "{less}");
    }
    let admin_key = world.key(owner, &["admin"]).await;
    make(&world, &admin_key, &["admin"]).await.expect(201);
}

#[tokio::test]
async fn a_key_loses_what_its_owner_loses() {
    let world = World::new().await;
    let admin = world.signed_in("admin", Role::Admin, Some(MemberRole::Owner)).await;
    let user = world.user("dev", Role::Developer, Some(MemberRole::Owner)).await;
    let key = world.key(user, &["admin"]).await;
    make(&world, &key, &["write"]).await.expect(201);
    let members = format!("/api/teams/{}/members", world.team);
    let email = aop_store::users::find(&world.store, user).await.unwrap().unwrap().email;
    world.post(&members, &admin, json!({"email": email, "role": "member"})).await;
    world.call("PATCH", &format!("/api/users/{user}"), &admin, json!({"role": "viewer"})).await.expect(200);
    assert_eq!(make(&world, &key, &["read"]).await.refused(403), "key_not_allowed");
    world.get("/api/models", &key).await.expect(200);
    world.call("DELETE", &format!("{members}/{user}"), &admin, Value::Null).await;
    assert_eq!(world.get("/api/models", &key).await.refused(401), "invalid_key");
}

#[tokio::test]
async fn members_manage_their_own_keys_and_owners_all_but_no_ones_secret() {
    let world = World::new().await;
    let ann = world.signed_in("ann", Role::Developer, Some(MemberRole::Member)).await;
    let bob = world.signed_in("bob", Role::Developer, Some(MemberRole::Member)).await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let made = make(&world, &ann, &["read"]).await.expect(201);
    let path = format!("/api/api-keys/{}", made["api_key"]["id"].as_str().unwrap());
    assert_eq!(world.get("/api/api-keys", &bob).await.expect(200)["items"], json!([]));
    assert_eq!(world.call("DELETE", &path, &bob, Value::Null).await.refused(404), "not_found");
    assert_eq!(world.get("/api/api-keys", &owner).await.expect(200)["items"].as_array().unwrap().len(), 1);
    let regenerate = format!("{path}/regenerate");
    assert_eq!(world.post(&regenerate, &owner, Value::Null).await.refused(403), "not_your_key");
    assert_eq!(world.call("DELETE", &path, &owner, Value::Null).await.status, 204);
}

#[tokio::test]
async fn pages_of_keys_join_without_gaps() {
    let world = World::new().await;
    let user = world.user("dev", Role::Developer, Some(MemberRole::Member)).await;
    let token = world.sign_in(user).await;
    for _ in 0..5 {
        world.key(user, &["read"]).await;
    }
    let (mut path, mut seen) = ("/api/api-keys?limit=2".to_owned(), Vec::new());
    loop {
        let page = world.get(&path, &token).await.expect(200);
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|key| key["id"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/api-keys?limit=2&cursor={cursor}");
    }
    let mut sorted = seen.clone();
    sorted.sort_by(|one, other| other.cmp(one));
    sorted.dedup();
    assert_eq!((seen.len(), &seen), (5, &sorted));
    assert_eq!(world.get("/api/api-keys?cursor=x", &token).await.refused(400), "invalid_cursor");
}

#[tokio::test]
async fn uses_of_a_key_are_written_in_one_batch() {
    let world = World::new().await;
    let user = world.user("dev", Role::Developer, Some(MemberRole::Member)).await;
    let (id, key) = world.key_with_id(user, &["read"]).await;
    world.get("/api/models", &key).await.expect(200);
    let stop = tokio_util::sync::CancellationToken::new();
    stop.cancel();
    world.state.key_uses.clone().run((*world.store).clone(), stop).await;
    let used = aop_store::api_keys::find(&world.store, world.team, id).await.unwrap().unwrap().last_used_at;
    assert_eq!(used.map(|at| at.unix_timestamp()), Some(world.clock.now_s()));
}

#[tokio::test]
async fn the_rate_limit_of_a_key_is_changed_by_an_owner_not_by_its_holder() {
    let world = World::new().await;
    let holder = world.signed_in("dev", Role::Developer, Some(MemberRole::Member)).await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let body = json!({"name": "k", "permissions": ["gateway"], "rate_limit": 60});
    let made = world.post("/api/api-keys", &holder, body).await.expect(201);
    assert_eq!(made["api_key"]["rate_limit"], 60);
    let path = format!("/api/api-keys/{}", made["api_key"]["id"].as_str().unwrap());
    let lifted = world.call("PATCH", &path, &holder, json!({"rate_limit": null})).await;
    assert_eq!(lifted.refused(403), "owners_only");
    let none = world.call("PATCH", &path, &owner, json!({"rate_limit": 0})).await;
    assert_eq!(none.refused(400), "invalid_rate_limit");
    let raised = world.call("PATCH", &path, &owner, json!({"rate_limit": 600})).await.expect(200);
    assert_eq!(raised["rate_limit"], 600);
    let renamed = world.call("PATCH", &path, &holder, json!({"name": "n"})).await.expect(200);
    assert_eq!(renamed["rate_limit"], 600, "absent: as it was");
    let without = world.call("PATCH", &path, &owner, json!({"rate_limit": null})).await.expect(200);
    assert!(without.get("rate_limit").is_none());
}
