//! The body of an answer: taken out of the read buffer piece by piece, its framing left behind.

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr;

use super::NotHttp;

/// The line before a chunk, extensions included.
const CHUNK_LINE_MAX_BYTES: usize = 4 << 10;
/// All lines behind the last chunk.
const TRAILERS_MAX_BYTES: usize = 16 << 10;

/// How the end of the body is found, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::upstream) enum Body {
    /// So many bytes are still to come.
    Length(u64),
    Chunks(Chunks),
    UntilClose,
    Ended,
}

/// Where in the chunks the reader stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::upstream) enum Chunks {
    /// Before the line with the next chunk's size.
    Size,
    /// In a chunk, so many bytes before its end.
    Data(u64),
    /// Before the line end behind a chunk.
    DataEnd,
    /// Behind the last chunk; so many bytes of trailers were passed over.
    Trailers(usize),
}

impl Body {
    pub(super) fn chunked() -> Self {
        Self::Chunks(Chunks::Size)
    }

    pub(in crate::upstream) fn is_ended(&self) -> bool {
        matches!(self, Self::Ended | Self::Length(0))
    }

    /// Takes out of the buffer what is there of the body, without its framing. Empty: nothing is there yet, or the body
    /// has ended.
    pub(in crate::upstream) fn take(&mut self, buffer: &mut BytesMut) -> Result<Bytes, NotHttp> {
        match self {
            Self::Length(left) => {
                let here = usize::try_from(*left).unwrap_or(usize::MAX).min(buffer.len());
                *left -= here as u64;
                Ok(buffer.split_to(here).freeze())
            }
            Self::UntilClose => Ok(buffer.split().freeze()),
            Self::Ended => Ok(Bytes::new()),
            Self::Chunks(chunks) => {
                let (data, ended) = chunks.take(buffer)?;
                if ended {
                    *self = Self::Ended;
                }
                Ok(data)
            }
        }
    }

    /// The provider has closed the connection. `Err`: the body was not whole.
    pub(in crate::upstream) fn close(&mut self) -> Result<(), NotHttp> {
        match self {
            Self::UntilClose | Self::Ended | Self::Length(0) => {
                *self = Self::Ended;
                Ok(())
            }
            Self::Length(_) | Self::Chunks(_) => Err(NotHttp),
        }
    }
}

impl Chunks {
    /// The data of all chunks in the buffer, moved together at its front; and whether the last chunk has come.
    fn take(&mut self, buffer: &mut BytesMut) -> Result<(Bytes, bool), NotHttp> {
        let (mut read, mut data) = (0, 0);
        let ended = loop {
            let rest = &buffer[read..];
            match self {
                Self::Size => {
                    let Some((size, line_bytes)) = size_line(rest)? else { break false };
                    read += line_bytes;
                    *self = if size == 0 { Self::Trailers(0) } else { Self::Data(size) };
                    if data == 0 {
                        // Nothing to move together yet: the first chunk stays where it is.
                        buffer.advance(read);
                        read = 0;
                    }
                }
                Self::Data(left) => {
                    let here = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                    if here == 0 {
                        break false;
                    }
                    buffer.copy_within(read..read + here, data);
                    (read, data) = (read + here, data + here);
                    *left -= here as u64;
                    if *left == 0 {
                        *self = Self::DataEnd;
                    }
                }
                Self::DataEnd => match rest {
                    [b'\r', b'\n', ..] => {
                        read += 2;
                        *self = Self::Size;
                    }
                    [] | [b'\r'] => break false,
                    _ => return Err(NotHttp),
                },
                Self::Trailers(passed) => {
                    let Some(line) = line(rest, TRAILERS_MAX_BYTES - *passed)? else { break false };
                    read += line.len() + 2;
                    *passed += line.len() + 2;
                    if line.is_empty() {
                        break true;
                    }
                    if *passed > TRAILERS_MAX_BYTES {
                        return Err(NotHttp);
                    }
                }
            }
        };
        let taken = buffer.split_to(data).freeze();
        buffer.advance(read - data);
        Ok((taken, ended))
    }
}

/// The size that a chunk's line says, and the line's length with its end.
fn size_line(rest: &[u8]) -> Result<Option<(u64, usize)>, NotHttp> {
    let Some(line) = line(rest, CHUNK_LINE_MAX_BYTES)? else { return Ok(None) };
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    // Behind the digits: nothing, padding, or extensions that nobody here knows.
    let follows = line[digits..].trim_ascii_start().first();
    if digits == 0 || digits > 16 || follows.is_some_and(|byte| *byte != b';') {
        return Err(NotHttp);
    }
    let text = std::str::from_utf8(&line[..digits]).map_err(|_| NotHttp)?;
    let size = u64::from_str_radix(text, 16).map_err(|_| NotHttp)?;
    Ok(Some((size, line.len() + 2)))
}

