//! What a webhook says, and how whoever gets it knows that we said it.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use aop_domain::hex::hex;
use aop_domain::hook::{Act, Hook, Point};
use aop_service::keys::hmac_sha256;
use aop_store::hook_deliveries::Due;

use crate::wire::calls::CallDetail;

/// Of a message about a call.
const CALL_ENDED: &str = "call.ended";
const TEST: &str = "hook.test";

/// `None`: the call is no longer kept.
pub(super) fn body(hook: &Hook, due: &Due, call: Option<CallDetail>) -> Value {
    let told = |at: OffsetDateTime| at.format(&Rfc3339).unwrap_or_default();
    let mut message = json!({
        "id": due.id,
        "event": event(due),
        "created_at": told(due.created_at),
        "hook": {"id": hook.id, "name": hook.name, "point": hook.point},
        "team_id": hook.team_id,
    });
    if let Some(call_id) = due.call_id {
        let mut call = call.and_then(|call| serde_json::to_value(call).ok()).unwrap_or_else(|| json!({}));
        if let Some(fields) = call.as_object_mut() {
            fields.insert("id".to_owned(), json!(call_id));
            without_content(hook, fields);
        }
        message["call"] = call;
    }
    message
}

pub(super) fn event(due: &Due) -> &'static str {
    if due.call_id.is_some() { CALL_ENDED } else { TEST }
}

/// What was asked belongs to `before`, what was answered to `after`; neither to a hook that does not want it.
fn without_content(hook: &Hook, call: &mut serde_json::Map<String, Value>) {
    let wants = matches!(hook.act, Act::Webhook { content: true, .. });
    let mut leave_out = |preview: &str, names: &[&str]| {
        call.remove(preview);
        if let Some(content) = call.get_mut("content").and_then(Value::as_object_mut) {
            names.iter().for_each(|name| drop(content.remove(*name)));
        }
    };
    if !wants || hook.point == Point::After {
        leave_out("input_preview", &["input", "new_from", "tools", "params"]);
    }
    if !wants || hook.point == Point::Before {
        leave_out("output_preview", &["output", "response"]);
    }
    if !wants {
        call.remove("content");
    }
}

/// `v1=` and the HMAC-SHA-256, in hex, of `<timestamp>.<body>`.
pub fn signature(secret: &[u8], timestamp_s: i64, body: &[u8]) -> String {
    let mut signed = format!("{timestamp_s}.").into_bytes();
    signed.extend_from_slice(body);
    format!("v1={}", hex(&hmac_sha256(secret, &signed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_the_time_and_the_body() {
        let signed = signature(b"secret", 1_700_000_000, b"{}");
        // As openssl has it: printf '1700000000.{}' | openssl dgst -sha256 -hmac secret
        assert_eq!(signed, "v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163");
        assert_ne!(signed, signature(b"secret", 1_700_000_001, b"{}"));
        assert_ne!(signed, signature(b"secret", 1_700_000_000, b"{ }"));
        assert_ne!(signed, signature(b"other", 1_700_000_000, b"{}"));
    }
}
