//! `POST /v1/audio/speech`: silence, as long as the text would take to read.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::error::Refusal;
use super::request::Request;
use crate::media;
use crate::usage::tokens;

const PIECE_BYTES: usize = 4 << 10;
/// At a usual pace of reading.
const MS_PER_CHARACTER: u64 = 60;
const LONGEST_CHARACTERS: usize = 4_096;

pub(crate) async fn handle(
    State(shutdown): State<CancellationToken>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response<Body>, Refusal> {
    let request = Request::open(&headers, &bytes, shutdown).await?;
    let input = request.body["input"].as_str().unwrap_or_default().to_owned();
    let characters = input.chars().count();
    if !(1..=LONGEST_CHARACTERS).contains(&characters) {
        return Err(Refusal::invalid(format!("'input' must have 1 to {LONGEST_CHARACTERS} characters")));
    }
    if !request.body["voice"].is_string() && !request.body["voice"].is_object() {
        return Err(Refusal::invalid("the field 'voice' is missing"));
    }
    let length_ms = characters as u64 * MS_PER_CHARACTER;
    let (content_type, sound) = match request.body["response_format"].as_str().unwrap_or("mp3") {
        "mp3" => ("audio/mpeg", media::mp3(length_ms)),
        "wav" => ("audio/wav", media::wav(length_ms)),
        "pcm" => ("audio/pcm", media::pcm(length_ms)),
        other => {
            return Err(Refusal::invalid(format!("the simulator makes no sound of the format '{other}'")));
        }
    };
    if request.body["stream_format"] == "sse" {
        let mut events: Vec<Value> = sound
            .chunks(PIECE_BYTES)
            .map(|piece| json!({ "type": "speech.audio.delta", "audio": STANDARD.encode(piece) }))
            .collect();
        let (read, spoken) = (tokens(&input), length_ms / 50);
        events.push(
            json!({ "type": "speech.audio.done", "usage": { "input_tokens": read, "output_tokens": spoken,
            "total_tokens": read + spoken } }),
        );
        return Ok(request.named_stream(&events));
    }
    Ok(request.bytes(content_type, &sound, PIECE_BYTES))
}
