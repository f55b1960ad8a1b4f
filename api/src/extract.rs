//! axum's extractors with our answers: a body, query or path that does not fit is a problem response that says why.

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use aop_domain::error_kind::ErrorKind;
use aop_service::problem::Problem;

use crate::error::ApiError;

/// A JSON body of the given shape. Unknown fields are refused by the shapes themselves.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(body_problem(&rejection).into()),
        }
    }
}

fn body_problem(rejection: &JsonRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(
            ErrorKind::TooLarge,
            "body_too_large",
            "The request body is too large for this endpoint.",
        );
    }
    match rejection {
        JsonRejection::MissingJsonContentType(_) => Problem::invalid(
            "not_json",
            "The request body must be JSON: send it with the header 'content-type: application/json'.",
        ),
        // axum's text names the field and the expected type, and never repeats the value of a string.
        other => Problem::invalid("invalid_body", format!("{}.", other.body_text())),
    }
}

/// Query parameters of the given shape.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(query_problem(&rejection).into()),
        }
    }
}

fn query_problem(rejection: &QueryRejection) -> Problem {
    Problem::invalid("invalid_query", format!("{}.", rejection.body_text()))
}

/// Path parameters. One that is not an id names nothing, so it is not found rather than malformed.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(Problem::not_found("resource").into()),
        }
    }
}
