//! A call as the program that made it sees it: what it used and cost, nothing of its content.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{CallDetail, CallStatus, CostParts};
use crate::wire::usage::{TokenSource, TokenUsage};

/// Absent: not known or not applicable.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallReceipt {
    pub call_id: Uuid,
    pub trace_id: String,
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    pub requested_model: String,
    pub response_model: Option<String>,
    pub provider: Option<String>,
    pub stream: bool,
    pub status: CallStatus,
    pub http_status: u16,
    pub error_code: Option<String>,
    pub finish_reason: Option<String>,
    pub duration_us: u64,
    pub first_token_us: Option<u64>,
    pub attempt_count: u32,
    pub usage: TokenUsage,
    pub usage_source: TokenSource,
    /// US dollars as decimal text; absent when unknown.
    pub cost: Option<String>,
    pub costs: Option<CostParts>,
    pub price_version: Option<u32>,
}

impl From<CallDetail> for CallReceipt {
    fn from(call: CallDetail) -> Self {
        let summary = call.summary;
        Self {
            call_id: summary.call_id,
            trace_id: summary.trace_id,
            started_at: summary.started_at,
            requested_model: summary.requested_model,
            response_model: summary.response_model,
            provider: summary.provider,
            stream: summary.stream,
            status: summary.status,
            http_status: summary.http_status,
            error_code: summary.error_code,
            finish_reason: summary.finish_reason,
            duration_us: summary.duration_us,
            first_token_us: summary.first_token_us,
            attempt_count: summary.attempt_count,
            usage: call.usage,
            usage_source: summary.usage_source,
            cost: summary.cost,
            costs: call.costs,
            price_version: call.price_version,
        }
    }
}
