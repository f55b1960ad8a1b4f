//! A provider that answers as the one of a capture did, call by call.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The answers, in the order in which they are asked for. The last one is given again and again.
pub struct Provider {
    pub port: u16,
}

struct Answer {
    body: Vec<u8>,
    is_stream: bool,
}

impl Provider {
    pub async fn start(capture: &super::Capture) -> Self {
        let answers = capture.calls.iter();
        let answers: Arc<Vec<Answer>> = Arc::new(
            answers.map(|call| Answer { body: call.response.clone(), is_stream: call.is_stream }).collect(),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let next = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, next) = (Arc::clone(&answers), Arc::clone(&next));
                tokio::spawn(async move {
                    // A client that went away is not this provider's business.
                    let _ = answer(stream, &answers, &next).await;
                });
            }
        });
        Self { port }
    }
}

/// One request, one answer, and the connection ends.
async fn answer(stream: TcpStream, answers: &[Answer], next: &AtomicUsize) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let number = next.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
    let answer = &answers[number];
    let kind = if answer.is_stream { "text/event-stream" } else { "application/json" };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.body.len()
    );
    stream.get_mut().write_all(head.as_bytes()).await?;
    stream.get_mut().write_all(&answer.body).await?;
    stream.get_mut().shutdown().await
}
