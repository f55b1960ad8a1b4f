//! Which of the gateway's endpoints a path and a method name, and what identity the path carries (G8).
//!
//! `/api/log-proxy/v1/...`, `/api/log-proxy/{trace_id}/v1/...` and `/api/log-proxy/{trace_id}/{agent}/v1/...` are the
//! same gateway as `/v1/...`.

use aop_dialects::Dialect;
use http::Method;

const LOG_PROXY: &str = "/api/log-proxy";
const PASSTHROUGH: &str = "/passthrough";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    ChatCompletions,
    Messages,
    CountTokens,
    Responses,
    Completions,
    Embeddings,
    Moderations,
    Rerank,
    ImageGenerations,
    ImageEdits,
    ImageVariations,
    Speech,
    Transcriptions,
    Translations,
    /// A provider's own API, as it is.
    Passthrough,
    Models,
    Model,
    /// What the caller's own limits have left.
    Quota,
}

impl Operation {
    /// Its name in records and metrics.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat_completions",
            Self::Messages => "messages",
            Self::CountTokens => "count_tokens",
            Self::Responses => "responses",
            Self::Completions => "completions",
            Self::Embeddings => "embeddings",
            Self::Moderations => "moderations",
            Self::Rerank => "rerank",
            Self::ImageGenerations => "image_generations",
            Self::ImageEdits => "image_edits",
            Self::ImageVariations => "image_variations",
            Self::Speech => "speech",
            Self::Transcriptions => "transcriptions",
            Self::Translations => "translations",
            Self::Passthrough => "passthrough",
            Self::Models => "models",
            Self::Model => "model",
            Self::Quota => "quota",
        }
    }

    /// What a route must support, as written in `Route::operations`.
    pub(crate) fn route_operation(self) -> &'static str {
        match self {
            Self::ChatCompletions | Self::Messages | Self::CountTokens | Self::Responses => "chat",
            Self::Completions => "completion",
            Self::Embeddings => "embedding",
            Self::Moderations => "moderation",
            Self::Rerank => "rerank",
            Self::ImageGenerations | Self::ImageEdits | Self::ImageVariations => "image",
            Self::Speech => "speech",
            Self::Transcriptions | Self::Translations => "transcription",
            Self::Passthrough | Self::Models | Self::Model | Self::Quota => "",
        }
    }

    /// The field that must be there beside `model`.
    pub(crate) fn required_field(self) -> &'static str {
        match self {
            Self::ChatCompletions | Self::Messages | Self::CountTokens => "messages",
            Self::Completions | Self::ImageGenerations => "prompt",
            Self::Rerank => "query",
            _ => "input",
        }
    }

    /// The dialect of its requests and answers, where it is one that can be translated.
    pub(crate) fn dialect(self) -> Option<Dialect> {
        match self {
            Self::ChatCompletions => Some(Dialect::Chat),
            Self::Messages | Self::CountTokens => Some(Dialect::Messages),
            Self::Responses => Some(Dialect::Responses),
            _ => None,
        }
    }

    /// Its URL may carry a query that belongs to the dialect (`?beta=true`).
    pub(crate) fn takes_query(self) -> bool {
        matches!(self, Self::Messages | Self::CountTokens)
    }

    /// A client that wants usage at the end of its stream must ask for it.
    pub(crate) fn asks_for_usage(self) -> bool {
        matches!(self, Self::ChatCompletions | Self::Completions)
    }

    pub(crate) fn can_stream(self) -> bool {
        matches!(self, Self::ChatCompletions | Self::Messages | Self::Responses | Self::Completions)
            || self.is_media()
    }

    /// Its requests are forms with files.
    pub(crate) fn takes_form(self) -> bool {
        matches!(self, Self::ImageEdits | Self::ImageVariations | Self::Transcriptions | Self::Translations)
    }

    pub(crate) fn makes_images(self) -> bool {
        matches!(self, Self::ImageGenerations | Self::ImageEdits | Self::ImageVariations)
    }

    pub(crate) fn listens(self) -> bool {
        matches!(self, Self::Transcriptions | Self::Translations)
    }

    /// Pictures or sound on either side: answers pass without being held.
    pub(crate) fn is_media(self) -> bool {
        self.makes_images() || self.listens() || self == Self::Speech
    }

    /// The model that is meant where none is named, as OpenAI has it.
    pub(crate) fn usual_model(self) -> Option<&'static str> {
        (self == Self::Moderations).then_some("omni-moderation-latest")
    }

    /// Is the caller's dialog with a model: what agents are known by.
    pub(crate) fn is_conversation(self) -> bool {
        self.dialect().is_some() || self == Self::Completions
    }
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination<'a> {
    /// A model endpoint of the gateway. `Err`: no such path, or not with this method.
    Gateway(Gateway<'a>),
    Health,
    Ready,
    Metrics,
    /// Everything else: the management API, WebSockets, the UI.
    Api,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gateway<'a> {
    pub(crate) operation: Result<Operation, Mismatch>,
    /// Trace id as written in the path, not yet checked.
    pub(crate) trace: Option<&'a str>,
    /// Agent as written in the path, still percent-encoded.
    pub(crate) agent: Option<&'a str>,
    /// Model named in the path (`/v1/models/{id}`), still percent-encoded.
    pub(crate) model: Option<&'a str>,
    /// Provider named in the path, still percent-encoded, and what stands behind it (`/v1/files`).
    pub(crate) passed: Option<(&'a str, &'a str)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mismatch {
    UnknownUrl,
    /// With the methods that are allowed.
    Method(&'static str),
}

/// `path` without its query.
pub(crate) fn destination<'a>(method: &Method, path: &'a str) -> Destination<'a> {
    if let Some(rest) = under(path, "/v1") {
        // What a call cost is known to the store, not to the gateway.
        if rest.starts_with("/calls/") {
            return Destination::Api;
        }
        return Destination::Gateway(gateway(method, rest, None, None));
    }
    // Where Cohere's clients ask for a rerank.
    if path == "/v2/rerank" {
        return Destination::Gateway(gateway(method, "/rerank", None, None));
    }
    if let Some(rest) = under(path, PASSTHROUGH) {
        return Destination::Gateway(passthrough(rest));
    }
    if let Some(rest) = under(path, LOG_PROXY) {
        return Destination::Gateway(log_proxy(method, rest));
    }
    match path {
        "/healthz" => Destination::Health,
        "/readyz" => Destination::Ready,
        "/metrics" => Destination::Metrics,
        _ => Destination::Api,
    }
}

