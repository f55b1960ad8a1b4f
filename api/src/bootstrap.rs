//! The first start: a team, the built-in simulator as a provider with its models and demo prices, and what the operator
//! gave to begin with. Safe to run at every start: what is there already stays as people left it.

mod demo;
mod people;
mod simulator;

use aop_domain::id::TeamId;
use aop_service::keys::MasterKey;
use aop_service::secret::Secret;
use aop_store::Store;

use crate::auth::password::Passwords;
use crate::state::setup_token;
use crate::wire::auth::Password;

pub use people::own_first_team;
pub use simulator::SimulatorModel;

/// What the operator gives at first start.
#[derive(Debug, Default)]
pub struct FirstStart {
    pub admin_email: Option<String>,
    pub admin_password: Option<Secret>,
    /// A virtual key of the first team with every permission; needs the administrator it belongs to.
    pub bootstrap_key: Option<Secret>,
    /// The models of the built-in provider; empty when it does not run.
    pub simulator_models: Vec<SimulatorModel>,
}

/// What the first-start banner needs.
#[derive(Debug)]
pub struct Started {
    pub team_id: TeamId,
    /// The token of the first-admin link (`/setup?token=`); `None` once there is an administrator.
    pub setup_token: Option<Secret>,
}

/// Why the first start cannot be completed.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    #[error(transparent)]
    Store(#[from] aop_store::Error),
    #[error("{0}")]
    Invalid(String),
}

/// Brings a migrated database to the state of a first start, or leaves it as it is.
pub async fn first_start(
    store: &Store,
    master_key: &MasterKey,
    given: &FirstStart,
) -> Result<Started, BootstrapError> {
    people::check(given)?;
    let team_id = people::first_team(store).await?;
    simulator::connect(store, &given.simulator_models).await?;
    if !given.simulator_models.is_empty() {
        demo::crew(store, team_id).await?;
    }
    people::admin(store, given).await?;
    people::bootstrap_key(store, master_key, team_id, given).await?;
    let needs_admin = !aop_store::users::has_admin(store).await?;
    Ok(Started { team_id, setup_token: needs_admin.then(|| setup_token(master_key)) })
}

/// Hashes outside of the server's own bounded places: there is nobody else yet.
async fn hash(password: &Secret) -> Result<String, BootstrapError> {
    let password = Password::new(password.expose().clone());
    let invalid = |error: crate::error::ApiError| BootstrapError::Invalid(error.to_string());
    Passwords::new().map_err(invalid)?.hash(&password).await.map_err(invalid)
}
