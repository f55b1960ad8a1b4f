//! The endpoints, one file per area. Each file has `routes()`, which lists its own in one place.

pub mod accept_invitation;
pub mod agent_corrections;
pub mod analytics;
pub mod api_keys;
pub mod auth;
pub mod budgets;
pub mod calls;
pub mod credentials;
pub mod crews;
pub mod execution_records;
pub mod executions;
pub mod health;
pub mod info;
pub mod invitations;
pub mod live;
pub mod me;
pub mod members;
pub mod models;
pub mod password_reset;
pub mod prices;
pub mod providers;
pub mod setup;
pub mod sso;
pub mod teams;
pub mod traces;
pub mod users;
