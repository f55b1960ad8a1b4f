//! Crews and their versions.

use aop_domain::id::CrewId;
use aop_store::crews::{self, Content};
use aop_store::testing::TestStore;
use aop_store::users::Role;
use serde_json::json;
use uuid::Uuid;

use crate::new_id;

fn content(name: &str) -> Content {
    Content { name: name.into(), description: String::new(), config: json!({ "agents": [], "note": name }) }
}

#[tokio::test]
async fn every_state_of_a_crew_is_kept_as_a_version() {
    let store = TestStore::new().await;
    let team = store.add_team("Team").await;
    let user = store.add_user("dev", Role::Developer).await;
    let id: CrewId = new_id();
    let made = crews::create(&store, team, id, Uuid::now_v7(), &content("one"), Some(user)).await.unwrap();
    assert_eq!((made.version, made.status.as_str(), made.created_by), (1, "draft", Some(user)));
    let changed =
        crews::update(&store, team, id, Uuid::now_v7(), &content("two"), Some(user)).await.unwrap().unwrap();
    assert_eq!((changed.version, changed.name.as_str()), (2, "two"));
    let kept: Vec<(i32, String)> =
        sqlx::query_as("SELECT version, name FROM crew_versions WHERE crew_id = $1 ORDER BY version")
            .bind(id.0)
            .fetch_all(store.pool())
            .await
            .unwrap();
    assert_eq!(kept, [(1, "one".to_owned()), (2, "two".to_owned())]);
    assert!(crews::delete(&store, team, id).await.unwrap());
    assert!(!crews::delete(&store, team, id).await.unwrap());
}

#[tokio::test]
async fn another_teams_crew_is_not_there() {
    let store = TestStore::new().await;
    let (ours, theirs) = (store.add_team("Ours").await, store.add_team("Theirs").await);
    let id: CrewId = new_id();
    crews::create(&store, theirs, id, Uuid::now_v7(), &content("secret"), None).await.unwrap();
    assert_eq!(crews::find(&store, ours, id).await.unwrap(), None);
    assert_eq!(crews::list(&store, ours, None, 10).await.unwrap(), []);
    assert_eq!(crews::update(&store, ours, id, Uuid::now_v7(), &content("taken"), None).await.unwrap(), None);
    assert!(!crews::delete(&store, ours, id).await.unwrap());
    assert_eq!(crews::find(&store, theirs, id).await.unwrap().unwrap().name, "secret");
}

#[tokio::test]
async fn crews_are_listed_newest_first_and_page_by_page() {
    let store = TestStore::new().await;
    let team = store.add_team("Team").await;
    for name in ["a", "b", "c"] {
        crews::create(&store, team, new_id(), Uuid::now_v7(), &content(name), None).await.unwrap();
    }
    let first = crews::list(&store, team, None, 2).await.unwrap();
    let second = crews::list(&store, team, Some(first[1].id), 2).await.unwrap();
    let names: Vec<&str> = first.iter().chain(&second).map(|crew| crew.name.as_str()).collect();
    assert_eq!(names, ["c", "b", "a"]);
}
