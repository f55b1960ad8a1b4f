//! Between the client's dialect and a provider's: which calls cross, and what each side is told in its own words.

use std::sync::OnceLock;

use aop_dialects::chat::Chat;
use aop_dialects::form::{Fault, FaultKind};
use aop_dialects::messages::Messages;
use aop_dialects::providers::{Endpoint, Own, Provider};
use aop_dialects::responses::Responses;
use aop_dialects::{Answering, ClientDialect, Dialect, Policy, RequestError, Written, form};
use bytes::{Bytes, BytesMut};
use http::HeaderMap;

use aop_domain::routing::Unsupported;

use crate::call::{Call, Request};
use crate::endpoint::Operation;
use crate::older;
use crate::refusal::{Code, Refusal};
use crate::snapshot::Target;
use crate::usage::json;

/// With it a client says what becomes of fields that a target cannot say: `refuse` or `drop`. What its model's route says of
/// that comes first ([`Unsupported::drops`]). What was left out is told in [`DROPPED`].
const UNSUPPORTED: &str = "x-aop-unsupported";
/// Of an answer: the fields of the request that were left out.
pub(crate) const DROPPED: &str = "x-aop-dropped";

/// Names are the client's own text, and go into a header and a record: so many of them, so long, and only what a header holds.
const MOST_TOLD: usize = 40;
const LONGEST_TOLD_CHARS: usize = 100;

pub(crate) fn tellable(mut dropped: Vec<String>) -> Vec<String> {
    let more = dropped.len().saturating_sub(MOST_TOLD);
    dropped.truncate(MOST_TOLD);
    for name in &mut dropped {
        let is_plain = |letter: char| letter.is_ascii_graphic() || letter == ' ';
        if name.len() > LONGEST_TOLD_CHARS || !name.chars().all(is_plain) {
            let letters = name.chars().take(LONGEST_TOLD_CHARS);
            *name = letters.map(|letter| if is_plain(letter) { letter } else { '?' }).collect();
        }
    }
    if more > 0 {
        dropped.push(format!("and {more} more"));
    }
    dropped
}

/// Does the caller wish that such fields be dropped? `None`: it says nothing of it.
pub(crate) fn wished(headers: &HeaderMap) -> Result<Option<bool>, Refusal> {
    match headers.get(UNSUPPORTED).map(http::HeaderValue::as_bytes) {
        None => Ok(None),
        Some(b"refuse") => Ok(Some(false)),
        Some(b"drop") => Ok(Some(true)),
        Some(_) => {
            let message = "The header 'x-aop-unsupported' must be 'refuse' or 'drop'.";
            Err(Refusal::new(Code::InvalidHeader, message))
        }
    }
}

/// How a call is translated for a target that needs it. Nothing is read before one does.
pub(crate) struct Translation {
    client: Option<&'static dyn ClientDialect>,
    dialect: Option<Dialect>,
    policy: Policy,
    call: uuid::Uuid,
    created_s: i64,
    stream: bool,
    /// Only its tokens are to be counted.
    counts: bool,
    /// What a client of messages asks for beside the body.
    betas: Vec<String>,
    form: OnceLock<Result<form::Request, RequestError>>,
}

impl Translation {
    pub(crate) fn new(
        call: &Call,
        operation: Operation,
        request: &Request,
        headers: &HeaderMap,
        route: Unsupported,
    ) -> Result<Self, Refusal> {
        let drops = route.drops(wished(headers)?);
        Ok(Self {
            client: operation.dialect().map(client),
            dialect: operation.dialect(),
            policy: if drops { Policy::DropUnsupported } else { Policy::RefuseUnsupported },
            call: call.id,
            created_s: call.started_at_us.div_euclid(1_000_000),
            stream: request.stream,
            counts: operation == Operation::CountTokens,
            betas: older::betas_of(headers),
            form: OnceLock::new(),
        })
    }

    /// Are fields that a target cannot say to be left out?
    pub(crate) fn drops(&self) -> bool {
        self.policy == Policy::DropUnsupported
    }

    pub(crate) fn betas(&self) -> &[String] {
        &self.betas
    }

