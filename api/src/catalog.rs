//! The model catalogue behind its endpoints: sealing secrets, putting a model's deployments together, checking them.

mod base_url;
pub mod check;
pub mod deployments;
pub mod guardrail_check;
pub mod price_list;
pub mod routing;
mod secrets;

pub use base_url::base_url;
pub use secrets::seal;
