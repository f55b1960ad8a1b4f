//! Providers, credentials, deployments, routes and prices: what a team sees, and what holds together.

use aop_domain::error_kind::ErrorKind;
use aop_domain::gateway::Timeouts;
use aop_domain::id::{CredentialId, DeploymentId, ProviderId, RouteId, TeamId};
use aop_domain::routing::{
    BreakerPolicy, Continues, ErrorClass, Fallback, OnAbort, RoutePolicy, Strategy, Unsupported,
};
use aop_store::model_deployments::{self, DeploymentSettings};
use aop_store::provider_credentials::{self, NewCredential};
use aop_store::providers::{self, ProviderSettings};
use aop_store::routes::{self, RouteSettings, Target};
use aop_store::testing::TestStore;
use aop_store::{Error, Scope, prices, teams};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::new_id;

pub(crate) fn provider_settings(name: &str) -> ProviderSettings {
    ProviderSettings {
        name: name.into(),
        kind: "openai".into(),
        base_url: "https://api.example.com/v1/".into(),
        price_provider: "openai".into(),
        is_active: true,
    }
}

pub(crate) async fn add_provider(store: &TestStore, scope: Scope, name: &str) -> ProviderId {
    let id = new_id();
    providers::create(store, scope, id, &provider_settings(name)).await.unwrap();
    id
}

pub(crate) async fn add_credential(store: &TestStore, scope: Scope, provider: ProviderId) -> CredentialId {
    let id = new_id();
    let new = NewCredential {
        id,
        provider_id: provider,
        name: "main".into(),
        sealed: vec![1, 2, 3],
        hint: "...x7Qa".into(),
    };
    provider_credentials::create(store, scope, &new).await.unwrap().unwrap();
    id
}

pub(crate) fn deployment_settings(name: &str, provider: ProviderId) -> DeploymentSettings {
    DeploymentSettings {
        name: name.into(),
        provider_id: provider,
        credential_id: None,
        upstream_model: "gpt-5".into(),
        timeouts: Timeouts::default(),
        breaker: BreakerPolicy { failures: 7, failure_percent: 40, window_ms: 9_000, cooldown_ms: 3_000 },
        continues: Continues::Prefix,
        is_active: true,
    }
}

pub(crate) async fn add_deployment(
    store: &TestStore,
    scope: Scope,
    name: &str,
    provider: ProviderId,
) -> DeploymentId {
    let id = new_id();
    model_deployments::create(store, scope, id, &deployment_settings(name, provider)).await.unwrap().unwrap();
    id
}

pub(crate) fn route_settings(model: &str, deployments: &[DeploymentId]) -> RouteSettings {
    let targets = deployments.iter().zip(0..);
    RouteSettings {
        model: model.into(),
        max_attempts: 3,
        operations: vec!["chat".into()],
        policy: RoutePolicy {
            strategy: Strategy::LowestLatency,
            sticky: true,
            aliases: vec![format!("{model}*")],
            fallbacks: vec![Fallback { on: ErrorClass::ContextTooLong, model: "long".into() }],
            hedge_after_ms: Some(800),
            continuations: 2,
            unsupported: Unsupported::Drop,
            on_abort: OnAbort::DrainToCap { max_bytes: Some(9_000), max_ms: None },
        },
        is_active: true,
        targets: targets.map(|(id, priority)| Target { deployment_id: *id, priority, weight: 1 }).collect(),
    }
}

#[tokio::test]
async fn a_team_sees_its_own_and_the_shared_providers_but_changes_only_its_own() {
    let store = TestStore::new().await;
    let (team, other) = (store.add_team("Research").await, store.add_team("Other").await);
    let shared = add_provider(&store, Scope::Shared, "OpenAI").await;
    let own = add_provider(&store, Scope::Team(team), "OpenAI").await;
    let theirs = add_provider(&store, Scope::Team(other), "OpenAI").await;
    let listed = providers::list(&store, team, None, 10).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [own, shared]);
    assert_eq!(providers::find(&store, team, theirs).await.unwrap(), None);
    let found = providers::find_by_name(&store, Scope::Shared, "OpenAI").await.unwrap().unwrap();
    assert_eq!((found.id, found.scope), (shared, Scope::Shared));

    let renamed = provider_settings("Mine");
    assert_eq!(providers::update(&store, Scope::Team(team), shared, &renamed).await.unwrap(), None);
    assert_eq!(providers::update(&store, Scope::Team(team), theirs, &renamed).await.unwrap(), None);
    assert!(!providers::delete(&store, Scope::Team(team), theirs).await.unwrap());
    let changed = providers::update(&store, Scope::Team(team), own, &renamed).await.unwrap().unwrap();
    assert_eq!((changed.name.as_str(), changed.scope), ("Mine", Scope::Team(team)));
    let twice =
        providers::create(&store, Scope::Shared, new_id(), &provider_settings("OpenAI")).await.unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::Conflict, "a name is there once, also among the shared ones");
}

