//! The history in a request: its leading system prompt, where its messages end, and which of them are new.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::message::{self, Message, Role};
use crate::request::Fields;
use crate::{hash, json};

/// Ends of messages that are tried, from the last one back, when looking for what is already known.
const MOST_ENDS: usize = 64;
/// Messages of an unknown history that are read from its end, and from its start.
const TAIL_MESSAGES: usize = 24;
const HEAD_MESSAGES: usize = 4;
/// Leading system messages that are taken as the prompt.
const MOST_LEADING: usize = 8;
/// Where the colon behind an order stands at the latest, and how many words an order has at least.
const LONGEST_ORDER_BYTES: usize = 200;
const SHORTEST_ORDER_WORDS: usize = 3;
/// A longer history that came before is not read whole.
const LONG_BYTES: usize = 8 << 10;
/// Bytes of a first message that are looked at for who it is told to.
const FIRST_HEAD_BYTES: usize = 768;

#[derive(Debug)]
pub(crate) struct History<'a> {
    /// The array, or a text.
    raw: &'a [u8],
    /// Where its elements stand, when the caller knows. Empty: it is walked through.
    known: &'a [(u32, u32)],
    /// Leading system messages, as written.
    pub(crate) leading: Vec<&'a [u8]>,
    /// Where the first message behind them begins.
    start: usize,
    /// Its messages, once somebody asked for them.
    whole: OnceCell<Vec<Message<'a>>>,
}

impl<'a> History<'a> {
    pub(crate) fn open(fields: &Fields<'a>) -> Self {
        let (raw, known) = (fields.history(), fields.elements);
        let mut leading = Vec::new();
        let mut from = 0;
        for (element, end) in elements(raw, known, None).take(MOST_LEADING) {
            let role = json::member(element, "role");
            if !matches!(role, Some(br#""system""# | br#""developer""#)) {
                break;
            }
            leading.push(element);
            from = end;
        }
        let opening = raw.get(from..).unwrap_or_default();
        let start =
            from + opening.iter().position(|byte| !b"[, \n\r\t".contains(byte)).unwrap_or(opening.len());
        Self { raw, known, leading, start, whole: OnceCell::new() }
    }

    /// Where messages may end, the last one first. Some are inside texts and belong to no message: they are found in no
    /// index.
    pub(crate) fn ends(&self) -> impl Iterator<Item = usize> + use<'_, 'a> {
        let body = self.raw.get(self.start..).unwrap_or_default();
        let last = body.iter().rposition(|byte| !b"] \n\r\t".contains(byte)).map(|at| at + 1);
        let inner = memchr::memrchr_iter(b'{', body).filter_map(|at| {
            let before = body[..at].trim_ascii_end().strip_suffix(b",")?.trim_ascii_end();
            before.ends_with(b"}").then_some(before.len())
        });
        last.into_iter().chain(inner).take(MOST_ENDS).map(|end| end + self.start)
    }

    /// The fingerprint of everything behind the system prompt up to `end`.
    pub(crate) fn fingerprint(&self, scope: u64, end: usize) -> u64 {
        hash::sampled(scope, self.raw.get(self.start..end).unwrap_or_default())
    }

    /// Bytes of everything behind the system prompt up to `end`.
    pub(crate) fn length(&self, end: usize) -> usize {
        end.saturating_sub(self.start)
    }

    /// Bytes of everything behind the system prompt.
    pub(crate) fn full_length(&self) -> usize {
        self.ends().next().map_or(0, |end| self.length(end))
    }

    /// The beginning of the first message, as written.
    pub(crate) fn first_head(&self) -> &'a [u8] {
        let rest = self.raw.get(self.start..).unwrap_or_default();
        &rest[..rest.len().min(FIRST_HEAD_BYTES)]
    }

