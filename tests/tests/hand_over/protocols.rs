//! What is open in other protocols when a binary is replaced: HTTP/2 over TLS, whose connections are told to go away and
//! finish what they have, and the WebSockets of the UI, which are cut and come back, and miss nothing that they then load.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt;
use parking_lot::Mutex;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::http::Client;
use crate::world::{KEY, Way, World};
use crate::{Kind, http2};

/// A connection's calls: one for each kind, under way at once.
async fn ask_over_http_2(
    mut client: http2::Client,
    number: u64,
    ends: Arc<AtomicBool>,
) -> (u64, u64, Vec<String>) {
    let (mut sent, mut failures) = (0, Vec::new());
    while !ends.load(Ordering::Relaxed) {
        let kinds: Vec<Kind> = (0..4).map(Kind::of).collect();
        let bodies = kinds.iter().map(|kind| kind.body(number, sent)).collect();
        for (kind, answer) in kinds.iter().zip(client.calls(bodies).await) {
            sent += 1;
            match answer {
                Ok((200, body)) if kind.is_whole(&body) => {}
                Ok((status, body)) => failures.push(format!("{status}: {body}")),
                Err(error) => failures.push(error),
            }
        }
    }
    (sent, client.told_to_go, failures)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_and_streams_over_http_2_go_on_while_the_front_door_is_replaced() {
    let world = World::start(Way::Alone, &[]).await;
    world.until_ready().await;
    let ends = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..4)
        .map(|number| {
            let client = http2::Client::new(&world.tls_address, &world.certificate);
            tokio::spawn(ask_over_http_2(client, number, Arc::clone(&ends)))
        })
        .collect();
    for _ in 0..2 {
        // Each connection has calls under way by then, a stream that outlasts the hand-over among them.
        tokio::time::sleep(Duration::from_secs(3)).await;
        world.put_binary();
        world.upgrade().await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    ends.store(true, Ordering::Relaxed);
    let (mut all, mut failed) = (0, Vec::new());
    for client in clients {
        let (sent, told_to_go, failures) = client.await.unwrap();
        all += sent;
        failed.extend(failures);
        assert!(told_to_go >= 2, "each process told its connections to go: {told_to_go}");
    }
    assert_eq!(failed, Vec::<String>::new(), "of {all} calls");
    world.until_everything_is_shipped(Duration::from_secs(120)).await;
    let stored = world.number("SELECT count() FROM llm_calls WHERE status = 'ok'").await;
    assert_eq!((stored, world.number("SELECT count() FROM llm_calls").await), (all, all));
}

/// The live view as the UI has it: it comes back when it is cut, and then loads what it may have missed.
async fn watch_live(address: String, seen: Arc<Mutex<BTreeSet<String>>>, opened: Arc<Mutex<u32>>) {
    loop {
        let mut request = format!("ws://{address}/ws/live").into_client_request().unwrap();
        request.headers_mut().insert("authorization", format!("Bearer {KEY}").parse().unwrap());
        let Ok((mut socket, _)) = tokio_tungstenite::connect_async(request).await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        *opened.lock() += 1;
        if let Ok(page) = Client::new(&address, KEY).get("/api/calls?limit=200").await {
            seen.lock().extend(call_ids(&page.body));
        }
        while let Some(Ok(message)) = socket.next().await {
            if let Ok(text) = message.to_text() {
                seen.lock().extend(call_ids(text));
            }
        }
    }
}

/// Every id of a call that stands in the text.
fn call_ids(text: &str) -> Vec<String> {
    let ids = text.split(r#""call_id":""#).skip(1);
    ids.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_view_is_cut_by_an_upgrade_comes_back_and_misses_no_call() {
    let world = World::start(Way::Up, &[]).await;
    world.until_ready().await;
    let (seen, opened) = (Arc::new(Mutex::new(BTreeSet::new())), Arc::new(Mutex::new(0)));
    let watching = tokio::spawn(watch_live(world.address.clone(), Arc::clone(&seen), Arc::clone(&opened)));
    while *opened.lock() == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ends = Arc::new(AtomicBool::new(false));
    let calling = tokio::spawn({
        let (address, ends) = (world.address.clone(), Arc::clone(&ends));
        async move {
            let (mut client, mut sent) = (Client::new(&address, KEY), 0);
            // Fewer than the page that is loaded after a gap.
            while !ends.load(Ordering::Relaxed) && sent < 190 {
                let answer = client.call(&Kind::of(0).body(0, sent)).await.expect("no call fails");
                assert_eq!(answer.status, 200, "{}", answer.body);
                sent += 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            sent
        }
    });
    world.put_binary();
    world.upgrade().await.unwrap();
    let reopened = Instant::now();
    while *opened.lock() < 2 {
        assert!(reopened.elapsed() < Duration::from_secs(60), "the live view does not come back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    ends.store(true, Ordering::Relaxed);
    let sent: u64 = calling.await.unwrap();
    world.until_everything_is_shipped(Duration::from_secs(120)).await;
    assert_eq!(world.number("SELECT count() FROM llm_calls").await, sent);
    let begun = Instant::now();
    while (seen.lock().len() as u64) < sent {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} of {sent} calls were seen", seen.lock().len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    watching.abort();
}
