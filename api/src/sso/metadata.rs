//! What a provider says about itself: its discovery document and its signing keys, each kept for an hour. A token signed
//! with a key that is not among them makes us ask once more, so that a rotation is noticed at once, but not more often than
//! every few seconds.

use std::sync::Arc;

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use aop_service::clock::Clock;
use aop_service::outbound::{self, Policy};

use super::error::SsoError;
use super::fetch;
use super::settings::ProviderSettings;

const KEPT_S: i64 = 3600;
const ASKED_AGAIN_AFTER_S: i64 = 10;

/// The part of a discovery document that is used.
#[derive(Debug, Clone, Deserialize)]
pub struct Document {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    pub userinfo_endpoint: Option<String>,
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Whether the callback names the issuer (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

struct Kept<T> {
    since_s: i64,
    value: Arc<T>,
}

impl<T> Kept<T> {
    fn get(kept: Option<&Self>, now_s: i64, for_s: i64) -> Option<Arc<T>> {
        let kept = kept.filter(|kept| (0..for_s).contains(&(now_s - kept.since_s)))?;
        Some(Arc::clone(&kept.value))
    }
}

/// One provider and what it was last heard to say. The locks let one request ask for all that wait.
pub struct Provider {
    pub settings: ProviderSettings,
    pub(super) client: reqwest::Client,
    clock: Clock,
    document: Mutex<Option<Kept<Document>>>,
    keys: Mutex<Option<Kept<Vec<Jwk>>>>,
}

impl Provider {
    pub fn new(settings: ProviderSettings, client: reqwest::Client, clock: Clock) -> Self {
        Self { settings, client, clock, document: Mutex::default(), keys: Mutex::default() }
    }

    pub async fn document(&self) -> Result<Arc<Document>, SsoError> {
        let now_s = self.clock.now_s();
        let mut slot = self.document.lock().await;
        if let Some(kept) = Kept::get(slot.as_ref(), now_s, KEPT_S) {
            return Ok(kept);
        }
        let issuer = &self.settings.issuer;
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let document: Document = fetch::json("discovery", self.client.get(address)).await?;
        self.check(&document)?;
        let value = Arc::new(document);
        *slot = Some(Kept { since_s: now_s, value: Arc::clone(&value) });
        Ok(value)
    }

    /// The document must speak for the issuer it was asked for, and must not lead to where the clear text begins.
    fn check(&self, document: &Document) -> Result<(), SsoError> {
        let issuer = &self.settings.issuer;
        if document.issuer.trim_end_matches('/') != issuer.trim_end_matches('/') {
            return Err(SsoError::Untrusted("discovery: it speaks for another issuer".into()));
        }
        let policy = Policy { https_only: issuer.starts_with("https://"), ..Policy::public() }.with_private();
        let endpoints = [&document.authorization_endpoint, &document.token_endpoint, &document.jwks_uri];
        for endpoint in endpoints.into_iter().chain(&document.userinfo_endpoint) {
            outbound::check_url(endpoint, &policy)
                .map_err(|error| SsoError::Untrusted(format!("discovery: {error}")))?;
        }
        Ok(())
    }

    /// The keys that `fits` takes; when it takes none, the provider is asked whether there are new ones.
    pub(super) async fn keys(&self, fits: impl Fn(&Jwk) -> bool) -> Result<Vec<Jwk>, SsoError> {
        let document = self.document().await?;
        let now_s = self.clock.now_s();
        let mut slot = self.keys.lock().await;
        let fitting = |keys: &[Jwk]| keys.iter().filter(|key| fits(key)).cloned().collect::<Vec<_>>();
        if let Some(kept) = Kept::get(slot.as_ref(), now_s, KEPT_S) {
            let found = fitting(&kept);
            if !found.is_empty() || Kept::get(slot.as_ref(), now_s, ASKED_AGAIN_AFTER_S).is_some() {
                return Ok(found);
            }
        }
        let set: KeySet = fetch::json("keys", self.client.get(&document.jwks_uri)).await?;
        // Keys of kinds unknown here are none of ours; the others still count.
        let keys: Vec<Jwk> =
            set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
        let found = fitting(&keys);
        *slot = Some(Kept { since_s: now_s, value: Arc::new(keys) });
        Ok(found)
    }
}
