//! A call that ends before its answer is whole: its client goes away, or somebody ends it.

use bytes::Bytes;
use pingora_proxy::Session;

use super::Flight;
use crate::client;
use crate::refusal::Refusal;

/// Which of the two.
#[derive(Debug)]
pub(crate) enum Early {
    ClientGone,
    Ended(Refusal),
}

/// Returns when the call is to be given up: that is not when its client goes away and its route says to read on. Dropping
/// the future loses nothing.
pub(crate) async fn early(session: &mut Session, flight: Option<&Flight>) -> Early {
    let Some(flight) = flight else {
        client::gone(session).await;
        return Early::ClientGone;
    };
    if !flight.is_draining() {
        tokio::select! {
            biased;
            why = flight.ended() => return Early::Ended(why),
            () = client::gone(session) => if !flight.drain() {
                return Early::ClientGone;
            },
        }
    }
    tokio::select! {
        biased;
        why = flight.ended() => Early::Ended(why),
        () = flight.drained_long_enough() => Early::ClientGone,
    }
}

/// Returns when somebody ends the call.
pub(crate) async fn killed(flight: Option<&Flight>) -> Refusal {
    match flight {
        Some(flight) => flight.ended().await,
        None => std::future::pending().await,
    }
}

/// Sends a piece of the answer to a client that may have gone. `Err`: the call is to be given up.
pub(crate) async fn pass_on(
    session: &mut Session,
    flight: Option<&Flight>,
    bytes: Bytes,
) -> Result<(), Early> {
    let length = bytes.len();
    if let Some(flight) = flight.filter(|flight| flight.is_draining()) {
        return if flight.drained(length) { Ok(()) } else { Err(Early::ClientGone) };
    }
    if session.write_response_body(Some(bytes), false).await.is_ok() {
        return Ok(());
    }
    if flight.is_some_and(|flight| flight.drain() && flight.drained(length)) {
        return Ok(());
    }
    Err(Early::ClientGone)
}

/// Is nobody left to be answered?
pub(crate) fn is_draining(flight: Option<&Flight>) -> bool {
    flight.is_some_and(Flight::is_draining)
}

/// The header of an answer could not be sent. `true`: the answer is to be read on all the same.
pub(crate) fn drains(flight: Option<&Flight>) -> bool {
    flight.is_some_and(Flight::drain)
}
