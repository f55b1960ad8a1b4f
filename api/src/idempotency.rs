//! `Idempotency-Key` on every POST of a known caller: the second request with a key gets the first one's answer, and nothing
//! happens twice.
//!
//! A key belongs to its caller and to one request (method, address, team, body). Only answers that say something was done
//! are kept, for a day; a refusal did nothing, so its key is free again. Answers are kept sealed, because some show a
//! secret once: whoever reads the database cannot, and the caller who was cut off before the answer arrived can. Work that
//! began goes on when its caller leaves. If the process dies in the middle, the key answers `idempotency_in_progress` for two
//! minutes and then starts anew.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use aop_domain::error_kind::ErrorKind;
use aop_service::problem::Problem;
use aop_store::idempotency_keys::{self, Claim, Key, Times};

use crate::auth::caller::{Caller, Via};
use crate::error::ApiResult;
use crate::router::LARGEST_BODY_BYTES;
use crate::state::AppState;

pub const HEADER: &str = "idempotency-key";
/// On an answer that was given before.
pub const REPLAYED: &str = "idempotency-replayed";
const LONGEST_KEY_BYTES: usize = 255;
/// Longer than any answer takes to begin, so that a slow one is not done twice.
const HELD: time::Duration = time::Duration::minutes(2);
const LONGEST_WORK: Duration = Duration::from_secs(90);
const KEPT: time::Duration = time::Duration::hours(24);

/// Middleware for the whole API.
pub async fn once(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // Sign-in has no caller yet, and its answers set cookies.
    let applies =
        request.method() == Method::POST && path.starts_with("/api/") && !path.starts_with("/api/auth/");
    if !applies || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    match Caller::identify(&state, request.headers()).await {
        Ok(caller) => serve(&state, &caller, request, next).await.unwrap_or_else(IntoResponse::into_response),
        // The endpoint itself says what is wrong.
        Err(_) => next.run(request).await,
    }
}

async fn serve(state: &AppState, caller: &Caller, request: Request, next: Next) -> ApiResult<Response> {
    let (parts, body) = request.into_parts();
    let key = asked_key(&parts.headers)?.to_owned();
    let streams = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if streams.is_some_and(|kinds| kinds.contains("text/event-stream")) {
        return Err(Problem::invalid(
            "idempotency_not_for_streams",
            "A stream cannot be given twice. Ask for JSON and follow the 'stream_url' of the answer.",
        )
        .into());
    }
    let body = to_bytes(body, LARGEST_BODY_BYTES).await.map_err(|_| {
        Problem::new(
            ErrorKind::TooLarge,
            "body_too_large",
            "The request body is too large for this endpoint.",
        )
    })?;
    let address = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let team = parts.headers.get("x-team-id").map(HeaderValue::as_bytes).unwrap_or_default();
    let fingerprint = fingerprint(&[address.as_bytes(), team, &body]);
    let caller = match &caller.via {
        Via::Session { .. } => format!("user:{}", caller.user_id),
        Via::Key { key_id, .. } => format!("key:{key_id}"),
    };
    let now = state.now()?;
    let times = Times { now, held_until: now + HELD, expires_at: now + KEPT };
    let claimed = Key { caller: &caller, key: &key };
    match idempotency_keys::claim(&state.store, claimed, &fingerprint, times).await? {
        Claim::Answered(sealed) => replay(state, &caller, &key, &sealed),
        Claim::Mismatch => Err(Problem::new(
            ErrorKind::Unprocessable,
            "idempotency_mismatch",
            "This Idempotency-Key was used for another request. Use a new key for each thing to be done.",
        )
        .into()),
        Claim::InProgress => Err(Problem::new(
            ErrorKind::Conflict,
            "idempotency_in_progress",
            "The first request with this Idempotency-Key is still being worked on. Ask again in a moment.",
        )
        .retry_after_s(1)
        .into()),
        Claim::Ours => {
            let work = Work { state: state.clone(), caller, key, held_until: times.held_until };
            let request = Request::from_parts(parts, Body::from(body));
            // A task of its own: a caller who leaves must not leave the work half done and its answer unkept.
            Ok(tokio::spawn(work.run(request, next)).await.map_err(Problem::internal)?)
        }
    }
}

