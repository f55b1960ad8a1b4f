//! Closed loop (each connection asks again when it has its answer) and constant rate (each request has a due time, and
//! its latency counts from then, so that a stalled gateway cannot hide behind requests that were never sent).

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::task::LocalSet;

use crate::connection::Connection;
use crate::machine::{cpu_us, now_ns, rss_bytes};

const ANSWER_WITHIN: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    Closed { connections: usize },
    Rate { per_second: u64, most_connections: usize },
}

#[derive(Clone)]
pub struct Load {
    pub to: SocketAddr,
    pub request: Vec<u8>,
    pub stream: bool,
    pub shape: Shape,
    pub warmup: Duration,
    pub measured: Duration,
    /// The gateway's processes.
    pub pids: Vec<u32>,
}

/// One measurement. Latencies in nanoseconds.
pub struct Outcome {
    pub latency: Histogram<u64>,
    pub first_token: Histogram<u64>,
    pub chunk_delay: Histogram<u64>,
    /// Whole answers inside the measured time.
    pub whole: u64,
    /// Answers that were not 200, cut or without usage; and failed connections.
    pub failed: u64,
    pub chunks: u64,
    /// Everything ever answered 200, warm-up included: what the store must hold.
    pub answered_in_all: u64,
    pub seconds: f64,
    pub cpu_us: u64,
    pub peak_rss_bytes: u64,
    pub complaint: String,
}

struct Shared {
    load: Load,
    outcome: RefCell<Outcome>,
    measuring: RefCell<bool>,
    stop: RefCell<bool>,
}

/// Runs the load on one thread and measures it.
pub fn run(load: Load) -> anyhow::Result<Outcome> {
    let histogram = || Histogram::new_with_bounds(1, 120_000_000_000, 3);
    let outcome = Outcome {
        latency: histogram()?,
        first_token: histogram()?,
        chunk_delay: histogram()?,
        whole: 0,
        failed: 0,
        chunks: 0,
        answered_in_all: 0,
        seconds: 0.0,
        cpu_us: 0,
        peak_rss_bytes: 0,
        complaint: String::new(),
    };
    let shared = Rc::new(Shared {
        load,
        outcome: RefCell::new(outcome),
        measuring: RefCell::new(false),
        stop: RefCell::new(false),
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = LocalSet::new();
    runtime.block_on(tasks.run_until(drive(Rc::clone(&shared))));
    // Every task has ended: this is the last holder.
    Rc::into_inner(shared)
        .map(|shared| shared.outcome.into_inner())
        .ok_or_else(|| anyhow::anyhow!("a load task is still running"))
}

async fn drive(shared: Rc<Shared>) {
    let mut running = Vec::new();
    match shared.load.shape {
        Shape::Closed { connections } => {
            for _ in 0..connections {
                running.push(tokio::task::spawn_local(ask_again_and_again(Rc::clone(&shared))));
            }
        }
        Shape::Rate { per_second, most_connections } => {
            running.push(tokio::task::spawn_local(ask_at_a_rate(
                Rc::clone(&shared),
                per_second,
                most_connections,
            )));
        }
    }
    tokio::time::sleep(shared.load.warmup).await;
    let (cpu_before, started) = (cpu_us(&shared.load.pids), now_ns());
    *shared.measuring.borrow_mut() = true;
    let ends = tokio::time::Instant::now() + shared.load.measured;
    while tokio::time::Instant::now() < ends {
        note_rss(&shared);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    *shared.measuring.borrow_mut() = false;
    {
        let mut outcome = shared.outcome.borrow_mut();
        outcome.seconds = (now_ns() - started) as f64 / 1e9;
        outcome.cpu_us = cpu_us(&shared.load.pids) - cpu_before;
    }
    *shared.stop.borrow_mut() = true;
    for task in running {
        let _ = task.await;
    }
}

fn note_rss(shared: &Shared) {
    let mut outcome = shared.outcome.borrow_mut();
    outcome.peak_rss_bytes = outcome.peak_rss_bytes.max(rss_bytes(&shared.load.pids));
}

async fn ask_again_and_again(shared: Rc<Shared>) {
    let mut connection = Connection::new(shared.load.to);
    while !*shared.stop.borrow() {
        ask(&shared, &mut connection, now_ns()).await;
    }
}

async fn ask_at_a_rate(shared: Rc<Shared>, per_second: u64, most_connections: usize) {
    let idle = Rc::new(RefCell::new(VecDeque::new()));
    let open = Rc::new(tokio::sync::Semaphore::new(most_connections));
    let gap = Duration::from_nanos(1_000_000_000 / per_second.max(1));
    let (first_ns, mut next) = (now_ns(), tokio::time::Instant::now());
    let mut sent = 0u64;
    let mut asked = Vec::new();
    while !*shared.stop.borrow() {
        tokio::time::sleep_until(next).await;
        let due = first_ns + sent * 1_000_000_000 / per_second.max(1);
        sent += 1;
        next += gap;
        let (shared, idle, open) = (Rc::clone(&shared), Rc::clone(&idle), Rc::clone(&open));
        asked.push(tokio::task::spawn_local(async move {
            let Ok(_permit) = open.acquire().await else { return };
            let free = idle.borrow_mut().pop_back();
            let mut connection = free.unwrap_or_else(|| Connection::new(shared.load.to));
            ask(&shared, &mut connection, due).await;
            idle.borrow_mut().push_back(connection);
        }));
        asked.retain(|task| !task.is_finished());
    }
    for task in asked {
        let _ = task.await;
    }
}

async fn ask(shared: &Shared, connection: &mut Connection, due_ns: u64) {
    let answer = tokio::time::timeout(ANSWER_WITHIN, connection.exchange(&shared.load.request)).await;
    let end_ns = now_ns();
    let mut pause = false;
    {
        let mut outcome = shared.outcome.borrow_mut();
        let measuring = *shared.measuring.borrow();
        match answer {
            Ok(Ok(answer)) => {
                outcome.answered_in_all += u64::from(answer.status == 200);
                if !answer.is_whole(shared.load.stream) {
                    pause = true;
                    outcome.failed += 1;
                    outcome.complaint =
                        format!("{} {}", answer.status, String::from_utf8_lossy(&answer.complaint));
                } else if measuring {
                    outcome.whole += 1;
                    outcome.chunks += answer.chunks;
                    outcome.latency.saturating_record(end_ns.saturating_sub(due_ns));
                    outcome.first_token.saturating_record(answer.first_token_ns.saturating_sub(due_ns));
                    for delay in answer.delays_ns {
                        outcome.chunk_delay.saturating_record(delay);
                    }
                }
            }
            Ok(Err(error)) => {
                pause = true;
                outcome.failed += 1;
                outcome.complaint = error.to_string();
            }
            Err(_) => {
                connection.drop_connection();
                outcome.failed += 1;
                outcome.complaint = format!("no answer within {ANSWER_WITHIN:?}");
            }
        }
    }
    if pause {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
