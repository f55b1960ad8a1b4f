//! Sign-in at an outside provider by OpenID Connect (A1): authorization code with PKCE, bound to the browser that began it.
//!
//! The way of one sign-in: `pending` is what the browser keeps meanwhile, `metadata` what the provider says about itself,
//! `exchange` trades the code, `id_token` judges the answer, `person` reads it, `admit` finds or makes the account.

pub mod admit;
pub mod error;
pub mod exchange;
mod fetch;
pub mod id_token;
pub mod metadata;
pub mod pending;
pub mod person;
pub mod settings;

use aop_service::clock::Clock;

use self::metadata::Provider;

pub use self::error::SsoError;
pub use self::settings::{GroupGrant, NewUsers, ProviderSettings};

/// The providers of this installation, in the order the sign-in page shows them.
pub struct Providers(Vec<Provider>);

impl Providers {
    pub fn new(settings: &[ProviderSettings], client: &reqwest::Client, clock: &Clock) -> Self {
        let provider = |one: &ProviderSettings| Provider::new(one.clone(), client.clone(), clock.clone());
        Self(settings.iter().map(provider).collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }

    pub fn find(&self, id: &str) -> Result<&Provider, SsoError> {
        self.0.iter().find(|provider| provider.settings.id == id).ok_or(SsoError::UnknownProvider)
    }
}