    /// The order in front of what a caller without a system prompt is given to work on: `Rate this text from 1 to 10:` and
    /// then the text. `None`: the first message is no order with something behind it.
    pub(crate) fn order(&self) -> Option<Cow<'a, str>> {
        let (first, _) = self.elements_from(self.start).next()?;
        let first = message::read(first, 0);
        let text = first.texts.into_iter().next().filter(|_| first.role == Role::User)?;
        let order = ordered(&text)?.0.len();
        Some(match text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[..order]),
            Cow::Owned(ref text) => Cow::Owned(text[..order].to_owned()),
        })
    }

    /// The messages behind `end`.
    pub(crate) fn behind(&self, end: usize) -> Vec<Message<'a>> {
        self.written_behind(end).map(|(raw, end)| message::read(raw, end)).collect()
    }

    /// The same as they are written, each with where it ends.
    pub(crate) fn written_behind(&self, end: usize) -> impl Iterator<Item = (&'a [u8], usize)> + use<'a> {
        self.elements_from(end).take(TAIL_MESSAGES * 4)
    }

    /// The elements behind `at`, where one has ended, each with where it ends.
    fn elements_from(&self, at: usize) -> impl Iterator<Item = (&'a [u8], usize)> + use<'a> {
        elements(self.raw, self.known, Some(at))
    }

    /// Where the system prompt has ended.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// The first and the last messages of a history that is not known.
    pub(crate) fn whole(&self) -> &[Message<'a>] {
        self.whole.get_or_init(|| self.read_whole())
    }

    /// The same, given away.
    pub(crate) fn take_whole(&mut self) -> Vec<Message<'a>> {
        self.whole.take().unwrap_or_else(|| self.read_whole())
    }

    /// Of a long history that came before: the first thing a user says, and the last message when that is another one. The
    /// rest is not read. `None`: it is not long, or begins otherwise.
    pub(crate) fn first_and_last(&self) -> Option<(Message<'a>, Option<Message<'a>>)> {
        if self.raw.len() <= LONG_BYTES {
            return None;
        }
        let mut rest = self.elements_from(self.start);
        let mut heads = rest.by_ref().take(HEAD_MESSAGES).map(|(raw, end)| message::read(raw, end));
        let first = heads.find(|message| message.role == Role::User)?;
        Some((first, rest.last().map(|(raw, end)| message::read(raw, end))))
    }

    /// Has a model said anything in it?
    pub(crate) fn has_answers(&self) -> bool {
        self.elements_from(self.start).any(|(raw, _)| message::is_answer(raw))
    }

    fn read_whole(&self) -> Vec<Message<'a>> {
        if let Some(text) = json::text(self.raw) {
            let end = self.raw.len();
            return vec![Message { role: Role::User, texts: vec![text], end, ..Message::default() }];
        }
        let all: Vec<_> = self.elements_from(self.start).collect();
        let tail = all.len().saturating_sub(TAIL_MESSAGES);
        let kept = all.iter().enumerate().filter(|(i, _)| *i < HEAD_MESSAGES || *i >= tail);
        kept.map(|(_, (raw, end))| message::read(raw, *end)).collect()
    }

    /// A fingerprint of the system prompt, inside and outside of the history. 0: there is none.
    pub(crate) fn system_fingerprint(&self, outer: &[u8]) -> u64 {
        if outer.is_empty() && self.leading.is_empty() {
            return 0;
        }
        let first = hash::sampled(11, outer);
        self.leading.iter().fold(first, |all, element| hash::join(all, hash::sampled(12, element)))
    }

    /// The system prompt as text.
    pub(crate) fn system_text(&self, outer: &'a [u8]) -> Cow<'a, str> {
        let mut texts: Vec<Cow<'a, str>> = Vec::new();
        if !outer.is_empty() {
            texts.push(crate::request::system_text(outer));
        }
        texts.extend(self.leading.iter().flat_map(|raw| message::read(raw, 0).texts));
        if texts.len() == 1 { texts.remove(0) } else { Cow::Owned(texts.join("\n")) }
    }
}

/// An order, `Rate this text from 1 to 10:`, and what stands behind it.
pub(crate) fn ordered(text: &str) -> Option<(&str, &str)> {
    let at = text.bytes().take(LONGEST_ORDER_BYTES).position(|byte| byte == b':')?;
    let (order, behind) = (&text[..at], text[at + 1..].trim());
    let is_order = order.split_whitespace().count() >= SHORTEST_ORDER_WORDS && !order.contains('\n');
    (is_order && !behind.is_empty() && !behind.starts_with("//")).then_some((order, behind))
}