    /// The client's request in the form, read once.
    pub(crate) fn form(&self, body: &[u8]) -> Result<&form::Request, Refusal> {
        let client = self.client.ok_or_else(|| {
            Refusal::new(Code::OperationNotSupported, "This endpoint cannot be translated for its provider.")
        })?;
        self.form.get_or_init(|| client.read_request(body)).as_ref().map_err(refused)
    }

    /// The request for a target that does not speak the client's dialect, how its answer is read, and the fields that were
    /// left out. Without a crossing its answer passes as it is.
    pub(crate) fn for_target(
        &self,
        body: &[u8],
        target: &Target,
    ) -> Result<(Bytes, Option<Crossing>, Vec<String>), Refusal> {
        if let Some((dialect, written)) = self.rewritten(body, target) {
            let crosses = !target.provider.answers(dialect);
            let crossing = if crosses { Some(self.crossing(self.form(body)?, target)) } else { None };
            return Ok((written.body, crossing, written.dropped));
        }
        let (body, crossing, dropped) = self.changed_for(body, target, |_| {})?;
        Ok((body, Some(crossing), dropped))
    }

    /// The client's own request, where the provider takes its dialect in a way of its own.
    fn rewritten(&self, body: &[u8], target: &Target) -> Option<(Dialect, Written)> {
        let dialect = self.dialect?;
        let own = Own {
            dialect,
            body,
            model: &target.deployment.upstream_model,
            betas: &self.betas,
            policy: self.policy,
            counts: self.counts,
        };
        Some((dialect, target.provider.rewrite(&own)?))
    }

    /// The same, once `change` has changed it.
    pub(crate) fn changed_for(
        &self,
        body: &[u8],
        target: &Target,
        change: impl FnOnce(&mut form::Request),
    ) -> Result<(Bytes, Crossing, Vec<String>), Refusal> {
        let form = self.form(body)?;
        let mut request = form.clone();
        request.model.clone_from(&target.deployment.upstream_model);
        request.betas.clone_from(&self.betas);
        change(&mut request);
        let written =
            target.provider.write_request(&request, self.policy).map_err(|error| refused(&error))?;
        Ok((written.body, self.crossing(form, target), written.dropped))
    }

    fn crossing(&self, form: &form::Request, target: &Target) -> Crossing {
        Crossing {
            client: self.client.unwrap_or(&Chat),
            provider: target.provider,
            answering: Answering {
                model: form.model.clone(),
                id: self.call.simple().to_string(),
                created_s: self.created_s,
                stream_usage: form.stream_usage,
            },
            stream: self.stream,
        }
    }
}

/// A call whose provider speaks another dialect than its client.
pub(crate) struct Crossing {
    pub(crate) client: &'static dyn ClientDialect,
    pub(crate) provider: &'static dyn Provider,
    pub(crate) answering: Answering,
    /// The client asked for a stream.
    pub(crate) stream: bool,
}

pub(crate) fn client(dialect: Dialect) -> &'static dyn ClientDialect {
    match dialect {
        Dialect::Messages => &Messages,
        Dialect::Responses => &Responses,
        _ => &Chat,
    }
}

/// What of the provider an operation asks for, when its bytes can pass as they are. `None`: they cannot.
pub(crate) fn native(operation: Operation, provider: &dyn Provider) -> Option<Endpoint> {
    match operation {
        Operation::Completions => Some(Endpoint::Completions),
        Operation::Embeddings => Some(Endpoint::Embeddings),
        Operation::Moderations => Some(Endpoint::Moderations),
        Operation::Rerank => Some(Endpoint::Rerank),
        Operation::ImageGenerations => Some(Endpoint::ImageGenerations),
        Operation::ImageEdits => Some(Endpoint::ImageEdits),
        Operation::ImageVariations => Some(Endpoint::ImageVariations),
        Operation::Speech => Some(Endpoint::Speech),
        Operation::Transcriptions => Some(Endpoint::Transcriptions),
        Operation::Translations => Some(Endpoint::Translations),
        Operation::CountTokens => provider.speaks(Dialect::Messages).then_some(Endpoint::CountTokens),
        _ => operation.dialect().filter(|dialect| provider.speaks(*dialect)).map(Endpoint::Native),
    }
}

