//! A client of HTTP/1.1 that forgives nothing: it never sends a request twice, and a connection that closes under a
//! request is a failure, also one that was kept open for it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection at a time, used again as long as the server lets it.
pub struct Client {
    address: String,
    key: &'static str,
    connection: Option<TcpStream>,
    pub connections: u64,
}

pub struct Answer {
    pub status: u16,
    pub body: String,
    /// The server closes the connection.
    pub closes: bool,
}

impl Client {
    pub fn new(address: &str, key: &'static str) -> Self {
        Self { address: address.to_owned(), key, connection: None, connections: 0 }
    }

    pub async fn get(&mut self, path: &str) -> Result<Answer, String> {
        self.exchange(format!(
            "GET {path} HTTP/1.1\r\nhost: aop\r\nauthorization: Bearer {}\r\n\r\n",
            self.key
        ))
        .await
    }

    pub async fn call(&mut self, body: &str) -> Result<Answer, String> {
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: aop\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.key,
            body.len()
        );
        self.exchange(head + body).await
    }

    /// The next request takes a new connection.
    pub fn hang_up(&mut self) {
        self.connection = None;
    }

    async fn exchange(&mut self, request: String) -> Result<Answer, String> {
        let reused = self.connection.is_some();
        let mut stream = match self.connection.take() {
            Some(kept) => kept,
            None => {
                self.connections += 1;
                let stream =
                    TcpStream::connect(&self.address).await.map_err(|error| format!("connect: {error}"))?;
                stream.set_nodelay(true).map_err(|error| error.to_string())?;
                stream
            }
        };
        let answer = async {
            stream.write_all(request.as_bytes()).await.map_err(|error| format!("write: {error}"))?;
            read_answer(&mut stream).await
        };
        let answer = answer.await.map_err(|error| {
            format!("{error} (on a connection {})", if reused { "kept open" } else { "just opened" })
        })?;
        if !answer.closes {
            self.connection = Some(stream);
        }
        Ok(answer)
    }
}

async fn read_answer(stream: &mut TcpStream) -> Result<Answer, String> {
    let mut bytes = Vec::with_capacity(4096);
    let end = loop {
        if let Some(end) = find(&bytes, b"\r\n\r\n") {
            break end;
        }
        more(stream, &mut bytes, "header").await?;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let field = |name: &str| {
        head.lines().find_map(|line| line.strip_prefix(name).map(|value| value.trim().to_owned()))
    };
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("no status")?;
    let closes = field("connection:").is_some_and(|value| value == "close");
    let mut rest = bytes.split_off(end + 4);
    let body = if field("transfer-encoding:").is_some_and(|value| value == "chunked") {
        read_chunks(stream, &mut rest).await?
    } else {
        let length: usize =
            field("content-length:").and_then(|length| length.parse().ok()).ok_or("no length")?;
        while rest.len() < length {
            more(stream, &mut rest, "body").await?;
        }
        rest
    };
    Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned(), closes })
}

async fn read_chunks(stream: &mut TcpStream, rest: &mut Vec<u8>) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        let line = loop {
            if let Some(end) = find(rest, b"\r\n") {
                break end;
            }
            more(stream, rest, "chunk").await.map_err(|error| cut(&error, &body))?;
        };
        let length = std::str::from_utf8(&rest[..line])
            .ok()
            .and_then(|hex| usize::from_str_radix(hex.trim(), 16).ok());
        let length = length.ok_or("a chunk without a length")?;
        while rest.len() < line + 2 + length + 2 {
            more(stream, rest, "chunk").await.map_err(|error| cut(&error, &body))?;
        }
        body.extend_from_slice(&rest[line + 2..line + 2 + length]);
        rest.drain(..line + 2 + length + 2);
        if length == 0 {
            return Ok(body);
        }
    }
}

/// An error with what had come before it.
fn cut(error: &str, body: &[u8]) -> String {
    let from = body.len().saturating_sub(600);
    format!("{error}, behind: {}", String::from_utf8_lossy(&body[from..]))
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>, of: &str) -> Result<(), String> {
    match stream.read_buf(bytes).await {
        Ok(0) => Err(format!("the connection was closed in the {of}, after {} bytes", bytes.len())),
        Ok(_) => Ok(()),
        Err(error) => Err(format!("read: {error}")),
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