/// What follows `prefix` when `path` is it or stands below it.
fn under<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    path.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn log_proxy<'a>(method: &Method, rest: &'a str) -> Gateway<'a> {
    if let Some(rest) = under(rest, "/v1") {
        return gateway(method, rest, None, None);
    }
    let Some((trace, rest)) = segment(rest) else { return unknown() };
    if let Some(rest) = under(rest, "/v1") {
        return gateway(method, rest, Some(trace), None);
    }
    match segment(rest) {
        Some((agent, rest)) if under(rest, "/v1").is_some() => {
            gateway(method, &rest["/v1".len()..], Some(trace), Some(agent))
        }
        _ => unknown(),
    }
}

/// The first segment of `/a/b` and the rest (`/b`).
fn segment(path: &str) -> Option<(&str, &str)> {
    let path = path.strip_prefix('/')?;
    let end = path.find('/').unwrap_or(path.len());
    (end > 0).then(|| path.split_at(end))
}

fn unknown<'a>() -> Gateway<'a> {
    Gateway { operation: Err(Mismatch::UnknownUrl), trace: None, agent: None, model: None, passed: None }
}

/// `/{provider}/...`, with any method.
fn passthrough(rest: &str) -> Gateway<'_> {
    match segment(rest) {
        Some((provider, rest)) => {
            Gateway { operation: Ok(Operation::Passthrough), passed: Some((provider, rest)), ..unknown() }
        }
        None => unknown(),
    }
}

