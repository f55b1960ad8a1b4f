//! A segment over plain HTTP: the kernel moves it from the file to the socket, and this process never holds it. Between
//! parts of one installation that is the usual case, and it spares two copies of every body that was recorded.

use std::fs::File;
use std::io;
use std::time::Duration;

use nix::sys::sendfile::sendfile64;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::TcpStream;

use super::VERDICT_HEADER;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// So much is given to the kernel at once.
const ONE_CALL_BYTES: u64 = 1 << 20;
/// The whole answer: a status and one line of JSON.
const ANSWER_MAX_BYTES: usize = 64 << 10;
const MOST_HEADERS: usize = 32;

/// The way to one collector; its connection is kept between segments.
pub(super) struct Plain {
    /// `host:port`
    authority: String,
    /// Before `/ingest/segments`.
    base_path: String,
    connection: Option<TcpStream>,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) verdict: Option<Vec<u8>>,
    keeps_alive: bool,
}

impl Plain {
    /// `None`: the URL is not one of plain HTTP.
    pub(super) fn new(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("http://")?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.is_empty() || authority.contains('@') {
            return None;
        }
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let authority = if has_port { authority.to_owned() } else { format!("{authority}:80") };
        Some(Self { authority, base_path: path.trim_end_matches('/').to_owned(), connection: None })
    }

    /// `fields`: header lines, each with its end.
    pub(super) async fn post(&mut self, fields: &str, file: &File, bytes: u64) -> io::Result<Answer> {
        let head = format!(
            "POST {}/ingest/segments HTTP/1.1\r\nhost: {}\r\ncontent-length: {bytes}\r\n{fields}\r\n",
            self.base_path, self.authority
        );
        if let Some(connection) = self.connection.take() {
            // The collector may have closed it meanwhile. Sending a segment twice stores it once.
            if let Ok(answer) = self.exchange(connection, &head, file, bytes).await {
                return Ok(answer);
            }
        }
        let connecting = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(&self.authority)).await;
        let connection = connecting.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        connection.set_nodelay(true)?;
        self.exchange(connection, &head, file, bytes).await
    }

    async fn exchange(
        &mut self,
        mut connection: TcpStream,
        head: &str,
        file: &File,
        bytes: u64,
    ) -> io::Result<Answer> {
        connection.write_all(head.as_bytes()).await?;
        let sent = send_file(&connection, file, bytes).await;
        // A collector that refuses early may close before it has read everything: what it says counts.
        let answer = match read_answer(&mut connection).await {
            Ok(answer) => answer,
            Err(error) => return Err(sent.err().unwrap_or(error)),
        };
        if answer.keeps_alive && sent.is_ok() {
            self.connection = Some(connection);
        }
        Ok(answer)
    }
}

async fn send_file(connection: &TcpStream, file: &File, bytes: u64) -> io::Result<()> {
    let mut offset: i64 = 0;
    while let Some(left) = bytes.checked_sub(offset.unsigned_abs()).filter(|left| *left > 0) {
        connection.writable().await?;
        let count = usize::try_from(left.min(ONE_CALL_BYTES)).unwrap_or(usize::MAX);
        let sent = connection.try_io(Interest::WRITABLE, || {
            sendfile64(connection, file, Some(&mut offset), count).map_err(io::Error::from)
        });
        match sent {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

async fn read_answer(connection: &mut TcpStream) -> io::Result<Answer> {
    let mut text = Vec::with_capacity(1024);
    loop {
        if connection.read_buf(&mut text).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if text.len() > ANSWER_MAX_BYTES {
            return Err(not_http());
        }
        if let Some(answer) = parse(&text)? {
            return Ok(answer);
        }
    }
}

/// `None` while the answer, its body included, is not whole. A body whose length is not said ends the connection.
fn parse(text: &[u8]) -> io::Result<Option<Answer>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    let head_bytes = match answer.parse(text).map_err(|_| not_http())? {
        httparse::Status::Complete(bytes) => bytes,
        httparse::Status::Partial => return Ok(None),
    };
    let field = |name: &str| {
        answer.headers.iter().find(|field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value)
    };
    let length = field("content-length").and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    if length.is_some_and(|length: usize| text.len() < head_bytes.saturating_add(length)) {
        return Ok(None);
    }
    let closes = field("connection").is_some_and(|value| value.eq_ignore_ascii_case(b"close"));
    Ok(Some(Answer {
        status: answer.code.ok_or_else(not_http)?,
        verdict: field(VERDICT_HEADER).map(<[u8]>::to_vec),
        keeps_alive: length.is_some() && !closes && answer.version == Some(1),
    }))
}

fn not_http() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_http_url_is_taken() {
        let of = |url| Plain::new(url).map(|plain| (plain.authority, plain.base_path));
        assert_eq!(of("http://127.0.0.1:82"), Some(("127.0.0.1:82".into(), String::new())));
        assert_eq!(of("http://[::1]/x/"), Some(("[::1]:80".into(), "/x".into())));
        assert_eq!(of("https://collector"), None);
        assert_eq!(of("http://user@collector"), None);
    }

    #[test]
    fn an_answer_is_waited_for_until_its_body_is_whole() {
        let whole = b"HTTP/1.1 422 x\r\nX-AOP-Verdict: unreadable\r\ncontent-length: 2\r\n\r\n{}";
        for cut in 0..whole.len() {
            assert!(parse(&whole[..cut]).unwrap().is_none(), "{cut}");
        }
        let answer = parse(whole).unwrap().unwrap();
        assert_eq!((answer.status, answer.verdict.as_deref()), (422, Some(&b"unreadable"[..])));
        assert!(answer.keeps_alive);
        assert!(!parse(b"HTTP/1.1 200 OK\r\n\r\n").unwrap().unwrap().keeps_alive);
        assert!(parse(b"220 smtp ready\r\n").is_err());
    }
}
