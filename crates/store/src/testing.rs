//! A fresh, migrated database for every test, on a real server. Feature `testing`; never part of the product.
//!
//! The server is the one that `AOP_TEST_DATABASE_URL` names, as a user that may create databases. Databases are
//! copied from a template that is migrated once per state of `migrations/`.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot have its database must fail at once"
)]

use std::ops::Deref;
use std::time::Duration;

use aop_domain::id::{TeamId, UserId};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use url::Url;
use uuid::Uuid;

use crate::store::MIGRATOR;
use crate::users::{NewUser, Role};
use crate::{Store, teams, users};

const SERVER: &str = "AOP_TEST_DATABASE_URL";
/// One process at a time makes the template.
const TEMPLATE_LOCK: i64 = 0x616f_7074_6d70;

/// What cannot be dropped in this time goes away with the server.
const DROP_WITHIN: Duration = Duration::from_secs(3);

/// A database of this test's own; use it as the [`Store`] it holds. Dropped with the value.
pub struct TestStore {
    store: Store,
    server: Url,
    name: String,
}

impl TestStore {
    /// Panics, with the reason, when there is no server to make a database on.
    pub async fn new() -> Self {
        let server = server_url();
        let name = format!("aop_test_{}", Uuid::now_v7().simple());
        let mut admin = connect(&server).await;
        let template = ensure_template(&server, &mut admin).await;
        run(&mut admin, format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        let store =
            Store::connect(with_database(&server, &name).as_str(), 8).await.expect("the test's own database");
        Self { store, server, name }
    }

    /// The address of this test's database, password included.
    pub fn url(&self) -> String {
        with_database(&self.server, &self.name).into()
    }

    /// For statements that a test needs and the product does not.
    pub fn pool(&self) -> &PgPool {
        self.store.pool()
    }

    /// A team without members.
    pub async fn add_team(&self, name: &str) -> TeamId {
        let id = TeamId(Uuid::now_v7());
        teams::create(self, id, name, None).await.expect("a team");
        id
    }

    /// A user without a password and without a team; the email is made from the name.
    pub async fn add_user(&self, name: &str, role: Role) -> UserId {
        let id = UserId(Uuid::now_v7());
        let email = format!("{name}-{}@example.com", id.0.simple());
        let new = NewUser { id, email, name: name.into(), role, password_hash: None };
        users::create(self, &new).await.expect("a user");
        id
    }
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Drop for TestStore {
    /// On a thread with a runtime of its own, because the test's may be ending. What a killed test leaves behind
    /// goes away with the server.
    fn drop(&mut self) {
        let (server, statement) = (self.server.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let drop_database = async {
                let mut admin = PgConnection::connect(server.as_str()).await?;
                sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut admin).await?;
                Ok::<_, sqlx::Error>(())
            };
            // A connection that the test was just making stands still while this thread is waited for, and keeps
            // the database from being dropped until the server gives up on it.
            runtime.block_on(async { tokio::time::timeout(DROP_WITHIN, drop_database).await }).ok();
            Ok::<_, std::io::Error>(())
        });
        let _ = dropping.join();
    }
}

fn server_url() -> Url {
    let text = std::env::var(SERVER).unwrap_or_else(|_| {
        panic!("{SERVER} is not set: run `make test`, which starts a Postgres and sets it")
    });
    Url::parse(&text).unwrap_or_else(|error| panic!("{SERVER} is not a URL: {error}"))
}

fn with_database(server: &Url, name: &str) -> Url {
    let mut url = server.clone();
    url.set_path(name);
    url
}

async fn connect(url: &Url) -> PgConnection {
    PgConnection::connect(url.as_str())
        .await
        .unwrap_or_else(|error| panic!("{SERVER} does not answer: {error}"))
}

async fn run(connection: &mut PgConnection, statement: String) {
    let done = sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await;
    done.unwrap_or_else(|error| panic!("the test server refuses: {error}"));
}

/// Named after the migrations, so that another branch's template is another one. Made under a name of its own and
/// renamed when whole, so that one that was cut short is never used.
async fn ensure_template(server: &Url, admin: &mut PgConnection) -> String {
    let checksums = MIGRATOR.iter().flat_map(|migration| migration.checksum.iter());
    let state = checksums.fold(0u64, |hash, byte| hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(*byte));
    let name = format!("aop_template_{state:016x}");
    run(admin, format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
    let exists =
        sqlx::query("SELECT FROM pg_database WHERE datname = $1").bind(&name).fetch_optional(&mut *admin);
    if exists.await.expect("the list of databases").is_none() {
        let unfinished = format!("{name}_unfinished");
        run(admin, format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await;
        run(admin, format!("CREATE DATABASE {unfinished}")).await;
        let mut connection = connect(&with_database(server, &unfinished)).await;
        MIGRATOR.run(&mut connection).await.expect("the migrations apply to an empty database");
        connection.close().await.expect("the connection closes");
        run(admin, format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await;
    }
    run(admin, format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})")).await;
    name
}
