//! A run that goes well: what the model is asked, what watchers see, what is recorded.

use aop_domain::id::{SpanId, TraceId};
use serde_json::json;

use crate::gateway::Script;
use crate::world::{World, one_task, two_tasks};

/// Plays the demo crew: the researcher calculates once.
fn demo_script(asked: &crate::gateway::Asked, _: usize) -> Script {
    let answered_tool =
        asked.body["messages"].as_array().unwrap().iter().any(|message| message["role"] == "tool");
    match asked.claims.agent.as_str() {
        "Researcher" if !answered_tool => {
            Script::Tools(vec![("call_1", "calculator", json!({ "expression": "1250 * 12" }))])
        }
        "Researcher" => Script::Text("Fifteen thousand a year.".into()),
        _ => Script::Text("A short report.".into()),
    }
}

#[tokio::test]
async fn a_crew_of_two_runs_to_its_end_and_every_step_is_told() {
    let world = World::new(demo_script).await;
    let runner = world.start_runner("one");
    let id = world.queue(&two_tasks(), json!({ "topic": "wind" })).await;
    let execution = world.ended(id).await;
    runner.shut_down().await;

    assert_eq!(execution.status, "completed");
    let outputs = execution.outputs.unwrap();
    assert_eq!(outputs["raw"], "A short report.");
    assert_eq!(
        outputs["tasks"][0],
        json!({ "name": "research", "agent": "Researcher", "raw": "Fifteen thousand a year." })
    );
    assert_eq!((execution.input_tokens, execution.output_tokens), (30, 15));
    assert_eq!(execution.total_cost, Some("0.003".parse().unwrap()), "three calls of 0.001");

    assert_eq!(
        world.story(id).await,
        [
            "execution_started",
            "task_started",
            "agent_started",
            "llm_started",
            "llm_call",
            "tool_call",
            "llm_started",
            "llm_call",
            "agent_completed",
            "task_completed",
            "handover",
            "task_started",
            "agent_started",
            "llm_started",
            "llm_call",
            "agent_completed",
            "task_completed",
            "execution_completed"
        ]
    );
    let events = world.events(id).await;
    let find = |name: &str| events.iter().find(|event| event.event == name).unwrap().data.clone();
    assert_eq!(
        events.iter().map(|event| event.seq).collect::<Vec<_>>(),
        (1..=events.len() as i64).collect::<Vec<_>>()
    );
    assert_eq!(find("tool_call")["outputs"], "15000");
    assert_eq!(find("tool_call")["inputs"], json!({ "expression": "1250 * 12" }));
    assert_eq!(find("token")["text"], "Fifteen thousand a year.");
    assert_eq!(find("llm_call")["cost"], "0.001");
    assert_eq!(find("agent_completed")["tokens"], 30);
    assert_eq!(
        find("handover"),
        json!({ "from_agent": "Researcher", "to_agent": "Writer", "task_name": "report" })
    );
    assert_eq!(find("execution_completed")["total_cost"].as_str().unwrap().trim_end_matches('0'), "0.003");
    assert_eq!(find("task_started")["trace_id"], TraceId(*id.as_bytes()).to_string());
}

#[tokio::test]
async fn the_model_is_asked_as_crewai_asks_and_the_credential_says_who_asks() {
    let world = World::new(demo_script).await;
    let runner = world.start_runner("one");
    let id = world.queue(&two_tasks(), json!({ "topic": "wind" })).await;
    world.ended(id).await;
    runner.shut_down().await;

    let asked = world.gateway.asked();
    assert!(
        asked[0].system().starts_with("You are Researcher. You have spent years"),
        "{}",
        asked[0].system()
    );
    assert!(asked[0].system().ends_with("about wind and check every sum"), "the placeholder is filled");
    assert_eq!(asked[0].body["model"], "sim-crew");
    assert_eq!(asked[0].body["tools"][0]["function"]["name"], "calculator");
    assert_eq!(asked[0].body["stream_options"]["include_usage"], true);
    let messages = asked[1].body["messages"].as_array().unwrap();
    assert_eq!(messages[2]["tool_calls"][0]["function"]["name"], "calculator");
    assert_eq!(
        messages[3],
        json!({ "role": "tool", "tool_call_id": "call_1", "name": "calculator", "content": "15000" })
    );
    assert!(
        asked[2].user().contains("This is the context you're working with:\nFifteen thousand a year."),
        "{}",
        asked[2].user()
    );
    assert!(asked[2].body.get("tools").is_none(), "the writer has none");

    let claims = &asked[2].claims;
    assert_eq!((claims.team_id, claims.user_id, claims.execution_id), (world.team, world.user, id));
    assert_eq!(
        (claims.crew.as_str(), claims.task.as_str(), claims.agent.as_str()),
        ("Test crew", "report", "Writer")
    );
    assert_eq!(claims.parent_agent, "Researcher");
}

