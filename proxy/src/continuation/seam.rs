//! Where one deployment's answer goes on with another's: the second's events as events of one stream. No text twice, no
//! second beginning, usage of both.

use aop_dialects::form::{Delta, PartStart, StreamEvent};
use aop_domain::usage::Usage;

use super::said::Said;

#[derive(Debug)]
pub(crate) struct Seam {
    /// Parts the client has seen begin.
    parts: u32,
    /// The last of them has not ended, and the new answer has not begun.
    is_open: bool,
    /// The new answer's first part goes on with the open one.
    is_joined: bool,
    beginning: Beginning,
    /// Of all that answered before.
    used: Usage,
    /// As the new answer names it.
    model: String,
}

impl Seam {
    /// `echoes`: the new answer may begin with what its model was given.
    pub(crate) fn new(said: &Said, echoes: bool, used: Usage) -> Self {
        let echo = if echoes { said.given().to_owned() } else { String::new() };
        let beginning = Beginning { echo, space: said.space().to_owned(), held: String::new() };
        Self {
            parts: said.parts,
            is_open: said.is_open,
            is_joined: false,
            beginning,
            used,
            model: String::new(),
        }
    }

    pub(crate) fn model(&self) -> &str {
        &self.model
    }

    /// What the client's writer is told in place of an event.
    pub(crate) fn take(&mut self, event: StreamEvent, out: &mut Vec<StreamEvent>) {
        match event {
            StreamEvent::Start { model, .. } => self.model = model,
            StreamEvent::PartStart { part: PartStart::Text, .. } if self.is_open => {
                (self.is_open, self.is_joined) = (false, true);
            }
            StreamEvent::PartStart { index, part } => {
                self.close(out);
                out.push(StreamEvent::PartStart { index: self.moved(index), part });
            }
            StreamEvent::PartDelta { index, delta: Delta::Text(text) } => {
                let text = self.beginning.take(text);
                self.text(index, text, out);
            }
            StreamEvent::PartDelta { index, delta } => {
                out.push(StreamEvent::PartDelta { index: self.moved(index), delta });
            }
            StreamEvent::PartEnd { index } => {
                let held = self.beginning.end();
                self.text(index, held, out);
                out.push(StreamEvent::PartEnd { index: self.moved(index) });
            }
            StreamEvent::Usage(usage) => out.push(StreamEvent::Usage(self.used.plus(&usage))),
            StreamEvent::Stop(_) | StreamEvent::End => {
                self.close(out);
                out.push(event);
            }
            StreamEvent::Ping | StreamEvent::Error(_) => out.push(event),
        }
    }

    fn text(&self, index: u32, text: String, out: &mut Vec<StreamEvent>) {
        if !text.is_empty() {
            out.push(StreamEvent::PartDelta { index: self.moved(index), delta: Delta::Text(text) });
        }
    }

    /// The new answer does not go on with the open part.
    fn close(&mut self, out: &mut Vec<StreamEvent>) {
        if std::mem::take(&mut self.is_open) {
            out.push(StreamEvent::PartEnd { index: self.parts.saturating_sub(1) });
        }
    }

    fn moved(&self, index: u32) -> u32 {
        let before = if self.is_joined { self.parts.saturating_sub(1) } else { self.parts };
        index.saturating_add(before)
    }
}

/// What the client has already may stand at the beginning of the new text.
#[derive(Debug)]
struct Beginning {
    /// Empty: is not expected (any more).
    echo: String,
    /// Space at the end of the old text, which the model was not given.
    space: String,
    held: String,
}

impl Beginning {
    fn take(&mut self, text: String) -> String {
        if self.echo.is_empty() && self.space.is_empty() {
            return text;
        }
        self.held.push_str(&text);
        if !self.echo.is_empty() {
            if self.held.len() < self.echo.len() && self.echo.starts_with(&self.held) {
                return String::new();
            }
            if let Some(behind) = self.held.strip_prefix(self.echo.as_str()) {
                self.held = behind.to_owned();
            }
            self.echo.clear();
        }
        let same = |(one, other): &(char, char)| one == other;
        let common: usize =
            self.held.chars().zip(self.space.chars()).take_while(same).map(|(one, _)| one.len_utf8()).sum();
        self.held.drain(..common);
        self.space.drain(..common);
        if !self.held.is_empty() {
            self.space.clear();
        }
        std::mem::take(&mut self.held)
    }

