//! Amazon's event stream: binary messages, each a prelude, headers, a payload, and two checksums.
//!
//! ```text
//! total length u32 | headers length u32 | CRC-32 of these eight bytes | headers | payload | CRC-32 of all before
//! ```
//! Numbers are big-endian. What does not fit its checksum or its lengths is damage, and nothing after it is read.

use bytes::{Buf, Bytes, BytesMut};

/// Larger messages are not waited for. The service's own are a few kilobytes.
pub(super) const MAX_MESSAGE_BYTES: usize = 4 << 20;
const PRELUDE_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Frame {
    /// Those whose value is text; no others are used on this wire.
    pub(super) headers: Vec<(String, String)>,
    pub(super) payload: Bytes,
}

impl Frame {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// Why the rest of a stream cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damage(pub(super) &'static str);

#[derive(Debug, Default)]
pub(super) struct Decoder {
    buffer: BytesMut,
    damage: Option<Damage>,
}

impl Decoder {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.damage.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next whole message. After damage there is none.
    pub(super) fn next_frame(&mut self) -> Option<Result<Frame, Damage>> {
        if self.damage.is_some() {
            return None;
        }
        let frame = self.take().transpose();
        if let Some(Err(damage)) = frame {
            self.damage = Some(damage);
            self.buffer = BytesMut::new();
        }
        frame
    }

    /// Bytes of a message that is not whole yet.
    pub(super) fn partial_bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Is there nothing of an unfinished message?
    pub(super) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    fn take(&mut self) -> Result<Option<Frame>, Damage> {
        let Some(mut prelude) = self.buffer.get(..PRELUDE_BYTES) else { return Ok(None) };
        let checked = crc32fast::hash(&prelude[..PRELUDE_BYTES - CHECKSUM_BYTES]);
        let (total, headers, checksum) =
            (length(prelude.get_u32()), length(prelude.get_u32()), prelude.get_u32());
        if checksum != checked {
            return Err(Damage("sent a message whose beginning is damaged"));
        }
        let Some(body_bytes) =
            total.checked_sub(PRELUDE_BYTES + CHECKSUM_BYTES).filter(|body| headers <= *body)
        else {
            return Err(Damage("sent a message whose lengths contradict each other"));
        };
        if total > MAX_MESSAGE_BYTES {
            return Err(Damage("sent a message too large to be read"));
        }
        if self.buffer.len() < total {
            return Ok(None);
        }
        let mut message = self.buffer.split_to(total).freeze();
        let checked = crc32fast::hash(&message[..total - CHECKSUM_BYTES]);
        if (&message[total - CHECKSUM_BYTES..]).get_u32() != checked {
            return Err(Damage("sent a damaged message"));
        }
        message.advance(PRELUDE_BYTES);
        message.truncate(body_bytes);
        let payload = message.split_off(headers);
        let headers =
            read_headers(message).ok_or(Damage("sent a message with headers that cannot be read"))?;
        Ok(Some(Frame { headers, payload }))
    }
}

/// A message as the service sends it. Names and values of headers are short: what is longer than the wire can say is cut.
pub(super) fn encode(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        let name = &name.as_bytes()[..name.len().min(u8::MAX.into())];
        let value = &value.as_bytes()[..value.len().min(u16::MAX.into())];
        head.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        head.extend_from_slice(name);
        head.push(7);
        head.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        head.extend_from_slice(value);
    }
    encode_raw(&head, payload)
}

fn encode_raw(head: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
    let mut message = length(PRELUDE_BYTES + head.len() + payload.len() + CHECKSUM_BYTES).to_vec();
    message.extend_from_slice(&length(head.len()));
    message.extend_from_slice(&crc32fast::hash(&message).to_be_bytes());
    message.extend_from_slice(head);
    message.extend_from_slice(payload);
    message.extend_from_slice(&crc32fast::hash(&message).to_be_bytes());
    message
}

