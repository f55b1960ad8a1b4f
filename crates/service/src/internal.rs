//! Calls between the parts of one installation show a shared token in `x-aop-internal`; everyone else is refused.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::keys::constant_time_eq;
use crate::problem::Problem;
use crate::secret::Secret;

/// Header that carries `MasterKey::internal_token`. The front door strips it from everything that comes from outside.
pub const HEADER: &str = "x-aop-internal";

/// axum middleware: `axum::middleware::from_fn_with_state(token, internal::require)`.
pub async fn require(State(token): State<Secret>, request: Request, next: Next) -> Response {
    let shown = request.headers().get(HEADER).map(|value| value.as_bytes()).unwrap_or_default();
    if constant_time_eq(shown, token.expose().as_bytes()) {
        next.run(request).await
    } else {
        Problem::unauthenticated("internal_only", "This address is for the parts of this installation only.")
            .into_response()
    }
}
