//! What goes wrong at the model, and what the run makes of it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::gateway::Script;
use crate::world::{World, one_task};

async fn error_of(world: &World, config: &Value) -> (String, Value) {
    let runner = world.start_runner("one");
    let id = world.queue(config, json!({})).await;
    let execution = world.ended(id).await;
    runner.shut_down().await;
    assert_eq!(execution.status, "failed");
    let events = world.events(id).await;
    assert_eq!(events.last().unwrap().event, "execution_completed");
    let error = events.iter().find(|event| event.event == "error").unwrap().data.clone();
    assert_eq!(execution.error_message.as_deref(), error["message"].as_str());
    (error["error_type"].as_str().unwrap().to_owned(), error)
}

#[tokio::test]
async fn a_refusal_that_cannot_get_better_fails_the_run_after_one_call() {
    for (status, error_type) in [
        (402, "budget_exceeded"),
        (403, "model_not_allowed"),
        (404, "model_not_found"),
        (400, "model_request_invalid"),
    ] {
        let world = World::new(move |_, _| Script::Refuse(status, "Not this time.")).await;
        let (kind, error) = error_of(&world, &one_task()).await;
        assert_eq!((kind.as_str(), error["message"].as_str().unwrap()), (error_type, "Not this time."));
        assert_eq!(error["stack_trace"], "task t1\nagent Answerer\nmodel call 1 to m");
        assert_eq!(world.gateway.asked().len(), 1, "{status} is not tried again");
        let crew = world.collector.spans("crew");
        assert_eq!((crew[0].status.as_str(), crew[0].error_message.as_str()), ("failed", "Not this time."));
        assert!(world.collector.spans("agent").iter().all(|span| span.status == "failed"));
        assert_eq!(world.collector.logs(), ["Not this time."]);
    }
}

#[tokio::test]
async fn a_passing_failure_is_tried_again_and_costs_what_the_gateway_said() {
    let world = World::new(|_, number| match number {
        0 => Script::Refuse(503, "Busy."),
        _ => Script::Text("here".into()),
    })
    .await;
    let runner = world.start_runner("one");
    let id = world.queue(&one_task(), json!({})).await;
    let execution = world.ended(id).await;
    runner.shut_down().await;
    assert_eq!(execution.status, "completed");
    assert_eq!(execution.total_cost, Some("0.001".parse().unwrap()), "a refused call costs nothing");
    let story = world.story(id).await;
    assert_eq!(story.iter().filter(|name| *name == "llm_call").count(), 2);
    assert!(story.contains(&"log".to_owned()), "the second try is told");
}

#[tokio::test]
async fn retry_after_is_honoured_and_tries_end() {
    let world = World::new(|_, _| Script::RefuseFor(429, 1)).await;
    let began = tokio::time::Instant::now();
    let (kind, _) = error_of(&world, &one_task()).await;
    assert_eq!(kind, "rate_limited");
    assert_eq!(world.gateway.asked().len(), 3, "one call and two more tries");
    assert!(began.elapsed() >= Duration::from_secs(2));
}

#[tokio::test]
async fn a_cut_answer_is_never_a_finished_one() {
    let world = World::new(|_, _| Script::Cut).await;
    let (kind, error) = error_of(&world, &one_task()).await;
    assert_eq!(kind, "model_answer_cut", "{error}");
    assert_eq!(world.gateway.asked().len(), 3);
}

#[tokio::test]
async fn an_empty_answer_fails_the_run() {
    let world = World::new(|_, _| Script::Text(" ".into())).await;
    assert_eq!(error_of(&world, &one_task()).await.0, "empty_answer");
}

#[tokio::test]
async fn an_agent_that_calls_tools_for_ever_is_made_to_answer() {
    let world = World::new(|asked, number| match asked.body.get("tools") {
        Some(_) => Script::Tools(vec![("c", "calculator", json!({ "expression": format!("1+{number}") }))]),
        None => Script::Text("enough".into()),
    })
    .await;
    let mut crew = one_task();
    crew["agents"][0]["tools"] = json!(["calculator"]);
    crew["agents"][0]["max_iter"] = json!(3);
    let runner = world.start_runner("one");
    let id = world.queue(&crew, json!({})).await;
    let execution = world.ended(id).await;
    runner.shut_down().await;
    assert_eq!(execution.outputs.unwrap()["raw"], "enough");
    assert_eq!(world.gateway.asked().len(), 4, "three turns and the forced answer");
}

#[tokio::test]
async fn the_same_call_with_the_same_result_is_a_loop() {
    let call = || ("c", "calculator", json!({ "expression": "1/0" }));
    let world = World::new(move |_, _| Script::Tools(vec![call()])).await;
    let mut crew = one_task();
    crew["agents"][0]["tools"] = json!(["calculator"]);
    assert_eq!(error_of(&world, &crew).await.0, "tool_loop");
    assert_eq!(world.gateway.asked().len(), 5);
    let tools = world.collector.spans("tool");
    assert_eq!(tools.len(), 5, "each call is a span of its own");
    assert!(
        tools.iter().all(|tool| tool.status == "failed" && tool.error_message == "Error: division by zero")
    );
}

#[tokio::test]
async fn a_run_and_an_agent_end_at_their_time_limits() {
    for limited in ["/max_execution_time", "/agents/0/max_execution_time"] {
        let world = World::new(|_, _| Script::Stall).await;
        let mut crew = one_task();
        let (parent, name) = limited.rsplit_once('/').unwrap();
        crew.pointer_mut(parent).unwrap()[name] = json!(1);
        assert_eq!(error_of(&world, &crew).await.0, "timeout", "{limited}");
        world.until("the model call is cancelled", async || (world.gateway.left() == 1).then_some(())).await;
    }
}
