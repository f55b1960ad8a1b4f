//! What becomes of a field that the target cannot say: refused, or dropped where that was wished. Never silently: what
//! was dropped is told.

use crate::Dialect;
use crate::form::Content;

/// Why a request cannot be sent on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The client's request is not of its dialect.
    #[error("The field '{field}' {problem}.")]
    Invalid { field: String, problem: String },
    /// The request is right, but this target has no word for it.
    #[error(
        "The field '{field}' cannot be sent to a {target} provider; leave it out, or let its route drop what a target cannot do."
    )]
    Unsupported { field: String, target: &'static str },
}

impl RequestError {
    pub fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), problem: problem.into() }
    }

    pub fn field(&self) -> &str {
        match self {
            Self::Invalid { field, .. } | Self::Unsupported { field, .. } => field,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    #[default]
    RefuseUnsupported,
    DropUnsupported,
}

/// Collects what one writer could not say.
#[derive(Debug)]
pub struct Losses {
    policy: Policy,
    target: Dialect,
    dropped: Vec<String>,
}

impl Losses {
    pub fn new(policy: Policy, target: Dialect) -> Self {
        Self { policy, target, dropped: Vec::new() }
    }

    /// A field that changes the answer: refused, or dropped by the policy.
    pub fn unsupported(&mut self, field: impl Into<String>) -> Result<(), RequestError> {
        let field = field.into();
        if self.policy == Policy::RefuseUnsupported {
            return Err(RequestError::Unsupported { field, target: self.target.name() });
        }
        self.dropped(field);
        Ok(())
    }

    /// Was dropping wished?
    pub fn drops(&self) -> bool {
        self.policy == Policy::DropUnsupported
    }

    /// A part of a message: refused, or dropped by the policy.
    pub fn part(&mut self, content: &Content) -> Result<(), RequestError> {
        self.unsupported(format!("messages.content.{}", content.what()))
    }

    /// A hint or a label that changes no answer (cache markers, end-user ids): dropped, and told.
    pub fn dropped(&mut self, field: impl Into<String>) {
        let field = field.into();
        if !self.dropped.contains(&field) {
            self.dropped.push(field);
        }
    }

    pub fn into_dropped(self) -> Vec<String> {
        self.dropped
    }
}
