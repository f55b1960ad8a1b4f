//! Server-sent events, split from bytes that arrive in any pieces.
//!
//! Lines end with LF, CR or CRLF; an event ends with an empty line; a byte order mark at the start is no
//! part of the first line. How the bytes were cut into chunks never changes the events. An event larger
//! than [`MAX_EVENT_BYTES`] is passed on in parts, unread. The raw bytes of all events, in order, are the stream.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use memchr::memchr2;

/// Larger events are not looked into; they still pass.
pub const MAX_EVENT_BYTES: usize = 4 << 20;

/// One event, or a part of one too large to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The bytes as they came, with the lines' ends and the empty line.
    pub raw: Bytes,
    /// False for a part of an event that is too large.
    pub readable: bool,
}

impl Event {
    /// The `data` lines joined by LF; `None` when there is none (a comment, a keep-alive) or it was too large.
    pub fn data(&self) -> Option<Cow<'_, [u8]>> {
        let mut data: Option<Cow<'_, [u8]>> = None;
        for line in self.lines() {
            if let Some(value) = value_of(line, b"data") {
                data = Some(match data {
                    None => Cow::Borrowed(value),
                    Some(first) => {
                        let mut joined = first.into_owned();
                        joined.push(b'\n');
                        joined.extend_from_slice(value);
                        Cow::Owned(joined)
                    }
                });
            }
        }
        data
    }

    /// The event's name, when it has one.
    pub fn name(&self) -> Option<&[u8]> {
        self.lines().filter_map(|line| value_of(line, b"event")).last()
    }

    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let raw = if self.readable { &self.raw[..] } else { &[] };
        let raw = raw.strip_prefix(BOM).unwrap_or(raw);
        // A search for the line's end is many times faster than a look at each byte.
        let mut rest = Some(raw);
        std::iter::from_fn(move || {
            let text = rest?;
            let Some(end) = memchr2(b'\n', b'\r', text) else {
                rest = None;
                return Some(text);
            };
            rest = Some(&text[end + 1..]);
            Some(&text[..end])
        })
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// `value` of the line `field: value`, one space after the colon taken off.
fn value_of<'a>(line: &'a [u8], field: &[u8]) -> Option<&'a [u8]> {
    let rest = line.strip_prefix(field)?;
    if rest.is_empty() {
        return Some(rest);
    }
    let rest = rest.strip_prefix(b":")?;
    Some(rest.strip_prefix(b" ").unwrap_or(rest))
}

/// Feed it chunks with [`push`](Self::push), take events with [`next_event`](Self::next_event) until there is none.
#[derive(Debug, Default)]
pub struct Splitter {
    /// Bytes not yet given out: the start of an event.
    buffer: BytesMut,
    /// Where the current line starts in `buffer`.
    line_start: usize,
    /// Bytes of `buffer` already searched for a line's end.
    searched: usize,
    /// The last byte was a CR that ended a line: a LF now belongs to it.
    after_cr: bool,
    /// The current event is too large and part of it was given out.
    too_large: bool,
    /// Nothing was given out yet: a byte order mark may stand at the start.
    started: bool,
}

