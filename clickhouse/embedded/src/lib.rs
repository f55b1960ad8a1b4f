//! ClickHouse without a server: loads `libchdb` (the ClickHouse engine as a library) and answers ClickHouse's own HTTP
//! interface with it, on loopback, so that every ClickHouse client works the same as with a real server.
//!
//! Run in a process of its own: a crash of the engine must take nobody with it. One request is one connection of the
//! engine and one thread; reads and writes have places of their own, so a slow read never keeps an insert out. A client that
//! leaves stops its query.
//!
//! Never belongs here: anything about AOP (tables, tenants, calls), users and roles (there is one user), TLS, or more
//! than one data folder.

mod auth;
mod body;
mod compression;
mod config;
mod engine;
mod error;
mod format;
mod library;
mod request;
mod respond;
mod run;
mod server;
mod session;
mod settings;
mod statement;
mod tokens;

use tokio_util::sync::CancellationToken;

pub use config::{Config, Limits};
pub use error::Error;
pub use server::Server;

/// Starts the server and answers until `shutdown`. Ready when `GET /ping` answers `Ok.`
pub async fn run(config: Config, shutdown: CancellationToken) -> Result<(), Error> {
    Server::start(config).await?.serve(shutdown).await
}