#[tokio::test]
async fn spans_of_the_run_form_one_tree_under_the_crew() {
    let world = World::new(demo_script).await;
    let runner = world.start_runner("one");
    let id = world.queue(&two_tasks(), json!({ "topic": "wind" })).await;
    world.ended(id).await;
    runner.shut_down().await;

    let crew = world.collector.spans("crew");
    let tasks = world.collector.spans("task");
    let agents = world.collector.spans("agent");
    let tools = world.collector.spans("tool");
    assert_eq!((crew.len(), tasks.len(), agents.len(), tools.len()), (1, 2, 2, 1));
    assert!(crew[0].parent_span_id.is_empty());
    assert!(tasks.iter().all(|task| task.parent_span_id == crew[0].span_id));
    assert_eq!(
        (&agents[0].parent_span_id, &agents[1].parent_span_id),
        (&tasks[0].span_id, &tasks[1].span_id)
    );
    assert_eq!(tools[0].parent_span_id, agents[0].span_id);
    let claimed = world.gateway.asked()[2].claims.parent_span_id;
    assert_eq!(claimed, SpanId::from_slice(&agents[1].span_id), "the gateway's call hangs under the agent");
    for span in crew.iter().chain(&tasks).chain(&agents).chain(&tools) {
        assert_eq!((span.status.as_str(), span.source.as_str()), ("completed", "runner"), "{}", span.name);
        assert!(span.ended_at_us >= span.started_at_us && span.started_at_us > 0);
        assert_eq!(span.trace_id.as_ref(), id.as_bytes());
        assert_eq!(span.team_id.as_ref(), world.team.as_bytes());
    }
    let identity = agents[1].identity.as_ref().unwrap();
    assert_eq!(identity.agent.as_ref().unwrap().value, "Writer");
    assert_eq!(identity.parent_agent.as_ref().unwrap().value, "Researcher");
    assert_eq!(tools[0].outputs, "\"15000\"");
}

#[tokio::test]
async fn context_is_what_the_task_names_and_nothing_when_it_names_nothing() {
    let world = World::new(|asked, _| Script::Text(format!("answer of {}", asked.claims.task))).await;
    let mut crew = one_task();
    for (name, context) in [("t2", None), ("t3", Some(json!([]))), ("t4", Some(json!(["t1", "t3"])))] {
        let mut task = crew["tasks"][0].clone();
        task["name"] = json!(name);
        if let Some(context) = context {
            task["context"] = context;
        }
        crew["tasks"].as_array_mut().unwrap().push(task);
    }
    let runner = world.start_runner("one");
    let id = world.queue(&crew, json!({})).await;
    assert_eq!(world.ended(id).await.status, "completed");
    runner.shut_down().await;
    let asked = world.gateway.asked();
    assert!(asked[1].user().contains("working with:\nanswer of t1\n\nProvide"), "{}", asked[1].user());
    assert!(!asked[2].user().contains("working with"));
    assert!(asked[3].user().contains("working with:\nanswer of t1\n\n----------\n\nanswer of t3\n\nProvide"));
    assert!(!world.story(id).await.contains(&"handover".to_owned()), "one agent hands over to nobody");
}

#[tokio::test]
async fn streamed_text_comes_in_few_events_and_none_is_lost() {
    let text = "word ".repeat(100);
    let sent = text.clone();
    let world = World::new(move |_, _| Script::Slow(sent.clone(), std::time::Duration::from_millis(5))).await;
    let runner = world.start_runner("one");
    let id = world.queue(&one_task(), json!({})).await;
    assert_eq!(world.ended(id).await.outputs.unwrap()["raw"], text);
    runner.shut_down().await;
    let events = world.events(id).await;
    let pieces: Vec<&str> = events
        .iter()
        .filter(|event| event.event == "token")
        .map(|event| event.data["text"].as_str().unwrap())
        .collect();
    assert_eq!(pieces.concat(), text);
    let duration =
        events.iter().find(|event| event.event == "llm_call").unwrap().data["duration"].as_f64().unwrap();
    assert!(
        pieces.len() > 2 && (pieces.len() as f64) < duration * 10.0 + 2.0,
        "{} events in {duration} s",
        pieces.len()
    );
}

#[tokio::test]
async fn the_simulators_demo_crew_runs() {
    let world = World::new(|_, _| Script::Refuse(404, "unused")).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let app = aop_simulator::app(aop_simulator::Config { shutdown: stop.clone() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = world.config("one");
    config.gateway_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let runner = world.start(config);
    let id = world.queue(&two_tasks(), json!({})).await;
    let execution = world.ended(id).await;
    runner.shut_down().await;
    stop.cancel();
    assert_eq!(execution.status, "completed", "{:?}", execution.error_message);
    let story = world.story(id).await;
    assert!(story.contains(&"tool_call".to_owned()), "the researcher calculates: {story:?}");
    assert!(execution.input_tokens > 0 && execution.output_tokens > 0);
    assert_eq!(execution.total_cost, None, "nobody said what it cost, so it is unknown");
}