fn gateway<'a>(
    method: &Method,
    rest: &'a str,
    trace: Option<&'a str>,
    agent: Option<&'a str>,
) -> Gateway<'a> {
    let model = rest.strip_prefix("/models/").filter(|id| !id.is_empty());
    let (operation, allowed) = match rest {
        "/chat/completions" => (Operation::ChatCompletions, "POST"),
        "/messages" => (Operation::Messages, "POST"),
        "/messages/count_tokens" => (Operation::CountTokens, "POST"),
        "/responses" => (Operation::Responses, "POST"),
        "/completions" => (Operation::Completions, "POST"),
        "/embeddings" => (Operation::Embeddings, "POST"),
        "/moderations" => (Operation::Moderations, "POST"),
        "/rerank" => (Operation::Rerank, "POST"),
        "/images/generations" => (Operation::ImageGenerations, "POST"),
        "/images/edits" => (Operation::ImageEdits, "POST"),
        "/images/variations" => (Operation::ImageVariations, "POST"),
        "/audio/speech" => (Operation::Speech, "POST"),
        "/audio/transcriptions" => (Operation::Transcriptions, "POST"),
        "/audio/translations" => (Operation::Translations, "POST"),
        "/models" => (Operation::Models, "GET, HEAD"),
        "/quota" => (Operation::Quota, "GET, HEAD"),
        _ if model.is_some() => (Operation::Model, "GET, HEAD"),
        _ => return Gateway { trace, agent, ..unknown() },
    };
    let fits = allowed.split(", ").any(|name| name == method.as_str());
    let operation = if fits { Ok(operation) } else { Err(Mismatch::Method(allowed)) };
    Gateway { operation, trace, agent, model, passed: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(method: &Method, path: &'a str) -> Gateway<'a> {
        match destination(method, path) {
            Destination::Gateway(gateway) => gateway,
            other => panic!("{path} goes to {other:?}"),
        }
    }

    #[test]
    fn inference_takes_for_a_dialog_what_is_one() {
        use aop_identity::Operation as Told;
        let calls = [
            Operation::ChatCompletions,
            Operation::Messages,
            Operation::CountTokens,
            Operation::Responses,
            Operation::Completions,
            Operation::Embeddings,
            Operation::Moderations,
            Operation::Rerank,
            Operation::ImageGenerations,
            Operation::Speech,
            Operation::Transcriptions,
            Operation::Passthrough,
        ];
        for call in calls {
            let told = Told::of_name(call.as_str());
            assert_eq!(told != Told::Embeddings, call.is_conversation(), "{}", call.as_str());
            assert_eq!(told == Told::CountTokens, call == Operation::CountTokens);
        }
    }

    #[test]
    fn the_paths_of_models_are_known() {
        for (path, operation) in [
            ("/v1/chat/completions", Operation::ChatCompletions),
            ("/v1/messages", Operation::Messages),
            ("/v1/messages/count_tokens", Operation::CountTokens),
            ("/v1/responses", Operation::Responses),
            ("/v1/completions", Operation::Completions),
            ("/v1/embeddings", Operation::Embeddings),
            ("/v1/moderations", Operation::Moderations),
            ("/v1/rerank", Operation::Rerank),
            ("/v2/rerank", Operation::Rerank),
            ("/v1/images/edits", Operation::ImageEdits),
            ("/v1/audio/speech", Operation::Speech),
            ("/v1/audio/transcriptions", Operation::Transcriptions),
        ] {
            assert_eq!(of(&Method::POST, path).operation, Ok(operation));
            assert_eq!(of(&Method::GET, path).operation, Err(Mismatch::Method("POST")));
        }
        assert_eq!(of(&Method::GET, "/v1/models").operation, Ok(Operation::Models));
        assert_eq!(of(&Method::GET, "/v1/quota").operation, Ok(Operation::Quota));
        let model = of(&Method::GET, "/v1/models/org/model-1");
        assert_eq!((model.operation, model.model), (Ok(Operation::Model), Some("org/model-1")));
        assert_eq!(of(&Method::POST, "/v1/models").operation, Err(Mismatch::Method("GET, HEAD")));
        assert_eq!(of(&Method::POST, "/v1/nothing").operation, Err(Mismatch::UnknownUrl));
        assert_eq!(of(&Method::POST, "/v1").operation, Err(Mismatch::UnknownUrl));
    }

    #[test]
    fn the_log_proxy_carries_a_trace_and_an_agent() {
        let plain = of(&Method::POST, "/api/log-proxy/v1/embeddings");
        assert_eq!((plain.operation, plain.trace, plain.agent), (Ok(Operation::Embeddings), None, None));
        let trace = of(&Method::POST, "/api/log-proxy/abc/v1/chat/completions");
        assert_eq!((trace.operation, trace.trace), (Ok(Operation::ChatCompletions), Some("abc")));
        let agent = of(&Method::POST, "/api/log-proxy/abc/Writer%201/v1/completions");
        assert_eq!(agent.operation, Ok(Operation::Completions));
        assert_eq!((agent.trace, agent.agent), (Some("abc"), Some("Writer%201")));
        for path in ["/api/log-proxy", "/api/log-proxy/abc", "/api/log-proxy/a/b/c/v1/embeddings"] {
            assert_eq!(of(&Method::POST, path).operation, Err(Mismatch::UnknownUrl), "{path}");
        }
    }

    #[test]
    fn a_provider_is_named_in_the_path_of_what_passes_through() {
        let files = of(&Method::DELETE, "/passthrough/my%20openai/v1/files/f1");
        assert_eq!(files.operation, Ok(Operation::Passthrough));
        assert_eq!(files.passed, Some(("my%20openai", "/v1/files/f1")));
        assert_eq!(of(&Method::GET, "/passthrough/openai").passed, Some(("openai", "")));
        for path in ["/passthrough", "/passthrough/", "/passthrough//v1/files"] {
            assert_eq!(of(&Method::GET, path).operation, Err(Mismatch::UnknownUrl), "{path}");
        }
    }

    #[test]
    fn everything_else_goes_to_the_api() {
        for path in [
            "/",
            "/api/calls",
            "/v1/calls/abc",
            "/ws/live",
            "/v2/chat",
            "/passthroughx/a",
            "/v1x",
            "/api/log-proxyx/v1/embeddings",
            "/assets/app.js",
        ] {
            assert_eq!(destination(&Method::GET, path), Destination::Api, "{path}");
        }
        assert_eq!(destination(&Method::GET, "/readyz"), Destination::Ready);
    }
}
