//! The tools a model may call: exact, bounded, and never trusting what the model wrote.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use aop_domain::crew::Tool;
use aop_runner::tools::calculator::{CalculatorError, evaluate};
use aop_runner::tools::http_request::LARGEST_ANSWER_BYTES;
use aop_runner::tools::{Outcome, Toolbox, definitions};
use aop_service::outbound::Policy;
use axum::Router;
use axum::routing::{any, get};
use proptest::prelude::*;
use serde_json::json;

fn toolbox(policy: Policy) -> Toolbox {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Toolbox::new(policy).unwrap()
}

async fn call(tool: Tool, arguments: &serde_json::Value) -> Outcome {
    toolbox(Policy::public().with_private()).run(&Tool::ALL, tool.name(), &arguments.to_string()).await
}

#[test]
fn arithmetic_is_exact_and_follows_the_usual_precedence() {
    for (expression, value) in [
        ("0.1 + 0.2", "0.3"),
        ("(1250 * 0.08) / 12", "8.333333333333333333333333333"),
        ("2 + 3 * 4 - 5", "9"),
        ("-2^2", "-4"),
        ("2 ** 3 ** 2", "512"),
        ("2^-2", "0.25"),
        ("10 % 4 + 7/2", "5.5"),
        ("max(1, 2.50, -3) * min(4, 5)", "10"),
        ("round(2.345, 2) + round(0.5) + abs(-1)", "4.35"),
        ("1_000_000 × 1.5e-3 ÷ 3", "500"),
        (" - - 3 ", "3"),
    ] {
        assert_eq!(evaluate(expression).map(|value| value.to_string()), Ok(value.to_owned()), "{expression}");
    }
}

#[test]
fn what_is_not_arithmetic_is_refused_with_a_reason() {
    assert_eq!(evaluate("1 / 0"), Err(CalculatorError::DivisionByZero));
    assert_eq!(evaluate("1 / (2 - 2)"), Err(CalculatorError::DivisionByZero));
    assert_eq!(evaluate("0^-1"), Err(CalculatorError::DivisionByZero));
    assert_eq!(evaluate("9^999"), Err(CalculatorError::Overflow));
    assert_eq!(evaluate("2^0.5"), Err(CalculatorError::BadExponent));
    assert_eq!(evaluate("2^99999"), Err(CalculatorError::BadExponent));
    assert_eq!(evaluate(&"(".repeat(200)), Err(CalculatorError::TooDeep));
    assert_eq!(evaluate(&"-".repeat(1999)), Err(CalculatorError::TooDeep));
    assert_eq!(evaluate(&"1+".repeat(2000)), Err(CalculatorError::TooLong));
    assert!(matches!(evaluate("__import__('os')"), Err(CalculatorError::Unexpected(_))));
    assert!(matches!(evaluate("exit(1)"), Err(CalculatorError::UnknownFunction(_))));
    assert!(matches!(evaluate("1 2"), Err(CalculatorError::Unexpected(_))));
    assert!(matches!(evaluate(""), Err(CalculatorError::Unexpected(_))));
    assert!(matches!(evaluate("1.2.3"), Err(CalculatorError::BadNumber(_))));
}

/// An expression of whole numbers beside its value, computed by Rust.
fn whole_expression() -> impl Strategy<Value = (String, i128)> {
    let number = (-50i128..50).prop_map(|n| (if n < 0 { format!("({n})") } else { n.to_string() }, n));
    number.prop_recursive(5, 40, 2, |inner| {
        (inner.clone(), inner, 0..4usize).prop_map(|((left, a), (right, b), operation)| match operation {
            0 => (format!("({left} + {right})"), a + b),
            1 => (format!("({left} - {right})"), a - b),
            2 if a.abs().saturating_mul(b.abs()) < 1 << 80 => (format!("{left}*{right}"), a * b),
            _ => (format!("-{left}"), -a),
        })
    })
}

