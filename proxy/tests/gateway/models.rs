//! The list of models, in OpenAI's shape and in Anthropic's (G11).

use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, World, client};

async fn gateway() -> Gateway {
    let mut world = World::new();
    world.route("smart", "openai", "gpt-4o", &["http://127.0.0.1:9/v1"], |route| {
        route.operations = vec!["chat".into()]
    });
    world.route("mixed", "openai", "gpt-4o", &["http://127.0.0.1:9/v1", "http://127.0.0.1:8/v1"], |_| {});
    world.route("unknown", "openai", "my-own-model", &["http://127.0.0.1:9/v1"], |_| {});
    Gateway::start(world).await
}

async fn anthropic(gateway: &Gateway, path: &str) -> (u16, Value) {
    let request =
        client().get(gateway.url(path)).header("x-api-key", KEY).header("anthropic-version", "2023-06-01");
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_model_says_what_it_can_do_and_what_is_not_known_is_not_told() {
    let gateway = gateway().await;
    let list = gateway.get("/v1/models").await.json();
    let of =
        |id: &str| list["data"].as_array().unwrap().iter().find(|model| model["id"] == id).unwrap().clone();
    let smart = of("smart");
    assert_eq!(
        (&list["object"], &smart["object"], &smart["owned_by"]),
        (&json!("list"), &json!("model"), &json!("provider-0"))
    );
    assert_eq!((&smart["context_length"], &smart["max_output_tokens"]), (&json!(128_000), &json!(16_384)));
    assert_eq!((&smart["operations"], &smart["purpose"]), (&json!(["chat"]), &json!("chat")));
    assert_eq!(
        (&smart["input_modalities"], &smart["output_modalities"]),
        (&json!(["text", "image", "file"]), &json!(["text"]))
    );
    assert_eq!(of("mixed")["context_length"], 128_000);
    assert!(of("unknown").get("context_length").is_none() && of("unknown").get("capabilities").is_none());
    assert_eq!(gateway.get("/v1/models/smart").await.json(), smart);
    assert_eq!(gateway.get("/v1/models/nobody").await.error(), (404, "model_not_found".into()));
}

#[tokio::test]
async fn anthropics_clients_get_pages_in_their_own_shape() {
    let gateway = gateway().await;
    let (status, first) = anthropic(&gateway, "/v1/models?limit=2").await;
    assert_eq!((status, &first["has_more"], &first["last_id"]), (200, &json!(true), &json!("smart")));
    assert_eq!(
        first["data"][1],
        json!({"type": "model", "id": "smart", "display_name": "smart",
        "created_at": "1970-01-01T00:00:00Z", "max_input_tokens": 128_000, "max_tokens": 16_384})
    );
    let (_, second) = anthropic(&gateway, "/v1/models?limit=2&after_id=smart").await;
    assert_eq!((&second["data"][0]["id"], &second["has_more"]), (&json!("unknown"), &json!(false)));
    let (_, one) = anthropic(&gateway, "/v1/models/smart").await;
    assert_eq!((&one["type"], &one["id"]), (&json!("model"), &json!("smart")));
    assert_eq!(anthropic(&gateway, "/v1/models?limit=0").await.0, 400);
}
