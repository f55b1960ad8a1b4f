//! The gateway's snapshot and its watch.

use std::sync::Arc;
use std::time::Duration;

use aop_domain::gateway::GatewaySnapshot;
use aop_domain::id::{KeyId, TeamId, UserId};
use aop_store::api_keys::{self, KeySettings, NewKey};
use aop_store::model_deployments::DeploymentSettings;
use aop_store::testing::TestStore;
use aop_store::users::{self, Role};
use aop_store::{Scope, gateway, model_deployments, prices, routes, teams};
use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::watch::Receiver;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::models::{add_credential, add_deployment, add_provider, deployment_settings, route_settings};
use crate::new_id;
use crate::patience::PATIENCE;

const NEVER: Duration = Duration::from_secs(3600);

fn key_settings() -> KeySettings {
    KeySettings {
        name: "ci".into(),
        permissions: vec!["gateway".into()],
        allowed_models: vec![],
        rate_limit: None,
        is_active: true,
        expires_at: Some(OffsetDateTime::from_unix_timestamp(1_900_000_000).unwrap()),
    }
}

async fn add_key(store: &TestStore, team: TeamId, user: UserId, mac: u8) -> KeyId {
    let id = new_id();
    let new = NewKey { id, user_id: user, mac: [mac; 32], hint: "...".into(), settings: key_settings() };
    api_keys::create(store, team, &new).await.unwrap();
    id
}

async fn wait_for(
    receiver: &mut Receiver<Arc<GatewaySnapshot>>,
    condition: impl Fn(&GatewaySnapshot) -> bool,
) {
    let seen = tokio::time::timeout(PATIENCE, receiver.wait_for(|snapshot| condition(snapshot))).await;
    seen.expect("the snapshot did not change in time").expect("the watch ended");
}