/// The elements of the array, all of them or those behind where one has ended.
fn elements<'a>(
    raw: &'a [u8],
    known: &'a [(u32, u32)],
    behind: Option<usize>,
) -> impl Iterator<Item = (&'a [u8], usize)> + use<'a> {
    let at = behind.unwrap_or(0);
    let walked = known.is_empty().then(|| match behind {
        Some(at) => json::elements_from(raw, at),
        None => json::elements(raw),
    });
    let known = &known[known.partition_point(|(start, _)| (*start as usize) < at)..];
    let known =
        known.iter().filter_map(|&(start, end)| Some((raw.get(start as usize..end as usize)?, end as usize)));
    known.chain(walked.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn open(raw: &[u8]) -> History<'_> {
        History::open(&Fields { messages: raw, ..Fields::default() })
    }

    proptest! {
        /// Whatever the texts hold, the end of every message is among the tried ones, and what is behind it is read.
        #[test]
        fn the_ends_of_the_last_messages_are_found(texts in prop::collection::vec("[ -~\"{},\\[\\]]{0,20}", 1..12), pretty in any::<bool>()) {
            let mut list = vec![serde_json::json!({"role": "system", "content": "s"})];
            list.extend(texts.iter().map(|text| serde_json::json!({"role": "user", "content": text})));
            let raw = if pretty { serde_json::to_vec_pretty(&list) } else { serde_json::to_vec(&list) }.unwrap();
            let history = open(&raw);
            prop_assert_eq!(history.leading.len(), 1);
            let ends: Vec<usize> = history.ends().collect();
            let messages = history.behind(history.start);
            prop_assert_eq!(messages.len(), texts.len());
            // The same when the caller has walked through it already.
            let found: Vec<(u32, u32)> = json::elements(&raw)
                .map(|(element, end)| ((end - element.len()) as u32, end as u32))
                .collect();
            let told = History::open(&Fields { messages: &raw, elements: &found, ..Fields::default() });
            prop_assert_eq!((&told.leading, told.start), (&history.leading, history.start));
            prop_assert_eq!(told.whole(), history.whole());
            for end in ends.iter().filter(|end| found.iter().any(|known| known.1 as usize == **end)) {
                prop_assert_eq!(told.behind(*end), history.behind(*end));
            }
            if ends.len() < MOST_ENDS {
                for (i, message) in messages.iter().enumerate() {
                    prop_assert!(ends.contains(&message.end));
                    prop_assert_eq!(history.behind(message.end).len(), texts.len() - 1 - i);
                }
            }
        }
    }

    #[test]
    fn an_order_in_front_of_its_material_is_found() {
        let order = |text: &str| {
            let raw = serde_json::to_vec(&serde_json::json!([{ "role": "user", "content": text }])).unwrap();
            open(&raw).order().map(Cow::into_owned)
        };
        assert_eq!(
            order("Rate this text from 1 to 10:\nThe sea.").as_deref(),
            Some("Rate this text from 1 to 10")
        );
        assert_eq!(order("이 편지의 요점을 적어라: 편지").as_deref(), Some("이 편지의 요점을 적어라"));
        for text in
            ["What is rain?", "See https://example.com/a", "Hello there\nplease: look", "Do this now:"]
        {
            assert_eq!(order(text), None, "{text}");
        }
    }

    #[test]
    fn of_a_long_history_the_first_word_of_a_user_and_the_last_message_are_read() {
        let filler = "so it goes on ".repeat(800);
        let raw = format!(
            r#"[{{"role":"system","content":"s"}},{{"role":"user","content":"first"}},{{"role":"assistant","content":"{filler}"}},{{"role":"user","content":"last"}}]"#
        );
        let history = open(raw.as_bytes());
        let (first, last) = history.first_and_last().unwrap();
        assert_eq!((first.texts[0].as_ref(), last.unwrap().texts[0].as_ref()), ("first", "last"));
        assert_eq!(first.texts, history.whole()[0].texts);
        assert!(open(br#"[{"role":"user","content":"short"}]"#).first_and_last().is_none());
    }

    #[test]
    fn a_history_that_goes_on_has_the_fingerprint_of_its_beginning() {
        let first = br#"[{"role":"system","content":"now 1"},{"role":"user","content":"a"}]"#;
        let second = br#"[{"role":"system","content":"it is now 22"},{"role":"user","content":"a"},{"role":"assistant","content":"b"}]"#;
        let (first, second) = (open(first), open(second));
        let tip = first.fingerprint(9, first.ends().next().unwrap());
        assert!(second.ends().any(|end| second.fingerprint(9, end) == tip));
        assert!(!second.ends().any(|end| second.fingerprint(8, end) == tip));
    }
}
