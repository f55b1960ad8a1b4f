//! The data of server-sent events, one by one, from a recorded stream.

use std::borrow::Cow;

/// The `data` of each event, in order. Several `data` lines of one event are joined by a newline, as the standard says. An
/// event that the end of the transcript cuts is given too: the record may end before the stream did.
pub(crate) fn events(transcript: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut lines = transcript.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    std::iter::from_fn(move || {
        let mut data: Option<Cow<'_, str>> = None;
        loop {
            let Some(line) = lines.next() else { return data };
            if line.is_empty() {
                match data {
                    Some(_) => return data,
                    None => continue,
                }
            }
            let Some(value) = line.strip_prefix("data:") else { continue };
            let value = value.strip_prefix(' ').unwrap_or(value);
            data = Some(match data {
                None => Cow::Borrowed(value),
                Some(before) => Cow::Owned(format!("{before}\n{value}")),
            });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_apart_by_empty_lines() {
        let transcript = ": hello\ndata: one\n\nevent: x\r\ndata:two\r\ndata: lines\r\n\r\n\n\ndata: cut";
        assert_eq!(events(transcript).collect::<Vec<_>>(), ["one", "two\nlines", "cut"]);
    }
}
