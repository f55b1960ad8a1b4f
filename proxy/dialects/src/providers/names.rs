//! What a field of the form is called on the client's wire, for refusals that name it.

use crate::Dialect;
use crate::form::{Effort, Message, Reasoning, Request};
use crate::policy::{Losses, RequestError};

/// Where a message stands in the client's request.
pub(super) fn message(at: usize) -> String {
    format!("messages[{at}]")
}

fn parallel(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Messages => "tool_choice.disable_parallel_tool_use",
        _ => "parallel_tool_calls",
    }
}

/// The wish for thinking.
pub(super) fn reasoning(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Messages => "thinking",
        Dialect::Responses => "reasoning",
        _ => "reasoning_effort",
    }
}

/// A target whose models always may call several tools at once.
pub(super) fn no_parallel_switch(request: &Request, losses: &mut Losses) -> Result<(), RequestError> {
    if request.parallel_tools == Some(false) && !request.tools.is_empty() {
        losses.unsupported(parallel(request.dialect))?;
    }
    Ok(())
}

/// Labels that change no answer, for a target that has no place for them.
pub(super) fn drop_labels(request: &Request, losses: &mut Losses) {
    if request.user.is_some() {
        losses.dropped(if request.dialect == Dialect::Messages { "metadata.user_id" } else { "user" });
    }
    if !request.metadata.is_empty() {
        losses.dropped("metadata");
    }
    drop_tier(request, losses);
}

/// `auto` and the like ask for nothing.
pub(super) fn drop_tier(request: &Request, losses: &mut Losses) {
    if request
        .service_tier
        .as_deref()
        .is_some_and(|tier| !matches!(tier, "auto" | "default" | "standard_only"))
    {
        losses.dropped("service_tier");
    }
}

/// A name of one of several speakers.
pub(super) fn drop_speaker(message: &Message, path: &str, losses: &mut Losses) {
    if message.name.is_some() {
        losses.dropped(format!("{path}.name"));
    }
}

pub(super) fn no_verbosity(request: &Request, losses: &mut Losses) -> Result<(), RequestError> {
    match request.verbosity.as_deref() {
        None | Some("medium") => Ok(()),
        Some(_) => losses.unsupported("verbosity"),
    }
}

/// What was asked about thinking, as one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thinking {
    Off,
    /// On, as much as the model likes.
    On,
    Effort(Effort),
    Budget(u64),
}

/// A budget is more exact than an effort. `None`: nothing was asked.
pub(super) fn thinking(reasoning: &Reasoning) -> Option<Thinking> {
    if reasoning.enabled == Some(false) || reasoning.effort == Some(Effort::None) {
        return Some(Thinking::Off);
    }
    if let Some(budget) = reasoning.budget_tokens {
        return Some(Thinking::Budget(budget));
    }
    match (reasoning.effort, reasoning.enabled) {
        (Some(effort), _) => Some(Thinking::Effort(effort)),
        (None, Some(true)) => Some(Thinking::On),
        _ => reasoning.summary.as_ref().map(|_| Thinking::On),
    }
}
