//! The gateway's snapshot: loaded whole at one version, and again whenever that version grows.

mod load;
mod watch;

pub use load::{load_snapshot, load_version};
pub use watch::watch;
