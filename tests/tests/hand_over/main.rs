//! A binary is replaced under load and nobody notices (G9, O3): real processes, clients that forgive nothing, streams that
//! run across it; no request fails, and what is stored is what was sent.
//!
//! `AOP_HANDOVER_CALLS` sets how many calls are sent at least (default 1,200), `AOP_HANDOVER_UPGRADES` how often the binary is
//! replaced meanwhile (default 3). The full measure: `NEXTEST_PROFILE=long AOP_HANDOVER_CALLS=100000 AOP_HANDOVER_UPGRADES=12`.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod http;
mod http2;
mod protocols;
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use http::Client;
use world::{KEY, Way, World};

const CLIENTS: u64 = 16;

fn given(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// What one kind of client asks for.
#[derive(Clone, Copy)]
enum Kind {
    KeptOpen,
    NewEachTime,
    Stream,
    /// Runs for two seconds and more: across an upgrade.
    LongStream,
}

impl Kind {
    fn of(number: u64) -> Self {
        [Self::KeptOpen, Self::NewEachTime, Self::Stream, Self::LongStream][(number % 4) as usize]
    }

    fn body(self, number: u64, turn: u64) -> String {
        let (stream, sim) = match self {
            Self::KeptOpen | Self::NewEachTime => (false, r#"{"words":20}"#),
            Self::Stream => (true, r#"{"words":20}"#),
            Self::LongStream => (true, r#"{"words":40,"pace_ms":60}"#),
        };
        format!(
            r#"{{"model":"sim-fast","stream":{stream},"sim":{sim},"messages":[{{"role":"user","content":"client {number} turn {turn}"}}]}}"#
        )
    }

    fn is_whole(self, body: &str) -> bool {
        match self {
            Self::KeptOpen | Self::NewEachTime => body.contains(r#""finish_reason":"stop""#),
            Self::Stream | Self::LongStream => body.trim_end().ends_with("data: [DONE]"),
        }
    }
}

#[derive(Default)]
struct Tally {
    sent: u64,
    connections: u64,
    told_to_close: u64,
    failures: Vec<String>,
}

struct Load {
    pace: Arc<Pace>,
    clients: JoinSet<Tally>,
}

/// Calls go on until so many are sent and nothing is being replaced any more.
struct Pace {
    sent: AtomicU64,
    at_least: u64,
    may_end: AtomicBool,
}

impl Pace {
    fn goes_on(&self) -> bool {
        let enough = self.sent.load(Ordering::Relaxed) >= self.at_least;
        let ends = enough && self.may_end.load(Ordering::Relaxed);
        if !ends {
            self.sent.fetch_add(1, Ordering::Relaxed);
        }
        !ends
    }
}

impl Load {
    fn start(address: &str, at_least: u64) -> Self {
        let pace = Arc::new(Pace { sent: AtomicU64::new(0), at_least, may_end: AtomicBool::new(false) });
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            clients.spawn(ask_while(Client::new(address, KEY), number, Arc::clone(&pace)));
        }
        Self { pace, clients }
    }

    fn sent(&self) -> u64 {
        self.pace.sent.load(Ordering::Relaxed)
    }

    async fn finish(self) -> Tally {
        self.pace.may_end.store(true, Ordering::Relaxed);
        let mut all = Tally::default();
        for one in self.clients.join_all().await {
            all.sent += one.sent;
            all.connections += one.connections;
            all.told_to_close += one.told_to_close;
            all.failures.extend(one.failures);
        }
        all
    }
}

async fn ask_while(mut client: Client, number: u64, pace: Arc<Pace>) -> Tally {
    let kind = Kind::of(number);
    let mut tally = Tally::default();
    while pace.goes_on() {
        tally.sent += 1;
        match client.call(&kind.body(number, tally.sent)).await {
            Ok(answer) if answer.status == 200 && kind.is_whole(&answer.body) => {
                tally.told_to_close += u64::from(answer.closes);
            }
            Ok(answer) => tally.failures.push(format!("{}: {}", answer.status, answer.body)),
            Err(error) => tally.failures.push(error),
        }
        if let Kind::NewEachTime = kind {
            client.hang_up();
        }
    }
    tally.connections = client.connections;
    tally
}

async fn nobody_notices(way: Way) {
    let calls = given("AOP_HANDOVER_CALLS", 1_200);
    let upgrades = given("AOP_HANDOVER_UPGRADES", 3);
    let world = World::start(way, &[]).await;
    world.until_ready().await;
    let load = Load::start(&world.address, calls);
    let watching = watch_readiness(&world.address, way);
    let upgrading = async {
        for number in 1..=upgrades {
            while load.sent() < calls * number / (upgrades + 1) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            world.put_binary();
            let said = world.upgrade().await;
            eprintln!("upgrade {number} after {} calls: {said:?}", load.sent());
            assert!(said.is_ok(), "{said:?}");
        }
    };
    let not_ready = tokio::select! {
        () = upgrading => None,
        failure = watching => Some(failure),
    };
    assert_eq!(not_ready, None, "the front door was not ready all the time");
    let all = load.finish().await;
    eprintln!(
        "{} calls on {} connections, {} told to close; failed: {}",
        all.sent,
        all.connections,
        all.told_to_close,
        all.failures.len()
    );
    assert_eq!(all.failures, Vec::<String>::new(), "calls failed");
    assert!(all.sent >= calls && all.told_to_close >= upgrades, "there was no load on what was replaced");
    world.until_everything_is_shipped(Duration::from_secs(120)).await;
    let stored = world.number("SELECT count() FROM llm_calls WHERE status = 'ok'").await;
    let once = world.number("SELECT uniqExact(call_id) FROM llm_calls WHERE status = 'ok'").await;
    assert_eq!((stored, once), (all.sent, all.sent), "rows stored are the calls sent");
    assert_eq!(world.number("SELECT count() FROM llm_calls WHERE status != 'ok'").await, 0);
}

/// Returns with what was said when the front door was not ready. Asks on a new connection and on one kept open.
async fn watch_readiness(address: &str, way: Way) -> String {
    let mut kept = Client::new(address, KEY);
    loop {
        let mut fresh = Client::new(address, KEY);
        for client in [&mut kept, &mut fresh] {
            match client.get("/readyz").await {
                Ok(answer) if answer.status == 200 => {}
                // Beside a front door that runs alone there is no management API here: that is all that may lack.
                Ok(answer) if way == Way::Alone && is_all_but_the_api(&answer.body) => {}
                // While its own API is exchanged, it says so.
                Ok(answer) if way == Way::Up && is_all_but_the_api(&answer.body) => {}
                Ok(answer) => return answer.body,
                Err(error) => return error,
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn is_all_but_the_api(body: &str) -> bool {
    [r#""snapshot":true"#, r#""spool":true"#, r#""serving":true"#].iter().all(|part| body.contains(part))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_front_door_that_runs_alone_is_replaced_under_load_and_no_call_fails() {
    nobody_notices(Way::Alone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_installation_is_upgraded_under_load_and_no_call_fails() {
    nobody_notices(Way::Up).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_binary_that_does_not_come_up_leaves_the_old_one_serving_and_says_why() {
    let world = World::start(Way::Alone, &[("AOP_UPGRADE_WITHIN_S", "2")]).await;
    world.until_ready().await;
    let mut client = Client::new(&world.address, KEY);
    let body = Kind::KeptOpen.body(0, 0);
    for (script, why) in [
        ("exit 7", "exit status: 7"),
        ("kill -SEGV $$", "SIGSEGV"),
        ("AOP_LISTEN=here exec $real \"$@\"", "AOP_LISTEN=here is not"),
        ("AOP_LISTEN=192.0.2.1:80 exec $real \"$@\"", "192.0.2.1:80 cannot be listened on"),
        ("DATABASE_URL=postgres://127.0.0.1:1/x exec $real \"$@\"", "keys and routes could not be read"),
    ] {
        world.put_script(script);
        let said = world.upgrade().await.expect_err(script);
        assert!(said.contains(why), "{script}: {said}");
        let answer = client.call(&body).await.expect(script);
        assert_eq!((answer.status, answer.closes), (200, false), "{script}");
    }
    world.put_script("exec $real \"$@\"");
    world.upgrade().await.expect("a good one after all of these");
    // The one before answers on the connection it has, until it has heard that the other one accepts, and closes it then.
    while !client.call(&body).await.unwrap().closes {}
    let answer = client.call(&body).await.unwrap();
    assert_eq!((answer.status, answer.closes), (200, false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_outlasts_the_drain_ends_with_an_error_and_is_recorded() {
    let mut world = World::start(Way::Alone, &[("AOP_DRAIN_S", "1")]).await;
    world.until_ready().await;
    let address = world.address.clone();
    let stream = tokio::spawn(async move {
        let body = r#"{"model":"sim-fast","stream":true,"sim":{"words":5000,"pace_ms":50},"messages":[{"role":"user","content":"long"}]}"#;
        Client::new(&address, KEY).call(body).await
    });
    while !in_flight(&world).await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    world.upgrade().await.unwrap();
    let answer = stream.await.unwrap();
    // The stream ends with the error event of its dialect; whether the connection then ends cleanly is HTTP's matter.
    let text = match &answer {
        Ok(answer) => answer.body.clone(),
        Err(error) => error.clone(),
    };
    assert!(
        text.contains("gateway_stopped") && !text.contains("[DONE]"),
        "{}",
        &text[text.len().saturating_sub(400)..]
    );
    while !world.first_has_gone() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    world.until_everything_is_shipped(Duration::from_secs(60)).await;
    let ended = "SELECT count() FROM llm_calls WHERE error_code = 'gateway_stopped'";
    assert_eq!(world.number(ended).await, 1);
}

/// Has the gateway begun a call that has not ended?
async fn in_flight(world: &World) -> bool {
    let metrics = Client::new(&world.address, KEY).get("/metrics").await.unwrap().body;
    let line = metrics.lines().find(|line| line.starts_with("aop_proxy_calls_in_flight "));
    line.is_some_and(|line| !line.ends_with(" 0"))
}
