//! Teams, members, and the wall between teams.

use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::World;

#[tokio::test]
async fn a_developer_makes_a_team_and_owns_it() {
    let world = World::new().await;
    let token = world.signed_in("dev", Role::Developer, Some(MemberRole::Member)).await;
    let team =
        world.post("/api/teams", &token, json!({"name": "New", "retention_days": 30})).await.expect(201);
    assert_eq!(team["retention_days"], 30);
    let path = format!("/api/teams/{}", team["id"].as_str().unwrap());
    let changed = world.call("PUT", &path, &token, json!({"name": "Newer"})).await.expect(200);
    assert_eq!((&changed["name"], &changed["retention_days"]), (&json!("Newer"), &Value::Null));
    for body in [json!({"name": ""}), json!({"name": "x", "retention_days": 0}), json!({"nam": "x"})] {
        assert_eq!(world.call("PUT", &path, &token, body.clone()).await.status, 400, "{body}");
    }
    assert_eq!(world.call("DELETE", &path, &token, Value::Null).await.status, 204);
    assert_eq!(world.get(&path, &token).await.refused(404), "not_found");
}

#[tokio::test]
async fn an_owner_adds_promotes_and_removes_members_and_one_owner_stays() {
    let world = World::new().await;
    let owner = world.user("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let token = world.sign_in(owner).await;
    let user = world.user("new", Role::Viewer, None).await;
    let email = aop_store::users::find(&world.store, user).await.unwrap().unwrap().email;
    let members = format!("/api/teams/{}/members", world.team);
    for role in ["member", "owner", "member"] {
        let body = json!({"email": email.to_uppercase(), "role": role});
        assert_eq!(world.post(&members, &token, body).await.status, 204);
        let list = world.get(&members, &token).await.expect(200);
        let found = list["items"].as_array().unwrap().iter().find(|member| member["email"] == json!(email));
        assert_eq!(found.unwrap()["role"], role);
    }
    let body = json!({"email": "nobody@example.com", "role": "member"});
    assert_eq!(world.post(&members, &token, body).await.refused(404), "not_found");
    let me = format!("{members}/{owner}");
    assert_eq!(world.call("DELETE", &me, &token, Value::Null).await.refused(409), "last_owner");
    let them = format!("{members}/{user}");
    assert_eq!(world.call("DELETE", &them, &token, Value::Null).await.status, 204);
    assert_eq!(world.call("DELETE", &them, &token, Value::Null).await.refused(404), "not_found");
}

#[tokio::test]
async fn the_team_is_named_by_query_or_header_and_is_the_first_one_otherwise() {
    let world = World::new().await;
    let user = world.user("dev", Role::Developer, Some(MemberRole::Member)).await;
    let token = world.sign_in(user).await;
    let other = world.post("/api/teams", &token, json!({"name": "Other"})).await.expect(201);
    let other = other["id"].as_str().unwrap();
    let key = json!({"name": "in other", "permissions": ["read"]});
    world.post(&format!("/api/api-keys?team_id={other}"), &token, key).await.expect(201);
    assert_eq!(world.get("/api/api-keys", &token).await.expect(200)["items"], json!([]));
    let mut request = crate::world::request("GET", "/api/api-keys", &token, &Value::Null);
    request.headers_mut().insert("x-team-id", other.parse().unwrap());
    assert_eq!(world.send(request).await.expect(200)["items"][0]["name"], "in other");
    for path in ["/api/api-keys?team_id=nonsense", "/api/api-keys?limit=x"] {
        assert_eq!(world.get(path, &token).await.refused(400), "invalid_query");
    }
}

#[tokio::test]
async fn another_teams_things_and_things_that_do_not_exist_are_the_same_404() {
    let world = World::new().await;
    let stranger = world.signed_in("stranger", Role::Developer, None).await;
    world.post("/api/teams", &stranger, json!({"name": "Theirs"})).await.expect(201);
    let ours = world.user("dev", Role::Developer, Some(MemberRole::Owner)).await;
    let (key, _) = world.key_with_id(ours, &["read"]).await;
    for (method, path, id) in [
        ("GET", "/api/teams/{}", world.team.0),
        ("DELETE", "/api/teams/{}", world.team.0),
        ("GET", "/api/teams/{}/members", world.team.0),
        ("GET", "/api/api-keys?team_id={}", world.team.0),
        ("GET", "/api/calls?team_id={}", world.team.0),
        ("DELETE", "/api/api-keys/{}", key.0),
        ("POST", "/api/api-keys/{}/regenerate", key.0),
    ] {
        let theirs = world.call(method, &path.replace("{}", &id.to_string()), &stranger, Value::Null).await;
        let random = Uuid::now_v7().to_string();
        let nowhere = world.call(method, &path.replace("{}", &random), &stranger, Value::Null).await;
        assert_eq!((theirs.status, &theirs.body), (nowhere.status, &nowhere.body), "{method} {path}");
        assert_eq!(theirs.refused(404), "not_found", "{method} {path}");
    }
}

#[tokio::test]
async fn changes_stand_in_the_audit_log_with_who_made_them() {
    let world = World::new().await;
    let owner = world.user("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let key = world.key(owner, &["admin"]).await;
    world.post("/api/api-keys", &key, json!({"name": "made", "permissions": ["read"]})).await.expect(201);
    let entries = aop_store::audit_log::list(&world.store, Some(world.team), None, 10).await.unwrap();
    assert_eq!((entries[0].action.as_str(), entries[0].actor.user_id), ("api_key.create", Some(owner)));
    assert!(entries[0].actor.key_id.is_some());
    assert!(!entries[0].detail.to_string().contains("aop-"));
}
