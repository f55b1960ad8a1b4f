//! `GET /v1/quota`: a caller asks what its own limits are and how much is left.

use bytes::Bytes;
use http::header;
use pingora_http::ResponseHeader;
use pingora_proxy::Session;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout_at};

use super::answer::LimitFacts;
use super::rules::{Run, Subject};
use super::{LONGEST_WAIT, Limiter, Link};
use crate::call::Call;
use crate::phases::Stop;
use std::sync::Arc;

/// A quota is no model call: it is answered, counts nowhere and is not recorded. A refused one is.
pub(crate) async fn answer(call: &mut Call, session: &mut Session) -> Result<(), Stop> {
    let limiter = Arc::clone(&call.shared.limiter);
    let data = match &call.caller {
        None => Vec::new(),
        Some(caller) => {
            let subject = Subject {
                team_id: caller.team_id,
                user_id: caller.user_id,
                key_id: caller.key_id,
                model: "",
                tags: &[],
                agent: None,
                run: Run::Unnamed,
            };
            limiter.quota(&subject).await
        }
    };
    call.take_recording();
    let body = Bytes::from(json!({"object": "list", "data": data}).to_string());
    send(call, session, body).await.map_err(|_| Stop::ClientGone)
}

impl Limiter {
    /// The limits of the key, its user, its team and the installation; the figures are the ledger's, when it answers in
    /// time, and what this gateway knows otherwise.
    async fn quota(self: &Arc<Self>, subject: &Subject<'_>) -> Vec<Value> {
        let rules = self.rules.load_full();
        let deadline = Instant::now() + LONGEST_WAIT;
        let mut list = Vec::new();
        for touched in rules.touched(subject) {
            // A run of this request alone, or a pattern for any name: nobody's own figure.
            let Some(bucket) = touched.bucket.as_deref().filter(|_| touched.rule.is_callers_own()) else {
                continue;
            };
            let counter = self.counter(touched.rule, bucket, self.clock.now_us());
            if let Some(Link::Local(_)) = self.link.get() {
                self.exchange_locally(&counter);
            } else {
                let answered = counter.answered.notified();
                tokio::pin!(answered);
                answered.as_mut().enable();
                self.ask_soon(&counter);
                // Late or away: the answer is what is known here.
                let _ = timeout_at(deadline, answered).await;
            }
            let limit = &touched.rule.limit;
            let facts = LimitFacts::of(touched.rule, &counter, &counter.slice.lock(), self.clock.now_us());
            let mut one = Map::new();
            one.insert("object".to_owned(), json!("quota"));
            one.insert("name".to_owned(), json!(limit.name));
            one.insert("kind".to_owned(), json!(limit.kind));
            one.insert("window".to_owned(), json!(limit.window));
            one.insert("shadow".to_owned(), json!(limit.shadow));
            one.extend(facts.fields().map(|(name, value)| (name.to_owned(), value)));
            list.push(Value::Object(one));
        }
        list
    }
}

async fn send(call: &Call, session: &mut Session, body: Bytes) -> pingora_core::Result<()> {
    let mut answer = ResponseHeader::build(200, Some(6))?;
    answer.insert_header(header::CONTENT_TYPE, "application/json")?;
    answer.insert_header(header::CONTENT_LENGTH, body.len().to_string())?;
    answer.insert_header(header::CACHE_CONTROL, "no-store")?;
    answer.insert_header("x-request-id", call.id.to_string())?;
    let has_no_body = session.req_header().method == http::Method::HEAD;
    session.write_response_header(Box::new(answer), false).await?;
    session.write_response_body((!has_no_body).then_some(body), true).await
}
