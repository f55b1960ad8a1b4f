//! The one error type of the handlers. Whatever fails below becomes a problem response here, and nowhere else.

use axum::response::{IntoResponse, Response};

use aop_domain::error_kind::ErrorKind;
use aop_service::problem::Problem;

/// A problem response on its way out. Boxed, because every handler's result carries it.
#[derive(Debug)]
pub struct ApiError(Box<Problem>);

/// What handlers answer.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    pub fn problem(&self) -> &Problem {
        &self.0
    }

    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.source.as_deref().unwrap_or(&self.0.detail))
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl From<aop_store::Error> for ApiError {
    fn from(error: aop_store::Error) -> Self {
        use aop_store::Error;
        let problem = match &error {
            Error::Duplicate { .. } => Problem::new(
                ErrorKind::Conflict,
                "already_exists",
                "Something with this name exists already. Choose another name.",
            ),
            Error::StillUsed { .. } => Problem::new(
                ErrorKind::Conflict,
                "still_used",
                "Something else still uses this. Change or remove that first.",
            ),
            Error::UnknownReference { .. } => {
                Problem::invalid("unknown_reference", "Something this refers to does not exist.")
            }
            Error::Refused { .. } => Problem::invalid("invalid_value", "One of the values is not allowed."),
            Error::LastAdmin => Problem::new(
                ErrorKind::Conflict,
                "last_admin",
                "This is the last active administrator. Make somebody else administrator first.",
            ),
            Error::LastOwner => Problem::new(
                ErrorKind::Conflict,
                "last_owner",
                "This is the team's last owner. Make another member owner first.",
            ),
            Error::AdminExists => {
                Problem::new(ErrorKind::Conflict, "setup_done", "An administrator exists already. Sign in.")
            }
            Error::Unavailable(_) => unavailable("The database", &error),
            _ if error.kind() == ErrorKind::Conflict => {
                Problem::new(ErrorKind::Conflict, "conflict", format!("This cannot be done now: {error}."))
            }
            _ => Problem::internal(&error),
        };
        problem.into()
    }
}

impl From<aop_clickhouse::Error> for ApiError {
    fn from(error: aop_clickhouse::Error) -> Self {
        let problem = match error.kind() {
            ErrorKind::Invalid => Problem::invalid("invalid_query", format!("{error}.")),
            ErrorKind::Unavailable => unavailable("The analytics store", &error),
            ErrorKind::Timeout => Problem::new(
                ErrorKind::Timeout,
                "query_too_slow",
                "This took too long. Ask for a shorter time range or filter more.",
            ),
            _ => Problem::internal(&error),
        };
        problem.into()
    }
}

/// An engine that is away: the caller is told to come back, the log gets the reason.
fn unavailable(what: &str, error: &impl std::fmt::Display) -> Problem {
    let mut problem = Problem::new(
        ErrorKind::Unavailable,
        "unavailable",
        format!("{what} does not answer right now. Try again in a few seconds."),
    )
    .retry_after_s(5);
    problem.source = Some(error.to_string());
    problem
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}
