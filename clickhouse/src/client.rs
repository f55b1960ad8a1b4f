//! The connection: one pooled HTTP client per process.

use std::future::Future;
use std::time::Duration;

use clickhouse::Client;
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::error::Error;

/// Where ClickHouse is and who we are there.
#[derive(Clone)]
pub struct Config {
    /// `http://127.0.0.1:8123` or `https://...`.
    pub url: String,
    pub user: String,
    pub password: String,
    pub database: String,
}

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// ClickHouse closes an idle connection after 3 s by default; we close first.
const POOL_IDLE: Duration = Duration::from_secs(2);

/// A handle that is cheap to clone.
#[derive(Clone)]
pub struct ClickHouse {
    client: Client,
    url: String,
    database: String,
}

impl ClickHouse {
    /// Opens nothing yet: connections are made when they are needed.
    pub fn connect(config: &Config) -> Result<Self, Error> {
        let client = official_client()?
            .with_url(&config.url)
            .with_user(&config.user)
            .with_password(&config.password)
            .with_database(&config.database);
        Ok(Self { client, url: config.url.clone(), database: config.database.clone() })
    }

    /// The official client, for statements that have no function here (tests, tools).
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn database(&self) -> &str {
        &self.database
    }

    /// Ok when the server answers a query and knows our password.
    pub async fn ping(&self) -> Result<(), Error> {
        let client = self.client.clone().with_setting("database", "default");
        let probe = async move { client.query("SELECT 1").fetch_one::<u8>().await };
        self.limited(Duration::from_secs(5), probe).await.map(|_one| ())
    }

    /// Awaits a statement for at most `limit`, and turns its error into ours.
    pub(crate) async fn limited<T>(
        &self,
        limit: Duration,
        statement: impl Future<Output = Result<T, clickhouse::error::Error>>,
    ) -> Result<T, Error> {
        match tokio::time::timeout(limit, statement).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(Error::from_client(error, &self.url)),
            Err(_elapsed) => Err(Error::Timeout { limit_s: limit.as_secs() }),
        }
    }

    pub(crate) fn error(&self, error: clickhouse::error::Error) -> Error {
        Error::from_client(error, &self.url)
    }
}

/// Without `TCP_NODELAY` a small insert waits up to 40 ms for the peer's delayed acknowledgement.
fn official_client() -> Result<Client, Error> {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(Duration::from_secs(60)));
    tcp.set_connect_timeout(Some(CONNECT_LIMIT));
    tcp.enforce_http(false);
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
        .map_err(|error| Error::Invalid(format!("TLS for ClickHouse cannot be set up: {error}")))?
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    let http = HyperClient::builder(TokioExecutor::new()).pool_idle_timeout(POOL_IDLE).build(connector);
    Ok(Client::with_http_client(http))
}
