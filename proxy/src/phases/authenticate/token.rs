//! A caller who shows a token of another issuer in place of a virtual key. What it proves leads, by the rules in the
//! snapshot, to a key: the call is then that key's, with its team, limits, budgets and models.

use std::sync::Arc;

use aop_domain::record::ProvenToken;
use aop_service::token::{self, TokenError};
use pingora_http::RequestHeader;

use super::{Found, key_of, presented_key};
use crate::call::Call;
use crate::refusal::{Code, Refusal};

pub(super) async fn caller(call: &Call, header: &RequestHeader) -> Result<Found, Refusal> {
    let presented = presented_key(call, header)?;
    let Some(index) = &call.index else { return Err(super::not_ready()) };
    let now_s = call.started_at_us.div_euclid(1_000_000);
    let peeked = token::peek(presented).map_err(refused)?;
    let mut issuers = call.shared.token_issuers.iter();
    let issuer = issuers.find(|known| known.issuer() == peeked.issuer);
    let claims =
        issuer.ok_or(TokenError::UnknownIssuer).map_err(refused)?.verify(presented, &peeked, now_s).await;
    let claims = claims.map_err(refused)?;
    let mut rules = index.snapshot.token_rules.iter();
    let rule = rules.find(|rule| rule.issuer == peeked.issuer && claims.say(&rule.claim, &rule.value));
    let key = rule.and_then(|rule| index.key_by_id(rule.key_id));
    let Some(key) = key else {
        return Err(Refusal::new(
            Code::PermissionDenied,
            "The token is good, but no rule of this gateway lets it act as a key. Ask an administrator for one.",
        ));
    };
    let subject = claims.subject().unwrap_or_default().to_owned();
    let proven = ProvenToken { issuer: peeked.issuer, subject };
    Ok(key_of(Arc::clone(key), Some(proven), now_s))
}

fn refused(error: TokenError) -> Refusal {
    let code = if error == TokenError::Expired { Code::ExpiredApiKey } else { Code::InvalidApiKey };
    Refusal::new(code, format!("The token is not accepted: {error}."))
}
