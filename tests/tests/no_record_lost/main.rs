//! No record lost, none doubled: the proxy, the collector, ClickHouse and a writer of spans, each the process that
//! `aop` starts, are killed with -9 in random order under load; at the end every call that a client saw answered is in
//! ClickHouse exactly once, and the rollups are the sums of the rows (C2).
//!
//! `AOP_FAULT_ROUNDS` sets the number of kills (default 200), `AOP_FAULT_SEED` repeats a run.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod clients;
mod stored;
mod world;

use std::path::PathBuf;
use std::time::Duration;

use aop_clickhouse::ClickHouse;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use clients::{CLIENTS, Clients};
use world::{Victim, World};

/// Between two kills.
const PAUSE_MS: std::ops::Range<u64> = 20..800;
/// Half of the victims are left dead for so long; the others are started again at once.
const DEAD_MS: std::ops::Range<u64> = 1..500;

fn rounds() -> usize {
    std::env::var("AOP_FAULT_ROUNDS")
        .map_or(200, |rounds| rounds.parse().expect("AOP_FAULT_ROUNDS is a number"))
}

fn seed() -> u64 {
    let given =
        std::env::var("AOP_FAULT_SEED").ok().map(|seed| seed.parse().expect("AOP_FAULT_SEED is a number"));
    given.unwrap_or_else(rand::random)
}

// The kills are made from a thread that blocks; the clients run beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answered_call_is_stored_once_whoever_is_killed() {
    // Nobody but the clients speaks TLS here; they want to know how all the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let seed = seed();
    eprintln!("AOP_FAULT_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut world = World::start().await;
    let clients = Clients::start(&world.gateway_url);
    // Each victim first, so that no seed leaves one out.
    let mut victims: Vec<Victim> = Victim::ALL.to_vec();
    victims.resize_with(rounds().max(Victim::ALL.len()), || {
        Victim::ALL[random.random_range(0..Victim::ALL.len())]
    });
    for victim in &victims {
        std::thread::sleep(Duration::from_millis(random.random_range(PAUSE_MS)));
        let dead_ms = if random.random_bool(0.5) { random.random_range(DEAD_MS) } else { 0 };
        world.kill(*victim, Duration::from_millis(dead_ms));
    }
    let answered = clients.finish().await;
    let kills = |victim: Victim| victims.iter().filter(|killed| **killed == victim).count();
    eprintln!(
        "{} calls answered; killed: {:?}",
        answered.len(),
        Victim::ALL.map(|victim| (victim, kills(victim)))
    );
    assert!(answered.len() > 20 * Victim::ALL.len(), "there was no load");
    world.until_everything_is_shipped(Duration::from_secs(200));

    let clickhouse = ClickHouse::connect(&world.database).unwrap();
    // A kill may come between the record and the answer: of each client, one call a kill.
    let unanswered = CLIENTS * kills(Victim::Proxy);
    stored::every_call_is_there_once(&clickhouse, &answered, unanswered).await;
    stored::every_span_is_there_once(&clickhouse, &world.acknowledged_spans(), kills(Victim::SpanWriter))
        .await;
    stored::spans_belong_to_the_calls(&clickhouse).await;
    stored::rollups_are_the_sums_of_the_rows(&clickhouse).await;
    stored::content_is_whole(&clickhouse).await;
    assert_eq!(world.set_aside(), Vec::<PathBuf>::new(), "a kill made records unreadable");
}