impl Splitter {
    pub fn push(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    /// The next whole event, or a part of one that is too large.
    pub fn next_event(&mut self) -> Option<Event> {
        loop {
            if self.after_cr && self.searched < self.buffer.len() {
                self.after_cr = false;
                if self.buffer[self.searched] == b'\n' {
                    self.searched += 1;
                    self.line_start = self.searched;
                    // Of the event before, when that is already given out: a raw part without meaning.
                }
            }
            let Some(found) = memchr2(b'\n', b'\r', &self.buffer[self.searched..]) else {
                self.searched = self.buffer.len();
                return self.part_of_too_large();
            };
            let end = self.searched + found;
            let is_empty = self.is_empty_line(end);
            self.after_cr = self.buffer[end] == b'\r';
            self.searched = end + 1;
            self.line_start = end + 1;
            if is_empty && !self.only_ends_so_far(end) {
                return Some(self.give_out());
            }
        }
    }

    /// What is left when the stream has ended: an event without its empty line.
    pub fn finish(&mut self) -> Option<Event> {
        let rest = self.buffer.split();
        (self.line_start, self.searched) = (0, 0);
        (!rest.is_empty()).then(|| Event { raw: rest.freeze(), readable: !self.too_large })
    }

    fn is_empty_line(&self, end: usize) -> bool {
        let line = &self.buffer[self.line_start..end];
        line.is_empty() || (!self.started && self.line_start == 0 && line == BOM)
    }

    /// Empty lines before an event's first line belong to it, and end nothing.
    fn only_ends_so_far(&self, end: usize) -> bool {
        !self.too_large && self.buffer[..end].iter().all(|byte| b"\n\r\xef\xbb\xbf".contains(byte))
    }

    fn give_out(&mut self) -> Event {
        // The LF of a CRLF that is already here goes with its CR.
        if self.after_cr && self.buffer.get(self.searched) == Some(&b'\n') {
            self.searched += 1;
            self.after_cr = false;
        }
        let raw = self.buffer.split_to(self.searched).freeze();
        let readable = !std::mem::take(&mut self.too_large);
        (self.line_start, self.searched, self.started) = (0, 0, true);
        Event { raw, readable }
    }

    fn part_of_too_large(&mut self) -> Option<Event> {
        if self.buffer.len() <= MAX_EVENT_BYTES {
            return None;
        }
        self.too_large = true;
        self.started = true;
        // The current line goes on: it is not empty, whatever comes next.
        let keep = usize::from(self.line_start < self.buffer.len());
        let raw = self.buffer.split_to(self.buffer.len() - keep).freeze();
        (self.line_start, self.searched) = (0, keep);
        Some(Event { raw, readable: false })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn split(chunks: &[&[u8]]) -> Vec<Event> {
        let mut splitter = Splitter::default();
        let mut events = Vec::new();
        for chunk in chunks {
            splitter.push(chunk);
            while let Some(event) = splitter.next_event() {
                events.push(event);
            }
        }
        events.extend(splitter.finish());
        events
    }

    fn data(events: &[Event]) -> Vec<(Option<String>, Option<String>)> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let read = events.iter().map(|event| (event.name().map(text), event.data().map(|data| text(&data))));
        read.filter(|(name, data)| name.is_some() || data.is_some()).collect()
    }

    fn just(texts: &[&str]) -> Vec<(Option<String>, Option<String>)> {
        texts.iter().map(|text| (None, Some((*text).to_owned()))).collect()
    }

    #[test]
    fn all_three_line_ends_are_understood() {
        for end in ["\n", "\r\n", "\r"] {
            let stream = "data: one##data:two#data: three##: comment##".replace('#', end);
            assert_eq!(data(&split(&[stream.as_bytes()])), just(&["one", "two\nthree"]), "{end:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_line() {
        assert_eq!(data(&split(&[b"\xef\xbb\xbfdata: x\n\n"])), just(&["x"]));
    }

    #[test]
    fn a_name_is_read_and_an_event_without_its_empty_line_comes_at_the_end() {
        let events = split(&[b"event: error\ndata: {}\n\ndata: last\n"]);
        assert_eq!(data(&events), [(Some("error".into()), Some("{}".into())), (None, Some("last".into())),]);
    }

    #[test]
    fn an_event_too_large_passes_unread_and_the_next_is_read_again() {
        let huge = vec![b'x'; MAX_EVENT_BYTES + 10];
        let chunks: Vec<&[u8]> = [&b"data: "[..]].into_iter().chain(huge.chunks(64 << 10)).collect();
        let chunks = [chunks, vec![&b"\n\ndata: small\n\n"[..]]].concat();
        let events = split(&chunks);
        assert_eq!(data(&events), just(&["small"]));
        assert!(events.iter().any(|event| !event.readable));
        assert_eq!(events.iter().map(|event| event.raw.len()).sum::<usize>(), chunks.concat().len());
    }

    proptest! {
        #[test]
        fn how_the_bytes_were_cut_never_changes_the_events(
            lines in prop::collection::vec((prop_oneof!["data: [a-z]{0,5}", "event:[a-z]{1,3}", ":x", "", "data"],
                prop_oneof!["\n", "\r\n", "\r"]), 0..14),
            bom in any::<bool>(),
            cuts in prop::collection::vec(0usize..80, 0..10),
        ) {
            let mut stream = if bom { BOM.to_vec() } else { Vec::new() };
            for (line, end) in &lines {
                stream.extend_from_slice(line.as_bytes());
                stream.extend_from_slice(end.as_bytes());
            }
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(stream.len())).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
            let (whole, cut) = (split(&[&stream]), split(&chunks));
            prop_assert_eq!(data(&whole), data(&cut));
            let raw = |events: &[Event]| events.iter().flat_map(|event| event.raw.to_vec()).collect::<Vec<u8>>();
            prop_assert_eq!(raw(&cut), stream);
        }
    }
}
