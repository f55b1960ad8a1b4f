//! One budget, three gateways, one Postgres: the budget is one budget (G5).

use std::time::Duration;

use aop_domain::gateway::Timeouts;
use aop_domain::id::{CredentialId, DeploymentId, KeyId, LimitId, ProviderId, RouteId, TeamId};
use aop_domain::limits::{Kind, LimitScope, Window};
use aop_domain::routing::{BreakerPolicy, Continues, RoutePolicy};
use aop_service::keys::KeyDomain;
use aop_store::Scope;
use aop_store::api_keys::{self, KeySettings, NewKey};
use aop_store::limits::{self, BudgetSettings};
use aop_store::model_deployments::{self, DeploymentSettings};
use aop_store::prices::{self, NewPrice};
use aop_store::provider_credentials::{self, NewCredential};
use aop_store::providers::{self, ProviderSettings};
use aop_store::routes::{self, RouteSettings, Target};
use aop_store::testing::TestStore;
use aop_store::users::Role;
use futures::future::join_all;
use rust_decimal::Decimal;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::harness::{Gateway, KEY, PROVIDER_KEY, chat, client, master};
use crate::upstreams::{Act, Fixed, OK_BODY};

/// What a call costs at these prices: 3 tokens in, 2 out. Units of 10^-12 dollars.
const COST: i64 = 23_000_000_000;
const CALLS: usize = 200;
/// The budget is worth so many of them.
const WORTH: i64 = 60;

/// A team with a key, a model at this upstream with a price, and a budget.
async fn installation(upstream: &Fixed) -> TestStore {
    let store = TestStore::new().await;
    let (team, user) = (store.add_team("Research").await, store.add_user("ada", Role::Admin).await);
    let settings = KeySettings {
        name: "ci".into(),
        permissions: vec!["gateway".into()],
        allowed_models: vec![],
        rate_limit: None,
        is_active: true,
        expires_at: None,
    };
    let (id, mac) = (KeyId(Uuid::now_v7()), master().virtual_key_mac(KEY));
    let key = NewKey { id, user_id: user, mac, hint: "...".into(), settings };
    api_keys::create(&store, team, &key).await.unwrap();
    model(&store, upstream).await;
    budget(&store, team, user).await;
    store
}

async fn model(store: &TestStore, upstream: &Fixed) {
    let provider = ProviderId(Uuid::now_v7());
    let settings = ProviderSettings {
        name: "up".into(),
        kind: "openai".into(),
        base_url: format!("http://{}/v1", upstream.address),
        price_provider: "openai".into(),
        is_active: true,
    };
    providers::create(store, Scope::Shared, provider, &settings).await.unwrap();
    let id = CredentialId(Uuid::now_v7());
    let key = master().derive(KeyDomain::ProviderCredential);
    let sealed = key.seal(PROVIDER_KEY.as_bytes(), id.as_bytes(), [9; 24]).unwrap();
    let credential =
        NewCredential { id, provider_id: provider, name: "main".into(), sealed, hint: "...".into() };
    provider_credentials::create(store, Scope::Shared, &credential).await.unwrap().unwrap();
    let deployment = DeploymentId(Uuid::now_v7());
    let settings = DeploymentSettings {
        name: "m".into(),
        provider_id: provider,
        credential_id: Some(id),
        upstream_model: "m".into(),
        timeouts: Timeouts::default(),
        breaker: BreakerPolicy::default(),
        continues: Continues::Auto,
        is_active: true,
    };
    model_deployments::create(store, Scope::Shared, deployment, &settings).await.unwrap().unwrap();
    let route = RouteSettings {
        model: "m".into(),
        max_attempts: 1,
        operations: vec!["chat".into()],
        policy: RoutePolicy::default(),
        is_active: true,
        targets: vec![Target { deployment_id: deployment, priority: 0, weight: 1 }],
    };
    routes::create(store, Scope::Shared, RouteId(Uuid::now_v7()), &route).await.unwrap();
    for model in ["m", "up-1"] {
        let price = NewPrice {
            id: Uuid::now_v7(),
            provider: "openai".into(),
            model: model.into(),
            effective_from: OffsetDateTime::UNIX_EPOCH,
            card: json!({"input": "0.001", "output": "0.01"}),
            created_by: None,
        };
        prices::create(store, Scope::Shared, &price).await.unwrap();
    }
}

async fn budget(store: &TestStore, team: TeamId, user: aop_domain::id::UserId) {
    let settings = BudgetSettings {
        name: "budget".into(),
        scope: LimitScope::Team,
        subject: None,
        kind: Kind::Spend,
        window: Window::Total,
        amount: Decimal::new(COST * WORTH, 12),
        shadow: false,
        is_active: true,
    };
    limits::create(store, Scope::Team(team), LimitId(Uuid::now_v7()), user, &settings).await.unwrap();
}

fn spent(gateways: &[Gateway]) -> Decimal {
    let records = gateways.iter().flat_map(Gateway::records);
    let costs = records.flat_map(|record| [record.cost_input, record.cost_cache, record.cost_output]);
    costs.filter_map(|cost| cost.parse::<Decimal>().ok()).sum()
}

#[tokio::test]
async fn two_hundred_calls_at_once_on_three_gateways_cannot_overspend_one_budget() {
    let answer = format!(
        "HTTP/1.1 200 x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{OK_BODY}",
        OK_BODY.len()
    );
    let acts = vec![Act::Wait(Duration::from_millis(20)), Act::Send(answer.into_bytes())];
    let upstream = Fixed::start(acts, true).await;
    let store = installation(&upstream).await;
    let gateways = join_all((0..3).map(|_| Gateway::start_on(store.url()))).await;
    let client = client();
    let ask = async |gateway: &Gateway| {
        let request = client.post(gateway.url("/v1/chat/completions")).bearer_auth(KEY);
        request.body(chat("m").to_string()).send().await.unwrap().status().as_u16()
    };
    let told = join_all((0..CALLS).map(|call| ask(&gateways[call % 3]))).await;
    assert!(told.iter().all(|status| [200, 402].contains(status)), "{told:?}");
    for gateway in &gateways {
        gateway.recorded(CALLS / 3).await;
    }
    let (one, whole) = (Decimal::new(COST, 12), Decimal::new(COST * WORTH, 12));
    let at_once = spent(&gateways);
    assert!(at_once >= one, "somebody was answered: {told:?}");
    assert!(at_once <= whole + one, "{at_once} of {whole}");

    // One after the other, until each of them says that there is nothing left for a call.
    let mut refused = 0;
    for call in 0..CALLS {
        refused = if ask(&gateways[call % 3]).await == 402 { refused + 1 } else { 0 };
        if refused == 3 {
            break;
        }
    }
    assert_eq!(refused, 3, "it was never used up");
    let at_last = spent(&gateways);
    assert!(at_last <= whole + one, "{at_last} of {whole}");
}