fn length(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// `None`: they end in the middle of one, or one is of an unknown type.
fn read_headers(mut bytes: Bytes) -> Option<Vec<(String, String)>> {
    let mut headers = Vec::new();
    while !bytes.is_empty() {
        let name_bytes = usize::from(bytes.try_get_u8().ok()?);
        let name = take(&mut bytes, name_bytes)?;
        match bytes.try_get_u8().ok()? {
            0 | 1 => {}
            2 => bytes = rest(bytes, 1)?,
            3 => bytes = rest(bytes, 2)?,
            4 => bytes = rest(bytes, 4)?,
            5 | 8 => bytes = rest(bytes, 8)?,
            9 => bytes = rest(bytes, 16)?,
            6 => {
                let length = usize::from(bytes.try_get_u16().ok()?);
                bytes = rest(bytes, length)?;
            }
            7 => {
                let length = usize::from(bytes.try_get_u16().ok()?);
                let value = take(&mut bytes, length)?;
                headers.push((text(&name), text(&value)));
            }
            _ => return None,
        }
    }
    Some(headers)
}

fn take(bytes: &mut Bytes, length: usize) -> Option<Bytes> {
    (bytes.len() >= length).then(|| bytes.split_to(length))
}

fn rest(mut bytes: Bytes, skipped: usize) -> Option<Bytes> {
    take(&mut bytes, skipped)?;
    Some(bytes)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn decode(pieces: &[&[u8]]) -> (Vec<Frame>, Option<Damage>, bool) {
        let mut decoder = Decoder::default();
        let (mut frames, mut damage) = (Vec::new(), None);
        for piece in pieces {
            decoder.push(piece);
            while let Some(next) = decoder.next_frame() {
                match next {
                    Ok(frame) => frames.push(frame),
                    Err(found) => damage = Some(found),
                }
            }
        }
        (frames, damage, decoder.is_empty())
    }

    #[test]
    fn amazons_own_examples_are_read() {
        let empty = b"\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2\x48\xeb\x7d\x98\xc8\xff";
        assert_eq!(decode(&[empty]), (vec![Frame::default()], None, true));
        let payload = b"\x00\x00\x00\x1d\x00\x00\x00\x00\xfd\x52\x8c\x5a{'foo':'bar'}\xc3\x65\x39\x36";
        assert_eq!(decode(&[payload]).0[0].payload, "{'foo':'bar'}");
        assert_eq!(encode(&[], b"{'foo':'bar'}"), payload);
    }

    #[test]
    fn headers_of_other_types_are_passed_over() {
        let mut head = Vec::new();
        for (kind, length) in [(0, 0), (1, 0), (2, 1), (3, 2), (4, 4), (5, 8), (8, 8), (9, 16)] {
            head.extend_from_slice(&[1, b'x', kind]);
            head.extend(std::iter::repeat_n(0xEE, length));
        }
        head.extend_from_slice(b"\x01b\x06\x00\x03\x00\x01\x02\x0b:event-type\x07\x00\x04ping");
        let (frames, damage, _) = decode(&[&encode_raw(&head, b"p")]);
        assert_eq!((frames[0].header(":event-type"), damage), (Some("ping"), None));
        assert_eq!(frames[0].headers.len(), 1);
    }

    #[test]
    fn lengths_that_cannot_be_are_damage_before_a_byte_is_waited_for() {
        for (total, headers) in [(8u32, 0u32), (16, 1), (u32::MAX, 0), (5 << 20, 0), (0, 0)] {
            let mut prelude = [total.to_be_bytes(), headers.to_be_bytes()].concat();
            prelude.extend_from_slice(&crc32fast::hash(&prelude).to_be_bytes());
            assert!(decode(&[&prelude]).1.is_some(), "{total} {headers}");
        }
        assert!(decode(&[&encode_raw(b"\x05ab", b"")]).1.is_some(), "a header that ends too early");
        assert!(decode(&[&encode_raw(b"\x01a\x0a", b"")]).1.is_some(), "a type that is not known");
    }

    proptest! {
        #[test]
        fn messages_cut_anywhere_are_the_same(
            messages in prop::collection::vec((".{0,9}", prop::collection::vec(any::<u8>(), 0..40)), 0..5),
            places in prop::collection::vec(0usize..400, 0..8),
        ) {
            let stream: Vec<u8> =
                messages.iter().flat_map(|(value, payload)| encode(&[(":event-type", value)], payload)).collect();
            let (frames, damage, empty) = decode(&crate::providers::testing::cut(&stream, &places));
            prop_assert_eq!((damage, empty), (None, true));
            let read: Vec<_> = frames.iter().map(|frame| (frame.header(":event-type").unwrap().to_owned(), frame.payload.to_vec())).collect();
            prop_assert_eq!(read, messages);
        }

        #[test]
        fn a_flipped_bit_never_passes(payload in prop::collection::vec(any::<u8>(), 0..40), at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let mut message = encode(&[(":event-type", "x")], &payload);
            let at = at.index(message.len());
            message[at] ^= 1 << bit;
            prop_assert!(decode(&[&message]).0.is_empty());
        }

        #[test]
        fn no_bytes_make_it_fail_or_hold_more_than_one_message(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut decoder = Decoder::default();
            decoder.push(&bytes);
            while decoder.next_frame().is_some() {}
            prop_assert!(decoder.buffer.len() <= MAX_MESSAGE_BYTES);
        }
    }
}
