//! Provider secrets on their way into the store.

use uuid::Uuid;

use aop_domain::id::{CredentialId, ProviderId};
use aop_service::problem::Problem;
use aop_store::provider_credentials::NewCredential;

use crate::checks;
use crate::error::ApiResult;
use crate::state::AppState;
use crate::wire::providers::CredentialRequest;

const LONGEST_SECRET_BYTES: usize = 8192;
/// Secrets shorter than this show nothing of themselves.
const SHORTEST_HINTED_CHARS: usize = 12;

/// Encrypts a secret for the store, bound to the id of its row.
pub fn seal(state: &AppState, provider_id: ProviderId, new: &CredentialRequest) -> ApiResult<NewCredential> {
    let secret = new.secret.expose().trim();
    // It will travel in a header, so it must be able to.
    if secret.is_empty()
        || secret.len() > LONGEST_SECRET_BYTES
        || !secret.bytes().all(|b| b.is_ascii_graphic())
    {
        let detail =
            format!("A secret has 1 to {LONGEST_SECRET_BYTES} visible ASCII characters and no spaces.");
        return Err(Problem::invalid("invalid_secret", detail).field("secret").into());
    }
    let id = CredentialId(Uuid::now_v7());
    let sealed = state
        .keys
        .provider_credential
        .seal(secret.as_bytes(), id.as_bytes(), rand::random())
        .map_err(Problem::internal)?;
    let name = checks::name("name", &new.name, 100)?;
    Ok(NewCredential { id, provider_id, name, sealed, hint: hint(secret) })
}

/// The last four characters, when that leaves enough unseen.
fn hint(secret: &str) -> String {
    if secret.len() < SHORTEST_HINTED_CHARS {
        "…".to_owned()
    } else {
        format!("…{}", &secret[secret.len() - 4..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_never_gives_a_short_secret_away() {
        assert_eq!(hint("sk-1234567890abcd"), "…abcd");
        assert_eq!(hint("short"), "…");
    }
}
