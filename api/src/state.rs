//! What every handler works with. Made once at start, shared by all requests.

use std::ops::Deref;
use std::sync::Arc;

use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use aop_clickhouse::ClickHouse;
use aop_service::clock::Clock;
use aop_service::keys::{DerivedKey, KeyDomain, MasterKey};
use aop_service::problem::Problem;
use aop_service::secret::Secret;
use aop_service::token::Issuer;
use aop_store::Store;

use crate::auth::cookie::RefreshCookie;
use crate::auth::key_uses::KeyUses;
use crate::auth::password::Passwords;
use crate::auth::throttle::Throttle;
use crate::error::ApiResult;
use crate::etag::Locks;
use crate::live::calls::Collector;
use crate::live::hub::Hub;
use crate::live::runs::RunFeed;
use crate::live::ticket::Tickets;
use crate::metrics::Metrics;
use crate::sso::Providers;
use crate::sso::pending::PendingCookie;

/// Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

pub struct Parts {
    pub store: Store,
    pub clickhouse: ClickHouse,
    pub clock: Clock,
    pub keys: Keys,
    /// Address people reach the front door at, without a trailing slash.
    pub public_url: String,
    /// Address of the built-in provider, without a trailing slash; `None` when it does not run.
    pub simulator_url: Option<String>,
    pub cookie: RefreshCookie,
    pub sso: Providers,
    pub sso_cookie: PendingCookie,
    /// Whose tokens may act as virtual keys at the front door.
    pub token_issuers: Vec<Issuer>,
    pub passwords: Passwords,
    pub throttle: Throttle,
    /// Bounds how many changes are made at the same time.
    pub locks: Locks,
    pub key_uses: KeyUses,
    pub live: Hub,
    /// Who knows which calls are in flight.
    pub collector: Collector,
    /// Wakes the event streams of runs.
    pub runs: RunFeed,
    pub tickets: Tickets,
    pub metrics: Metrics,
    /// For asking providers whether they are there. May reach private networks: only administrators give addresses.
    pub outbound: reqwest::Client,
    /// Ends sockets and streams when the process is asked to stop.
    pub shutdown: CancellationToken,
}

/// The derived keys the API needs, derived once.
pub struct Keys {
    pub access_token: DerivedKey,
    pub refresh_token: DerivedKey,
    pub virtual_key: DerivedKey,
    pub invitation: DerivedKey,
    pub password_reset: DerivedKey,
    pub sso_state: DerivedKey,
    pub idempotent_answer: DerivedKey,
    pub provider_credential: DerivedKey,
    pub guardrail_header: DerivedKey,
    pub hook_secret: DerivedKey,
    /// Shown once at first start; proves that whoever registers first may be administrator.
    pub setup_token: Secret,
    pub internal_token: Secret,
}

impl Keys {
    pub fn of(master: &MasterKey) -> Self {
        Self {
            access_token: master.derive(KeyDomain::AccessToken),
            refresh_token: master.derive(KeyDomain::RefreshToken),
            virtual_key: master.derive(KeyDomain::VirtualKey),
            invitation: master.derive(KeyDomain::Invitation),
            password_reset: master.derive(KeyDomain::PasswordReset),
            sso_state: master.derive(KeyDomain::SsoState),
            idempotent_answer: master.derive(KeyDomain::IdempotentAnswer),
            provider_credential: master.derive(KeyDomain::ProviderCredential),
            guardrail_header: master.derive(KeyDomain::GuardrailHeader),
            hook_secret: master.derive(KeyDomain::HookSecret),
            setup_token: setup_token(master),
            internal_token: master.internal_token(),
        }
    }
}

/// The token of the first-admin link. Derived rather than stored, so every start prints the same link until it is used.
pub fn setup_token(master: &MasterKey) -> Secret {
    let mac = master.derive(KeyDomain::SetupToken).mac(b"first administrator");
    Secret::new(aop_domain::hex::hex(&mac[..20]))
}

impl AppState {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    pub fn now(&self) -> ApiResult<OffsetDateTime> {
        let nanoseconds = i128::from(self.clock.now_us()) * 1_000;
        Ok(OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).map_err(Problem::internal)?)
    }
}
