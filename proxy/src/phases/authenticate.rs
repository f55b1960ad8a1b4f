//! Second phase: who calls? The virtual key is found by its MAC in the snapshot; a run credential is verified. What is
//! neither may be a token of another issuer.

mod token;

use std::sync::Arc;
use std::time::Duration;

use aop_domain::gateway::VirtualKey;
use aop_domain::record::ProvenToken;
use http::header;
use pingora_http::RequestHeader;

use aop_service::keys::LONGEST_VIRTUAL_KEY_BYTES;
use aop_service::run_credential::{self, RunClaims, RunCredentialError};

use crate::call::{Call, Caller};
use crate::refusal::{Code, Refusal};
use crate::snapshot::Index;

/// What a key must be allowed to do to call a model.
const PERMISSION: &str = "gateway";

/// Headers a key is shown in.
const SHOWN_IN: [&str; 4] = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];

/// Longer texts are no secret of anybody's.
const LONGEST_BYTES: usize = 16 << 10;

/// A gateway that has just been started has its keys in a moment: a call waits so long for them.
const KEYS_WITHIN: Duration = Duration::from_secs(3);

pub(crate) async fn caller(call: &mut Call, header: &RequestHeader) -> Result<(), Refusal> {
    if call.index.is_none() {
        // Seldom, like the token below. What does not come in time is refused for its lack.
        let shared = Arc::clone(&call.shared);
        call.index = Box::pin(shared.index.within(KEYS_WITHIN)).await;
    }
    let Some(found) = at_once(call, header)? else {
        // Seldom, and large: it must not make every call's future larger.
        let found = Box::pin(token::caller(call, header)).await?;
        return take(call, found);
    };
    take(call, found)
}

/// `None`: it is no key of ours, and looks like a token of another issuer.
fn at_once(call: &Call, header: &RequestHeader) -> Result<Option<Found>, Refusal> {
    let presented = presented_key(call, header)?;
    let Some(index) = &call.index else { return Err(not_ready()) };
    let now_s = call.started_at_us.div_euclid(1_000_000);
    if presented.starts_with(run_credential::PREFIX) {
        let claims = run_credential::verify(presented, &call.shared.keys.run_credentials, now_s)
            .map_err(run_refused)?;
        return run_caller(index, claims, now_s).map(Some);
    }
    if presented.len() <= LONGEST_VIRTUAL_KEY_BYTES {
        let mac = call.shared.keys.virtual_keys.mac(presented.as_bytes());
        if let Some(key) = index.key(&mac) {
            return Ok(Some(key_of(Arc::clone(key), None, now_s)));
        }
    }
    let may_be_token = !call.shared.token_issuers.is_empty() && aop_service::token::looks_like_one(presented);
    Ok((!may_be_token).then(|| Found::Refused(None, unknown_key())))
}

fn not_ready() -> Refusal {
    Refusal::new(Code::NotReady, "The gateway has not loaded its keys yet; try again in a moment.")
}

fn take(call: &mut Call, found: Found) -> Result<(), Refusal> {
    let (caller, refused) = match found {
        Found::Known(caller) => (Some(caller), None),
        Found::Refused(caller, refusal) => (caller, Some(refusal)),
    };
    call.caller = caller;
    refused.map_or(Ok(()), Err)
}

/// A refusal can still say whose key it was: the record then belongs to that team.
enum Found {
    Known(Caller),
    Refused(Option<Caller>, Refusal),
}

