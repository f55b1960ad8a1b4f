//! One callable target, ready to be called: the deployment with its address taken apart and its credential opened.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aop_dialects::providers::{self, CredentialError, Provider, Unsigned};
use arc_swap::ArcSwapOption;
use http::{HeaderName, HeaderValue, Method};

use aop_domain::gateway::{Deployment, SealedCredential};
use aop_domain::model_pattern;
use aop_service::keys::DerivedKey;
use aop_service::secret::Secret;

use crate::routing::Health;

/// Answers of the name service are used for so long.
const RESOLVED_FOR: Duration = Duration::from_secs(30);

/// The built-in provider's kind and address.
pub(crate) const SIMULATOR_KIND: &str = "simulator";

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TargetError {
    #[error("its provider is of a kind this version does not know")]
    UnknownKind,
    #[error("its base URL is not an http or https URL")]
    BadUrl,
    #[error("its credential cannot be opened with this installation's master key")]
    CredentialNotOpened,
    #[error("its credential does not exist")]
    CredentialMissing,
    #[error(transparent)]
    CredentialNotOfItsKind(#[from] CredentialError),
    #[error("its credential holds characters a header cannot carry")]
    CredentialNotAHeader,
    #[error("the name of its host cannot be resolved")]
    NameNotResolved,
    #[error("its host resolves to an address the gateway never calls")]
    AddressRefused,
}

#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) deployment: Arc<Deployment>,
    pub(crate) health: Arc<Health>,
    pub(crate) tls: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// `Host` header.
    pub(crate) authority: HeaderValue,
    /// Path of the base URL, without a trailing slash.
    pub(crate) base_path: String,
    /// Its dialect, and how it is called.
    pub(crate) provider: &'static dyn Provider,
    /// Who calls, for this provider and for no other host. Empty where each request is signed.
    pub(crate) headers: Headers,
    /// For a provider that wants each request signed.
    signed_with: Option<Secret>,
    /// The model as a JSON string.
    pub(crate) upstream_model_json: bytes::Bytes,
    pub(crate) is_simulator: bool,
    resolved: Arc<ArcSwapOption<(Vec<SocketAddr>, Instant)>>,
}

impl Target {
    pub(crate) fn new(
        deployment: Arc<Deployment>,
        credential: Option<&SealedCredential>,
        credential_key: &DerivedKey,
        simulator_url: &str,
        health: Arc<Health>,
    ) -> Result<Self, TargetError> {
        let provider = providers::find(&deployment.provider.kind).ok_or(TargetError::UnknownKind)?;
        let is_simulator = deployment.provider.kind == SIMULATOR_KIND;
        let base = if is_simulator {
            format!("{}/v1", simulator_url.trim_end_matches('/'))
        } else {
            deployment.provider.base_url.trim_end_matches('/').to_owned()
        };
        let url: http::Uri = base.parse().map_err(|_| TargetError::BadUrl)?;
        let tls = match url.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(TargetError::BadUrl),
        };
        let host = url.host().filter(|host| !host.is_empty()).ok_or(TargetError::BadUrl)?;
        let authority = url.authority().ok_or(TargetError::BadUrl)?;
        if authority.as_str().contains('@') {
            return Err(TargetError::BadUrl);
        }
        let secret = match (deployment.credential_id, credential) {
            (None, _) => None,
            (Some(_), None) => return Err(TargetError::CredentialMissing),
            (Some(_), Some(sealed)) => Some(opened(sealed, credential_key)?),
        };
        // Made once also where they are made anew for each request: a credential of the wrong shape is found here.
        let none = Unsigned {
            method: "POST",
            authority: authority.as_str(),
            path_and_query: "/",
            body: b"",
            now_s: 0,
        };
        let headers = headers(provider, secret.as_ref(), &none)?;
        let is_static = provider.headers_are_static();
        Ok(Self {
            tls,
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: url.port_u16().unwrap_or(if tls { 443 } else { 80 }),
            authority: HeaderValue::from_str(authority.as_str()).map_err(|_| TargetError::BadUrl)?,
            base_path: url.path().trim_end_matches('/').to_owned(),
            provider,
            headers: if is_static { headers } else { Vec::new() },
            signed_with: secret.filter(|_| !is_static),
            upstream_model_json: json_text(&deployment.upstream_model).into(),
            is_simulator,
            deployment,
            health,
            resolved: Arc::default(),
        })
    }

    /// This target for a route with a star in its name: what the star stood for takes the place of the star in the
    /// model's name at the provider.
    pub(crate) fn named(self: &Arc<Self>, captured: &str) -> Arc<Self> {
        if !model_pattern::is_pattern(&self.deployment.upstream_model) {
            return Arc::clone(self);
        }
        let mut deployment = (*self.deployment).clone();
        deployment.upstream_model = model_pattern::filled(&deployment.upstream_model, captured);
        let mut target = (**self).clone();
        target.upstream_model_json = json_text(&deployment.upstream_model).into();
        target.deployment = Arc::new(deployment);
        Arc::new(target)
    }

    /// The headers of a provider that wants each request signed; none for the others.
    pub(crate) fn signed(
        &self,
        method: &Method,
        path_and_query: &str,
        body: &[u8],
        now_s: i64,
    ) -> Result<Headers, TargetError> {
        let authority = self.authority.to_str().map_err(|_| TargetError::BadUrl)?;
        headers(
            self.provider,
            self.signed_with.as_ref(),
            &Unsigned { method: method.as_str(), authority, path_and_query, body, now_s },
        )
    }

    /// The address to connect to. `turn` walks through the addresses of a name, so that a second try goes elsewhere.
    pub(crate) async fn address(&self, turn: usize) -> Result<SocketAddr, TargetError> {
        let known = self.resolved.load();
        if let Some(known) = known.as_deref().filter(|known| known.1.elapsed() < RESOLVED_FOR) {
            return Ok(known.0[turn % known.0.len()]);
        }
        drop(known);
        let addresses: Vec<SocketAddr> = match self.host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, self.port)],
            Err(_) => tokio::net::lookup_host((self.host.as_str(), self.port))
                .await
                .map_err(|_| TargetError::NameNotResolved)?
                .collect(),
        };
        if addresses.is_empty() {
            return Err(TargetError::NameNotResolved);
        }
        if addresses.iter().any(|address| never_called(address.ip())) {
            return Err(TargetError::AddressRefused);
        }
        let address = addresses[turn % addresses.len()];
        self.resolved.store(Some(Arc::new((addresses, Instant::now()))));
        Ok(address)
    }
}