#[tokio::test]
async fn a_snapshot_holds_what_the_gateway_needs_and_leaves_out_what_is_switched_off() {
    let store = TestStore::new().await;
    let (team, admin) = (store.add_team("Research").await, store.add_user("admin", Role::Admin).await);
    teams::update(&store, team, "Research", Some(14)).await.unwrap();
    let key = add_key(&store, team, admin, 7).await;
    let provider = add_provider(&store, Scope::Shared, "OpenAI").await;
    let credential = add_credential(&store, Scope::Shared, provider).await;
    let on: aop_domain::id::DeploymentId = new_id();
    let with_credential =
        DeploymentSettings { credential_id: Some(credential), ..deployment_settings("on", provider) };
    model_deployments::create(&store, Scope::Shared, on, &with_credential).await.unwrap().unwrap();
    let off = add_deployment(&store, Scope::Shared, "off", provider).await;
    let switched_off = DeploymentSettings { is_active: false, ..deployment_settings("off", provider) };
    model_deployments::update(&store, Scope::Shared, off, &switched_off).await.unwrap().unwrap();
    routes::create(&store, Scope::Shared, new_id(), &route_settings("fast", &[off, on])).await.unwrap();
    routes::create(&store, Scope::Team(team), new_id(), &route_settings("dead", &[off])).await.unwrap();
    let price = prices::NewPrice {
        id: Uuid::now_v7(),
        provider: "openai".into(),
        model: "gpt-5".into(),
        effective_from: OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap(),
        card: json!({"input": "0.1"}),
        created_by: Some(admin),
    };
    prices::create(&store, Scope::Team(team), &price).await.unwrap();

    let snapshot = gateway::load_snapshot(&store).await.unwrap();
    assert_eq!(snapshot.version, gateway::load_version(&store).await.unwrap());
    let virtual_key = &snapshot.keys[&[7; 32]];
    assert_eq!((virtual_key.id, virtual_key.team_id, virtual_key.user_id), (key, team, admin));
    assert_eq!((virtual_key.active, virtual_key.expires_at_s), (true, Some(1_900_000_000)));
    assert_eq!(virtual_key.permissions, ["gateway"]);
    let [route] = snapshot.routes.as_slice() else { panic!("{:?}", snapshot.routes) };
    assert_eq!((route.model.as_str(), route.team_id, route.targets.len()), ("fast", None, 1));
    let target = &route.targets[0];
    assert_eq!((target.deployment.id, target.priority), (on, 1));
    assert_eq!(target.deployment.credential_id, Some(credential));
    assert_eq!(target.deployment.breaker, deployment_settings("on", provider).breaker);
    assert_eq!(route.policy, route_settings("fast", &[]).policy);
    assert_eq!(
        target.deployment.provider.base_url, "https://api.example.com/v1",
        "without the slash at its end"
    );
    assert_eq!(snapshot.credentials[&credential].sealed, [1, 2, 3]);
    let [price] = snapshot.price_overrides.as_slice() else { panic!("{:?}", snapshot.price_overrides) };
    assert_eq!((price.team_id, price.version, price.effective_from_s), (Some(team), 1, 1_800_000_000));
    assert_eq!(price.card_json, r#"{"input": "0.1"}"#);
    assert_eq!(snapshot.retention_days[&team], 14);
}

#[tokio::test]
async fn the_version_grows_with_every_change_the_gateway_reads_and_with_no_other() {
    let store = TestStore::new().await;
    let (team, user) = (store.add_team("Research").await, store.add_user("ada", Role::Admin).await);
    let version = async || gateway::load_version(&store).await.unwrap();
    let before = version().await;
    let key = add_key(&store, team, user, 7).await;
    assert_eq!(version().await, before + 1);
    let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
    api_keys::touch_last_used(&store, &[(key, now)]).await.unwrap();
    users::record_login(&store, user, now).await.unwrap();
    users::update_profile(&store, user, Some("Ada"), None).await.unwrap();
    assert_eq!(version().await, before + 1, "none of these concerns the gateway");
    let provider = add_provider(&store, Scope::Shared, "OpenAI").await;
    let one = add_deployment(&store, Scope::Shared, "one", provider).await;
    let two = add_deployment(&store, Scope::Shared, "two", provider).await;
    assert_eq!(version().await, before + 4);
    routes::create(&store, Scope::Shared, new_id(), &route_settings("fast", &[one, two])).await.unwrap();
    assert_eq!(version().await, before + 5, "one transaction counts once, however many rows it changed");
    store.add_user("second", Role::Admin).await;
    users::update_access(&store, user, None, Some(false)).await.unwrap();
    assert_eq!(version().await, before + 6, "a user who is switched off takes the keys along");
    assert!(!gateway::load_snapshot(&store).await.unwrap().keys[&[7; 32]].active);
}

#[tokio::test]
async fn the_watch_hears_of_a_change_without_polling() {
    let store = TestStore::new().await;
    let (team, user) = (store.add_team("Research").await, store.add_user("ada", Role::Admin).await);
    let shutdown = CancellationToken::new();
    let mut receiver = gateway::watch((*store).clone(), NEVER, shutdown.clone()).await.unwrap();
    assert!(receiver.borrow().keys.is_empty());
    for mac in 1..=3 {
        add_key(&store, team, user, mac).await;
        wait_for(&mut receiver, |snapshot| snapshot.keys.contains_key(&[mac; 32])).await;
    }
    shutdown.cancel();
    let ended = tokio::time::timeout(PATIENCE, async { while receiver.changed().await.is_ok() {} }).await;
    ended.expect("the watch ends at shutdown");
}

#[tokio::test]
async fn the_watch_survives_a_dropped_connection() {
    let store = TestStore::new().await;
    let (team, user) = (store.add_team("Research").await, store.add_user("ada", Role::Admin).await);
    let shutdown = CancellationToken::new();
    let mut receiver = gateway::watch((*store).clone(), NEVER, shutdown.clone()).await.unwrap();
    add_key(&store, team, user, 1).await;
    wait_for(&mut receiver, |snapshot| snapshot.keys.contains_key(&[1; 32])).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'";
    // The first change may have been seen by the first look, before anybody listened.
    let listening_is_cut = async {
        while sqlx::query(cut).execute(store.pool()).await.unwrap().rows_affected() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, listening_is_cut).await.expect("the listening connection is cut");
    // Changed while nobody listens, or just after: both ways it must arrive.
    add_key(&store, team, user, 2).await;
    wait_for(&mut receiver, |snapshot| snapshot.keys.contains_key(&[2; 32])).await;
    add_key(&store, team, user, 3).await;
    wait_for(&mut receiver, |snapshot| snapshot.keys.contains_key(&[3; 32])).await;
    shutdown.cancel();
}

#[tokio::test]
async fn polling_finds_a_change_whose_notification_was_lost() {
    let store = TestStore::new().await;
    let shutdown = CancellationToken::new();
    let mut receiver =
        gateway::watch((*store).clone(), Duration::from_millis(50), shutdown.clone()).await.unwrap();
    let version = receiver.borrow().version;
    sqlx::query("UPDATE gateway_version SET version = version + 1").execute(store.pool()).await.unwrap();
    wait_for(&mut receiver, |snapshot| snapshot.version == version + 1).await;
    shutdown.cancel();
}
