//! What people and keys changed, for the audit log. A change that was made is not undone because its line could not be
//! written; that is reported in the log of this process instead.

use serde_json::Value;
use uuid::Uuid;

use aop_domain::id::TeamId;
use aop_store::audit_log::{self, Actor, Entry};

use crate::auth::source::Source;
use crate::state::AppState;

/// One change: `action` is `noun.verb`; `target` is the kind and the id of what was changed.
pub struct Change {
    pub team_id: Option<TeamId>,
    pub action: &'static str,
    pub target: (&'static str, Uuid),
    /// A JSON object; never holds a secret.
    pub detail: Value,
    pub by: Actor,
    pub from: Source,
}

/// Writes one line.
pub async fn note(state: &AppState, change: Change) {
    let Ok(created_at) = state.now() else { return };
    let ip = change.from.0;
    let entry = Entry {
        id: Uuid::now_v7(),
        team_id: change.team_id,
        actor: change.by,
        action: change.action.to_owned(),
        target_kind: change.target.0.to_owned(),
        target_id: change.target.1.to_string(),
        detail: change.detail,
        ip: (!ip.is_unspecified()).then(|| ip.to_string()),
        created_at,
    };
    if let Err(error) = audit_log::append(&state.store, &entry).await {
        tracing::error!(%error, action = change.action, target = %change.target.1, "a change is missing in the audit log");
    }
}
