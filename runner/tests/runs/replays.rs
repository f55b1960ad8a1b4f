//! Replays from the queue to their end.

use std::collections::BTreeMap;

use aop_domain::id::{CallId, KeyId, ReplayId, TraceId};
use aop_domain::replay::{Dialect, OtherArguments, Piece, Plan, PlannedCall};
use aop_store::executions::Cancelled;
use aop_store::replays::{self, NewReplay, Replay, ReplayCall, claim};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::gateway::Script;
use crate::world::World;

fn said(role: &str, content: &str) -> Value {
    json!({ "role": role, "content": content })
}

fn asks(id: &str, q: &str) -> Value {
    json!({ "role": "assistant", "tool_calls": [{ "id": id, "type": "function",
        "function": { "name": "search", "arguments": json!({ "q": q }).to_string() } }] })
}

/// A talk in which each message but the last of an assistant was a call's answer.
fn talk(conversation: u64, messages: &[Value]) -> Plan {
    let mut plan = Plan {
        model: "new".into(),
        temperature: None,
        other_arguments: OtherArguments::Stop,
        max_cost: None,
        pieces: BTreeMap::new(),
        calls: Vec::new(),
    };
    for (at, message) in messages.iter().enumerate() {
        let piece = Piece { role: message["role"].as_str().unwrap().to_owned(), content: message.clone() };
        plan.pieces.insert(format!("{conversation}-{at}"), piece);
        if message["role"] == "assistant" {
            plan.calls.push(PlannedCall {
                call_id: Uuid::now_v7(),
                dialect: Dialect::ChatCompletions,
                conversation,
                params: Map::from_iter([("seed".to_owned(), json!(1))]),
                tools: None,
                input: (0..at).map(|at| format!("{conversation}-{at}")).collect(),
                output: vec![format!("{conversation}-{at}")],
                stated: vec![("x-aop-agent".to_owned(), "작가".to_owned())],
            });
        }
    }
    plan
}

/// A question, a search, an answer, a thank-you, and a last word.
fn searching() -> Plan {
    let result = json!({ "role": "tool", "tool_call_id": "call_1", "content": "Seoul" });
    talk(
        7,
        &[
            said("user", "What is the capital?"),
            asks("call_1", "capital"),
            result,
            said("assistant", "Seoul."),
            said("user", "Thanks."),
            said("assistant", "Any time."),
        ],
    )
}

async fn queue(world: &World, plan: &Plan, key: Option<KeyId>) -> ReplayId {
    let id = ReplayId(Uuid::now_v7());
    let new = NewReplay {
        id,
        source_trace: TraceId([4; 16]),
        source_call: CallId(plan.calls[0].call_id),
        trace: TraceId(*id.as_bytes()),
        scope: "conversation",
        model: plan.model.clone(),
        edits: vec![],
        max_cost: plan.max_cost,
        plan: serde_json::to_vec(plan).unwrap(),
        calls: plan.calls.iter().map(|call| CallId(call.call_id)).collect(),
        created_by: world.user,
        key,
    };
    assert!(replays::create(&world.store, world.team, &new).await.unwrap());
    id
}

async fn ended(world: &World, id: ReplayId) -> (Replay, Vec<ReplayCall>) {
    let replay = world
        .until("the replay ends", async || {
            let replay = replays::find(&world.store, world.team, id).await.unwrap().unwrap();
            replay.ended_at.is_some().then_some(replay)
        })
        .await;
    (replay, replays::calls(&world.store, id).await.unwrap())
}

fn told(calls: &[ReplayCall]) -> Vec<(&str, &str)> {
    calls.iter().map(|call| (call.status.as_str(), call.reason.as_deref().unwrap_or_default())).collect()
}

