//! One keep-alive HTTP/1.1 connection of the load generator. Raw, so that the generator costs as little as it can.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::answer::Answer;

pub struct Connection {
    to: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

struct Head {
    length: Option<usize>,
    chunked: bool,
    close: bool,
}

impl Connection {
    pub fn new(to: SocketAddr) -> Self {
        Self { to, stream: None, buffer: Vec::new() }
    }

    /// Sends the prepared request and reads the whole answer. A failed connection is opened anew for the next one.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<Answer> {
        let answer = self.try_exchange(request).await;
        if answer.is_err() {
            self.drop_connection();
        }
        answer
    }

    pub fn drop_connection(&mut self) {
        self.stream = None;
        self.buffer.clear();
    }

    async fn try_exchange(&mut self, request: &[u8]) -> Result<Answer> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.to).await?;
            stream.set_nodelay(true)?;
            self.stream = Some(stream);
            self.buffer.clear();
        }
        self.open()?.write_all(request).await?;
        let mut answer = Answer::default();
        let head = self.read_head(&mut answer).await?;
        if head.chunked {
            self.read_chunks(&mut answer).await?;
        } else {
            self.read_plain(&mut answer, head.length).await?;
        }
        if head.close || (!head.chunked && head.length.is_none()) {
            self.drop_connection();
        }
        Ok(answer)
    }

    fn open(&mut self) -> Result<&mut TcpStream> {
        self.stream.as_mut().ok_or_else(|| Error::from(ErrorKind::NotConnected))
    }

    async fn fill(&mut self) -> Result<()> {
        self.buffer.reserve(16 << 10);
        let stream = self.stream.as_mut().ok_or_else(|| Error::from(ErrorKind::NotConnected))?;
        match stream.read_buf(&mut self.buffer).await? {
            0 => Err(Error::from(ErrorKind::UnexpectedEof)),
            _ => Ok(()),
        }
    }

    async fn read_head(&mut self, answer: &mut Answer) -> Result<Head> {
        loop {
            self.fill().await?;
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut parsed = httparse::Response::new(&mut headers);
            let httparse::Status::Complete(end) = parsed.parse(&self.buffer).map_err(Error::other)? else {
                continue;
            };
            answer.status = parsed.code.unwrap_or(0);
            let value = |name: &str| {
                let header = parsed.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
                header.and_then(|header| std::str::from_utf8(header.value).ok())
            };
            let head = Head {
                length: value("content-length").and_then(|length| length.trim().parse().ok()),
                chunked: value("transfer-encoding")
                    .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")),
                close: value("connection").is_some_and(|what| what.eq_ignore_ascii_case("close")),
            };
            self.buffer.drain(..end);
            return Ok(head);
        }
    }

    async fn read_chunks(&mut self, answer: &mut Answer) -> Result<()> {
        loop {
            let (size, start) = loop {
                if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n") {
                    let line = self.buffer[..end].split(|byte| *byte == b';').next().unwrap_or_default();
                    let size = std::str::from_utf8(line)
                        .ok()
                        .and_then(|text| usize::from_str_radix(text.trim(), 16).ok());
                    break (size.ok_or_else(|| Error::other("bad chunk size"))?, end + 2);
                }
                self.fill().await?;
            };
            while self.buffer.len() < start + size + 2 {
                self.fill().await?;
            }
            answer.feed(&self.buffer[start..start + size]);
            self.buffer.drain(..start + size + 2);
            if size == 0 {
                return Ok(());
            }
        }
    }

    async fn read_plain(&mut self, answer: &mut Answer, length: Option<usize>) -> Result<()> {
        let mut left = length.unwrap_or(usize::MAX);
        loop {
            let ready = self.buffer.len().min(left);
            if ready > 0 {
                answer.feed(&self.buffer[..ready]);
                self.buffer.drain(..ready);
                left -= ready;
            }
            if left == 0 {
                return Ok(());
            }
            match self.fill().await {
                Err(error) if error.kind() == ErrorKind::UnexpectedEof && length.is_none() => return Ok(()),
                filled => filled?,
            }
        }
    }
}
