//! Third phase for requests that are forms with files: reads as much as is needed to know the model, and leaves the rest
//! to be passed on as it comes. A form whose file stands before its model must be held until the model has come.

use std::time::Instant;

use bytes::BytesMut;
use http::header;
use pingora_proxy::Session;

use super::{Stop, parse};
use crate::body::multipart::Scanner;
use crate::body::scan::Fields;
use crate::call::{Call, Request};
use crate::client;
use crate::refusal::{Code, Refusal};
use crate::room;
use crate::upload::{self, Upload};

/// Small uploads are held whole, so that another deployment can be asked when one fails; of larger ones no more than this.
const HELD_BYTES: usize = 1 << 20;

pub(crate) async fn request(call: &mut Call, session: &mut Session) -> Result<(), Stop> {
    let content_type = session.req_header().headers.get(header::CONTENT_TYPE).cloned();
    let named = content_type.as_ref().and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let scanner = Scanner::new(named).map_err(|error| upload::refused(&error))?;
    let upload = Upload {
        content_type,
        model_at: None,
        scanner: Some(scanner),
        declared: parse::declared_length(session)?.map(|length| length as u64),
        received: 0,
        max_bytes: call.shared.limits.body_max_bytes,
        is_whole: false,
        is_spent: false,
    };
    let knows_enough = |upload: &Upload, held: usize| {
        held >= HELD_BYTES && upload.form().is_some_and(|form| form.field("model").is_some())
    };
    let mut request = head(call, session, upload, knows_enough).await?;
    name_model(&mut request)?;
    call.request = Some(request);
    Ok(())
}

/// Reads until the body has ended or enough of it is held.
pub(super) async fn head(
    call: &mut Call,
    session: &mut Session,
    mut upload: Upload,
    is_enough: impl Fn(&Upload, usize) -> bool,
) -> Result<Request, Stop> {
    let declared = upload.declared.map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
    parse::check_length(upload.max_bytes, declared)?;
    if parse::expects_continue(session) {
        session.write_continue_response().await.map_err(|_| Stop::ClientGone)?;
    }
    let begun = Instant::now();
    let mut reservation = call.shared.body_budget.reserve();
    let mut held = BytesMut::with_capacity(declared.min(HELD_BYTES));
    while !is_enough(&upload, held.len()) {
        let read = client::next_piece(session, &call.shared.limits).await;
        let Some(piece) = read.map_err(|error| parse::read_failed(&error))? else {
            upload.finish()?;
            break;
        };
        upload.take(&piece, &call.shared.limits, begun)?;
        if !reservation.grow(piece.len()) {
            return Err(room::no_bytes(call, "The gateway holds too many request bodies").into());
        }
        held.extend_from_slice(&piece);
    }
    call.receiving = begun.elapsed();
    Ok(Request {
        body: held.freeze(),
        fields: Fields::default(),
        model: String::new(),
        stream: false,
        ask_usage: None,
        upload: Some(Box::new(upload)),
        _reservation: reservation,
    })
}

fn name_model(request: &mut Request) -> Result<(), Refusal> {
    let Some(upload) = &mut request.upload else { return Ok(()) };
    let form = upload.scanner.as_ref().map(Scanner::form);
    let field = form
        .and_then(|form| form.field("model"))
        .ok_or_else(|| Refusal::new(Code::MissingField, "The field 'model' is missing.").param("model"))?;
    request.model = parse::model_name(field.value.clone())?;
    request.stream = form.and_then(|form| form.value("stream")) == Some("true");
    upload.model_at = Some(field.at.clone());
    Ok(())
}