#[tokio::test]
async fn new_answers_take_the_place_of_the_recorded_ones_and_tools_keep_their_results() {
    let answers = [
        Script::Whole(asks("call_9", "capital")),
        Script::Whole(said("assistant", "It is Seoul.")),
        Script::Whole(said("assistant", "Gladly.")),
    ];
    let world = World::new(move |_, number| answers[number].clone()).await;
    let runner = world.start_runner("one");
    let id = queue(&world, &searching(), None).await;
    let (replay, calls) = ended(&world, id).await;
    runner.shut_down().await;

    assert_eq!((replay.status.as_str(), replay.answered, replay.reason), ("completed", 3, None));
    assert_eq!(replay.cost, Decimal::new(3, 3));
    assert!(calls.iter().all(|call| call.call.is_some() && call.status == "answered"), "{calls:?}");
    let asked = world.gateway.asked();
    assert_eq!((&asked[0].body["model"], &asked[0].body["seed"]), (&json!("new"), &json!(1)));
    assert_eq!(asked[0].headers["x-aop-agent"], "%EC%9E%91%EA%B0%80");
    assert_eq!(asked[0].headers["cache-control"], "no-store");
    assert_eq!((asked[0].claims.trace_id, asked[0].claims.team_id), (replay.trace, world.team));
    assert_eq!(asked[2].body["messages"][3], said("assistant", "It is Seoul."));
    // The recorded result answers the recorded id.
    assert_eq!(asked[1].body["messages"][1]["tool_calls"][0]["id"], "call_1");
    let kept: Option<Vec<u8>> = sqlx_plan(&world, id).await;
    assert_eq!(kept, None, "what was sent is forgotten with the end");
}

