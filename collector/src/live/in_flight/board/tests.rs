#![allow(clippy::unwrap_used)]

use aop_domain::id::{SpanId, TeamId, TraceId};
use aop_domain::in_flight::{State, Text};
use serde_json::Value;

use super::*;

fn board() -> Board {
    Board::new(1, CancellationToken::new())
}

fn call(id: u128) -> InFlight {
    InFlight {
        team_id: TeamId(Uuid::from_u128(7)),
        trace_id: TraceId([3; 16]),
        call_id: Uuid::from_u128(id),
        span_id: SpanId([1; 8]),
        started_at_us: id as i64,
        key_id: None,
        user_id: None,
        execution_id: None,
        session_id: String::new(),
        crew: String::new(),
        task: String::new(),
        agent: "Writer".to_owned(),
        token_issuer: String::new(),
        token_subject: String::new(),
        operation: "chat_completions".to_owned(),
        requested_model: "m".to_owned(),
        stream: true,
        state: State::Waiting,
        provider: String::new(),
        deployment: String::new(),
        attempt_count: 0,
        first_token_us: None,
        output_tokens: 0,
        runaway: Vec::new(),
        node: "n".to_owned(),
    }
}

fn batch(boot: u128, is_full: bool, calls: &[u128]) -> Batch {
    let calls = calls.iter().map(|id| call(*id)).collect();
    Batch { boot: Uuid::from_u128(boot), is_full, untold: 0, calls, ended: Vec::new(), texts: Vec::new() }
}

fn ended(id: u128) -> Ended {
    let InFlight { team_id, trace_id, call_id, agent, .. } = call(id);
    let status = "ok".to_owned();
    Ended { team_id, trace_id, call_id, agent, status, error_code: String::new(), duration_us: 5 }
}

fn heard(events: &mut broadcast::Receiver<Arc<Event>>) -> Vec<(String, u128)> {
    std::iter::from_fn(|| events.try_recv().ok())
        .map(|event| {
            let json: Value = serde_json::from_str(&event.json).unwrap();
            assert_eq!(json["type"], event.kind);
            assert_eq!(json["agent_id"], "Writer");
            let id = json["call_id"].as_str().unwrap().parse::<Uuid>().unwrap().as_u128();
            let status = json["status"].as_str().map_or_else(String::new, |status| format!(":{status}"));
            (format!("{}{status}", event.kind), id)
        })
        .collect()
}

fn said(events: &[(&str, u128)]) -> Vec<(String, u128)> {
    events.iter().map(|(kind, id)| ((*kind).to_owned(), *id)).collect()
}

#[tokio::test]
async fn gateways_are_asked_while_somebody_listens_and_no_longer() {
    let board = board();
    let wanted = board.meet(Uuid::from_u128(1));
    assert!(!wanted.borrow().listen);
    let (_, listening) = board.listen();
    assert!(wanted.borrow().listen);
    assert_eq!(wanted.borrow().version, 2);
    drop(listening);
    assert!(!wanted.borrow().listen);
}

#[tokio::test]
async fn a_call_starts_goes_on_and_ends_once() {
    let board = board();
    let (mut events, _listening) = board.listen();
    assert!(!board.take(batch(1, false, &[10])), "a gateway that is not known tells everything first");
    assert!(board.take(batch(1, true, &[10])));
    assert!(board.take(batch(1, false, &[10, 11])));
    let over = Batch { ended: vec![ended(10), ended(10), ended(99)], ..batch(1, false, &[]) };
    assert!(board.take(over));
    let expected = [("call_started", 10), ("call_progress", 10), ("call_started", 11), ("call_ended:ok", 10)];
    assert_eq!(heard(&mut events), said(&expected));
}

#[tokio::test]
async fn what_a_whole_telling_leaves_out_is_lost() {
    let board = board();
    let (mut events, _listening) = board.listen();
    board.take(batch(1, true, &[10, 11, 12]));
    heard(&mut events);
    board.take(Batch { ended: vec![ended(11)], ..batch(1, true, &[12]) });
    let mut events = heard(&mut events);
    events.sort();
    let expected = [("call_ended:lost", 10), ("call_ended:ok", 11), ("call_progress", 12)];
    assert_eq!(events, said(&expected));
}

#[tokio::test(start_paused = true)]
async fn the_calls_of_a_gateway_that_falls_silent_are_over() {
    let board = board();
    let (mut events, _listening) = board.listen();
    board.take(batch(1, true, &[10]));
    board.take(batch(2, true, &[20]));
    heard(&mut events);
    tokio::time::advance(Duration::from_millis(SILENCE_MS)).await;
    board.take(batch(2, false, &[]));
    tokio::time::advance(Duration::from_millis(1)).await;
    board.sweep_once();
    assert_eq!(heard(&mut events), said(&[("call_ended:lost", 10)]));
    assert!(!board.take(batch(1, false, &[])), "back again, it tells everything");
}

#[tokio::test(start_paused = true)]
async fn a_list_waits_for_gateways_that_are_known_and_says_when_one_is_silent() {
    let board = board();
    let mut wanted = board.meet(Uuid::from_u128(1));
    let asked = tokio::spawn({
        let board = board.clone();
        async move { board.list(Duration::from_millis(500), |_| true).await }
    });
    wanted.wait_for(|wanted| wanted.listen).await.unwrap();
    board.take(batch(1, true, &[11, 10]));
    let list = asked.await.unwrap();
    assert!(list.complete);
    assert_eq!(list.calls.iter().map(|call| call.call_id.as_u128()).collect::<Vec<_>>(), [10, 11]);
    let _silent = board.meet(Uuid::from_u128(2));
    assert!(!board.list(Duration::from_millis(500), |_| true).await.complete);
}

#[tokio::test(start_paused = true)]
async fn who_asked_for_the_list_listens_for_a_while() {
    let board = board();
    let wanted = board.meet(Uuid::from_u128(1));
    board.list(Duration::ZERO, |_| true).await;
    assert!(wanted.borrow().listen);
    tokio::time::advance(ASKED_FOR + Duration::from_millis(1)).await;
    board.sweep_once();
    assert!(!wanted.borrow().listen);
}

#[tokio::test]
async fn a_text_is_read_along_by_who_asked_and_ends_with_its_call() {
    let board = board();
    board.take(batch(1, true, &[10, 11]));
    let mut reader = board.read_along(Uuid::from_u128(10)).unwrap();
    assert_eq!(board.wanted.borrow().texts, [Uuid::from_u128(10)]);
    let text = |id: u128| Text { call_id: Uuid::from_u128(id), text: "hi".to_owned(), missed_bytes: 0 };
    board.take(Batch { texts: vec![text(11), text(10)], ended: vec![ended(10)], ..batch(1, false, &[]) });
    assert!(matches!(reader.try_recv().unwrap(), Piece::Text { text, .. } if text == "hi"));
    assert!(matches!(reader.try_recv().unwrap(), Piece::End { status } if status == "ok"));
    assert!(reader.try_recv().is_err());
    drop(reader);
    board.sweep_once();
    assert!(board.wanted.borrow().texts.is_empty());
}
