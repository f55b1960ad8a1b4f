//! Both shapes of a model, of which much or nothing is known.

use serde_json::{Value, json};

use super::*;

fn listed(facts: Option<ModelFacts>) -> Listed<'static> {
    Listed { id: "smart", owned_by: "openai", operations: &[], facts }
}

fn written(value: &impl Serialize) -> Value {
    serde_json::from_slice(&json(value).unwrap()).unwrap()
}

#[test]
fn openais_shape_says_what_a_model_can_do() {
    let known = listed(model_facts::find("openai", "gpt-4o"));
    let model = written(&openai::Model::of(&known));
    assert_eq!((&model["object"], &model["owned_by"]), (&json!("model"), &json!("openai")));
    assert_eq!((&model["context_length"], &model["max_output_tokens"]), (&json!(128_000), &json!(16_384)));
    assert_eq!(model["input_modalities"], json!(["text", "image", "file"]));
    assert!(model["capabilities"].as_array().unwrap().contains(&json!("tools")));
}

#[test]
fn what_is_not_known_is_not_told() {
    let model = written(&openai::Model::of(&listed(None)));
    assert_eq!(
        model,
        json!({"id": "smart", "object": "model", "created": 0, "owned_by": "openai", "operations": []})
    );
    let model = written(&anthropic::Model::of(&listed(None)));
    assert_eq!((&model["type"], &model["display_name"]), (&json!("model"), &json!("smart")));
    assert!(model.get("max_input_tokens").is_none());
}
