//! Versions of single resources. `GET` of one names its version in `ETag`; a change that brings it back in `If-Match` is
//! refused when somebody else was faster. Without `If-Match`, the last write wins.
//!
//! The version is a hash of what the resource looks like, without the times at which it was used. A change with
//! `If-Match` looks at the resource as its caller sees it, and no other change of it begins between the look and the
//! write: every change of a resource holds a lock by its address.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;

use aop_domain::error_kind::ErrorKind;
use aop_domain::hex::hex;
use aop_service::problem::Problem;
use aop_store::locks;

use crate::auth::caller::Caller;
use crate::error::ApiResult;
use crate::state::AppState;

/// Locks held at the same time by this process: each takes a connection, and the change itself needs another.
const MOST_LOCKS: usize = 4;
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Fields that say when something was used, or how much, not what it is.
const NOT_PART: [&str; 3] = ["last_used_at", "last_login_at", "current"];

/// Places for locks.
pub struct Locks(Semaphore);

impl Default for Locks {
    fn default() -> Self {
        Self(Semaphore::new(MOST_LOCKS))
    }
}

/// Middleware for the whole API. It must stand around the router, because it asks it twice.
pub async fn versions(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if !is_single(request.uri().path()) {
        return next.run(request).await;
    }
    match *request.method() {
        Method::GET => tagged(next.run(request).await).await,
        Method::PUT | Method::PATCH | Method::DELETE => {
            change(&state, request, next).await.unwrap_or_else(IntoResponse::into_response)
        }
        _ => next.run(request).await,
    }
}

/// `/api/<noun>/<id>`, and one's own profile.
fn is_single(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/api/") else { return false };
    rest == "auth/me"
        || rest.split_once('/').is_some_and(|(_, id)| id.len() == 36 && Uuid::try_parse(id).is_ok())
}

async fn change(state: &AppState, request: Request, next: Next) -> ApiResult<Response> {
    // Whoever is nobody holds nothing up; the endpoint says what is wrong.
    let Ok(caller) = Caller::identify(state, request.headers()).await else {
        return Ok(next.run(request).await);
    };
    let path = request.uri().path();
    let name =
        if path == "/api/auth/me" { format!("{path} {}", caller.user_id) } else { path.to_lowercase() };
    let held = tokio::time::timeout(LONGEST_WAIT, async {
        let place = state.locks.0.acquire().await.map_err(Problem::internal)?;
        ApiResult::Ok((locks::hold(&state.store, &name).await?, place))
    });
    let held = held.await.map_err(|_| {
        Problem::new(
            ErrorKind::Unavailable,
            "busy",
            "Too many changes are being made right now. Try again in a few seconds.",
        )
        .retry_after_s(2)
    })??;
    if let Some(expected) = expected(request.headers())
        && !is_current(look(&request), next.clone(), &expected).await
    {
        return Err(Problem::new(
            ErrorKind::PreconditionFailed,
            "etag_mismatch",
            "This was changed since you read it, or is gone. Read it again and repeat your change.",
        )
        .into());
    }
    let response = tagged(next.run(request).await).await;
    drop(held);
    Ok(response)
}

/// What `If-Match` asks for: the tags, or `*` for any.
fn expected(headers: &HeaderMap) -> Option<Vec<String>> {
    let lines: Vec<_> = headers.get_all(header::IF_MATCH).iter().collect();
    if lines.is_empty() {
        return None;
    }
    let tags = lines.iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    Some(tags.map(|tag| tag.trim().to_owned()).collect())
}

/// The same caller, reading.
fn look(request: &Request) -> Request {
    let mut look = Request::new(Body::empty());
    *look.uri_mut() = request.uri().clone();
    *look.extensions_mut() = request.extensions().clone();
    let who = [header::AUTHORIZATION, HeaderName::from_static("x-team-id")];
    for (name, value) in request.headers().iter().filter(|(name, _)| who.contains(name)) {
        look.headers_mut().append(name.clone(), value.clone());
    }
    look
}

/// Whether the caller would see one of these versions now. What they may not see, or what is not there, is left to the
/// endpoint to refuse.
async fn is_current(look: Request, next: Next, expected: &[String]) -> bool {
    let seen = tagged(next.run(look).await).await;
    let tag = seen.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
    match (seen.status(), tag) {
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND, _) => true,
        (_, Some(tag)) => expected.iter().any(|one| one == "*" || one == tag),
        _ => false,
    }
}

/// Names the version of a resource that was given whole.
async fn tagged(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_resource =
        response.status() == StatusCode::OK && kind.is_some_and(|kind| kind == "application/json");
    if !is_resource {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return Problem::internal("an answer ended early").into_response();
    };
    if let Some(tag) = tag(&body) {
        parts.headers.insert(header::ETAG, tag);
    }
    Response::from_parts(parts, Body::from(body))
}

fn tag(body: &Bytes) -> Option<HeaderValue> {
    let mut resource: Value = serde_json::from_slice(body).ok()?;
    let fields = resource.as_object_mut()?;
    for name in NOT_PART {
        fields.remove(name);
    }
    let hash = Sha256::digest(resource.to_string().as_bytes());
    HeaderValue::from_str(&format!("\"{}\"", hex(&hash[..16]))).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_one_resource_have_versions() {
        let id = "0199a7c2-0000-7000-8000-000000000001";
        assert!(is_single(&format!("/api/crews/{id}")) && is_single("/api/auth/me"));
        for path in [
            "/api/crews".to_owned(),
            "/api/crews/validate".to_owned(),
            format!("/api/crews/{id}/executions"),
            format!("/other/crews/{id}"),
            "/api/analytics/overview".to_owned(),
        ] {
            assert!(!is_single(&path), "{path}");
        }
    }

    #[test]
    fn being_used_is_no_new_version() {
        let of = |text: &'static str| tag(&Bytes::from_static(text.as_bytes()));
        assert_eq!(of(r#"{"a":1,"last_used_at":null}"#), of(r#"{"a":1,"last_used_at":"now"}"#));
        assert_eq!(of(r#"{"a":1,"current":{"used":"0"}}"#), of(r#"{"a":1,"current":{"used":"2.5"}}"#));
        assert_ne!(of(r#"{"a":1}"#), of(r#"{"a":2}"#));
        assert_eq!((of("[]"), of("no")), (None, None));
    }
}