/// The key a client shows: as a bearer token, as `x-api-key` (Anthropic), `api-key` (Azure) or `x-goog-api-key` (Google).
/// To a provider's own API also in the query, where Google's clients without an SDK put it.
fn presented_key<'a>(call: &Call, header: &'a RequestHeader) -> Result<&'a str, Refusal> {
    let headers = &header.headers;
    let bearer = headers.get(header::AUTHORIZATION).map(|value| {
        let text = value.to_str().unwrap_or_default();
        let is_bearer = text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "));
        if is_bearer { text[7..].trim() } else { "" }
    });
    let plain = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default().trim());
    let plain = SHOWN_IN[1..].iter().filter_map(|name| plain(name));
    let in_query = call.path.passed.as_ref().and_then(|_| key_in_query(header));
    let mut shown = bearer.into_iter().chain(plain).chain(in_query);
    let Some(first) = shown.next() else {
        return Err(Refusal::new(
            Code::MissingApiKey,
            "No API key was sent. Send a virtual key of this gateway as 'Authorization: Bearer aop-...'.",
        ));
    };
    if shown.any(|other| other != first) {
        return Err(Refusal::new(Code::InvalidApiKey, "The request shows two different API keys; send one."));
    }
    if first.is_empty() || first.len() > LONGEST_BYTES {
        return Err(unknown_key());
    }
    Ok(first)
}

/// `?key=`, of a request that shows its key nowhere else.
pub(crate) fn key_in_query(header: &RequestHeader) -> Option<&str> {
    if SHOWN_IN.iter().any(|name| header.headers.contains_key(*name)) {
        return None;
    }
    let mut pairs = header.uri.query()?.split('&');
    pairs.find_map(|pair| pair.strip_prefix("key=")).filter(|key| !key.is_empty())
}

fn unknown_key() -> Refusal {
    Refusal::new(
        Code::InvalidApiKey,
        "The API key is not known to this gateway. Check it, or create one under API keys.",
    )
}

fn key_of(key: Arc<VirtualKey>, token: Option<ProvenToken>, now_s: i64) -> Found {
    let is_usable = usable(&key, now_s);
    let caller = Caller {
        team_id: key.team_id,
        key_id: key.id,
        user_id: key.user_id,
        key: Some(key),
        run: None,
        token,
    };
    match is_usable {
        Ok(()) => Found::Known(caller),
        Err(refusal) => Found::Refused(Some(caller), refusal),
    }
}

fn usable(key: &VirtualKey, now_s: i64) -> Result<(), Refusal> {
    if !key.active {
        return Err(Refusal::new(
            Code::InvalidApiKey,
            "The API key has been deactivated. Ask its owner for another.",
        ));
    }
    if key.expires_at_s.is_some_and(|expires_at_s| expires_at_s <= now_s) {
        return Err(Refusal::new(
            Code::ExpiredApiKey,
            "The API key has expired. Regenerate it under API keys.",
        ));
    }
    if !key.permissions.iter().any(|permission| permission == PERMISSION) {
        return Err(Refusal::new(
            Code::PermissionDenied,
            "The API key may not call models: it lacks the permission 'gateway'.",
        ));
    }
    Ok(())
}

fn run_caller(index: &Index, claims: RunClaims, now_s: i64) -> Result<Found, Refusal> {
    let key = index.key_by_id(claims.key_id).cloned();
    if !claims.key_id.is_nil() && key.is_none() {
        return Err(Refusal::new(Code::InvalidApiKey, "The API key that started this run no longer exists."));
    }
    // A run may outlive a permission, never the key itself.
    let refused = key.as_deref().and_then(|key| match usable(key, now_s) {
        Err(refusal) if refusal.code != Code::PermissionDenied => Some(refusal),
        _ => None,
    });
    let caller = Caller {
        team_id: claims.team_id,
        key_id: claims.key_id,
        user_id: claims.user_id,
        key,
        run: Some(claims),
        token: None,
    };
    Ok(match refused {
        None => Found::Known(caller),
        Some(refusal) => Found::Refused(Some(caller), refusal),
    })
}

fn run_refused(error: RunCredentialError) -> Refusal {
    match error {
        RunCredentialError::Expired => Refusal::new(Code::ExpiredApiKey, "The run credential has expired."),
        RunCredentialError::Malformed | RunCredentialError::BadSignature => {
            Refusal::new(Code::InvalidApiKey, "The run credential is not one of this installation.")
        }
    }
}