async fn sqlx_plan(world: &World, id: ReplayId) -> Option<Vec<u8>> {
    sqlx::query_scalar("SELECT plan FROM replays WHERE id = $1")
        .bind(id.0)
        .fetch_one(world.store.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_talk_ends_where_the_new_answer_asks_for_no_tool_and_another_goes_on() {
    let world = World::new(|asked, _| {
        let is_search = asked.body["messages"][0]["content"] == "What is the capital?";
        Script::Whole(said("assistant", if is_search { "Seoul, I think." } else { "Fine." }))
    })
    .await;
    let mut plan = searching();
    let other = talk(
        8,
        &[
            said("user", "How are you?"),
            said("assistant", "Well."),
            said("user", "Good."),
            said("assistant", "Yes."),
        ],
    );
    plan.pieces.extend(other.pieces);
    plan.calls.extend(other.calls);
    let runner = world.start_runner("one");
    let id = queue(&world, &plan, None).await;
    let (replay, calls) = ended(&world, id).await;
    runner.shut_down().await;

    let expected = [
        ("answered", "other_tools"),
        ("not_sent", "not_followed"),
        ("not_sent", "not_followed"),
        ("answered", ""),
        ("answered", ""),
    ];
    assert_eq!(told(&calls), expected);
    assert_eq!((replay.status.as_str(), replay.reason.as_deref()), ("stopped", Some("other_tools")));
    assert_eq!(replay.message.unwrap(), "The new answer asks for no tool, the recorded one for search.");
    assert_eq!(world.gateway.asked().len(), 3);
}

#[tokio::test]
async fn other_arguments_end_a_talk_unless_the_recorded_result_may_stand() {
    for (rule, sent, note) in [(OtherArguments::Stop, 1, false), (OtherArguments::UseRecorded, 3, true)] {
        let answers = [
            Script::Whole(asks("x", "the capital of Korea")),
            Script::Whole(said("assistant", "Seoul!")),
            Script::Whole(said("assistant", "Bye.")),
        ];
        let world = World::new(move |_, number| answers[number].clone()).await;
        let runner = world.start_runner("one");
        let id = queue(&world, &Plan { other_arguments: rule, ..searching() }, None).await;
        let (_, calls) = ended(&world, id).await;
        runner.shut_down().await;
        assert_eq!(calls.iter().filter(|call| call.status == "answered").count(), sent);
        assert_eq!(calls[0].notes.contains(&"other_arguments".to_owned()), note);
        assert_eq!(calls[0].reason.as_deref() == Some("other_arguments"), !note);
    }
}

#[tokio::test]
async fn a_refusal_that_holds_for_every_call_ends_the_replay_and_is_told() {
    let world = World::new(|_, _| Script::Refuse(402, "The budget is used up.")).await;
    let runner = world.start_runner("one");
    let id = queue(&world, &searching(), None).await;
    let (replay, calls) = ended(&world, id).await;
    runner.shut_down().await;
    assert_eq!((replay.status.as_str(), replay.reason.as_deref()), ("failed", Some("budget_exceeded")));
    assert_eq!(
        told(&calls),
        [("failed", "budget_exceeded"), ("not_sent", "budget_exceeded"), ("not_sent", "budget_exceeded")]
    );
    assert_eq!(calls[0].message.as_deref(), Some("The budget is used up."));
    assert_eq!(world.gateway.asked().len(), 1);
}

#[tokio::test]
async fn no_call_is_sent_once_the_most_it_may_cost_is_spent() {
    let world = World::new(|_, number| {
        Script::Whole(if number == 0 { asks("x", "capital") } else { said("assistant", "Seoul.") })
    })
    .await;
    let runner = world.start_runner("one");
    let id = queue(&world, &Plan { max_cost: Some(Decimal::new(2, 3)), ..searching() }, None).await;
    let (replay, calls) = ended(&world, id).await;
    runner.shut_down().await;
    assert_eq!((replay.status.as_str(), replay.reason.as_deref()), ("stopped", Some("cost_reached")));
    assert_eq!(told(&calls), [("answered", ""), ("answered", ""), ("not_sent", "cost_reached")]);
}

#[tokio::test]
async fn a_cancelled_replay_cuts_its_call_and_sends_no_other() {
    let world = World::new(|_, _| Script::Stall).await;
    let runner = world.start_runner("one");
    let id = queue(&world, &searching(), None).await;
    world.until("the model is asked", async || (!world.gateway.asked().is_empty()).then_some(())).await;
    assert_eq!(replays::request_cancel(&world.store, world.team, id).await.unwrap(), Cancelled::Asked);
    let (replay, calls) = ended(&world, id).await;
    world.until("the model call is cancelled", async || (world.gateway.left() == 1).then_some(())).await;
    runner.shut_down().await;
    assert_eq!(replay.status, "cancelled");
    assert!(calls.iter().all(|call| call.status == "not_sent"));
    assert_eq!(world.gateway.asked().len(), 1);
}

#[tokio::test]
async fn a_replay_whose_runner_is_gone_has_failed_and_is_not_taken_over() {
    let world = World::new(|_, _| Script::Whole(said("assistant", "no"))).await;
    let id = queue(&world, &searching(), None).await;
    claim::next(&world.store, "gone").await.unwrap().unwrap();
    let runner = world.start_runner("one");
    let (replay, calls) = ended(&world, id).await;
    runner.shut_down().await;
    assert_eq!((replay.status.as_str(), replay.reason.as_deref()), ("failed", Some("interrupted")));
    assert!(calls.iter().all(|call| call.status == "not_sent"));
    assert!(world.gateway.asked().is_empty());
    let late = claim::Became { status: "answered", ..claim::Became::default() };
    assert!(claim::write(&world.store, "gone", id, 0, &late).await.is_err(), "it is no longer held");
}

#[tokio::test]
async fn a_replay_on_a_key_is_made_in_its_name() {
    let world = World::new(|_, _| Script::Whole(said("assistant", "Well."))).await;
    let runner = world.start_runner("one");
    let key = KeyId(Uuid::now_v7());
    let id = queue(&world, &talk(7, &[said("user", "?"), said("assistant", "Well.")]), Some(key)).await;
    let (replay, _) = ended(&world, id).await;
    runner.shut_down().await;
    assert_eq!(replay.status, "completed");
    let claims = &world.gateway.asked()[0].claims;
    assert_eq!((claims.key_id, claims.user_id), (key, world.user));
    assert!(claims.execution_id.is_nil() && claims.agent.is_empty());
}
