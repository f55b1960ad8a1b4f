//! reqwest's own text stops at "error sending request"; what went wrong is in its causes.

use std::error::Error;
use std::fmt::Write;

/// The causes of a failed request, outermost first. The address is not shown: it may carry a secret.
pub(crate) fn of(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() { "it took too long" } else { "the connection failed" }.to_owned();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}
