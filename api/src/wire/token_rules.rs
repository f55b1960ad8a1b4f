//! Tokens of other issuers, and the rules by which they act as keys.

use aop_service::token::Issuer;
use aop_store::token_rules::StoredRule;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whose tokens are taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenIssuer {
    /// Exactly as it stands in the token's `iss`.
    pub issuer: String,
    /// A token must be made for one of these.
    pub audiences: Vec<String>,
}

impl From<&Issuer> for TokenIssuer {
    fn from(issuer: &Issuer) -> Self {
        Self { issuer: issuer.issuer.clone(), audiences: issuer.audiences.clone() }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTokenRule {
    /// One of the installation's issuers.
    pub issuer: String,
    /// The claim's name, e.g. `sub`; one that begins with `/` is a JSON pointer, e.g. `/realm_access/roles`.
    #[schema(max_length = 200)]
    pub claim: String,
    /// What the claim must be, or hold among its values; `*`: anything.
    #[schema(max_length = 500)]
    pub value: String,
    /// The key of the team whose rights and limits hold.
    pub key_id: Uuid,
    /// Of several rules that a token meets, the lowest counts; among equals the oldest.
    #[serde(default = "usual_position")]
    #[schema(minimum = 0, maximum = 10_000)]
    pub position: i32,
}

fn usual_position() -> i32 {
    100
}

/// Tokens of this issuer in which the claim has the value act as the key.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenRule {
    pub id: Uuid,
    pub issuer: String,
    pub claim: String,
    pub value: String,
    pub key_id: Uuid,
    pub key_name: String,
    pub position: i32,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

impl From<StoredRule> for TokenRule {
    fn from(rule: StoredRule) -> Self {
        let StoredRule { id, key_id, key_name, issuer, claim, value, position, created_at } = rule;
        Self { id, issuer, claim, value, key_id, key_name, position, created_at }
    }
}