/// Where such a provider is asked for something.
pub(crate) fn endpoint(operation: Operation, provider: &dyn Provider) -> Endpoint {
    native(operation, provider).unwrap_or(match operation {
        Operation::CountTokens => Endpoint::CountTokens,
        _ => Endpoint::Generate,
    })
}

/// Can the client's SDK read this error as it is?
pub(crate) fn is_error_of(client: Dialect, body: &[u8]) -> bool {
    match client {
        Dialect::Messages => json::field(body, "type").and_then(json::text).as_deref() == Some("error"),
        _ => json::field(body, "error").is_some(),
    }
}

pub(crate) fn refused(error: &RequestError) -> Refusal {
    let code = match error {
        RequestError::Invalid { .. } => Code::InvalidField,
        RequestError::Unsupported { .. } => Code::UnsupportedField,
    };
    Refusal::new(code, error.to_string()).param(error.field().to_owned())
}

/// The gateway's own error in the words of the client's dialect.
pub(crate) fn error_body(operation: Option<Operation>, refusal: &Refusal) -> Bytes {
    match operation.and_then(Operation::dialect) {
        Some(Dialect::Messages) => Messages.write_error(&fault(refusal)),
        _ => Bytes::from(refusal.body()),
    }
}

/// The event on which the client's SDK raises.
pub(crate) fn error_event(operation: Option<Operation>, refusal: &Refusal) -> Bytes {
    let dialect = match operation.and_then(Operation::dialect) {
        Some(dialect @ (Dialect::Messages | Dialect::Responses)) => dialect,
        _ => return Bytes::from(format!("data: {}\n\n", refusal.body())),
    };
    let answering = Answering { model: String::new(), id: String::new(), created_s: 0, stream_usage: false };
    let mut event = BytesMut::new();
    client(dialect)
        .stream_writer(answering)
        .write(&aop_dialects::form::StreamEvent::Error(fault(refusal)), &mut event);
    event.freeze()
}

pub(crate) fn fault(refusal: &Refusal) -> Fault {
    let status = refusal.code.http_status();
    Fault {
        kind: FaultKind::of_status(status),
        status,
        message: refusal.message.clone().into_owned(),
        code: Some(refusal.code.as_str().to_owned()),
        param: refusal.param.as_deref().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_fields_are_told_as_a_header_can_hold_them() {
        let told = |names: &[&str]| tellable(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(told(&["seed", "a b\r\nx: 1", "온도"]), ["seed", "a b??x: 1", "??"]);
        assert_eq!(told(&["a".repeat(300).as_str()])[0].len(), 100);
        let many = told(&["n"; 1_000]);
        assert_eq!((many.len(), many[40].as_str()), (41, "and 960 more"));
    }

    #[test]
    fn each_dialects_sdk_finds_its_own_words() {
        let refusal = Refusal::new(Code::InvalidApiKey, "No such key.");
        let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).unwrap();
        assert_eq!(
            text(error_body(Some(Operation::Messages), &refusal)),
            r#"{"type":"error","error":{"type":"authentication_error","message":"No such key."}}"#
        );
        assert!(
            text(error_body(Some(Operation::Responses), &refusal)).contains(r#""code":"invalid_api_key""#)
        );
        assert!(text(error_body(None, &refusal)).contains(r#""code":"invalid_api_key""#));
        let cut = Refusal::new(Code::UpstreamCut, "Cut.");
        assert!(
            text(error_event(Some(Operation::Messages), &cut))
                .starts_with("event: error\ndata: {\"type\":\"error\"")
        );
        let event = text(error_event(Some(Operation::Responses), &cut));
        assert!(
            event.starts_with("event: error\ndata: ") && event.contains(r#""code":"upstream_cut""#),
            "{event}"
        );
        assert!(text(error_event(Some(Operation::ChatCompletions), &cut)).starts_with("data: {\"error\""));
    }
}