/// The line that `rest` begins with, without its end; `None` while it has none. Only CRLF ends a line.
fn line(rest: &[u8], max_bytes: usize) -> Result<Option<&[u8]>, NotHttp> {
    let Some(end) = memchr(b'\n', rest) else {
        return if rest.len() > max_bytes { Err(NotHttp) } else { Ok(None) };
    };
    match rest[..end].strip_suffix(b"\r") {
        Some(line) if end <= max_bytes && memchr(b'\r', line).is_none() => Ok(Some(line)),
        _ => Err(NotHttp),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Feeds the pieces one after another; the data, and what the body says at the end.
    fn read(mut body: Body, pieces: &[&[u8]]) -> Result<(Vec<u8>, Body, Vec<u8>), NotHttp> {
        let (mut buffer, mut data) = (BytesMut::new(), Vec::new());
        for piece in pieces {
            buffer.extend_from_slice(piece);
            data.extend_from_slice(&body.take(&mut buffer)?);
        }
        Ok((data, body, buffer.to_vec()))
    }

    #[test]
    fn chunks_are_put_together_and_what_follows_stays_in_the_buffer() {
        let wire = b"5\r\nhello\r\n00A;ext=\"x\"\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nHTTP/1.1";
        let (data, body, left) = read(Body::chunked(), &[wire]).unwrap();
        assert_eq!(data, b"hello0123456789");
        assert_eq!((body, left), (Body::Ended, b"HTTP/1.1".to_vec()));
    }

    #[test]
    fn a_body_of_known_length_ends_there() {
        let (data, body, left) = read(Body::Length(5), &[b"hel", b"lo and more"]).unwrap();
        assert_eq!((data, left), (b"hello".to_vec(), b" and more".to_vec()));
        assert!(body.is_ended());
    }

    #[test]
    fn a_connection_that_closes_early_is_a_cut_and_only_a_body_without_framing_ends_with_it() {
        assert!(Body::Length(1).close().is_err());
        assert!(Body::chunked().close().is_err());
        assert!(Body::Chunks(Chunks::Trailers(0)).close().is_err(), "the last chunk's empty line is missing");
        assert!(Body::UntilClose.close().is_ok());
        assert!(Body::Length(0).close().is_ok());
    }

    #[test]
    fn chunks_that_two_readers_could_read_in_two_ways_are_refused() {
        let long_line = format!("5;{}", "x".repeat(CHUNK_LINE_MAX_BYTES));
        let long_trailers = format!("0\r\n{}", "a: b\r\n".repeat(TRAILERS_MAX_BYTES / 5));
        for wire in [
            "\r\n",
            "x\r\n",
            "-5\r\nhello\r\n",
            "+5\r\nhello\r\n",
            " 5\r\nhello\r\n",
            "0x5\r\nhello\r\n",
            "5\nhello\r\n",
            "5 5\r\nhello\r\n",
            "5\rx\r\nhello\r\n",
            "5\r\nhello\n\n",
            "5\r\nhelloX\r\n",
            "10000000000000000\r\n",
            &long_line,
            &long_trailers,
        ] {
            assert_eq!(read(Body::chunked(), &[wire.as_bytes()]).map(drop), Err(NotHttp), "{wire:.40?}");
        }
    }

    proptest! {
        #[test]
        fn how_the_bytes_were_cut_never_changes_the_body(
            chunks in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..40), "(;[a-z]{0,4})?", 0usize..3), 0..8),
            trailers in prop::collection::vec("[a-z]{1,5}: [a-z]{0,5}", 0..3),
            behind in prop::collection::vec(any::<u8>(), 0..8),
            cuts in prop::collection::vec(0usize..400, 0..12),
        ) {
            let (mut wire, mut expected): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
            for (data, extension, zeros) in &chunks {
                wire.extend(format!("{}{:x}{extension}\r\n", "0".repeat(*zeros), data.len()).bytes());
                wire.extend(data);
                wire.extend(b"\r\n");
                expected.extend(data);
            }
            wire.extend(b"0\r\n");
            trailers.iter().for_each(|trailer: &String| wire.extend(format!("{trailer}\r\n").bytes()));
            wire.extend(b"\r\n");
            wire.extend(&behind);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(wire.len())).collect();
            cuts.extend([0, wire.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &wire[pair[0]..pair[1]]).collect();
            let (data, body, left) = read(Body::chunked(), &pieces).unwrap();
            prop_assert_eq!(data, expected);
            prop_assert_eq!(body, Body::Ended);
            prop_assert_eq!(left, behind);
        }

        #[test]
        fn bytes_that_are_no_chunks_never_panic_and_never_grow(
            wire in prop::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'0'), Just(b'5'), Just(b';'), any::<u8>()], 0..120),
        ) {
            if let Ok((data, _, left)) = read(Body::chunked(), &[&wire]) {
                prop_assert!(data.len() + left.len() <= wire.len());
            }
        }
    }
}
