//! Runners that share a queue, stop, or die: every run is done, no finished task twice, and who lost a run cannot write.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;

use aop_domain::id::{SpanId, TraceId};
use aop_domain::record::SpanRecord;
use aop_domain::run_event::RunEvent;
use aop_store::execution_open_spans;
use aop_store::execution_tasks::{self, FinishedTask};
use aop_store::executions::claim;
use prost::Message;
use serde_json::json;

use crate::gateway::Script;
use crate::world::{World, one_task, two_tasks};

#[tokio::test]
async fn many_runners_never_run_the_same_execution_twice() {
    let world = World::new(|_, _| Script::Text("done".into())).await;
    let mut ids = Vec::new();
    for _ in 0..40 {
        ids.push(world.queue(&one_task(), json!({})).await);
    }
    // A machine that stands still for seconds makes a heartbeat old, and then another runner rightly takes over.
    let runners: Vec<_> = (0..4)
        .map(|number| {
            let mut config = world.config(&format!("runner-{number}"));
            config.stale_after = Duration::from_secs(3600);
            world.start(config)
        })
        .collect();
    for &id in &ids {
        assert_eq!(world.ended(id).await.status, "completed");
        let started = world.story(id).await.into_iter().filter(|name| name == "execution_started").count();
        assert_eq!(started, 1);
    }
    for runner in runners {
        runner.shut_down().await;
    }
    let mut calls = HashMap::new();
    for asked in world.gateway.asked() {
        *calls.entry(asked.claims.execution_id).or_insert(0) += 1;
    }
    assert!(ids.iter().all(|id| calls[id] == 1), "each run asked its model once");
}

fn child(world: &World, node: &str) -> Child {
    let mut example: PathBuf = std::env::current_exe().unwrap();
    example.pop();
    example.pop();
    example.push("examples/runner_process");
    let settings = json!({
        "database_url": world.store.url(),
        "gateway_url": world.gateway.url,
        "collector_url": world.collector.url,
        "master_key": world.master_key.to_hex().expose(),
        "spool_dir": world.dir.path().join(node),
        "stale_after_ms": 1000,
    });
    Command::new(example).arg(settings.to_string()).spawn().expect("the example is built beside the tests")
}

#[tokio::test]
async fn a_run_whose_runner_was_killed_goes_on_at_its_first_unfinished_task() {
    // The writer's first call hangs: there the runner is killed.
    let world = World::new(|asked, number| match (asked.claims.agent.as_str(), number) {
        ("Researcher", _) => Script::Text("facts".into()),
        (_, 1) => Script::Stall,
        _ => Script::Text("report".into()),
    })
    .await;
    let mut first = child(&world, "first");
    let id = world.queue(&two_tasks(), json!({})).await;
    world.until("the writer is asked", async || (world.gateway.asked().len() == 2).then_some(())).await;
    first.kill().unwrap();
    first.wait().unwrap();

    // The same spool: the spans of the killed runner are in it.
    let mut second = child(&world, "first");
    let execution = world.ended(id).await;
    world
        .until("the spans arrive", async || {
            world.collector.spans("crew").iter().any(|crew| crew.ended_at_us > 0).then_some(())
        })
        .await;
    second.kill().unwrap();
    second.wait().unwrap();

    assert_eq!(execution.status, "completed");
    let agents: Vec<String> = world.gateway.asked().into_iter().map(|asked| asked.claims.agent).collect();
    assert_eq!(agents, ["Researcher", "Writer", "Writer"], "the finished task was not done again");
    assert!(world.gateway.asked()[2].user().contains("working with:\nfacts"), "its output was kept");
    assert_eq!(execution.outputs.unwrap()["tasks"][0]["raw"], "facts");
    assert_eq!(execution.total_cost, None, "what the killed call cost is not known here");
    let story = world.story(id).await;
    assert_eq!(story.iter().filter(|name| *name == "execution_started").count(), 1);
    assert_eq!(story.iter().filter(|name| *name == "task_completed").count(), 2);
    let (tasks, agents) = (world.collector.spans("task"), world.collector.spans("agent"));
    assert_eq!((tasks.len(), agents.len()), (2, 2), "the task that was begun twice is one span");
    assert!(tasks.iter().chain(&agents).all(|span| span.status == "completed"));
}

