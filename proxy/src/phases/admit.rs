//! Fifth phase: may this caller make this call, and is there room to record it? Limits and budgets stand in
//! `reserve.rs`: they need to know the route.

use crate::call::Call;
use crate::config::WhenFull;
use crate::refusal::{Code, Refusal};
use crate::snapshot::allows;

pub(crate) fn call(call: &Call) -> Result<(), Refusal> {
    let Some(request) = &call.request else { return Ok(()) };
    if !allows(call.key(), &request.model) {
        let message = format!("This API key may not call the model '{}'.", shown(&request.model));
        return Err(Refusal::new(Code::ModelNotAllowed, message).param("model"));
    }
    if call.shared.when_full == WhenFull::Refuse && !call.shared.spool.has_room() {
        return Err(Refusal::new(
            Code::SpoolFull,
            "The gateway cannot record calls at the moment: its spool is full. Try again in a moment.",
        ));
    }
    Ok(())
}

/// A name from outside, short enough for a sentence.
pub(crate) fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}
