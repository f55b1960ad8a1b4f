//! Versions of resources: who read an old one does not overwrite a newer one.

use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use axum::http::header;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::world::{Answer, World, request};

async fn change(world: &World, method: &str, path: &str, token: &str, tag: &str, body: &Value) -> Answer {
    let mut request = request(method, path, token, body);
    request.headers_mut().insert(header::IF_MATCH, tag.parse().unwrap());
    world.send(request).await
}

fn tag(answer: &Answer) -> String {
    answer.headers[header::ETAG].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_change_names_the_version_it_read_and_loses_to_a_faster_one() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let path = format!("/api/teams/{}", world.team);
    let read = tag(&world.get(&path, &owner).await);
    assert_eq!(read, tag(&world.get(&path, &owner).await), "reading changes nothing");
    let first = change(&world, "PUT", &path, &owner, &read, &json!({"name": "first"})).await;
    let now = tag(&first);
    first.expect(200);
    assert_ne!(now, read);
    let second = change(&world, "PUT", &path, &owner, &read, &json!({"name": "second"})).await;
    assert_eq!(second.refused(412), "etag_mismatch");
    let after = world.get(&path, &owner).await;
    assert_eq!(tag(&after), now, "an answer to a change names the version that a read does");
    assert_eq!(after.expect(200)["name"], "first");
    // Without a version the last write wins; any version will do for `*`, and one of a list is enough.
    world.call("PUT", &path, &owner, json!({"name": "third"})).await.expect(200);
    let fourth = change(&world, "PUT", &path, &owner, "*", &json!({"name": "fourth"})).await;
    let either = format!("\"other\", {}", tag(&fourth));
    change(&world, "PUT", &path, &owner, &either, &json!({"name": "fifth"})).await.expect(200);
    for never in [format!("W/{either}"), "\"\"".to_owned(), "nonsense".to_owned()] {
        let answer = change(&world, "PUT", &path, &owner, &never, &json!({"name": "x"})).await;
        assert_eq!(answer.refused(412), "etag_mismatch", "{never}");
    }
}

#[tokio::test]
async fn of_many_changes_of_one_version_at_once_one_is_made() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let path = format!("/api/teams/{}", world.team);
    let read = tag(&world.get(&path, &owner).await);
    let bodies: Vec<Value> = (0..12).map(|n| json!({"name": format!("name {n}")})).collect();
    let answers = join_all(bodies.iter().map(|body| change(&world, "PUT", &path, &owner, &read, body))).await;
    let made: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
    let [made] = made.as_slice() else { panic!("{} were made", made.len()) };
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.status == 412));
    assert_eq!(world.get(&path, &owner).await.expect(200)["name"], made.body["name"]);
}

#[tokio::test]
async fn every_resource_that_can_be_changed_can_be_read_with_its_version() {
    let world = World::new().await;
    let admin = world.user("admin", Role::Admin, Some(MemberRole::Owner)).await;
    let token = world.sign_in(admin).await;
    let made = async |path: &str, body: Value| {
        let answer = world.post(path, &token, body).await.expect(201);
        answer["id"].as_str().or(answer["api_key"]["id"].as_str()).unwrap().to_owned()
    };
    let provider = json!({"name": "p", "kind": "openai", "base_url": "https://llm.example/v1"});
    let provider_id = made("/api/providers", provider).await;
    let model = |name: &str| json!({"model": name, "targets": [{"provider_id": provider_id}]});
    let crew = |name: &str| json!({"name": name, "config": aop_domain::crew::demo().config});
    let budget = |amount: &str| json!({"name": "b", "scope": "team", "kind": "spend", "window": "day", "amount": amount});
    let rows = [
        ("PATCH", "/api/auth/me".to_owned(), json!({"name": "new"})),
        ("PATCH", format!("/api/users/{admin}"), json!({"role": "admin"})),
        ("PUT", format!("/api/teams/{}", world.team), json!({"name": "new"})),
        (
            "PUT",
            format!("/api/providers/{provider_id}"),
            json!({"name": "new", "base_url": "https://llm.example/v1", "price_provider": "openai"}),
        ),
        ("PUT", format!("/api/models/{}", made("/api/models", model("m")).await), model("new")),
        ("PUT", format!("/api/crews/{}", made("/api/crews", crew("c")).await), crew("new")),
        (
            "PATCH",
            format!(
                "/api/api-keys/{}",
                made("/api/api-keys", json!({"name": "k", "permissions": ["read"]})).await
            ),
            json!({"name": "new"}),
        ),
        ("PUT", format!("/api/budgets/{}", made("/api/budgets", budget("1")).await), budget("2")),
    ];
    for (method, path, body) in rows {
        let read = world.get(&path, &token).await;
        assert_eq!(read.status, 200, "{path}");
        let stale = change(&world, method, &path, &token, "\"stale\"", &body).await;
        assert_eq!(stale.refused(412), "etag_mismatch", "{path}");
        let changed = change(&world, method, &path, &token, &tag(&read), &body).await;
        assert_eq!(changed.status, 200, "{path}: {}", changed.body);
        assert_eq!(tag(&changed), tag(&world.get(&path, &token).await), "{path}");
    }
}

#[tokio::test]
async fn a_version_does_not_tell_what_a_caller_may_not_see() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let viewer = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let stranger = world.signed_in("stranger", Role::Developer, None).await;
    let path = format!("/api/teams/{}", world.team);
    let read = tag(&world.get(&path, &owner).await);
    let body = json!({"name": "x"});
    for tag in [read.as_str(), "\"stale\""] {
        assert_eq!(change(&world, "PUT", &path, "", tag, &body).await.refused(401), "not_signed_in");
        assert_eq!(change(&world, "PUT", &path, &stranger, tag, &body).await.refused(404), "not_found");
    }
    assert_eq!(change(&world, "PUT", &path, &viewer, &read, &body).await.refused(403), "not_allowed");
}