proptest! {
    #[test]
    fn whole_numbers_give_what_integers_give((expression, expected) in whole_expression()) {
        prop_assert_eq!(evaluate(&expression).unwrap().to_string(), expected.to_string(), "{}", expression);
    }

    #[test]
    fn no_text_breaks_the_calculator(text in "[-+*/%^(),.0-9a-z ×é]{0,60}") {
        let _ = evaluate(&text);
    }
}

#[tokio::test]
async fn a_tool_that_was_not_given_or_is_called_wrongly_answers_with_an_error_text() {
    let toolbox = toolbox(Policy::public());
    let refused = toolbox.run(&[Tool::Calculator], "http_request", "{}").await;
    assert_eq!(refused.text, "Error: there is no tool 'http_request'; there are: calculator");
    assert!(refused.failed);
    for arguments in ["", "not json", "{}", r#"{"expression":1}"#, r#"{"expression":"1","shell":"ls"}"#] {
        let outcome = toolbox.run(&[Tool::Calculator], "calculator", arguments).await;
        assert!(
            outcome.failed && outcome.text.starts_with("Error: the arguments do not fit"),
            "{arguments}: {}",
            outcome.text
        );
    }
    let outcome = toolbox.run(&[Tool::Calculator], "calculator", r#"{"expression":"6*7"}"#).await;
    assert_eq!(outcome, Outcome { text: "42".into(), failed: false });
}

#[tokio::test]
async fn http_requests_reach_no_private_address() {
    let toolbox = toolbox(Policy::public());
    for url in
        ["http://127.0.0.1:1/", "http://localhost:1/", "http://169.254.169.254/latest", "file:///etc/passwd"]
    {
        let outcome = toolbox.run(&Tool::ALL, "http_request", &json!({ "url": url }).to_string()).await;
        assert!(outcome.failed, "{url}: {}", outcome.text);
    }
}

#[tokio::test]
async fn an_http_answer_is_given_with_its_status_and_cut_at_its_bound() {
    let app = Router::new()
        .route(
            "/echo",
            any(|request: axum::extract::Request| async move {
                let agent = request.headers().get("x-test").map(|value| value.to_str().unwrap().to_owned());
                let method = request.method().to_string();
                let body = axum::body::to_bytes(request.into_body(), 1000).await.unwrap();
                format!("{method} {} {}", agent.unwrap_or_default(), String::from_utf8_lossy(&body))
            }),
        )
        .route("/large", get(|| async { "x".repeat(2 * LARGEST_ANSWER_BYTES) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    let echo = json!({ "method": "post", "url": format!("{base}/echo"), "headers": { "X-Test": "1" }, "body": "hi" });
    let outcome = call(Tool::HttpRequest, &echo).await;
    assert_eq!(outcome.text, "HTTP 200\ncontent-type: text/plain; charset=utf-8\n\nPOST 1 hi");
    assert!(!outcome.failed);

    let large = call(Tool::HttpRequest, &json!({ "url": format!("{base}/large") })).await;
    assert!(
        large.text.len() < LARGEST_ANSWER_BYTES + 200 && large.text.ends_with("bytes]"),
        "{}",
        large.text.len()
    );

    let missing = call(Tool::HttpRequest, &json!({ "url": format!("{base}/nothing") })).await;
    assert!(
        missing.text.starts_with("HTTP 404") && !missing.failed,
        "an answer is an answer: {}",
        missing.text
    );

    let host = json!({ "url": format!("{base}/echo"), "headers": { "Host": "internal" } });
    assert!(call(Tool::HttpRequest, &host).await.failed);
    let trace = json!({ "url": format!("{base}/echo"), "method": "TRACE" });
    assert!(call(Tool::HttpRequest, &trace).await.failed);
}

#[test]
fn models_are_told_of_tools_on_openais_wire() {
    let told = definitions(&[Tool::Calculator]);
    assert_eq!(told[0]["type"], "function");
    assert_eq!(told[0]["function"]["name"], "calculator");
    assert_eq!(told[0]["function"]["parameters"]["required"], json!(["expression"]));
}
