//! Splits a body of server-sent events into data and comments, however the bytes were cut into chunks.

use super::ModelError;

/// Longest single line.
const LONGEST_LINE_BYTES: usize = 8 * 1024 * 1024;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// The value of one `data:` line. Model APIs write one line per event.
    Data(String),
    /// A line that starts with a colon.
    Comment(String),
}

#[derive(Default)]
pub(super) struct Splitter {
    line: Vec<u8>,
}

impl Splitter {
    /// Frames that became complete with `chunk`.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<Vec<Frame>, ModelError> {
        let mut frames = Vec::new();
        for part in chunk.split_inclusive(|&byte| byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.len() > LONGEST_LINE_BYTES {
                return Err(ModelError::Malformed("one line of the stream is larger than 8 MiB".to_owned()));
            }
            if part.ends_with(b"\n") {
                frames.extend(frame(&self.line));
                self.line.clear();
            }
        }
        Ok(frames)
    }
}

fn frame(line: &[u8]) -> Option<Frame> {
    let line = String::from_utf8_lossy(line.trim_ascii_end());
    if let Some(comment) = line.strip_prefix(':') {
        return Some(Frame::Comment(comment.trim_start().to_owned()));
    }
    line.strip_prefix("data:").map(|data| Frame::Data(data.strip_prefix(' ').unwrap_or(data).to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn frames_do_not_depend_on_how_the_bytes_are_cut() {
        let body = "event: x\r\ndata: {\"a\":\"é\"}\r\n\r\n: aop {}\n\ndata:[DONE]\n\n".as_bytes();
        let whole = Splitter::default().push(body).unwrap();
        assert_eq!(
            whole,
            [
                Frame::Data("{\"a\":\"é\"}".into()),
                Frame::Comment("aop {}".into()),
                Frame::Data("[DONE]".into())
            ]
        );
        for size in 1..body.len() {
            let mut splitter = Splitter::default();
            let pieces: Vec<Frame> =
                body.chunks(size).flat_map(|chunk| splitter.push(chunk).unwrap()).collect();
            assert_eq!(pieces, whole, "in chunks of {size}");
        }
    }

    #[test]
    fn a_line_without_an_end_is_bounded() {
        let mut splitter = Splitter::default();
        let megabyte = vec![b'x'; 1024 * 1024];
        assert!((0..8).all(|_| splitter.push(&megabyte).is_ok()));
        assert!(splitter.push(&megabyte).is_err());
    }
}
