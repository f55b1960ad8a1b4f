//! What an answer has said so far, as far as another model could go on with it: text, and nothing but text.

use aop_dialects::form::{Delta, PartStart, StreamEvent};

/// A longer answer is not given to anybody again.
const LONGEST_BYTES: usize = 1 << 20;

#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) text: String,
    /// The last part has not ended.
    pub(crate) is_open: bool,
    pub(crate) parts: u32,
    /// Thoughts, calls of tools, refusals: nobody else can go on with them truthfully.
    has_more: bool,
    /// The reason of its end is known.
    is_over: bool,
}

impl Said {
    pub(crate) fn note(&mut self, event: &StreamEvent) {
        match event {
            StreamEvent::PartStart { part, .. } => {
                self.parts += 1;
                self.is_open = true;
                self.has_more |= *part != PartStart::Text;
            }
            StreamEvent::PartDelta { delta: Delta::Text(text), .. } => {
                self.has_more |= self.text.len() + text.len() > LONGEST_BYTES;
                if !self.has_more {
                    self.text.push_str(text);
                }
            }
            StreamEvent::PartDelta { delta: Delta::Logprobs(_), .. } => {}
            StreamEvent::PartDelta { .. } => self.has_more = true,
            StreamEvent::PartEnd { .. } => self.is_open = false,
            StreamEvent::Stop(_) | StreamEvent::End => self.is_over = true,
            StreamEvent::Start { .. } | StreamEvent::Usage(_) | StreamEvent::Ping | StreamEvent::Error(_) => {
            }
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    pub(crate) fn can_be_continued(&self) -> bool {
        !self.has_more && !self.is_over
    }

    /// What another model is given: some take no text that ends with space.
    pub(crate) fn given(&self) -> &str {
        self.text.trim_end()
    }

    /// What is left out of that.
    pub(crate) fn space(&self) -> &str {
        &self.text[self.given().len()..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(events: &[StreamEvent]) -> Said {
        let mut said = Said::default();
        events.iter().for_each(|event| said.note(event));
        said
    }

    fn text(text: &str) -> StreamEvent {
        StreamEvent::PartDelta { index: 0, delta: Delta::Text(text.to_owned()) }
    }

    #[test]
    fn text_alone_can_be_continued_and_nothing_that_is_over() {
        let start = |part| StreamEvent::PartStart { index: 0, part };
        let said = of(&[start(PartStart::Text), text("one "), text("two \n")]);
        assert!(said.can_be_continued() && said.is_open);
        assert_eq!((said.given(), said.space(), said.parts), ("one two", " \n", 1));
        let call = PartStart::ToolCall { id: "c".into(), name: "f".into() };
        for other in [call, PartStart::Thinking { id: None }, PartStart::Refusal] {
            let said =
                of(&[start(PartStart::Text), text("a"), StreamEvent::PartEnd { index: 0 }, start(other)]);
            assert!(!said.can_be_continued());
        }
        assert!(!of(&[start(PartStart::Text), text("a"), StreamEvent::End]).can_be_continued());
        assert!(of(&[]).can_be_continued(), "of nothing, the whole answer is what is missing");
        assert!(!of(&[start(PartStart::Text), text(&"a".repeat(LONGEST_BYTES + 1))]).can_be_continued());
    }
}
