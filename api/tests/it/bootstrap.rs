//! The first start, and the ones after it.

use aop_api::bootstrap::{BootstrapError, FirstStart, SimulatorModel, first_start};
use aop_service::secret::Secret;
use serde_json::{Value, json};

use crate::world::World;

const KEY: &str = "aop-bootstrap-0123456789abcdef";

fn given() -> FirstStart {
    let model = |id: &str, operations| SimulatorModel { id: id.into(), operations };
    FirstStart {
        admin_email: Some("ann@example.com".into()),
        admin_password: Some(Secret::new("correct horse battery".into())),
        bootstrap_key: Some(Secret::new(KEY.into())),
        simulator_models: vec![model("sim-fast", &["chat"]), model("sim-image", &["image"])],
    }
}

#[tokio::test]
async fn a_start_without_a_person_prints_the_first_admin_link_until_it_is_used() {
    let world = World::new().await;
    let start = async || first_start(&world.store, &world.master_key, &FirstStart::default()).await.unwrap();
    let (first, second) = (start().await, start().await);
    assert_eq!(first.team_id, second.team_id);
    let token = first.setup_token.unwrap().expose().clone();
    assert_eq!(&token, second.setup_token.unwrap().expose());
    let body = json!({"email": "ann@example.com", "password": "correct horse battery", "name": "Ann", "setup_token": token});
    let ann = world.post("/api/auth/register", "", body).await.expect(201);
    assert_eq!(ann["user"]["teams"][0]["id"], json!(first.team_id));
    assert!(start().await.setup_token.is_none());
}

#[tokio::test]
async fn a_start_with_everything_given_is_usable_at_once_and_can_be_repeated() {
    let world = World::new().await;
    for _ in 0..2 {
        let started = first_start(&world.store, &world.master_key, &given()).await.unwrap();
        assert!(started.setup_token.is_none());
    }
    let models = world.get("/api/models", KEY).await.expect(200);
    assert_eq!(models["items"].as_array().unwrap().len(), 2);
    assert_eq!(models["items"][0]["targets"][0]["provider_name"], "simulator");
    assert_eq!(world.get("/api/info", KEY).await.expect(200)["example_model"], "sim-fast");
    world.get("/api/users", KEY).await.expect(200);
    let login = json!({"email": "ann@example.com", "password": "correct horse battery"});
    world.post("/api/auth/login", "", login).await.expect(200);
}

#[tokio::test]
async fn what_people_took_away_does_not_come_back_with_the_next_start() {
    let world = World::new().await;
    first_start(&world.store, &world.master_key, &given()).await.unwrap();
    let model =
        world.get("/api/models", KEY).await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.call("DELETE", &format!("/api/models/{model}"), KEY, Value::Null).await.status, 204);
    let key =
        world.get("/api/api-keys", KEY).await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.call("DELETE", &format!("/api/api-keys/{key}"), KEY, Value::Null).await.status, 204);
    let team = first_start(&world.store, &world.master_key, &given()).await.unwrap().team_id;
    assert_eq!(world.get("/api/models", KEY).await.refused(401), "invalid_key");
    let routes = aop_store::routes::list(&world.store, team, None, 10).await.unwrap();
    assert_eq!(routes.len(), 1);
    assert_eq!(aop_store::crews::list(&world.store, team, None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_start_that_cannot_be_says_why() {
    let world = World::new().await;
    for (change, word) in [
        (FirstStart { admin_email: None, ..given() }, "AOP_ADMIN_EMAIL"),
        (FirstStart { bootstrap_key: Some(Secret::new("sk-short".into())), ..given() }, "AOP_BOOTSTRAP_KEY"),
        (FirstStart { admin_password: Some(Secret::new("short".into())), ..given() }, "too short"),
        (FirstStart { admin_email: Some("nobody".into()), ..given() }, "AOP_ADMIN_EMAIL"),
    ] {
        let error = first_start(&world.store, &world.master_key, &change).await.unwrap_err();
        assert!(matches!(error, BootstrapError::Invalid(_)) && error.to_string().contains(word), "{error}");
    }
    assert!(aop_store::users::list(&world.store, None, 10).await.unwrap().is_empty());
}