/// Link-local addresses hold a cloud machine's own credentials; the others are no provider's address either.
/// Loopback and private networks are allowed: a local model server is a provider like any other.
fn never_called(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_link_local() || v4.is_unspecified() || v4.is_multicast() || v4.is_broadcast(),
        IpAddr::V6(v6) => v6.is_unicast_link_local() || v6.is_unspecified() || v6.is_multicast(),
    }
}

pub(crate) type Headers = Vec<(HeaderName, HeaderValue)>;

fn opened(sealed: &SealedCredential, key: &DerivedKey) -> Result<Secret, TargetError> {
    let opened =
        key.open(&sealed.sealed, sealed.id.as_bytes()).map_err(|_| TargetError::CredentialNotOpened)?;
    let secret = std::str::from_utf8(opened.expose()).map_err(|_| TargetError::CredentialNotAHeader)?;
    Ok(Secret::new(secret.to_owned()))
}

fn headers(
    provider: &dyn Provider,
    secret: Option<&Secret>,
    request: &Unsigned<'_>,
) -> Result<Headers, TargetError> {
    let mut headers = Headers::new();
    for (name, value) in provider.headers(secret.map(|secret| secret.expose().as_str()), request)? {
        let mut value = HeaderValue::from_str(&value).map_err(|_| TargetError::CredentialNotAHeader)?;
        value.set_sensitive(true);
        headers.push((HeaderName::from_static(name), value));
    }
    Ok(headers)
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("deployment", &self.deployment.name)
            .field("authority", &self.authority)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aop_domain::gateway::{Provider, Timeouts};
    use aop_domain::id::{CredentialId, DeploymentId, ProviderId};
    use aop_domain::routing::{BreakerPolicy, Continues};
    use aop_service::keys::{KeyDomain, MasterKey};

    fn deployment(kind: &str, base_url: &str, credential: Option<CredentialId>) -> Arc<Deployment> {
        let provider = Provider {
            id: ProviderId::NIL,
            team_id: None,
            name: "p".into(),
            kind: kind.into(),
            base_url: base_url.into(),
            price_provider: "openai".into(),
        };
        Arc::new(Deployment {
            id: DeploymentId::NIL,
            name: "d".into(),
            provider: provider.into(),
            upstream_model: "m\"1".into(),
            credential_id: credential,
            timeouts: Timeouts::default(),
            breaker: BreakerPolicy::default(),
            continues: Continues::Auto,
        })
    }

    fn made(
        deployment: Arc<Deployment>,
        credential: Option<&SealedCredential>,
        simulator_url: &str,
    ) -> Result<Target, TargetError> {
        let opened = prometheus::IntCounter::new("opened", "opened").unwrap();
        let health = Health::new("d".into(), deployment.breaker, Instant::now(), opened);
        Target::new(deployment, credential, &key(), simulator_url, Arc::new(health))
    }

    fn key() -> DerivedKey {
        MasterKey::from_bytes([1; 32]).derive(KeyDomain::ProviderCredential)
    }

    #[test]
    fn a_base_url_is_taken_apart() {
        let target = made(deployment("openai", "https://api.example.com/v1/", None), None, "").unwrap();
        assert!(target.tls && target.port == 443);
        assert_eq!((target.host.as_str(), target.base_path.as_str()), ("api.example.com", "/v1"));
        assert_eq!(target.upstream_model_json, r#""m\"1""#);
        let local = made(deployment("openai", "http://[::1]:8000", None), None, "").unwrap();
        assert_eq!((local.host.as_str(), local.port, local.base_path.as_str()), ("::1", 8000, ""));
        for bad in ["ftp://x/v1", "api.example.com/v1", "https://user:pass@x/v1", "https:///v1", ""] {
            let error = made(deployment("openai", bad, None), None, "").unwrap_err();
            assert_eq!(error, TargetError::BadUrl, "{bad}");
        }
    }

    #[test]
    fn the_simulator_stands_where_the_configuration_says() {
        let target = made(deployment("simulator", "simulator:", None), None, "http://127.0.0.1:9/").unwrap();
        assert_eq!((target.port, target.base_path.as_str(), target.is_simulator), (9, "/v1", true));
    }

    #[test]
    fn a_provider_of_an_unknown_kind_is_never_called() {
        let error = made(deployment("telepathy", "https://x/v1", None), None, "").unwrap_err();
        assert_eq!(error, TargetError::UnknownKind);
    }

    #[test]
    fn a_credential_is_opened_only_for_its_own_row() {
        let id = CredentialId::from_bytes([3; 16]);
        let sealed = key().seal(b"sk-1\n", id.as_bytes(), [9; 24]).unwrap();
        let row = SealedCredential { id, sealed: sealed.clone() };
        let of =
            |row: Option<&SealedCredential>| made(deployment("openai", "https://x/v1", Some(id)), row, "");
        let target = of(Some(&row)).unwrap();
        let [(name, value)] = &target.headers[..] else { panic!("{target:?}") };
        assert_eq!((name.as_str(), value.to_str().unwrap()), ("authorization", "Bearer sk-1"));
        assert!(!format!("{target:?}").contains("sk-1"), "a credential is never printed");
        assert_eq!(of(None).unwrap_err(), TargetError::CredentialMissing);
        let moved = SealedCredential { id: CredentialId::from_bytes([4; 16]), sealed };
        assert_eq!(of(Some(&moved)).unwrap_err(), TargetError::CredentialNotOpened);
    }

    #[test]
    fn what_a_routes_star_stood_for_takes_the_place_of_the_star() {
        let mut wild = (*deployment("openai", "https://x/v1", None)).clone();
        wild.upstream_model = "org/*".into();
        let wild = Arc::new(made(Arc::new(wild), None, "").unwrap());
        let named = wild.named("gpt-4o");
        assert_eq!(named.deployment.upstream_model, "org/gpt-4o");
        assert_eq!(named.upstream_model_json, r#""org/gpt-4o""#);
        assert!(Arc::ptr_eq(&named.health, &wild.health) && Arc::ptr_eq(&named.resolved, &wild.resolved));
        let plain = Arc::new(made(deployment("openai", "https://x/v1", None), None, "").unwrap());
        assert!(Arc::ptr_eq(&plain.named("gpt-4o"), &plain), "a plain name stays as it is");
    }

    #[tokio::test]
    async fn link_local_addresses_are_never_called() {
        for (url, allowed) in [
            ("http://169.254.169.254/latest", false),
            ("http://[::ffff:169.254.169.254]/", false),
            ("http://[fe80::1]/", false),
            ("http://0.0.0.0/", false),
            ("http://127.0.0.1:1/", true),
            ("http://10.0.0.1/", true),
        ] {
            let target = made(deployment("openai", url, None), None, "").unwrap();
            assert_eq!(target.address(0).await.is_ok(), allowed, "{url}");
        }
    }
}
