//! What the collector needs to run; the binary fills it.

use std::net::SocketAddr;
use std::path::PathBuf;

use aop_service::secret::Secret;

#[derive(Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub clickhouse: aop_clickhouse::Config,
    /// What the other parts show in `x-aop-internal`.
    pub internal_token: Secret,
    /// Holds `dead-letters/` and `settle.state`. Belongs to one collector.
    pub data_dir: PathBuf,
}