#[tokio::test]
async fn credentials_stay_sealed_and_within_what_the_team_can_see() {
    let store = TestStore::new().await;
    let (team, other) = (store.add_team("Research").await, store.add_team("Other").await);
    let provider = add_provider(&store, Scope::Team(team), "OpenAI").await;
    let id = add_credential(&store, Scope::Team(team), provider).await;
    assert_eq!(provider_credentials::find_sealed(&store, team, id).await.unwrap(), Some(vec![1, 2, 3]));
    assert_eq!(provider_credentials::find_sealed(&store, other, id).await.unwrap(), None);
    assert_eq!(provider_credentials::find(&store, other, id).await.unwrap(), None);
    assert_eq!(provider_credentials::list(&store, other, None, None, 10).await.unwrap(), []);
    assert_eq!(provider_credentials::list(&store, team, Some(provider), None, 10).await.unwrap().len(), 1);
    assert_eq!(provider_credentials::list(&store, team, Some(new_id()), None, 10).await.unwrap(), []);

    let foreign = NewCredential {
        id: new_id(),
        provider_id: provider,
        name: "x".into(),
        sealed: vec![9],
        hint: "x".into(),
    };
    assert_eq!(provider_credentials::create(&store, Scope::Team(other), &foreign).await.unwrap(), None);
    let scope = Scope::Team(team);
    let replaced =
        provider_credentials::replace_secret(&store, scope, id, &[4], "...new").await.unwrap().unwrap();
    assert_eq!(replaced.hint, "...new");
    assert_eq!(provider_credentials::find_sealed(&store, team, id).await.unwrap(), Some(vec![4]));
    assert!(!provider_credentials::delete(&store, Scope::Team(other), id).await.unwrap());
    assert!(provider_credentials::delete(&store, scope, id).await.unwrap());
}