#[tokio::test]
async fn a_tool_that_ran_when_its_runner_was_killed_has_failed_and_says_why() {
    let world = World::new(|_, _| Script::Text("done".into())).await;
    let id = world.queue(&one_task(), json!({})).await;
    let killed = claim::next(&world.store, "killed", Duration::from_secs(60)).await.unwrap().unwrap();
    let tool = SpanRecord {
        team_id: world.team.as_bytes().to_vec().into(),
        trace_id: killed.trace_id.0.to_vec().into(),
        span_id: vec![7; 8].into(),
        span_type: "tool".into(),
        name: "calculator".into(),
        status: "running".into(),
        started_at_us: 5,
        source: "runner".into(),
        ..SpanRecord::default()
    };
    let (span, record) = (SpanId([7; 8]), tool.encode_to_vec());
    execution_open_spans::begin(&world.store, id, killed.attempt, span, &record).await.unwrap();
    let stale = execution_open_spans::begin(&world.store, id, killed.attempt + 1, span, &record).await;
    assert!(matches!(stale, Err(aop_store::Error::LostClaim)), "only the claim's holder writes");
    claim::hand_back(&world.store, id, killed.attempt).await.unwrap();

    let runner = world.start_runner("next");
    assert_eq!(world.ended(id).await.status, "completed");
    let ended = world
        .until("the tool's span ends", async || {
            world.collector.spans("tool").into_iter().find(|span| span.ended_at_us > 0)
        })
        .await;
    runner.shut_down().await;
    assert_eq!(
        (ended.status.as_str(), ended.started_at_us, ended.name.as_str()),
        ("failed", 5, "calculator")
    );
    assert!(ended.error_message.contains("what became of it is not known"), "{}", ended.error_message);
    assert!(execution_open_spans::list(&world.store, id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_runner_that_shuts_down_hands_its_runs_over_at_once() {
    let world = World::new(|asked, number| match (asked.claims.agent.as_str(), number) {
        ("Researcher", _) => Script::Text("facts".into()),
        (_, 1) => Script::Stall,
        _ => Script::Text("report".into()),
    })
    .await;
    let mut config = world.config("one");
    config.stale_after = Duration::from_secs(3600);
    let runner = world.start(config);
    let id = world.queue(&two_tasks(), json!({})).await;
    world.until("the writer is asked", async || (world.gateway.asked().len() == 2).then_some(())).await;
    runner.shut_down().await;
    assert_eq!(world.execution(id).await.status, "pending", "nobody has to wait for a heartbeat to grow old");

    let runner = world.start_runner("two");
    let execution = world.ended(id).await;
    runner.shut_down().await;
    assert_eq!(execution.outputs.unwrap()["raw"], "report");
    assert_eq!(world.gateway.asked().len(), 3);
}

#[tokio::test]
async fn a_runner_that_lost_its_claim_can_write_nothing() {
    let world = World::new(|_, _| Script::Text("unused".into())).await;
    let id = world.queue(&one_task(), json!({})).await;
    let stale = claim::next(&world.store, "slow", Duration::from_secs(60)).await.unwrap().unwrap();
    assert_eq!((stale.id, stale.attempt), (id, 1));
    assert!(
        claim::next(&world.store, "other", Duration::from_secs(60)).await.unwrap().is_none(),
        "it has a fresh heartbeat"
    );
    tokio::time::sleep(Duration::from_millis(20)).await;
    let now = claim::next(&world.store, "other", Duration::from_millis(10)).await.unwrap().unwrap();
    assert_eq!((now.id, now.attempt, now.started_at), (id, 2, stale.started_at));

    let handover =
        [RunEvent::Handover { from_agent: "a".into(), to_agent: "b".into(), task_name: "t".into() }];
    let lost = |error: aop_store::Error| matches!(error, aop_store::Error::LostClaim);
    assert!(lost(claim::append_events(&world.store, id, 1, &handover).await.unwrap_err()));
    let ending = claim::Ending {
        status: "completed",
        outputs: None,
        error_message: None,
        input_tokens: 0,
        output_tokens: 0,
        total_cost: None,
    };
    assert!(lost(claim::finish(&world.store, id, 1, &ending, &[]).await.unwrap_err()));
    let task = FinishedTask {
        index: 0,
        name: "t1".into(),
        agent: "a".into(),
        raw: "late".into(),
        started_at: stale.started_at,
        completed_at: stale.started_at,
    };
    assert!(lost(execution_tasks::finish(&world.store, id, 1, &task, &[]).await.unwrap_err()));
    claim::hand_back(&world.store, id, 1).await.unwrap();
    assert_eq!(world.execution(id).await.status, "running", "the late one cannot give it away either");
    assert!(execution_tasks::list(&world.store, id).await.unwrap().is_empty());
    assert!(world.events(id).await.is_empty());
    assert_eq!(claim::heartbeat(&world.store, "slow").await.unwrap(), []);
    assert_eq!(claim::heartbeat(&world.store, "other").await.unwrap().len(), 1);
    claim::append_events(&world.store, id, 2, &handover).await.unwrap();
    assert_eq!(world.execution(id).await.trace_id, TraceId(*id.as_bytes()));
}

#[tokio::test]
async fn a_run_that_takes_its_runner_down_each_time_is_given_up() {
    let world = World::new(|_, _| Script::Text("unused".into())).await;
    let id = world.queue(&one_task(), json!({})).await;
    for _ in 0..20 {
        let claim = claim::next(&world.store, "doomed", Duration::from_secs(60)).await.unwrap().unwrap();
        claim::hand_back(&world.store, id, claim.attempt).await.unwrap();
    }
    let runner = world.start_runner("one");
    let execution = world.ended(id).await;
    runner.shut_down().await;
    assert_eq!(execution.status, "failed");
    assert!(execution.error_message.unwrap().contains("interrupted 20 times"));
    assert!(world.gateway.asked().is_empty());
}
