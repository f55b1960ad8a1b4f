//! `GET /v1/models` and `GET /v1/models/{id}`: the models this key may call and what they can do, in OpenAI's shape with
//! further fields, or in Anthropic's for its clients (`docs/models.md`).

mod anthropic;
mod openai;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::header;
use pingora_http::ResponseHeader;
use pingora_proxy::Session;
use serde::Serialize;

use aop_domain::model_facts::{self, ModelFacts};

use crate::call::Call;
use crate::endpoint::Operation;
use crate::percent;
use crate::phases::Stop;
use crate::phases::admit::shown;
use crate::refusal::{Code, Refusal};
use crate::snapshot::Index;

/// Anthropic's clients name the version of its API with every request.
const ANTHROPIC_VERSION: &str = "anthropic-version";

/// What is told of one model.
struct Listed<'a> {
    id: &'a str,
    /// The first provider that answers it.
    owned_by: &'a str,
    /// What it may be asked for, as written in its route; empty: everything.
    operations: &'a [String],
    /// What all that may answer it can do; `None`: not known of one of them.
    facts: Option<ModelFacts>,
}

/// A list of models is no model call: it is answered and not recorded. A refused one is.
pub(crate) async fn answer(call: &mut Call, session: &mut Session) -> Result<(), Stop> {
    let Some(index) = call.index.clone() else {
        return Err(Refusal::new(Code::NotReady, "The gateway has not loaded its models yet.").into());
    };
    let header = session.req_header();
    let is_anthropic = header.headers.contains_key(ANTHROPIC_VERSION);
    let names = || index.models(call.team(), call.key()).into_iter();
    let body = match (call.operation, is_anthropic) {
        (Some(Operation::Model), _) => {
            let model = one(call, &index)?;
            if is_anthropic { json(&anthropic::Model::of(&model)) } else { json(&openai::Model::of(&model)) }
        }
        (_, true) => {
            let names: Vec<&str> = names().collect();
            let page = anthropic::Page::read(header.uri.query(), &names)?;
            let models = page.names.iter().filter_map(|name| listed(call, &index, name));
            json(&page.list(&models.collect::<Vec<_>>()))
        }
        _ => {
            let models: Vec<_> = names().filter_map(|name| listed(call, &index, name)).collect();
            json(&openai::List::of(&models))
        }
    }?;
    call.take_recording();
    send(call, session, body).await.map_err(|_| Stop::ClientGone)
}

fn one<'a>(call: &'a Call, index: &'a Index) -> Result<Listed<'a>, Refusal> {
    let wanted = percent::decode(call.path.model.as_deref().unwrap_or_default());
    let found = index.models(call.team(), call.key()).get(wanted.as_str()).copied();
    found.and_then(|name| listed(call, index, name)).ok_or_else(|| {
        Refusal::new(Code::ModelNotFound, format!("The model '{}' does not exist here.", shown(&wanted)))
    })
}

fn listed<'a>(call: &Call, index: &'a Index, name: &'a str) -> Option<Listed<'a>> {
    let found = index.find(call.team(), name)?;
    let targets = || found.entry.targets.iter().map(|target| &target.target.deployment);
    Some(Listed {
        id: name,
        owned_by: targets().next().map_or("aop", |deployment| deployment.provider.name.as_str()),
        operations: &found.entry.route.operations,
        facts: ModelFacts::of_all(
            targets().map(|it| model_facts::find(&it.provider.price_provider, &it.upstream_model)),
        ),
    })
}

fn json(value: &impl Serialize) -> Result<Bytes, Refusal> {
    let text = serde_json::to_vec(value);
    text.map(Bytes::from).map_err(|_| Refusal::new(Code::Internal, "The list of models cannot be written."))
}

async fn send(call: &Call, session: &mut Session, body: Bytes) -> pingora_core::Result<()> {
    let mut answer = ResponseHeader::build(200, Some(6))?;
    answer.insert_header(header::CONTENT_TYPE, "application/json")?;
    answer.insert_header(header::CONTENT_LENGTH, body.len().to_string())?;
    answer.insert_header("x-request-id", call.id.to_string())?;
    let has_no_body = session.req_header().method == http::Method::HEAD;
    session.write_response_header(Box::new(answer), false).await?;
    session.write_response_body((!has_no_body).then_some(body), true).await
}
