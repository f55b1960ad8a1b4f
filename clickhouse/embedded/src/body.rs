//! A request's body as a blocking reader: a task receives it from the network, the engine's thread reads it.

use std::io::{Error, ErrorKind, Read, Result};

use axum::body::Body;
use bytes::{Buf, Bytes};
use futures::StreamExt;
use tokio::sync::mpsc;

/// Pieces of the body that wait for the engine: enough that neither side waits for the other's next turn.
const PIECES: usize = 8;

pub(crate) struct BodyReader {
    pieces: mpsc::Receiver<std::result::Result<Bytes, String>>,
    current: Bytes,
}

impl BodyReader {
    /// Starts to receive the body. The receiving ends with the body, or when the reader is dropped.
    pub(crate) fn of(body: Body) -> Self {
        let (sender, pieces) = mpsc::channel(PIECES);
        tokio::spawn(async move {
            let mut stream = body.into_data_stream();
            while let Some(piece) = stream.next().await {
                let failed = piece.is_err();
                if sender.send(piece.map_err(|error| error.to_string())).await.is_err() || failed {
                    return;
                }
            }
        });
        Self { pieces, current: Bytes::new() }
    }
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while self.current.is_empty() {
            match self.pieces.blocking_recv() {
                Some(Ok(piece)) => self.current = piece,
                Some(Err(reason)) => return Err(Error::new(ErrorKind::ConnectionAborted, reason)),
                None => return Ok(0),
            }
        }
        let count = buffer.len().min(self.current.len());
        self.current.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}

/// Reads until `limit` bytes are there or the body ends. True: it ended.
pub(crate) fn read_up_to(reader: &mut dyn Read, buffer: &mut Vec<u8>, limit: usize) -> Result<bool> {
    let missing = limit.saturating_sub(buffer.len()) as u64;
    let read = reader.take(missing).read_to_end(buffer)?;
    Ok((read as u64) < missing)
}
