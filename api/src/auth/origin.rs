//! Requests that a foreign page made a browser send are refused: on everything that changes something, and on
//! WebSockets. Programs send neither `Origin` nor `Sec-Fetch-Site` and are not concerned.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use aop_service::problem::Problem;

use crate::state::AppState;

/// Middleware for every endpoint of the API.
pub async fn refuse_foreign_pages(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let changes_something = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let is_websocket = request.headers().contains_key(header::SEC_WEBSOCKET_KEY);
    if (changes_something || is_websocket) && is_foreign(request.headers(), &state.public_url) {
        return Problem::forbidden(
            "foreign_origin",
            "This request came from a page of another site, so it was refused.",
        )
        .into_response();
    }
    next.run(request).await
}

/// Whether the browser says that a page of another origin is behind this request.
fn is_foreign(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site")
        && !matches!(site, "same-origin" | "none")
    {
        return true;
    }
    let Some(origin) = text("origin") else { return false };
    if origin == public_url.trim_end_matches('/') {
        return false;
    }
    // The address the page was opened under: whatever host the browser sent this very request to.
    let host = text("host").unwrap_or_default();
    let origin_host = origin.split_once("://").map(|(_, host)| host);
    host.is_empty() || origin_host != Some(host)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn our_own_page_and_programs_are_let_through() {
        let public = "https://aop.example";
        for pairs in [
            &[("host", "127.0.0.1:8080")][..],
            &[
                ("host", "127.0.0.1:8080"),
                ("origin", "http://127.0.0.1:8080"),
                ("sec-fetch-site", "same-origin"),
            ],
            &[("host", "inner:9"), ("origin", "https://aop.example")],
        ] {
            assert!(!is_foreign(&headers(pairs), public), "{pairs:?}");
        }
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        let public = "https://aop.example";
        for pairs in [
            &[("host", "127.0.0.1:8080"), ("origin", "https://evil.example")][..],
            &[("host", "127.0.0.1:8080"), ("origin", "null")],
            &[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:8081")],
            &[("host", "127.0.0.1:8080"), ("sec-fetch-site", "cross-site")],
            &[("host", "127.0.0.1:8080"), ("sec-fetch-site", "same-site")],
            &[("origin", "https://evil.example")],
        ] {
            assert!(is_foreign(&headers(pairs), public), "{pairs:?}");
        }
    }
}