#[tokio::test]
async fn a_deployment_refers_only_to_what_its_team_can_see() {
    let store = TestStore::new().await;
    let (team, other) = (store.add_team("Research").await, store.add_team("Other").await);
    let scope = Scope::Team(team);
    let shared = add_provider(&store, Scope::Shared, "OpenAI").await;
    let theirs = add_provider(&store, Scope::Team(other), "Theirs").await;
    let their_credential = add_credential(&store, Scope::Team(other), shared).await;
    let own_credential = add_credential(&store, scope, shared).await;

    let foreign = deployment_settings("a", theirs);
    assert_eq!(model_deployments::create(&store, scope, new_id(), &foreign).await.unwrap(), None);
    let stolen =
        DeploymentSettings { credential_id: Some(their_credential), ..deployment_settings("a", shared) };
    assert_eq!(model_deployments::create(&store, scope, new_id(), &stolen).await.unwrap(), None);
    let good = DeploymentSettings { credential_id: Some(own_credential), ..deployment_settings("a", shared) };
    let id = new_id();
    let made = model_deployments::create(&store, scope, id, &good).await.unwrap().unwrap();
    assert_eq!((made.scope, &made.settings), (scope, &good));
    assert_eq!(model_deployments::update(&store, scope, id, &stolen).await.unwrap(), None);
    assert_eq!(model_deployments::update(&store, Scope::Team(other), id, &good).await.unwrap(), None);
    assert_eq!(model_deployments::find(&store, other, id).await.unwrap(), None);
    assert_eq!(model_deployments::find(&store, team, id).await.unwrap(), Some(made));
    assert_eq!(model_deployments::list(&store, other, None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn what_a_deployment_uses_cannot_be_deleted_but_a_whole_team_can() {
    let store = TestStore::new().await;
    let team = store.add_team("Research").await;
    let scope = Scope::Team(team);
    let provider = add_provider(&store, scope, "OpenAI").await;
    let credential = add_credential(&store, scope, provider).await;
    let settings =
        DeploymentSettings { credential_id: Some(credential), ..deployment_settings("a", provider) };
    let id = new_id();
    model_deployments::create(&store, scope, id, &settings).await.unwrap().unwrap();
    routes::create(&store, scope, new_id(), &route_settings("gpt-5", &[id])).await.unwrap();
    let refused = providers::delete(&store, scope, provider).await.unwrap_err();
    assert!(matches!(refused, Error::StillUsed { .. }), "{refused}");
    let refused = provider_credentials::delete(&store, scope, credential).await.unwrap_err();
    assert!(matches!(refused, Error::StillUsed { .. }), "{refused}");
    assert!(teams::delete(&store, team).await.unwrap());
    assert_eq!(providers::find_by_name(&store, scope, "OpenAI").await.unwrap(), None);
}

#[tokio::test]
async fn a_route_keeps_its_targets_in_the_order_of_priority() {
    let store = TestStore::new().await;
    let (team, other) = (store.add_team("Research").await, store.add_team("Other").await);
    let scope = Scope::Team(team);
    let provider = add_provider(&store, Scope::Shared, "OpenAI").await;
    let first = add_deployment(&store, Scope::Shared, "first", provider).await;
    let second = add_deployment(&store, scope, "second", provider).await;
    let theirs = add_deployment(&store, Scope::Team(other), "theirs", provider).await;
    let id: RouteId = new_id();
    let settings = route_settings("fast", &[second, first]);
    let route = routes::create(&store, scope, id, &settings).await.unwrap();
    assert_eq!((route.scope, &route.settings), (scope, &settings));
    assert_eq!(routes::find(&store, team, id).await.unwrap().unwrap(), route);
    assert_eq!(routes::list(&store, team, None, 10).await.unwrap(), [route]);
    assert_eq!(routes::find(&store, other, id).await.unwrap(), None);

    let foreign = routes::create(&store, scope, new_id(), &route_settings("x", &[theirs])).await.unwrap_err();
    assert!(matches!(foreign, Error::UnknownReference { .. }), "{foreign}");
    let failed = routes::update(&store, scope, id, &route_settings("fast", &[first, theirs])).await;
    assert!(failed.is_err());
    assert_eq!(
        routes::find(&store, team, id).await.unwrap().unwrap().settings,
        settings,
        "a failed change is none"
    );
    assert_eq!(routes::update(&store, Scope::Team(other), id, &settings).await.unwrap(), None);

    model_deployments::delete(&store, scope, second).await.unwrap();
    assert_eq!(routes::find(&store, team, id).await.unwrap().unwrap().settings.targets.len(), 1);
    let wrong = RouteSettings { operations: vec!["sing".into()], ..route_settings("y", &[first]) };
    assert_eq!(routes::create(&store, scope, new_id(), &wrong).await.unwrap_err().kind(), ErrorKind::Invalid);
    assert!(routes::delete(&store, scope, id).await.unwrap());
}

#[tokio::test]
async fn a_new_price_is_the_next_version_within_its_own_scope() {
    let store = TestStore::new().await;
    let (team, other) = (store.add_team("Research").await, store.add_team("Other").await);
    let set = async |scope: Scope| {
        let new = prices::NewPrice {
            id: Uuid::now_v7(),
            provider: "openai".into(),
            model: "gpt-5".into(),
            effective_from: OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap(),
            card: json!({"input": "0.00000125"}),
            created_by: None,
        };
        prices::create(&store, scope, &new).await.unwrap().version
    };
    assert_eq!(set(Scope::Shared).await, 1);
    assert_eq!(set(Scope::Shared).await, 2);
    assert_eq!(set(Scope::Team(team)).await, 1);
    let versions = async |team: TeamId| -> Vec<i32> {
        prices::list(&store, team, None, 10).await.unwrap().into_iter().map(|price| price.version).collect()
    };
    assert_eq!(versions(team).await, [1, 2, 1]);
    assert_eq!(versions(other).await, [2, 1]);
}
