//! What the live WebSockets are asked and what they send.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A one-time pass for opening a WebSocket, where a browser cannot send an `Authorization` header.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveTicket {
    /// Pass it as `?ticket=`. Works once.
    pub ticket: String,
    pub expires_in_s: u32,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LiveParams {
    /// From `POST /api/live/ticket`. Not needed with an `Authorization` header.
    pub ticket: Option<String>,
    /// The team, beside an `Authorization` header; the caller's first when absent. A ticket carries its own.
    pub team_id: Option<Uuid>,
}

/// Sent instead of records that a slow subscriber missed. Load the page's data again when it comes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lagged {
    /// `lagged`.
    pub r#type: String,
    /// 0: an unknown number, the connection inside was cut.
    pub missed: u64,
}
