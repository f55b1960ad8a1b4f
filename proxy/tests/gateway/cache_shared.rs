//! What gateways share behind their response caches, with a real Redis: shared, killed, stopped, spoilt (G6).

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aop_domain::guard::CacheScope;
use aop_domain::id::TeamId;
use aop_proxy::SharedCache;
use futures::future::join_all;
use redis::aio::MultiplexedConnection;
use serde_json::json;

use crate::cache::{ANSWER, ask, cached, on};
use crate::harness::{Gateway, KEY, World, eventually, free_address, team};
use crate::upstreams::{Act, Fixed, TOKEN, sse};

const OTHER_KEY: &str = "aop-other";

/// A Redis of the test's own. Killed when dropped.
struct Redis {
    child: Child,
    port: u16,
    _dir: tempfile::TempDir,
}

impl Redis {
    async fn start() -> Self {
        Self::start_at(free_address().port(), &[]).await
    }

    async fn start_at(port: u16, more: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"])
            .arg(dir.path())
            .args(more)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is there; `scripts/setup.sh test` installs it");
        let redis = Self { child, port, _dir: dir };
        if more.is_empty() {
            eventually("Redis is there", || async { redis.try_connect().await.ok() }).await;
        }
        redis
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    async fn try_connect(&self) -> redis::RedisResult<MultiplexedConnection> {
        let mut connection = redis::Client::open(self.url())?.get_multiplexed_async_connection().await?;
        redis::cmd("PING").exec_async(&mut connection).await?;
        Ok(connection)
    }

    async fn ask<T: redis::FromRedisValue>(&self, words: &[&[u8]]) -> T {
        let mut command = redis::Cmd::new();
        for word in words {
            command.arg(*word);
        }
        command.query_async(&mut self.try_connect().await.unwrap()).await.unwrap()
    }

    async fn names(&self) -> Vec<String> {
        self.ask(&[b"KEYS", b"*"]).await
    }

    fn signal(&self, signal: &str) {
        assert!(
            Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success()
        );
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A gateway that shares, as soon as it has found the Redis.
async fn sharing(world: World, redis: &Redis) -> Gateway {
    let gateway = sharing_at(world, &redis.url(), None).await;
    until(&gateway, "aop_proxy_cache_shared_connected 1").await;
    gateway
}

async fn sharing_at(world: World, url: &str, authorities: Option<&Path>) -> Gateway {
    Gateway::start_with(world, |config| {
        config.shared_cache = Some(SharedCache {
            url: url.to_owned().into(),
            authorities: authorities.map(Path::to_owned),
            timeout: Duration::from_secs(1),
        });
    })
    .await
}

async fn until(gateway: &Gateway, line: &str) {
    eventually(line, || async {
        gateway.get("/metrics").await.text.lines().any(|told| told == line).then_some(())
    })
    .await;
}

async fn counts<const N: usize>(gateway: &Gateway, names: [&str; N]) -> [u32; N] {
    let metrics = gateway.get("/metrics").await.text;
    names.map(|name| {
        let start = format!("aop_proxy_cache_shared_{name} ");
        metrics.lines().find_map(|line| line.strip_prefix(&start)).unwrap().parse().unwrap()
    })
}

fn looks(outcome: &str, count: u32) -> String {
    format!("aop_proxy_cache_shared_looks_total{{outcome=\"{outcome}\"}} {count}")
}

fn writes(outcome: &str, count: u32) -> String {
    format!("aop_proxy_cache_shared_writes_total{{outcome=\"{outcome}\"}} {count}")
}

/// Two teams that both turned the cache on.
fn two_teams(upstream: &Fixed) -> World {
    let other = TeamId::from_bytes([8; 16]);
    let mut world = cached(upstream);
    world.key(OTHER_KEY, |key| key.team_id = other);
    world.guard(|guard| {
        guard.teams.insert(other, on(CacheScope::Team));
    });
    world
}

async fn ask_as(gateway: &Gateway, key: &str, content: &str) -> String {
    let reply = gateway.post_as(key, "/v1/chat/completions", ask(content).to_string(), &[]).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, ANSWER));
    reply.headers["x-aop-cache"].clone()
}

#[tokio::test]
async fn what_one_gateway_was_answered_the_other_gives_to_the_same_team_and_to_no_other() {
    let (upstream, redis) = (Fixed::json(200, "", ANSWER).await, Redis::start().await);
    let one = sharing(two_teams(&upstream), &redis).await;
    let other = sharing(two_teams(&upstream), &redis).await;
    assert_eq!(ask_as(&one, KEY, "hi").await, "miss");
    until(&one, &writes("kept", 1)).await;

    let reply = other.chat(&ask("hi")).await;
    assert_eq!((reply.text.as_str(), reply.headers["x-aop-cache"].as_str()), (ANSWER, "hit"));
    assert!(reply.headers["age"].parse::<u64>().unwrap() < 60);
    assert_eq!(other.recorded(1).await[0].cost_saved, "0.06");
    assert_eq!(ask_as(&other, KEY, "hi").await, "hit");
    until(&other, &looks("hit", 1)).await;
    assert_eq!(ask_as(&other, OTHER_KEY, "hi").await, "miss", "another team");
    assert_eq!(upstream.requests().len(), 2);

    let mut body = ask("hi");
    body["stream"] = json!(true);
    assert_ne!(other.chat(&body).await.headers["x-aop-cache"], "hit", "another question");
}

#[tokio::test]
async fn what_stands_there_says_only_whose_it_is_and_leaves_in_time() {
    let (upstream, redis) = (Fixed::json(200, "", ANSWER).await, Redis::start().await);
    let gateway = sharing(cached(&upstream), &redis).await;
    ask_as(&gateway, KEY, "hi").await;
    until(&gateway, &writes("kept", 1)).await;
    let names = redis.names().await;
    assert_eq!(names.len(), 1);
    assert!(names[0].starts_with(&format!("aop:answer:1:{}:", team())), "{names:?}");
    let left_ms: i64 = redis.ask(&[b"PTTL", names[0].as_bytes()]).await;
    assert!((1..=60_000).contains(&left_ms), "{left_ms}");
    let value: Vec<u8> = redis.ask(&[b"GET", names[0].as_bytes()]).await;
    for part in ["Hello", "chat.completion", "stop"] {
        assert!(!value.windows(part.len()).any(|window| window == part.as_bytes()), "{part}");
    }
}

#[tokio::test]
async fn many_who_ask_the_same_at_once_look_there_once() {
    let (upstream, redis) = (Fixed::json(200, "", ANSWER).await, Redis::start().await);
    let one = sharing(cached(&upstream), &redis).await;
    ask_as(&one, KEY, "hi").await;
    until(&one, &writes("kept", 1)).await;
    let other = sharing(cached(&upstream), &redis).await;
    redis.signal("-STOP");
    let calls = join_all((0..8).map(|_| ask_as(&other, KEY, "hi")));
    let go_on = async {
        until(&other, "aop_proxy_cache_waits_total 7").await;
        redis.signal("-CONT");
    };
    let (told, ()) = tokio::join!(calls, go_on);
    // Redis may have been found too late by then; then one call was made for all.
    let metrics = other.get("/metrics").await.text;
    assert!(metrics.contains(&looks("hit", 1)) || metrics.contains(&looks("late", 1)), "{metrics}");
    assert!(told.iter().filter(|told| *told == "hit").count() >= 7, "{told:?}");
    assert!(upstream.requests().len() <= 2);
}

#[tokio::test]
async fn a_redis_that_is_killed_costs_a_counted_miss_and_is_found_again() {
    let (upstream, redis) = (Fixed::json(200, "", ANSWER).await, Redis::start().await);
    let gateway = sharing(cached(&upstream), &redis).await;
    assert_eq!(ask_as(&gateway, KEY, "one").await, "miss");
    let port = redis.port;
    drop(redis);
    assert_eq!(ask_as(&gateway, KEY, "two").await, "miss");
    until(&gateway, "aop_proxy_cache_shared_connected 0").await;
    let before = counts(&gateway, ["looks_total{outcome=\"away\"}", "writes_total{outcome=\"away\"}"]).await;
    assert_eq!(ask_as(&gateway, KEY, "three").await, "miss");
    assert_eq!(ask_as(&gateway, KEY, "three").await, "hit", "memory is the first level");
    let after = counts(&gateway, ["looks_total{outcome=\"away\"}", "writes_total{outcome=\"away\"}"]).await;
    assert_eq!(after[0], before[0] + 1);
    // An answer that was on its way there when it was killed may be counted meanwhile.
    assert!(after[1] > before[1], "{before:?} {after:?}");

    let redis = Redis::start_at(port, &[]).await;
    until(&gateway, "aop_proxy_cache_shared_connected 1").await;
    assert_eq!(ask_as(&gateway, KEY, "four").await, "miss");
    eventually("it is written again", || async { (redis.names().await.len() == 1).then_some(()) }).await;
}

#[tokio::test]
async fn a_redis_that_does_not_answer_is_waited_for_three_times_and_then_left_out() {
    let (upstream, redis) = (Fixed::json(200, "", ANSWER).await, Redis::start().await);
    let gateway = sharing(cached(&upstream), &redis).await;
    redis.signal("-STOP");
    for n in 0..3 {
        assert_eq!(ask_as(&gateway, KEY, &format!("late {n}")).await, "miss");
    }
    until(&gateway, "aop_proxy_cache_shared_connected 0").await;
    for n in 0..5 {
        assert_eq!(ask_as(&gateway, KEY, &format!("away {n}")).await, "miss");
    }
    let [late, away] =
        counts(&gateway, ["looks_total{outcome=\"late\"}", "looks_total{outcome=\"away\"}"]).await;
    // A write that waits in vain counts too.
    assert!((1..=3).contains(&late) && late + away == 8, "{late} late, {away} away");
    redis.signal("-CONT");
    until(&gateway, "aop_proxy_cache_shared_connected 1").await;
    assert_eq!(ask_as(&gateway, KEY, "back").await, "miss");
    until(&gateway, &looks("miss", 1)).await;
}

#[tokio::test]
async fn what_a_gateway_did_not_write_there_is_no_answer() {
    let (upstream, redis) = (Fixed::json(200, "", ANSWER).await, Redis::start().await);
    let one = sharing(two_teams(&upstream), &redis).await;
    ask_as(&one, KEY, "hi").await;
    until(&one, &writes("kept", 1)).await;
    let name = redis.names().await.remove(0);
    let ours: Vec<u8> = redis.ask(&[b"GET", name.as_bytes()]).await;
    ask_as(&one, OTHER_KEY, "hi").await;
    until(&one, &writes("kept", 2)).await;
    let names = redis.names().await;
    let theirs = names.iter().find(|other| **other != name).unwrap();
    let theirs: Vec<u8> = redis.ask(&[b"GET", theirs.as_bytes()]).await;
    let cut = &ours[..ours.len() - 1];
    let huge = vec![b'x'; 2 << 20];

    for (what, value) in
        [("garbage", &b"{\"choices\":[]}"[..]), ("another team's", &theirs), ("half", cut), ("huge", &huge)]
    {
        let _: () = redis.ask(&[b"SET", name.as_bytes(), value]).await;
        let other = sharing(two_teams(&upstream), &redis).await;
        assert_eq!(ask_as(&other, KEY, "hi").await, "miss", "{what}");
        until(&other, &looks("unusable", 1)).await;
        until(&other, &writes("kept", 1)).await;
        let third = sharing(two_teams(&upstream), &redis).await;
        assert_eq!(ask_as(&third, KEY, "hi").await, "hit", "{what} was written over");
    }
    let _: () = redis.ask(&[b"DEL", name.as_bytes()]).await;
    let _: () = redis.ask(&[b"LPUSH", name.as_bytes(), b"x"]).await;
    let other = sharing(two_teams(&upstream), &redis).await;
    assert_eq!(ask_as(&other, KEY, "hi").await, "miss", "a list");
    until(&other, &looks("unusable", 1)).await;
}

#[tokio::test]
async fn what_may_not_be_kept_is_not_written_there() {
    let redis = Redis::start().await;
    let good = Fixed::json(200, "", ANSWER).await;
    let gateway = sharing(cached(&good), &redis).await;
    let no_store = [("cache-control", "no-store")];
    gateway.post_as(KEY, "/v1/chat/completions", ask("hi").to_string(), &no_store).await;
    let mut background = ask("hi");
    background["background"] = json!(true);
    gateway.chat(&background).await;

    let failing = Fixed::json(400, "", r#"{"error":{"message":"no"}}"#).await;
    let failed = sharing(cached(&failing), &redis).await;
    assert_eq!(failed.chat(&ask("hi")).await.status, 400);
    let cutting = Fixed::start(vec![Act::Send(sse(&[TOKEN, TOKEN]))], false).await;
    let cut = sharing(cached(&cutting), &redis).await;
    let mut stream = ask("hi");
    stream["stream"] = json!(true);
    cut.chat_until_cut(&stream).await;

    // Larger than what is written there when it is packed, though not than what memory keeps.
    let mut seed = 1u64;
    let noise: String = std::iter::repeat_with(|| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        format!("{seed:016x}")
    })
    .take(3 << 16)
    .collect();
    let large = Fixed::json(200, "", &ANSWER.replace("Hello.", &noise)).await;
    let large = sharing(cached(&large), &redis).await;
    large.chat(&ask("hi")).await;
    until(&large, &writes("too_large", 1)).await;
    assert_eq!(large.chat(&ask("hi")).await.headers["x-aop-cache"], "hit");

    assert_eq!(redis.names().await, Vec::<String>::new());
}

#[tokio::test]
async fn it_is_reached_with_tls_and_a_password_and_never_without() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dir = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (chain, key) = (dir.path().join("chain.pem"), dir.path().join("key.pem"));
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    std::fs::write(&chain, made.cert.pem()).unwrap();
    let port = free_address().port();
    let (tls_port, chain_arg, key_arg) =
        (free_address().port().to_string(), chain.to_str().unwrap(), key.to_str().unwrap());
    let tls = ["--tls-port", &tls_port, "--tls-cert-file", chain_arg, "--tls-key-file", key_arg];
    let more = ["--tls-auth-clients", "no", "--requirepass", "se cret"];
    let _redis = Redis::start_at(port, &[&tls[..], &more[..]].concat()).await;

    let upstream = Fixed::json(200, "", ANSWER).await;
    let url = |password: &str| format!("rediss://:{password}@localhost:{tls_port}/1");
    let one = sharing_at(cached(&upstream), &url("se%20cret"), Some(&chain)).await;
    until(&one, "aop_proxy_cache_shared_connected 1").await;
    ask_as(&one, KEY, "hi").await;
    until(&one, &writes("kept", 1)).await;
    let other = sharing_at(cached(&upstream), &url("se%20cret"), Some(&chain)).await;
    until(&other, "aop_proxy_cache_shared_connected 1").await;
    assert_eq!(ask_as(&other, KEY, "hi").await, "hit");

    for (what, url, authorities) in [
        ("a wrong password", url("wrong"), Some(chain.as_path())),
        ("a certificate nobody vouches for", url("se%20cret"), None),
    ] {
        let gateway = sharing_at(cached(&upstream), &url, authorities).await;
        assert_eq!(ask_as(&gateway, KEY, "hi").await, "miss", "{what}");
        until(&gateway, &looks("away", 1)).await;
    }
}
