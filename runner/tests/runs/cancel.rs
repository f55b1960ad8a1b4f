//! Cancelling, and what a cancelled run leaves.

use std::time::{Duration, Instant};

use aop_domain::id::TeamId;
use aop_store::executions::{self, Cancelled};
use serde_json::json;

use crate::gateway::Script;
use crate::world::{World, one_task};

#[tokio::test]
async fn a_running_run_is_cancelled_within_a_second_with_its_model_call() {
    let world = World::new(|_, _| Script::Stall).await;
    let runner = world.start_runner("one");
    let id = world.queue(&one_task(), json!({})).await;
    world.until("the model is asked", async || (!world.gateway.asked().is_empty()).then_some(())).await;

    let asked_at = Instant::now();
    assert_eq!(executions::request_cancel(&world.store, world.team, id).await.unwrap(), Cancelled::Asked);
    let execution = world.ended(id).await;
    world.until("the model call is cancelled", async || (world.gateway.left() == 1).then_some(())).await;
    assert!(asked_at.elapsed() < Duration::from_secs(1), "{:?}", asked_at.elapsed());
    runner.shut_down().await;

    assert_eq!(execution.status, "cancelled");
    assert_eq!(execution.total_cost, None, "the cost of a call that was cut off here is unknown");
    assert_eq!(world.story(id).await.last().unwrap(), "execution_completed");
    assert!(
        world.collector.spans("agent").iter().all(|span| span.status == "cancelled" && span.ended_at_us > 0)
    );
    assert_eq!(
        executions::request_cancel(&world.store, world.team, id).await.unwrap(),
        Cancelled::AlreadyEnded
    );
}

#[tokio::test]
async fn a_waiting_run_is_cancelled_at_once_and_never_runs() {
    let world = World::new(|_, _| Script::Text("no".into())).await;
    let id = world.queue(&one_task(), json!({})).await;
    assert_eq!(executions::request_cancel(&world.store, world.team, id).await.unwrap(), Cancelled::AtOnce);
    assert_eq!(world.story(id).await, ["execution_completed"]);
    let runner = world.start_runner("one");
    let next = world.queue(&one_task(), json!({})).await;
    world.ended(next).await;
    runner.shut_down().await;
    assert_eq!(world.execution(id).await.status, "cancelled");
    assert_eq!(world.gateway.asked().len(), 1);
}

#[tokio::test]
async fn another_teams_run_is_not_there() {
    let world = World::new(|_, _| Script::Text("no".into())).await;
    let id = world.queue(&one_task(), json!({})).await;
    let other: TeamId = world.store.add_team("Other").await;
    assert_eq!(executions::request_cancel(&world.store, other, id).await.unwrap(), Cancelled::NotFound);
    assert!(executions::find(&world.store, other, id).await.unwrap().is_none());
    assert!(
        executions::list(&world.store, other, &executions::Filter::default(), 10).await.unwrap().is_empty()
    );
    assert!(aop_store::execution_events::after(&world.store, other, id, 0, 10).await.unwrap().is_empty());
}