    /// The part is over: what looked like a repetition was none.
    fn end(&mut self) -> String {
        self.echo.clear();
        self.space.clear();
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(text: &str, is_open: bool) -> Said {
        let mut said = Said::default();
        said.note(&StreamEvent::PartStart { index: 0, part: PartStart::Text });
        said.note(&delta(0, text));
        if !is_open {
            said.note(&StreamEvent::PartEnd { index: 0 });
        }
        said
    }

    fn delta(index: u32, text: &str) -> StreamEvent {
        StreamEvent::PartDelta { index, delta: Delta::Text(text.to_owned()) }
    }

    fn start(index: u32, part: PartStart) -> StreamEvent {
        StreamEvent::PartStart { index, part }
    }

    fn through(seam: &mut Seam, events: Vec<StreamEvent>) -> Vec<StreamEvent> {
        let mut out = Vec::new();
        events.into_iter().for_each(|event| seam.take(event, &mut out));
        out
    }

    fn told(events: &[StreamEvent]) -> String {
        let text = |event: &StreamEvent| match event {
            StreamEvent::PartDelta { delta: Delta::Text(text), .. } => text.clone(),
            _ => String::new(),
        };
        events.iter().map(text).collect()
    }

    #[test]
    fn an_open_text_goes_on_without_a_second_beginning_and_usage_is_of_both() {
        let used = Usage { in_uncached: 10, out_text: 3, ..Usage::default() };
        let mut seam = Seam::new(&said("one", true), false, used);
        let out = through(
            &mut seam,
            vec![
                StreamEvent::Start { id: "b".into(), model: "other".into() },
                start(0, PartStart::Text),
                delta(0, " two"),
                StreamEvent::PartEnd { index: 0 },
                StreamEvent::Usage(Usage { in_uncached: 14, out_text: 1, ..Usage::default() }),
                StreamEvent::End,
            ],
        );
        let both = Usage { in_uncached: 24, out_text: 4, ..Usage::default() };
        let expected =
            [delta(0, " two"), StreamEvent::PartEnd { index: 0 }, StreamEvent::Usage(both), StreamEvent::End];
        assert_eq!(out, expected);
        assert_eq!(seam.model(), "other");
    }

    #[test]
    fn what_is_no_text_ends_the_open_part_first() {
        let call = PartStart::ToolCall { id: "c".into(), name: "f".into() };
        let mut seam = Seam::new(&said("one", true), false, Usage::default());
        let out = through(&mut seam, vec![start(0, call.clone()), StreamEvent::PartEnd { index: 0 }]);
        let expected = [StreamEvent::PartEnd { index: 0 }, start(1, call), StreamEvent::PartEnd { index: 1 }];
        assert_eq!(out, expected);
        let mut closed = Seam::new(&said("one", false), false, Usage::default());
        assert_eq!(through(&mut closed, vec![start(0, PartStart::Text)]), [start(1, PartStart::Text)]);
        let mut silent = Seam::new(&said("one", true), false, Usage::default());
        let end = through(&mut silent, vec![StreamEvent::End]);
        assert_eq!(end, [StreamEvent::PartEnd { index: 0 }, StreamEvent::End], "it had nothing to add");
    }

    #[test]
    fn space_that_was_not_given_is_not_said_twice() {
        for (before, new, expected) in [
            ("one ", " two", "two"),
            ("one ", "two", "two"),
            ("one\n", "\n\ntwo", "\ntwo"),
            ("one", " two", " two"),
        ] {
            let mut seam = Seam::new(&said(before, true), false, Usage::default());
            let out = through(&mut seam, vec![start(0, PartStart::Text), delta(0, new)]);
            assert_eq!(told(&out), expected, "{before:?} {new:?}");
        }
    }

    proptest! {
        #[test]
        fn an_echo_is_never_seen_however_it_is_cut(
            before in "[a-c ]{1,12}", after in "[a-c ]{0,12}", cuts in prop::collection::vec(1usize..5, 1..12)
        ) {
            let whole = format!("{}{after}", before.trim_end());
            let mut seam = Seam::new(&said(&before, true), true, Usage::default());
            let mut out = through(&mut seam, vec![start(0, PartStart::Text)]);
            let (mut rest, mut cuts) = (whole.as_str(), cuts.into_iter().cycle());
            while !rest.is_empty() {
                let (piece, more) = rest.split_at(cuts.next().unwrap().min(rest.len()));
                out.extend(through(&mut seam, vec![delta(0, piece)]));
                rest = more;
            }
            out.extend(through(&mut seam, vec![StreamEvent::PartEnd { index: 0 }]));
            let space = &before[before.trim_end().len()..];
            let common = after.chars().zip(space.chars()).take_while(|(a, b)| a == b).count();
            prop_assert_eq!(told(&out), &after[common..]);
        }
    }
}
