//! How an answer's bytes leave: at what pace, in what pieces, and where they break.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use tokio_util::sync::CancellationToken;

use crate::control::Control;

/// One thing done while a body is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Send(Bytes),
    Wait(Duration),
    /// Nothing more, until the client leaves or the simulator stops.
    Stall,
    /// The connection breaks.
    Cut,
}

/// The bytes a wire uses for an event that is broken and for an event that tells of an error.
pub(crate) struct BadEvents {
    pub(crate) malformed: Bytes,
    pub(crate) error: Bytes,
}

/// hyper drops what it has not flushed when a body fails; this long is enough to flush it first.
const FLUSH: Duration = Duration::from_millis(20);

/// A stream's body: one chunk an event.
pub(crate) fn stream_body(
    chunks: Vec<Bytes>,
    control: &Control,
    bad: BadEvents,
    shutdown: CancellationToken,
) -> Body {
    send(stream_plan(chunks, control, bad), shutdown)
}

/// A whole body. What would happen after some chunk happens in its middle.
pub(crate) fn whole_body(body: Bytes, control: &Control, shutdown: CancellationToken) -> Body {
    let breaks = [
        control.stall_after,
        control.cut_after,
        control.end_after,
        control.error_after,
        control.malformed_after,
    ];
    if control.delay_ms == 0 && control.split_bytes.is_none() && breaks.iter().all(Option::is_none) {
        return Body::from(body);
    }
    send(whole_plan(body, control), shutdown)
}

fn stream_plan(chunks: Vec<Bytes>, control: &Control, bad: BadEvents) -> Vec<Step> {
    let mut steps = wait(control.delay_ms);
    for (at, chunk) in chunks.into_iter().enumerate() {
        let here = Some(at);
        if control.stall_after == here {
            steps.push(Step::Stall);
            break;
        }
        if control.cut_after == here {
            steps.extend([Step::Wait(FLUSH), Step::Cut]);
            break;
        }
        if control.error_after == here {
            steps.push(Step::Send(bad.error));
            break;
        }
        if control.end_after == here {
            break;
        }
        if control.malformed_after == here {
            steps.push(Step::Send(bad.malformed.clone()));
        }
        if at > 0 {
            steps.extend(wait(control.pace_ms));
        }
        steps.push(Step::Send(chunk));
    }
    split(steps, control.split_bytes)
}

fn whole_plan(body: Bytes, control: &Control) -> Vec<Step> {
    let mut steps = wait(control.delay_ms);
    let first_half = body.slice(..body.len() / 2);
    if control.stall_after.is_some() {
        steps.extend([Step::Send(first_half), Step::Stall]);
    } else if control.cut_after.or(control.error_after).is_some() {
        steps.extend([Step::Send(first_half), Step::Wait(FLUSH), Step::Cut]);
    } else if control.end_after.or(control.malformed_after).is_some() {
        steps.push(Step::Send(first_half));
    } else {
        steps.push(Step::Send(body));
    }
    split(steps, control.split_bytes)
}

fn wait(ms: u64) -> Vec<Step> {
    if ms == 0 { Vec::new() } else { vec![Step::Wait(Duration::from_millis(ms))] }
}

fn split(steps: Vec<Step>, piece_bytes: Option<usize>) -> Vec<Step> {
    let Some(size) = piece_bytes.filter(|&size| size > 0) else {
        return steps;
    };
    let mut pieces = Vec::new();
    for step in steps {
        match step {
            Step::Send(bytes) => {
                pieces.extend(bytes.chunks(size).map(|piece| Step::Send(bytes.slice_ref(piece))));
            }
            other => pieces.push(other),
        }
    }
    pieces
}

/// The connection was broken on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the script cuts the answer here")]
struct CutHere;

fn send(steps: Vec<Step>, shutdown: CancellationToken) -> Body {
    let steps = stream::unfold((steps.into_iter(), shutdown), |(mut steps, shutdown)| async move {
        loop {
            match steps.next()? {
                Step::Send(bytes) => return Some((Ok(bytes), (steps, shutdown))),
                Step::Cut => return Some((Err(CutHere), (Vec::new().into_iter(), shutdown))),
                Step::Wait(time) => {
                    shutdown.run_until_cancelled(tokio::time::sleep(time)).await?;
                }
                Step::Stall => {
                    let never = std::future::pending::<Infallible>();
                    shutdown.run_until_cancelled(never).await?;
                }
            }
        }
    });
    Body::from_stream(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad() -> BadEvents {
        BadEvents { malformed: Bytes::from_static(b"M"), error: Bytes::from_static(b"E") }
    }

    fn plan(control: &Control) -> Vec<Step> {
        let chunks = ["aa", "bb", "cc"].map(|text| Bytes::from_static(text.as_bytes())).to_vec();
        stream_plan(chunks, control, bad())
    }

    fn sent(steps: &[Step]) -> String {
        let bytes = steps.iter().filter_map(|step| match step {
            Step::Send(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        });
        bytes.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn each_failure_happens_after_the_chunk_it_names() {
        let cases = [
            (Control { cut_after: Some(1), ..Control::default() }, "aa", Some(Step::Cut)),
            (Control { stall_after: Some(2), ..Control::default() }, "aa|bb", Some(Step::Stall)),
            (Control { end_after: Some(0), ..Control::default() }, "", None),
            (Control { error_after: Some(1), ..Control::default() }, "aa|E", None),
            (Control { malformed_after: Some(1), ..Control::default() }, "aa|M|bb|cc", None),
        ];
        for (control, expected, last) in cases {
            let steps = plan(&control);
            assert_eq!(sent(&steps), expected);
            if last.is_some() {
                assert_eq!(steps.last(), last.as_ref());
            }
        }
    }

    #[test]
    fn pace_waits_between_chunks_and_delay_before_the_first() {
        let steps = plan(&Control { pace_ms: 40, delay_ms: 300, ..Control::default() });
        let waits: Vec<_> = steps.iter().filter(|step| matches!(step, Step::Wait(_))).collect();
        assert_eq!(waits.len(), 3);
        assert_eq!(steps.first(), Some(&Step::Wait(Duration::from_millis(300))));
    }

    #[test]
    fn pieces_ignore_the_borders_of_events() {
        assert_eq!(sent(&plan(&Control { split_bytes: Some(1), ..Control::default() })), "a|a|b|b|c|c");
    }
}
