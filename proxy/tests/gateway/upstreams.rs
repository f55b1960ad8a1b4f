//! Providers that behave badly, on raw sockets, and a provider that shows what it was sent.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub head: String,
    pub body: Vec<u8>,
}

/// A server that gives every request the same answer, and notes what it saw.
#[derive(Clone)]
pub struct Fixed {
    pub address: SocketAddr,
    pub seen: Arc<Mutex<Vec<Seen>>>,
    /// How many connections the gateway closed before they were answered to the end.
    pub dropped: Arc<Mutex<usize>>,
}

/// What a server does after it has read a request.
#[derive(Clone)]
pub enum Act {
    Send(Vec<u8>),
    Wait(Duration),
    /// Waits until the test says so.
    WaitFor(Arc<Notify>),
    /// Sends the same again and again until the test says so.
    SendUntil(Vec<u8>, Arc<Notify>),
    /// Waits until the other side closes.
    WaitForClose,
}

impl Fixed {
    /// Does the acts for each request. With `keep` the connection serves the next request, otherwise it is closed.
    pub async fn start(acts: Vec<Act>, keep: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server =
            Self { address: listener.local_addr().unwrap(), seen: Arc::default(), dropped: Arc::default() };
        let made = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (server, acts) = (server.clone(), acts.clone());
                tokio::spawn(async move { server.serve(stream, &acts, keep).await });
            }
        });
        made
    }

    /// Answers with this status and JSON body.
    pub async fn json(status: u16, headers: &str, body: &str) -> Self {
        let answer = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        Self::start(vec![Act::Send(answer.into_bytes())], true).await
    }

    pub async fn answering() -> Self {
        Self::json(200, "", OK_BODY).await
    }

    async fn serve(&self, mut stream: TcpStream, acts: &[Act], keep: bool) {
        while let Some(seen) = read_request(&mut stream).await {
            self.seen.lock().unwrap().push(seen);
            for act in acts {
                match act {
                    Act::Send(bytes) => {
                        if stream.write_all(bytes).await.is_err() {
                            *self.dropped.lock().unwrap() += 1;
                            return;
                        }
                    }
                    Act::Wait(time) => tokio::time::sleep(*time).await,
                    Act::WaitFor(told) => told.notified().await,
                    Act::SendUntil(bytes, told) => loop {
                        tokio::select! {
                            () = told.notified() => break,
                            () = tokio::time::sleep(Duration::from_millis(20)) => {}
                        }
                        if stream.write_all(bytes).await.is_err() {
                            *self.dropped.lock().unwrap() += 1;
                            return;
                        }
                    },
                    Act::WaitForClose => {
                        let mut byte = [0];
                        if matches!(stream.read(&mut byte).await, Ok(0) | Err(_)) {
                            *self.dropped.lock().unwrap() += 1;
                        }
                        return;
                    }
                }
            }
            if !keep {
                return;
            }
        }
    }

    pub fn requests(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn drops(&self) -> usize {
        *self.dropped.lock().unwrap()
    }
}

pub const OK_BODY: &str = r#"{"id":"cmpl-1","object":"chat.completion","model":"up-1","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#;

async fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 256 << 10];
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&buffer[..n]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).to_ascii_lowercase();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    while bytes.len() < head_end + length {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&buffer[..n]),
        }
    }
    Some(Seen { head, body: bytes[head_end..].to_vec() })
}

/// The header of a stream and these pieces, each a chunk.
pub fn sse(pieces: &[&str]) -> Vec<u8> {
    let mut bytes = sse_head();
    for piece in pieces {
        bytes.extend(chunk(piece));
    }
    bytes
}

pub fn sse_head() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec()
}

pub fn chunk(piece: &str) -> Vec<u8> {
    format!("{:x}\r\n{piece}\r\n", piece.len()).into_bytes()
}

/// A chunk of text.
pub const TOKEN: &str = "data: {\"id\":\"c1\",\"model\":\"up-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi \"},\"finish_reason\":null}]}\n\n";
/// The last chunk of the text.
pub const FINISH: &str = "data: {\"id\":\"c1\",\"model\":\"up-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
/// The extra chunk that `include_usage` asks for.
pub const USAGE: &str = "data: {\"id\":\"c1\",\"model\":\"up-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2,\"total_tokens\":9}}\n\n";
pub const DONE: &str = "data: [DONE]\n\n";
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";
