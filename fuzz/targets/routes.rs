//! What people configure of routes: as the API takes it, and as the gateway reads what was stored.

use std::collections::BTreeSet;
use std::sync::Arc;

use aop_api::probe::{Catalog, base_url};
use aop_domain::gateway::{Deployment, GatewaySnapshot, Provider, Route, RouteTarget};
use aop_domain::id::{ProviderId, TeamId};
use aop_domain::model_pattern;
use aop_proxy::probe::{Led, routed};
use aop_store::Scope;

fn own() -> TeamId {
    TeamId::from_bytes([1; 16])
}

fn strangers() -> TeamId {
    TeamId::from_bytes([2; 16])
}

/// The first line is a provider's address; each other line a model, or, after a question mark, a name that is asked for.
/// What the API accepts, the gateway can use: every name leads to whose it is, every fallback leads somewhere, and each
/// deployment of a route is asked once, the lower priority first.
pub fn routes(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let address = lines.next().and_then(|line| std::str::from_utf8(line).ok()).unwrap_or_default();
    let address = base_url(address).ok();
    let (mut catalog, mut asked) = (Catalog::default(), BTreeSet::new());
    for line in lines {
        match line {
            [b'?', name @ ..] => drop(std::str::from_utf8(name).map(|name| asked.insert(name.to_owned()))),
            body => drop(catalog.add(own(), body)),
        }
    }
    for settings in catalog.routes.iter().map(|route| &route.settings) {
        let names = std::iter::once(&settings.model).chain(&settings.policy.aliases);
        asked.extend(names.map(|name| model_pattern::filled(name, "x")));
        asked.extend(settings.policy.fallbacks.iter().map(|fallback| fallback.model.clone()));
    }
    let names: Vec<&str> = asked.iter().map(String::as_str).collect();
    for (team, session) in [(own(), None), (own(), Some(9)), (strangers(), None)] {
        let mut draws = (0_u32..).map(|at| f64::from(at % 7) / 7.0);
        let snapshot = snapshot(&catalog, address.as_deref());
        let found = routed(snapshot, team, &names, session, &mut || draws.next().unwrap_or_default());
        assert!(found.unusable.is_empty(), "what was accepted cannot be called: {:?}", found.unusable);
        let led: Vec<(&str, Option<&Led>)> =
            names.iter().copied().zip(found.led.iter().map(Option::as_ref)).collect();
        led.iter().for_each(|(name, led)| leads_right(&catalog, team, name, *led));
        fallbacks_lead_somewhere(&catalog, team, &led);
    }
}

/// As `aop-store` would load it.
fn snapshot(catalog: &Catalog, address: Option<&str>) -> GatewaySnapshot {
    let provider = Arc::new(Provider {
        id: ProviderId::NIL,
        team_id: None,
        name: "p".to_owned(),
        kind: "openai".to_owned(),
        base_url: address.unwrap_or("https://api.example.com/v1").to_owned(),
        price_provider: "openai".to_owned(),
    });
    let deployment = |wanted| {
        let made = catalog.deployments.iter().find(|deployment| deployment.id == wanted)?;
        Some(Arc::new(Deployment {
            id: made.id,
            name: format!("p/{}", made.settings.upstream_model),
            provider: Arc::clone(&provider),
            upstream_model: made.settings.upstream_model.clone(),
            credential_id: None,
            timeouts: made.settings.timeouts,
            breaker: made.settings.breaker,
            continues: made.settings.continues,
        }))
    };
    let route = |made: &aop_store::routes::Route| {
        let mut targets: Vec<RouteTarget> = made
            .settings
            .targets
            .iter()
            .filter_map(|target| {
                let (priority, weight) = (target.priority, target.weight);
                Some(RouteTarget { deployment: deployment(target.deployment_id)?, priority, weight })
            })
            .collect();
        targets.sort_by_key(|target| (target.priority, target.deployment.id));
        Arc::new(Route {
            id: made.id,
            team_id: made.scope.team_id(),
            model: made.settings.model.clone(),
            targets,
            max_attempts: made.settings.max_attempts,
            operations: made.settings.operations.clone(),
            policy: made.settings.policy.clone(),
        })
    };
    GatewaySnapshot { routes: catalog.routes.iter().map(route).collect(), ..GatewaySnapshot::default() }
}

fn leads_right(catalog: &Catalog, team: TeamId, name: &str, led: Option<&Led>) {
    let visible = |scope: Scope| scope == Scope::Shared || scope == Scope::Team(team);
    let mut own: Vec<_> = catalog.routes.iter().filter(|route| visible(route.scope)).collect();
    own.sort_by_key(|route| route.scope == Scope::Shared);
    let plain = |route: &&&aop_store::routes::Route, name: &str| {
        !model_pattern::is_pattern(name)
            && (route.settings.model == name
                || route.settings.policy.aliases.iter().any(|alias| alias == name))
    };
    let Some(led) = led else {
        let fits = |route: &aop_store::routes::Route| {
            let mut names = std::iter::once(&route.settings.model).chain(&route.settings.policy.aliases);
            names.any(|pattern| model_pattern::matches(pattern, name))
        };
        assert!(!own.iter().any(|route| fits(route)), "{name:?} fits a route and leads nowhere");
        return;
    };
    // A team's own name before a shared one; a route's own name before an alias of another.
    if let Some(first) = own.iter().find(|route| plain(route, name)) {
        let same_scope = own.iter().filter(|route| route.scope == first.scope);
        let named = same_scope.clone().find(|route| route.settings.model == name).unwrap_or(first);
        assert_eq!(led.model, named.settings.model, "{name:?}");
    }
    let Some(route) = own.iter().find(|route| route.settings.model == led.model) else {
        panic!("{name:?} leads to the route {:?}, which is not this team's to call", led.model);
    };
    let asked: BTreeSet<_> = led.order.iter().map(|asked| asked.deployment).collect();
    assert_eq!(asked.len(), led.order.len(), "a deployment is asked twice");
    assert_eq!(led.live, led.order.len(), "one rests before anything failed");
    let priorities: Vec<_> = led.order.iter().map(|asked| asked.priority).collect();
    assert!(priorities.is_sorted() && priorities.iter().all(Option::is_some));
    assert!(!led.order.is_empty() && route.settings.targets.len() <= 32);
    for asked in &led.order {
        let json: String = match serde_json::from_slice(&asked.upstream_model_json) {
            Ok(json) => json,
            Err(error) => panic!("the model's name is sent as something else than a JSON string: {error}"),
        };
        assert_eq!(json, asked.upstream_model);
    }
}

fn fallbacks_lead_somewhere(catalog: &Catalog, team: TeamId, led: &[(&str, Option<&Led>)]) {
    let visible = |scope: Scope| scope == Scope::Shared || scope == Scope::Team(team);
    for route in catalog.routes.iter().filter(|route| visible(route.scope)) {
        for fallback in &route.settings.policy.fallbacks {
            let found = led.iter().any(|(name, led)| *name == fallback.model && led.is_some());
            assert!(found, "the fallback to {:?} was accepted and leads nowhere", fallback.model);
        }
    }
}
