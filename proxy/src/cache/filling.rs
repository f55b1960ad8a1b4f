//! An answer on its way into the cache. It is kept when the call ended well and whole, and only then.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::IgnoredAny;

use aop_domain::record::CallStatus;

use super::flight::Lead;
use super::{Entry, Key};
use crate::call::Call;
use crate::phases::record::Ending;

pub(crate) struct Filling {
    key: Key,
    ttl: Duration,
    /// Others wait for it.
    lead: Option<Lead>,
    /// What the client got of a stream.
    stream: BytesMut,
    is_too_large: bool,
}

impl Filling {
    pub(crate) fn new(key: Key, ttl: Duration, lead: Option<Lead>) -> Self {
        Self { key, ttl, lead, stream: BytesMut::new(), is_too_large: false }
    }
}

/// Takes what the client gets of a stream.
pub(crate) fn feed(call: &mut Call, pass: &Bytes) {
    let most = call.shared.cache.largest_entry_bytes;
    let Some(filling) = &mut call.filling else { return };
    if filling.is_too_large || filling.stream.len() + pass.len() > most {
        filling.is_too_large = true;
        filling.stream = BytesMut::new();
    } else {
        filling.stream.extend_from_slice(pass);
    }
}

/// The call has been recorded: its answer is kept, if it may be.
pub(crate) fn fill(call: &mut Call, cost: Option<Decimal>, ending: &Ending) {
    let Some(filling) = call.filling.take() else { return };
    let Some(body) = filling.body(ending) else { return };
    let cache = &call.shared.cache;
    if body.len() > cache.largest_entry_bytes {
        return;
    }
    let entry = Arc::new(Entry {
        body,
        is_sse: ending.answer.is_sse,
        model: ending.answer.model.clone(),
        id: ending.answer.id.clone(),
        finish_reason: ending.answer.finish_reason.clone(),
        dropped: call.dropped.clone(),
        cost,
        kept_at: Instant::now(),
        ttl: filling.ttl,
    });
    cache.keep(filling.key, Arc::clone(&entry), call.shared.clock.now_us() / 1_000);
    if let Some(lead) = filling.lead {
        lead.land(entry);
    }
}

impl Filling {
    /// `None`: an error, or half of an answer.
    fn body(&self, ending: &Ending) -> Option<Bytes> {
        if ending.status != CallStatus::Ok || ending.http_status != 200 || self.is_too_large {
            return None;
        }
        if ending.answer.is_sse {
            return (!self.stream.is_empty()).then(|| Bytes::copy_from_slice(&self.stream));
        }
        let body = match ending.answer.body.as_slice() {
            [] => return None,
            [whole] => whole.clone(),
            pieces => Bytes::from(pieces.concat()),
        };
        (!is_error(&body)).then_some(body)
    }
}

/// Some providers answer 200 and tell of an error inside.
fn is_error(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Told {
        error: Option<IgnoredAny>,
    }
    serde_json::from_slice::<Told>(body).map_or(true, |told| told.error.is_some())
}
