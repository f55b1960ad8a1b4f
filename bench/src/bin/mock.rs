//! Mock OpenAI upstream: `/v1/chat/completions` as JSON (about 1.1 KB) or as a stream. Answers are prebuilt, so that one
//! core serves far more than any gateway can forward. Every chunk's content starts with `@` and the machine's monotonic
//! time, by which the load generator knows how long it was on its way.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use clap::Parser;
use futures::stream::{self, StreamExt};
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use aop_bench::machine::now_ns;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser, Clone, Copy)]
struct Options {
    #[arg(long)]
    listen: SocketAddr,
    /// Chunks of a streamed answer
    #[arg(long, default_value_t = 100)]
    chunks: u32,
    /// Pause between two chunks, microseconds; 0 sends all at once
    #[arg(long, default_value_t = 0)]
    pause_us: u64,
}

const WORDS: &str = "The measured path carries every token of the answer and adds little. ";
const HEAD: &str = r#"data: {"id":"chatcmpl-mock0001","object":"chat.completion.chunk","created":1760000000,"model":"bench","service_tier":"default","system_fingerprint":"fp_mock","choices":["#;
const USAGE: &str = r#""usage":{"prompt_tokens":210,"completion_tokens":120,"total_tokens":330,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}}"#;

type Body = Either<Full<Bytes>, StreamBody<stream::BoxStream<'static, Result<Frame<Bytes>, Infallible>>>>;

fn whole_answer() -> Bytes {
    let content = WORDS.repeat(9);
    Bytes::from(format!(
        r#"{{"id":"chatcmpl-mock0001","object":"chat.completion","created":1760000000,"model":"bench","choices":[{{"index":0,"message":{{"role":"assistant","content":"{content}","refusal":null,"annotations":[]}},"logprobs":null,"finish_reason":"stop"}}],{USAGE},"service_tier":"default","system_fingerprint":"fp_mock"}}"#
    ))
}

fn chunk() -> Bytes {
    let words = &WORDS[..23];
    Bytes::from(format!(
        "{HEAD}{{\"index\":0,\"delta\":{{\"content\":\"@{:016x}{words}\"}},\"finish_reason\":null}}]}}\n\n",
        now_ns()
    ))
}

fn last_chunks(usage: bool) -> Bytes {
    let finish = format!("{HEAD}{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"stop\"}}]}}\n\n");
    let usage = if usage { format!("{HEAD}],{USAGE}}}\n\n") } else { String::new() };
    Bytes::from(format!("{finish}{usage}data: [DONE]\n\n"))
}

fn streamed(options: Options, usage: bool) -> Body {
    let chunks = stream::iter(0..options.chunks).then(move |at| async move {
        if options.pause_us > 0 && at > 0 {
            tokio::time::sleep(Duration::from_micros(options.pause_us)).await;
        }
        Ok(Frame::data(chunk()))
    });
    let last = stream::once(async move { Ok(Frame::data(last_chunks(usage))) });
    Either::Right(StreamBody::new(chunks.chain(last).boxed()))
}

async fn answer(
    request: Request<Incoming>,
    options: Options,
    whole: Bytes,
) -> Result<Response<Body>, hyper::Error> {
    let body = request.into_body().collect().await?.to_bytes();
    let has = |what: &[u8]| memchr::memmem::find(&body[body.len().saturating_sub(200)..], what).is_some();
    let (kind, body) = if has(b"\"stream\":true") {
        ("text/event-stream", streamed(options, has(b"\"include_usage\":true")))
    } else {
        ("application/json", Either::Left(Full::new(whole)))
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    Ok(response)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let listener = TcpListener::bind(options.listen).await?;
    let whole = whole_answer();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let whole = whole.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(request, options, whole.clone()));
            // A client that goes away ends its connection; the mock has nobody to tell.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
