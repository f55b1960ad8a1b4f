//! What one answer held: when its first byte and first token came, how late each chunk was, whether it was whole.

use crate::machine::now_ns;

/// The mock writes `@` and the time in 16 hex digits into each chunk's content.
const STAMP_BYTES: usize = 17;

#[derive(Default)]
pub struct Answer {
    pub status: u16,
    /// Nanoseconds of the machine's monotonic clock; 0 = not yet.
    pub first_byte_ns: u64,
    pub first_token_ns: u64,
    pub chunks: u64,
    pub done: bool,
    pub has_usage: bool,
    /// How long each chunk was on its way, ns.
    pub delays_ns: Vec<u64>,
    /// The start of an answer that was not a 200.
    pub complaint: Vec<u8>,
    carry: Vec<u8>,
}

impl Answer {
    /// Takes body bytes as they come.
    pub fn feed(&mut self, bytes: &[u8]) {
        let now = now_ns();
        if self.first_byte_ns == 0 && !bytes.is_empty() {
            self.first_byte_ns = now;
        }
        if self.status != 200 && self.complaint.len() < 300 {
            self.complaint.extend_from_slice(&bytes[..bytes.len().min(300)]);
        }
        let mut joined = std::mem::take(&mut self.carry);
        joined.extend_from_slice(bytes);
        let rest = self.read_stamps(&joined, now);
        self.done |= memchr::memmem::find(rest, b"[DONE]").is_some();
        self.has_usage |= memchr::memmem::find(rest, b"total_tokens").is_some();
        self.carry = rest[rest.len().saturating_sub(STAMP_BYTES)..].to_vec();
    }

    fn read_stamps<'a>(&mut self, bytes: &'a [u8], now: u64) -> &'a [u8] {
        let mut after = 0;
        for at in memchr::memchr_iter(b'@', bytes) {
            let Some(hex) = bytes.get(at + 1..at + STAMP_BYTES) else { break };
            let sent = std::str::from_utf8(hex).ok().and_then(|hex| u64::from_str_radix(hex, 16).ok());
            let Some(sent) = sent else { continue };
            self.chunks += 1;
            self.delays_ns.push(now.saturating_sub(sent));
            if self.first_token_ns == 0 {
                self.first_token_ns = now;
            }
            after = at + STAMP_BYTES;
        }
        &bytes[after..]
    }

    /// A whole answer: usage in JSON, content and `[DONE]` in a stream.
    pub fn is_whole(&self, stream: bool) -> bool {
        self.status == 200 && if stream { self.chunks > 0 && self.done } else { self.has_usage }
    }
}
