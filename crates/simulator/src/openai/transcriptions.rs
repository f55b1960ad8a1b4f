//! `POST /v1/audio/transcriptions` and `translations`: the same sound is always heard as the same words.

use axum::body::Body;
use axum::extract::{Multipart, State};
use axum::http::{HeaderMap, Response};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::error::Refusal;
use super::form;
use super::request::Request;
use crate::media;
use crate::text::{hash, pieces, sentences};
use crate::usage::tokens;

/// As OpenAI counts sound.
const TOKENS_PER_SECOND: f64 = 10.0;

pub(crate) async fn handle(
    State(shutdown): State<CancellationToken>,
    headers: HeaderMap,
    form: Multipart,
) -> Result<Response<Body>, Refusal> {
    let form = form::read(form).await?;
    let sound = form.files.iter().find(|file| file.name == "file" && !file.bytes.is_empty());
    let sound = sound.ok_or_else(|| Refusal::invalid("the form has no file 'file'"))?;
    let seconds = media::seconds(&sound.bytes);
    let seed = hash(&[
        &sound.bytes.len().to_string(),
        &sound.bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>().to_string(),
    ]);
    let mut request = Request::of(form.fields, &headers, shutdown).await?;
    // In a form every value is text.
    request.body["stream"] = (request.body["stream"] == "true").into();
    let text = request.control.text.clone().unwrap_or_else(|| sentences(seed, 2));
    let usage = request.usage(counted(request.model, &text, seconds)).unwrap_or(Value::Null);
    if request.is_stream() {
        let mut events: Vec<Value> = pieces(&text)
            .iter()
            .map(|piece| json!({ "type": "transcript.text.delta", "delta": piece }))
            .collect();
        events.push(json!({ "type": "transcript.text.done", "text": text, "usage": usage }));
        return Ok(request.named_stream(&events));
    }
    let format = request.body["response_format"].as_str().unwrap_or("json").to_owned();
    match format.as_str() {
        "json" => Ok(request.whole(&json!({ "text": text, "usage": usage }))),
        "verbose_json" => {
            let segment = json!({ "id": 0, "start": 0.0, "end": seconds, "text": text });
            Ok(request.whole(&json!({ "task": "transcribe", "language": "english", "duration": seconds,
                "text": text, "segments": [segment], "usage": usage })))
        }
        "text" => Ok(request.text("text/plain; charset=utf-8", format!("{text}\n"))),
        "srt" => {
            let cue = format!("1\n00:00:00,000 --> {}\n{text}\n\n", clock(seconds));
            Ok(request.text("text/plain; charset=utf-8", cue))
        }
        other => Err(Refusal::invalid(format!("the simulator writes no transcript of the format '{other}'"))),
    }
}

fn counted(model: &str, text: &str, seconds: f64) -> Value {
    if model == "sim-whisper" {
        return json!({ "type": "duration", "seconds": seconds.ceil() });
    }
    let (heard, written) = ((seconds * TOKENS_PER_SECOND).ceil() as u64, tokens(text));
    json!({ "type": "tokens", "input_tokens": heard, "input_token_details": { "text_tokens": 0, "audio_tokens": heard },
        "output_tokens": written, "total_tokens": heard + written })
}

fn clock(seconds: f64) -> String {
    let ms = (seconds * 1_000.0) as u64;
    format!("{:02}:{:02}:{:02},{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60, ms % 1_000)
}
