//! The simulator as a client sees it: both wires, streams, tools, usage, failures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use aop_simulator::{Config, app, models};
use axum::body::Body;
use axum::http::{Request, Response};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

async fn post(path: &str, body: &Value) -> Response<Body> {
    let request =
        Request::post(path).header("content-type", "application/json").body(Body::from(body.to_string()));
    app(Config { shutdown: CancellationToken::new() }).oneshot(request.unwrap()).await.unwrap()
}

async fn text(response: Response<Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

async fn answer(path: &str, body: &Value) -> Value {
    serde_json::from_str(&text(post(path, body).await).await).unwrap()
}

/// The data of each event, `[DONE]` left out.
async fn events(path: &str, body: &Value) -> Vec<Value> {
    let stream = text(post(path, body).await).await;
    let data = stream.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]");
    data.map(|data| serde_json::from_str(data).unwrap()).collect()
}

fn chat(model: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": "Tell me about wind parks." }] })
}

fn with(mut body: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!("an object") };
    body.as_object_mut().unwrap().extend(more);
    body
}

fn weather_tool() -> Value {
    let parameters = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    json!({ "type": "function", "function": { "name": "weather", "parameters": parameters } })
}

const CHAT: &str = "/v1/chat/completions";
const MESSAGES: &str = "/v1/messages";

#[tokio::test]
async fn the_same_request_gets_the_same_bytes_and_another_request_others() {
    let first = text(post(CHAT, &chat("sim-fast")).await).await;
    assert_eq!(first, text(post(CHAT, &chat("sim-fast")).await).await);
    let other = json!({ "model": "sim-fast", "messages": [{ "role": "user", "content": "Something else" }] });
    assert_ne!(first, text(post(CHAT, &other).await).await);
}

#[tokio::test]
async fn a_stream_says_what_the_whole_answer_says() {
    let whole = answer(CHAT, &chat("sim-fast")).await;
    let asked = json!({ "stream": true, "stream_options": { "include_usage": true } });
    let events = events(CHAT, &with(chat("sim-fast"), asked)).await;
    let streamed: String =
        events.iter().filter_map(|event| event.pointer("/choices/0/delta/content")?.as_str()).collect();
    assert_eq!(whole["choices"][0]["message"]["content"], streamed);
    let last = events.last().unwrap();
    assert_eq!(last["usage"], whole["usage"]);
    assert_eq!(last["choices"], json!([]));
    assert!(events[..events.len() - 1].iter().all(|event| event["usage"].is_null()));
}

