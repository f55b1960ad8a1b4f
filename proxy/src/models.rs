//! `GET /v1/models` and `GET /v1/models/{id}`: the models this key may call.

use bytes::Bytes;
use http::header;
use pingora_http::ResponseHeader;
use pingora_proxy::Session;
use serde::Serialize;

use crate::call::Call;
use crate::endpoint::Operation;
use crate::percent;
use crate::phases::Stop;
use crate::phases::admit::shown;
use crate::refusal::{Code, Refusal};
use crate::snapshot::Index;

#[derive(Serialize)]
struct Model<'a> {
    id: &'a str,
    object: &'static str,
    /// OpenAI's clients require it; when a route was made is nobody's business.
    created: u64,
    owned_by: &'a str,
}

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<Model<'a>>,
}

/// A list of models is no model call: it is answered and not recorded. A refused one is.
pub(crate) async fn answer(call: &mut Call, session: &mut Session) -> Result<(), Stop> {
    let Some(index) = call.index.clone() else {
        return Err(Refusal::new(Code::NotReady, "The gateway has not loaded its models yet.").into());
    };
    let body = match call.operation {
        Some(Operation::Model) => one(call, &index)?,
        _ => json(&List { object: "list", data: all(call, &index) })?,
    };
    call.take_recording();
    send(call, session, body).await.map_err(|_| Stop::ClientGone)
}

fn all<'a>(call: &Call, index: &'a Index) -> Vec<Model<'a>> {
    let names = index.models(call.team(), call.key());
    names.into_iter().map(|name| model(call, index, name)).collect()
}

fn one(call: &Call, index: &Index) -> Result<Bytes, Refusal> {
    let wanted = percent::decode(call.path.model.as_deref().unwrap_or_default());
    let names = index.models(call.team(), call.key());
    match names.get(wanted.as_str()) {
        Some(name) => json(&model(call, index, name)),
        None => Err(Refusal::new(
            Code::ModelNotFound,
            format!("The model '{}' does not exist here.", shown(&wanted)),
        )),
    }
}

fn model<'a>(call: &Call, index: &'a Index, name: &'a str) -> Model<'a> {
    let found = index.find(call.team(), name);
    let target = found.and_then(|found| found.entry.targets.first());
    let owned_by = target.map_or("aop", |target| target.target.deployment.provider.name.as_str());
    Model { id: name, object: "model", created: 0, owned_by }
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
