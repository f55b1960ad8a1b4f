//! One connection to a provider: its stream, what was read ahead of it, and one call at a time.

use std::io::{self, IoSlice};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::FutureExt;
use pingora_core::protocols::Stream;
use pingora_timeout::timeout;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::http1::{self, Body, Head};

/// Room for one read at first: a stream that waits for its next event holds it.
const FIRST_READ_BYTES: usize = 8 << 10;
/// Room once a read has filled what there was. The stream's own buffer is as large, and is passed by when the room is not
/// smaller.
const READ_BYTES: usize = 64 << 10;
/// Heads before the real one (100, 103).
const MOST_INFORMATIONAL: usize = 16;

pub(super) struct Connection {
    stream: Stream,
    buffer: BytesMut,
    /// For the next read.
    room_bytes: usize,
}

/// Why a request got no head of an answer.
#[derive(Debug)]
pub(super) enum Broken {
    /// The connection ended before a byte of an answer: when it is an old one, it may have died while it waited.
    NoAnswer,
    /// It ended within the head.
    Cut,
    Timeout,
    WriteTimeout,
    NotHttp,
}

impl Connection {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, buffer: BytesMut::new(), room_bytes: FIRST_READ_BYTES }
    }

    /// Nothing has come, not even the end.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.buffer.is_empty() && self.stream.read(&mut [0; 1]).now_or_never().is_none()
    }

    /// Sends a request, in as few writes as the kernel allows. `within`: the longest time without progress.
    pub(super) async fn send(&mut self, head: &[u8], body: &[Bytes], within: Duration) -> Result<(), Broken> {
        let mut slices = Vec::with_capacity(body.len() + 1);
        slices.push(IoSlice::new(head));
        slices.extend(body.iter().map(|piece| IoSlice::new(piece)));
        let mut rest = &mut slices[..];
        IoSlice::advance_slices(&mut rest, 0);
        while !rest.is_empty() {
            match timeout(within, self.stream.write_vectored(rest)).await {
                Ok(Ok(0) | Err(_)) => return Err(Broken::NoAnswer),
                Ok(Ok(written)) => IoSlice::advance_slices(&mut rest, written),
                Err(_) => return Err(Broken::WriteTimeout),
            }
        }
        match timeout(within, self.stream.flush()).await {
            Ok(flushed) => flushed.map_err(|_| Broken::NoAnswer),
            Err(_) => Err(Broken::WriteTimeout),
        }
    }

    /// Reads the head of the answer, passing over informational ones.
    pub(super) async fn head(&mut self, within: Duration) -> Result<Head, Broken> {
        self.room_bytes = FIRST_READ_BYTES;
        timeout(within, self.head_at_last()).await.unwrap_or(Err(Broken::Timeout))
    }

    async fn head_at_last(&mut self) -> Result<Head, Broken> {
        let (mut informational, mut some_came) = (0, false);
        loop {
            while let Some(head) = http1::take_head(&mut self.buffer).map_err(|_| Broken::NotHttp)? {
                match head.header.status.as_u16() {
                    // Nobody asked for another protocol.
                    101 => return Err(Broken::NotHttp),
                    100..=199 if informational < MOST_INFORMATIONAL => informational += 1,
                    100..=199 => return Err(Broken::NotHttp),
                    _ => return Ok(head),
                }
            }
            match self.fill().await {
                Ok(0) | Err(_) if some_came => return Err(Broken::Cut),
                Ok(0) | Err(_) => return Err(Broken::NoAnswer),
                Ok(_) => some_came = true,
            }
        }
    }

    /// The next bytes of the body, waiting for them: empty when it has ended.
    pub(super) async fn body(&mut self, body: &mut Body) -> Result<Bytes, Broken> {
        loop {
            let here = body.take(&mut self.buffer).map_err(|_| Broken::NotHttp)?;
            if !here.is_empty() || body.is_ended() {
                return Ok(here);
            }
            match self.fill().await {
                Ok(0) => body.close().map_err(|_| Broken::Cut)?,
                Ok(_) => {}
                Err(_) => return Err(Broken::Cut),
            }
        }
    }

    /// Reads what has come into the buffer. Dropping the future loses nothing.
    async fn fill(&mut self) -> io::Result<usize> {
        self.buffer.reserve(self.room_bytes);
        let read = self.stream.read_buf(&mut self.buffer).await?;
        if read >= self.room_bytes {
            self.room_bytes = READ_BYTES;
        }
        Ok(read)
    }
}
