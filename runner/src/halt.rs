//! Why the work on a run ended without its last task.

use aop_store::Error as StoreError;

use crate::gateway::ModelError;

#[derive(Debug)]
pub(crate) enum Halt {
    /// The run has failed, and this is what its watchers are told.
    Failed(Failure),
    /// Postgres did not take a write: the run is no longer ours, or cannot be kept. Nothing more is written; whoever
    /// claims it next goes on from what was kept.
    Abandoned(StoreError),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Stable, for programs.
    pub(crate) error_type: &'static str,
    /// One sentence.
    pub(crate) message: String,
    /// Where, outermost first.
    pub(crate) trail: Vec<String>,
}

impl Failure {
    pub(crate) fn new(error_type: &'static str, message: impl Into<String>) -> Self {
        Self { error_type, message: message.into(), trail: Vec::new() }
    }
}

impl Halt {
    /// Adds the place that surrounds the failure.
    pub(crate) fn inside(mut self, place: impl FnOnce() -> String) -> Self {
        if let Self::Failed(failure) = &mut self {
            failure.trail.insert(0, place());
        }
        self
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Abandoned(error)
    }
}

impl From<ModelError> for Halt {
    fn from(error: ModelError) -> Self {
        Self::Failed(Failure::new(error.error_type(), error.to_string()))
    }
}
