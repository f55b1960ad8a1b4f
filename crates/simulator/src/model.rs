//! The models on offer, and what each one is for.

use crate::control::Control;

/// What a model is called for. Decides which route serves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Chat,
    Embedding,
    Moderation,
    Rerank,
    Image,
    Speech,
    Transcription,
}

/// One model of the simulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model {
    pub id: &'static str,
    pub mode: Mode,
    /// One sentence for people.
    pub about: &'static str,
}

const fn chat(id: &'static str, about: &'static str) -> Model {
    Model { id, mode: Mode::Chat, about }
}

static MODELS: &[Model] = &[
    chat("sim-fast", "Answers at once with text made from the prompt."),
    chat("sim-slow", "Waits 300 ms, then streams a word every 40 ms."),
    chat("sim-tools", "Calls the tools it is given, two at a time, then answers from their results."),
    chat("sim-reasoning", "Thinks before it answers, and reports reasoning tokens."),
    chat("sim-usage", "Reports every class of token: cached, cache written, audio, image, reasoning."),
    chat(
        "sim-crew",
        "Plays the agents of a crew at a pace to watch: reads the role, uses a calculator, delegates, hands over.",
    ),
    Model { id: "sim-embed", mode: Mode::Embedding, about: "Embeds text into unit vectors." },
    Model { id: "sim-moderate", mode: Mode::Moderation, about: "Flags texts that speak of violence." },
    Model {
        id: "sim-rerank",
        mode: Mode::Rerank,
        about: "Orders documents by the words they share with the query.",
    },
    Model { id: "sim-image", mode: Mode::Image, about: "Draws a small square for any prompt." },
    Model { id: "sim-speech", mode: Mode::Speech, about: "Reads a text out as silence of the right length." },
    Model {
        id: "sim-transcribe",
        mode: Mode::Transcription,
        about: "Hears words in any sound, and counts tokens.",
    },
    Model {
        id: "sim-whisper",
        mode: Mode::Transcription,
        about: "Hears words in any sound, and counts seconds.",
    },
    chat("sim-fail-400", "Refuses with 400."),
    chat("sim-fail-401", "Refuses with 401."),
    chat("sim-fail-429", "Refuses with 429 and Retry-After."),
    chat("sim-fail-500", "Fails with 500."),
    chat("sim-fail-503", "Fails with 503."),
    chat("sim-fail-headers", "Sends its headers 5 seconds late."),
    chat("sim-fail-delay", "Sends its headers at once and its first byte 5 seconds late."),
    chat("sim-fail-stall", "Sends a few chunks and then nothing, forever."),
    chat("sim-fail-cut", "Breaks the connection in the middle of the answer."),
    chat("sim-fail-malformed", "Sends server-sent events whose data is not JSON."),
    chat("sim-fail-garbage", "Answers 200 with bytes that are no answer at all."),
    chat("sim-fail-error", "Sends an error event in the middle of the stream."),
    chat("sim-fail-end", "Ends the stream early and cleanly, without finish reason and [DONE]."),
    chat("sim-fail-nousage", "Reports no usage, even when asked."),
];

/// Every model the simulator lists, in the order people should see them.
pub fn models() -> &'static [Model] {
    MODELS
}

pub(crate) fn find(id: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.id == id)
}

/// The behavior a model's name stands for, before the request's own wishes.
pub(crate) fn behavior(id: &str) -> Control {
    let mut control = Control::default();
    let late_ms = 5_000;
    match id {
        // Slow enough to be watched, agent by agent.
        "sim-crew" => (control.delay_ms, control.pace_ms) = (250, 15),
        "sim-slow" => (control.delay_ms, control.pace_ms) = (300, 40),
        "sim-fail-headers" => control.header_delay_ms = late_ms,
        "sim-fail-delay" => control.delay_ms = late_ms,
        "sim-fail-stall" => control.stall_after = Some(3),
        "sim-fail-cut" => control.cut_after = Some(3),
        "sim-fail-malformed" => control.malformed_after = Some(3),
        "sim-fail-garbage" => control.garbage = true,
        "sim-fail-error" => control.error_after = Some(3),
        "sim-fail-end" => control.end_after = Some(3),
        "sim-fail-nousage" => control.no_usage = true,
        _ => {
            control.status = id.strip_prefix("sim-fail-").and_then(|status| status.parse().ok());
            control.retry_after_s = (control.status == Some(429)).then_some(1);
        }
    }
    control
}