#[tokio::test]
async fn usage_is_not_streamed_to_a_client_that_did_not_ask() {
    let events = events(CHAT, &with(chat("sim-fast"), json!({ "stream": true }))).await;
    assert!(events.iter().all(|event| event.get("usage").is_none()));
    assert_eq!(events.last().unwrap()["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn tools_are_called_two_at_a_time_and_their_results_end_the_turn() {
    let asked = with(chat("sim-tools"), json!({ "tools": [weather_tool()] }));
    let first = answer(CHAT, &asked).await;
    let message = &first["choices"][0]["message"];
    let calls = message["tool_calls"].as_array().unwrap();
    assert_eq!(calls.len(), 2);
    assert_ne!(calls[0]["function"]["arguments"], calls[1]["function"]["arguments"]);
    assert_eq!(first["choices"][0]["finish_reason"], "tool_calls");
    let mut next = asked.clone();
    let result = json!({ "role": "tool", "tool_call_id": calls[0]["id"], "content": "12 degrees" });
    next["messages"].as_array_mut().unwrap().extend([message.clone(), result]);
    let last = answer(CHAT, &next).await;
    assert!(last["choices"][0]["message"]["content"].as_str().unwrap().contains("12 degrees"));
    let one = answer(CHAT, &with(asked, json!({ "parallel_tool_calls": false }))).await;
    assert_eq!(one["choices"][0]["message"]["tool_calls"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn streamed_tool_calls_have_the_arguments_of_the_whole_ones() {
    let asked = with(chat("sim-tools"), json!({ "tools": [weather_tool()] }));
    let whole = answer(CHAT, &asked).await;
    let events = events(CHAT, &with(asked, json!({ "stream": true }))).await;
    let parts = events.iter().filter_map(|event| event.pointer("/choices/0/delta/tool_calls/0"));
    let second: String = parts
        .filter(|call| call["index"] == 1)
        .filter_map(|call| call.pointer("/function/arguments")?.as_str())
        .collect();
    assert_eq!(whole["choices"][0]["message"]["tool_calls"][1]["function"]["arguments"], second);
}

#[tokio::test]
async fn every_token_class_is_reported_on_both_wires() {
    let usage = answer(CHAT, &chat("sim-usage")).await["usage"].clone();
    for class in ["cached_tokens", "cache_write_tokens", "audio_tokens", "image_tokens"] {
        assert!(usage["prompt_tokens_details"][class].as_u64().unwrap() > 0, "{class}: {usage}");
    }
    assert!(usage["completion_tokens_details"]["reasoning_tokens"].as_u64().unwrap() > 0);
    let usage =
        answer(MESSAGES, &with(chat("sim-usage"), json!({ "max_tokens": 500 }))).await["usage"].clone();
    assert!(usage["cache_read_input_tokens"].as_u64().unwrap() > 0);
    assert!(usage["cache_creation"]["ephemeral_1h_input_tokens"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn an_anthropic_stream_has_its_named_events_in_order() {
    let body = with(chat("sim-reasoning"), json!({ "max_tokens": 500, "stream": true }));
    let events = events(MESSAGES, &body).await;
    let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds[..3], ["message_start", "content_block_start", "ping"]);
    assert_eq!(kinds[kinds.len() - 3..], ["content_block_stop", "message_delta", "message_stop"]);
    let whole = answer(MESSAGES, &with(chat("sim-reasoning"), json!({ "max_tokens": 500 }))).await;
    let streamed: String = events.iter().filter_map(|event| event.pointer("/delta/text")?.as_str()).collect();
    assert_eq!(whole["content"][1]["text"], streamed);
    assert_eq!(whole["usage"]["output_tokens"], events[events.len() - 2]["usage"]["output_tokens"]);
}

#[tokio::test]
async fn a_failing_status_comes_in_each_wires_envelope() {
    let response = post(CHAT, &chat("sim-fail-429")).await;
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "1"));
    let body: Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(body["error"]["code"], "rate_limit_exceeded");
    let response =
        post(MESSAGES, &with(chat("sim-fast"), json!({ "max_tokens": 9, "sim": { "status": 529 } }))).await;
    assert_eq!(response.status().as_u16(), 529);
    let body: Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(body["error"]["type"], "overloaded_error");
}

#[tokio::test]
async fn bad_requests_are_refused_with_a_sentence() {
    let cases = [
        (json!({ "messages": [] }), 400),
        (json!({ "model": "sim-fast" }), 400),
        (json!({ "model": "no-such-model", "messages": [] }), 404),
        (json!({ "model": "sim-fast", "messages": [{ "role": "king", "content": "x" }] }), 400),
        (with(chat("sim-fast"), json!({ "sim": { "nonsense": 1 } })), 400),
    ];
    for (body, status) in cases {
        let response = post(CHAT, &body).await;
        assert_eq!(response.status().as_u16(), status, "{body}");
        let answer: Value = serde_json::from_str(&text(response).await).unwrap();
        assert!(answer["error"]["message"].as_str().unwrap().len() > 10);
    }
}

#[tokio::test]
async fn embeddings_are_unit_vectors_in_both_encodings() {
    let body = json!({ "model": "sim-embed", "input": ["one", "two"], "dimensions": 8 });
    let numbers = answer("/v1/embeddings", &body).await;
    let vector: Vec<f64> =
        numbers["data"][1]["embedding"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
    assert_eq!(vector.len(), 8);
    assert!((vector.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-5);
    let encoded = answer("/v1/embeddings", &with(body, json!({ "encoding_format": "base64" }))).await;
    assert_eq!(encoded["data"][1]["embedding"].as_str().unwrap().len(), 44);
}

#[tokio::test]
async fn a_structured_answer_has_the_shape_of_its_schema() {
    let schema =
        json!({ "type": "object", "properties": { "score": { "type": "integer" } }, "required": ["score"] });
    let format = json!({ "type": "json_schema", "json_schema": { "name": "s", "schema": schema } });
    let whole = answer(CHAT, &with(chat("sim-fast"), json!({ "response_format": format }))).await;
    let content = whole["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(serde_json::from_str::<Value>(content).unwrap()["score"].is_i64());
}

#[tokio::test]
async fn the_answer_is_cut_at_max_tokens() {
    let body = with(chat("sim-fast"), json!({ "max_tokens": 5, "sim": { "words": 50 } }));
    let whole = answer(CHAT, &body).await;
    assert_eq!(whole["choices"][0]["finish_reason"], "length");
    assert!(whole["usage"]["completion_tokens"].as_u64().unwrap() <= 5);
}

#[tokio::test(start_paused = true)]
async fn a_slow_model_takes_its_time_and_says_the_same_number_of_words() {
    let begun = tokio::time::Instant::now();
    let slow = with(chat("sim-slow"), json!({ "stream": true, "sim": { "words": 10 } }));
    let chunks = events(CHAT, &slow).await.len();
    // A role, ten words, a finish; [DONE] is one more chunk: twelve waits.
    assert_eq!(chunks, 12);
    assert_eq!(begun.elapsed().as_millis(), 300 + 12 * 40);
}

#[tokio::test(start_paused = true)]
async fn a_stalled_answer_ends_when_the_simulator_stops() {
    let shutdown = CancellationToken::new();
    let body = with(chat("sim-fail-stall"), json!({ "stream": true })).to_string();
    let request = Request::post(CHAT).body(Body::from(body)).unwrap();
    let response = app(Config { shutdown: shutdown.clone() }).oneshot(request).await.unwrap();
    let stopper = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_secs(3_600)).await;
        shutdown.cancel();
    });
    let sent = text(response).await;
    assert!(stopper.is_finished(), "the body ended by itself");
    assert_eq!(sent.matches("data: ").count(), 3);
    assert!(!sent.contains("[DONE]"));
}

/// A cut is a broken connection on the wire, not a clean end: no terminating chunk.
#[tokio::test]
async fn a_cut_stream_breaks_the_connection_after_what_was_sent() {
    let shutdown = CancellationToken::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(aop_simulator::serve(listener, shutdown.clone()));
    let body = with(chat("sim-fail-cut"), json!({ "stream": true })).to_string();
    let head = format!("POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    // The end may be a reset.
    let _ = socket.read_to_end(&mut received).await;
    let received = String::from_utf8(received).unwrap();
    assert_eq!(received.matches("data: ").count(), 3, "{received}");
    assert!(!received.ends_with("0\r\n\r\n"), "{received}");
    shutdown.cancel();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn every_listed_model_answers_for_its_wire() {
    for model in models().iter().filter(|model| !model.id.starts_with("sim-fail") && model.id != "sim-slow") {
        let (path, body) = match model.mode {
            aop_simulator::Mode::Chat => (CHAT, chat(model.id)),
            aop_simulator::Mode::Embedding => ("/v1/embeddings", json!({ "model": model.id, "input": "x" })),
            aop_simulator::Mode::Moderation => {
                ("/v1/moderations", json!({ "model": model.id, "input": "x" }))
            }
            aop_simulator::Mode::Rerank => {
                ("/v1/rerank", json!({ "model": model.id, "query": "x", "documents": ["x", "y"] }))
            }
            aop_simulator::Mode::Image => {
                ("/v1/images/generations", json!({ "model": model.id, "prompt": "x" }))
            }
            aop_simulator::Mode::Speech => {
                ("/v1/audio/speech", json!({ "model": model.id, "input": "x", "voice": "alloy" }))
            }
            // It hears forms: proven through the gateway.
            aop_simulator::Mode::Transcription => continue,
        };
        assert_eq!(post(path, &body).await.status().as_u16(), 200, "{}", model.id);
    }
    let listed = app(Config { shutdown: CancellationToken::new() });
    let response = listed.oneshot(Request::get("/v1/models").body(Body::empty()).unwrap()).await.unwrap();
    let listed: Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(listed["data"].as_array().unwrap().len(), models().len());
}

#[tokio::test]
async fn a_response_says_whole_what_it_streams() {
    let body = json!({ "model": "sim-reasoning", "instructions": "Be brief.", "input": "Tell me about wind parks." });
    let whole = answer("/v1/responses", &body).await;
    assert_eq!((&whole["status"], &whole["output"][0]["type"]), (&json!("completed"), &json!("reasoning")));
    let events = events("/v1/responses", &with(body, json!({ "stream": true }))).await;
    let pieces = events.iter().filter(|event| event["type"] == "response.output_text.delta");
    let streamed: String = pieces.filter_map(|event| event["delta"].as_str()).collect();
    assert_eq!(whole["output"][1]["content"][0]["text"], streamed);
    let last = events.last().unwrap();
    assert_eq!((&last["type"], &last["response"]["usage"]), (&json!("response.completed"), &whole["usage"]));
    let numbers: Vec<u64> = events.iter().filter_map(|event| event["sequence_number"].as_u64()).collect();
    assert_eq!(numbers, (0..events.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_response_calls_tools_and_answers_from_their_results() {
    let tool = json!({ "type": "function", "name": "weather", "parameters": { "type": "object" } });
    let body = json!({ "model": "sim-tools", "input": "How is it?", "tools": [tool] });
    let called = answer("/v1/responses", &body).await;
    let calls = called["output"].as_array().unwrap();
    assert!(calls.len() == 2 && calls.iter().all(|item| item["type"] == "function_call"), "{called}");
    let mut input = vec![json!({ "role": "user", "content": "How is it?" })];
    input.extend(calls.iter().cloned());
    let result = |call: &Value| json!({ "type": "function_call_output", "call_id": call["call_id"], "output": "rain" });
    input.extend(calls.iter().map(result));
    let answered = answer("/v1/responses", &with(body, json!({ "input": input }))).await;
    assert!(
        answered["output"][0]["content"][0]["text"].as_str().unwrap().contains("rain; rain"),
        "{answered}"
    );
}

#[tokio::test]
async fn an_answer_goes_on_where_it_was_begun() {
    let text = |answer: &Value| answer["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    let whole = text(&answer(CHAT, &chat("sim-fast")).await);
    let (beginning, rest) = whole.split_at(whole.match_indices(' ').nth(3).unwrap().0);
    let begun = |model: &str| {
        let mut body = chat(model);
        body["messages"].as_array_mut().unwrap().push(json!({"role": "assistant", "content": beginning}));
        body
    };
    assert_eq!(text(&answer(CHAT, &begun("sim-fast")).await), rest);
    // Another model says its own words, and so many less of them.
    let other = text(&answer(CHAT, &chat("sim-slow")).await);
    let goes_on = text(&answer(CHAT, &begun("sim-slow")).await);
    assert!(
        other.ends_with(&goes_on)
            && goes_on.split_whitespace().count() + 4 == other.split_whitespace().count()
    );
}

#[tokio::test]
async fn mistrals_streams_tell_usage_unasked_and_calls_in_one_piece() {
    let body =
        with(chat("sim-tools"), json!({"stream": true, "tools": [weather_tool()], "tool_choice": "any"}));
    let events = events("/mistral/v1/chat/completions", &body).await;
    let last = events.last().unwrap();
    assert!(last["usage"]["completion_tokens"].as_u64().unwrap() > 0, "{last}");
    assert_eq!(last["choices"][0]["finish_reason"], "tool_calls");
    let calls: Vec<&Value> = events.iter().map(|event| &event["choices"][0]["delta"]["tool_calls"]).collect();
    let calls: Vec<&Value> = calls.into_iter().filter(|calls| calls.is_array()).collect();
    assert_eq!(calls.len(), 1);
    let arguments = calls[0][0]["function"]["arguments"].as_str().unwrap();
    assert!(serde_json::from_str::<Value>(arguments).unwrap()["city"].is_string());
}

#[tokio::test]
async fn google_and_cohere_embed() {
    let google = json!({"requests": [{"content": {"parts": [{"text": "one"}]}, "outputDimensionality": 8}]});
    let told = answer("/v1beta/models/sim-embed:batchEmbedContents", &google).await;
    assert_eq!(told["embeddings"][0]["values"].as_array().unwrap().len(), 8);
    assert_eq!(told["usageMetadata"]["promptTokenCount"], 1);
    let cohere = json!({"model": "sim-embed", "texts": ["one", "two"], "input_type": "search_query"});
    let told = answer("/v2/embed", &cohere).await;
    assert_eq!(told["embeddings"]["float"].as_array().unwrap().len(), 2);
    assert_eq!(told["meta"]["billed_units"]["input_tokens"], 2);
}
