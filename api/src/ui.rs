//! The web UI, built into the binary from `ui/dist`. Every address that is not an endpoint or a file is the app itself
//! (its router decides); files whose names carry a hash of their content are kept by browsers for ever.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use aop_domain::error_kind::ErrorKind;
use aop_service::problem::Problem;

/// The folder may be absent in development; then the fallback says how to build it.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../ui/dist"]
#[allow_missing = true]
struct Dist;

const INDEX: &str = "index.html";
/// Vite puts every file whose name carries a content hash here.
const HASHED: &str = "assets/";

/// Answers whatever no endpoint matched.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if is_endpoint_space(path) {
        return Problem::not_found("endpoint").into_response();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        return Problem::new(
            ErrorKind::NotFound,
            "not_found",
            "There is nothing to send to at this address.",
        )
        .into_response();
    }
    if let Some(found) = find(path, &headers) {
        return found;
    }
    // A missing file must not be answered with the app: a browser would take HTML for a script.
    if path.starts_with(HASHED) {
        return Problem::not_found("file").into_response();
    }
    find(INDEX, &headers).unwrap_or_else(not_built)
}

fn is_endpoint_space(path: &str) -> bool {
    ["api", "ws", "v1"].iter().any(|space| path.split('/').next() == Some(space))
}

/// The file, in the smallest form the browser takes.
fn find(path: &str, headers: &HeaderMap) -> Option<Response> {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let packed = [("br", "br"), ("gzip", "gz")].into_iter().find_map(|(coding, ending)| {
        let taken = accepted.split(',').any(|offer| offer.trim().split(';').next() == Some(coding));
        taken.then(|| Dist::get(&format!("{path}.{ending}"))).flatten().map(|file| (file, coding))
    });
    let (file, coding) = match packed {
        Some((file, coding)) => (file, Some(coding)),
        None => (Dist::get(path)?, None),
    };
    Some(respond(path, file, coding, headers))
}

fn respond(path: &str, file: EmbeddedFile, coding: Option<&'static str>, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", aop_domain::hex::hex(&file.metadata.sha256_hash()[..16]));
    let unchanged = headers.get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == tag.as_bytes());
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data.into_owned()).into_response()
    };
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let keep = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let (Ok(kind), Ok(tag)) = (HeaderValue::from_str(kind.as_ref()), HeaderValue::from_str(&tag)) {
        out.insert(header::CONTENT_TYPE, kind);
        out.insert(header::ETAG, tag);
    }
    if let Some(coding) = coding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

fn not_built() -> Response {
    Problem::new(
        ErrorKind::NotFound,
        "ui_not_built",
        "This binary was built without the web UI. Run 'make run', which builds it, or 'npm run build' in ui/.",
    )
    .into_response()
}