fn asked_key(headers: &HeaderMap) -> ApiResult<&str> {
    let mut all = headers.get_all(HEADER).iter();
    let key = match (all.next(), all.next()) {
        (Some(one), None) => one.to_str().ok(),
        _ => None,
    };
    let fits = |key: &&str| {
        (1..=LONGEST_KEY_BYTES).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic())
    };
    key.filter(fits).ok_or_else(|| {
        Problem::invalid(
            "invalid_idempotency_key",
            format!("Send one Idempotency-Key of 1 to {LONGEST_KEY_BYTES} visible ASCII characters."),
        )
        .into()
    })
}

/// Each part with its length before it, so that no two requests run together.
fn fingerprint(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// A claimed key and what is done under it.
struct Work {
    state: AppState,
    caller: String,
    key: String,
    held_until: OffsetDateTime,
}

impl Work {
    async fn run(self, request: Request, next: Next) -> Response {
        let Ok(response) = tokio::time::timeout(LONGEST_WORK, next.run(request)).await else {
            // Whether it was done is not known, so the claim is not given back: it ends by itself.
            let detail = "This took too long and was given up. Try again, or ask for less.";
            return Problem::new(ErrorKind::Timeout, "too_slow", detail).into_response();
        };
        let (parts, body) = response.into_parts();
        let key = Key { caller: &self.caller, key: &self.key };
        let store = &self.state.store;
        if !parts.status.is_success() {
            if let Err(error) = idempotency_keys::release(store, key, self.held_until).await {
                tracing::warn!(%error, "an idempotency key stays claimed until its time ends");
            }
            return Response::from_parts(parts, body);
        }
        let Ok(body) = to_bytes(body, usize::MAX).await else {
            return Problem::internal("an answer ended early").into_response();
        };
        let kept = match seal(&self.state, &self.caller, &self.key, parts.status, &body) {
            Ok(sealed) => idempotency_keys::answer(store, key, self.held_until, &sealed).await,
            Err(_) => Ok(false),
        };
        // It was done all the same: the caller is told so.
        if !matches!(kept, Ok(true)) {
            tracing::error!(error = ?kept.err(), "an answer could not be kept for its idempotency key");
        }
        Response::from_parts(parts, Body::from(body))
    }
}

fn bound_to(caller: &str, key: &str) -> String {
    format!("{caller} {key}")
}

fn seal(state: &AppState, caller: &str, key: &str, status: StatusCode, body: &Bytes) -> ApiResult<Vec<u8>> {
    let mut plain = status.as_u16().to_be_bytes().to_vec();
    plain.extend_from_slice(body);
    let bound_to = bound_to(caller, key);
    let sealed = state.keys.idempotent_answer.seal(&plain, bound_to.as_bytes(), rand::random());
    Ok(sealed.map_err(Problem::internal)?)
}

fn replay(state: &AppState, caller: &str, key: &str, sealed: &[u8]) -> ApiResult<Response> {
    let opened = state.keys.idempotent_answer.open(sealed, bound_to(caller, key).as_bytes());
    let opened = opened.map_err(Problem::internal)?;
    let Some((status, body)) = opened.expose().split_first_chunk::<2>() else {
        return Err(Problem::internal("a kept answer is cut short").into());
    };
    let status = StatusCode::from_u16(u16::from_be_bytes(*status)).map_err(Problem::internal)?;
    let mut response = (status, [(REPLAYED, "true")], body.to_vec()).into_response();
    if body.is_empty() {
        response.headers_mut().remove(header::CONTENT_TYPE);
    } else {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ok(response)
}
