//! Calls in the clients' dialects to providers of other wires: Gemini, Vertex AI, Bedrock, Cohere.

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::harness::{Gateway, KEY, World, client};

/// Each kind, and what comes after the address of a server of its wire.
const KINDS: &[(&str, &str)] =
    &[("gemini", "/v1beta"), ("vertex", "/v1/projects/p/locations/l"), ("bedrock", ""), ("cohere", "/v2")];
const MODELS: &[&str] = &["sim-fast", "sim-tools", "sim-reasoning", "sim-fail-429"];

/// A gateway with every model behind every kind, as `kind/model`, and beside them as OpenAI has it.
async fn gateway() -> Gateway {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(aop_simulator::serve(listener, CancellationToken::new()));
    let mut world = World::new();
    for model in MODELS {
        world.simulated(model);
        for (kind, path) in KINDS {
            let base = format!("http://{address}{path}");
            world.route(&format!("{kind}/{model}"), kind, model, &[&base], |route| route.max_attempts = 1);
        }
    }
    Gateway::start(world).await
}

async fn post(gateway: &Gateway, path: &str, body: &Value) -> (u16, String) {
    let answer = client().post(gateway.url(path)).bearer_auth(KEY).json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn whole(gateway: &Gateway, path: &str, body: &Value) -> Value {
    let (status, text) = post(gateway, path, body).await;
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// The data of each event, `[DONE]` left out.
async fn events(gateway: &Gateway, path: &str, body: &Value) -> Vec<Value> {
    let mut body = body.clone();
    body["stream"] = true.into();
    let (status, text) = post(gateway, path, &body).await;
    assert_eq!(status, 200, "{text}");
    let data = text.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]");
    data.map(|data| serde_json::from_str(data).unwrap()).collect()
}

fn chat(model: &str) -> Value {
    json!({"model": model, "max_tokens": 400, "messages": [
        {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Tell me about wind parks."}]})
}

const CHAT: &str = "/v1/chat/completions";

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_client_gets_the_same_answer_over_every_wire() {
    let gateway = gateway().await;
    let plain = whole(&gateway, CHAT, &chat("sim-fast")).await;
    for (kind, _) in KINDS {
        let model = format!("{kind}/sim-fast");
        let answer = whole(&gateway, CHAT, &chat(&model)).await;
        assert_eq!(
            answer["choices"][0]["message"]["content"], plain["choices"][0]["message"]["content"],
            "{kind}"
        );
        assert_eq!(answer["choices"][0]["finish_reason"], "stop", "{kind}");
        assert_eq!(answer["usage"]["completion_tokens"], plain["usage"]["completion_tokens"], "{kind}");
        assert!(answer["usage"]["prompt_tokens"].as_u64() > Some(0), "{kind}");
        assert!(answer["model"].as_str().is_some_and(|name| name.contains("sim-fast")), "{kind}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_over_every_wire_says_what_the_whole_answer_says() {
    let gateway = gateway().await;
    for (kind, _) in KINDS {
        let mut body = chat(&format!("{kind}/sim-fast"));
        let whole = whole(&gateway, CHAT, &body).await;
        body["stream_options"] = json!({"include_usage": true});
        let events = events(&gateway, CHAT, &body).await;
        let text: String =
            events.iter().filter_map(|event| event.pointer("/choices/0/delta/content")?.as_str()).collect();
        assert_eq!(whole["choices"][0]["message"]["content"], text, "{kind}");
        assert!(events.iter().any(|event| event["choices"][0]["finish_reason"] == "stop"), "{kind}");
        assert_eq!(events.last().unwrap()["usage"], whole["usage"], "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_are_called_and_their_results_understood_over_every_wire() {
    let gateway = gateway().await;
    for (kind, _) in KINDS {
        let mut body = chat(&format!("{kind}/sim-tools"));
        body["tools"] = json!([{"type": "function", "function": {"name": "weather", "description": "Weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}]);
        let answer = whole(&gateway, CHAT, &body).await;
        let message = answer["choices"][0]["message"].clone();
        assert_eq!(answer["choices"][0]["finish_reason"], "tool_calls", "{kind}: {answer}");
        let calls = message["tool_calls"].as_array().unwrap().clone();
        assert_eq!(calls.len(), 2, "{kind}: two at a time");
        let streamed = events(&gateway, CHAT, &body).await;
        let arguments: String = streamed
            .iter()
            .filter_map(|event| event.pointer("/choices/0/delta/tool_calls/0"))
            .filter(|call| call["index"] == 0)
            .filter_map(|call| call.pointer("/function/arguments")?.as_str())
            .collect();
        assert_eq!(json!(arguments), calls[0]["function"]["arguments"], "{kind}");
        let messages = body["messages"].as_array_mut().unwrap();
        messages.push(message);
        messages.extend(
            calls
                .iter()
                .map(|call| json!({"role": "tool", "tool_call_id": call["id"], "content": "18 degrees"})),
        );
        let last = whole(&gateway, CHAT, &body).await;
        assert_eq!(last["choices"][0]["finish_reason"], "stop", "{kind}");
        assert!(
            last["choices"][0]["message"]["content"].as_str().unwrap().contains("18 degrees"),
            "{kind}: {last}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_messages_client_sees_thinking_and_text_over_every_wire() {
    let gateway = gateway().await;
    for (kind, _) in KINDS {
        let body = json!({"model": format!("{kind}/sim-reasoning"), "max_tokens": 400,
            "messages": [{"role": "user", "content": "Tell me about wind parks."}]});
        let answer = whole(&gateway, "/v1/messages", &body).await;
        let types: Vec<&str> =
            answer["content"].as_array().unwrap().iter().filter_map(|block| block["type"].as_str()).collect();
        assert_eq!(types, ["thinking", "text"], "{kind}: {answer}");
        assert_eq!(answer["stop_reason"], "end_turn", "{kind}");
        let events = events(&gateway, "/v1/messages", &body).await;
        let text: String = events.iter().filter_map(|event| event.pointer("/delta/text")?.as_str()).collect();
        assert_eq!(answer["content"][1]["text"], text, "{kind}");
        assert_eq!(events.last().unwrap()["type"], "message_stop", "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_every_wire_reaches_the_client_in_its_own_words() {
    let gateway = gateway().await;
    for (kind, _) in KINDS {
        let (status, text) = post(&gateway, CHAT, &chat(&format!("{kind}/sim-fail-429"))).await;
        assert_eq!(status, 429, "{kind}: {text}");
        let error: Value = serde_json::from_str(&text).unwrap();
        assert!(error["error"]["message"].as_str().unwrap().contains("429"), "{kind}: {text}");
        assert_eq!(error["error"]["type"], "rate_limit_error", "{kind}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_wire_cannot_say_is_a_400_that_names_the_field() {
    let gateway = gateway().await;
    for (kind, _) in KINDS {
        let mut body = chat(&format!("{kind}/sim-fast"));
        body["logit_bias"] = json!({"50256": -100});
        let (status, text) = post(&gateway, CHAT, &body).await;
        assert_eq!(status, 400, "{kind}: {text}");
        let error: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(error["error"]["param"], "logit_bias", "{kind}: {text}");
    }
}
