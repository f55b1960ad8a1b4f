//! Who may do what: one table, and every route × method × caller compared with it. A route without a row fails.

use std::collections::BTreeSet;

use aop_clickhouse::LlmCallRow;
use aop_domain::correction::{CorrectionKind, Rule};
use aop_domain::crew::demo;
use aop_domain::guard::{Action, Check, Guardrail, Stage};
use aop_domain::hook::{Act, Filter, Hook, Point};
use aop_domain::id::{
    CorrectionId, CredentialId, CrewId, ExecutionId, GuardrailId, HookId, LimitId, ProviderId, RouteId,
    TeamId, TraceId, UserId,
};
use aop_domain::kill::KillKind;
use aop_domain::limits::{Kind, LimitScope, Window};
use aop_store::crews::{self, Content};
use aop_store::executions::{self, NewExecution, TriggeredBy};
use aop_store::hook_deliveries::{self, Outcome};
use aop_store::invitations::{self, NewInvitation};
use aop_store::kills::{self, NewKill};
use aop_store::limits::{self, BudgetSettings};
use aop_store::provider_credentials::NewCredential;
use aop_store::providers::ProviderSettings;
use aop_store::routes::RouteSettings;
use aop_store::team_members::{self, MemberRole};
use aop_store::token_rules::{self, NewRule, StoredRule};
use aop_store::users::Role;
use aop_store::{
    Scope, agent_corrections, guardrails, hooks, provider_credentials, providers, routes, runaway_policies,
    teams,
};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use crate::world::{ISSUER, World, request};

/// Everyone who may come along, in the order of the letters of the table:
/// `-` anonymous, `p` pending, `s` another team's developer; of our team: `v` viewer, `d` developer, `o` owner, `a` administrator;
/// keys of the owner: `G` gateway, `R` read, `X` run, `W` write, `A` all; `P` all, of the administrator.
const CALLERS: &str = "-psvdoaGRXWAP";

/// Method, route, who gets through, and with which status. Whoever is not named is refused: 401 without any sign-in, 404 to
/// another team's people, 403 otherwise (404 where a key is bound to another team than the route's).
const TABLE: &[(&str, &str, &str, u16)] = &[
    ("GET", "/api/setup", "-psvdoaGRXWAP", 200),
    // Open to all; without credentials or a cookie they say so.
    ("POST", "/api/auth/register", "-psvdoaGRXWAP", 400),
    ("POST", "/api/auth/login", "-psvdoaGRXWAP", 400),
    ("POST", "/api/auth/refresh", "-psvdoaGRXWAP", 401),
    ("POST", "/api/auth/logout", "-psvdoaGRXWAP", 204),
    ("POST", "/api/auth/password-reset", "-psvdoaGRXWAP", 400),
    ("GET", "/api/auth/providers", "-psvdoaGRXWAP", 200),
    // Steps of a browser: always on to the next page.
    ("GET", "/api/auth/sso/login", "-psvdoaGRXWAP", 303),
    ("GET", "/api/auth/callback/", "-psvdoaGRXWAP", 303),
    // Open to all but keys; a token nobody gave out is good for nothing.
    ("POST", "/api/auth/invitations/accept", "-psvdoa", 400),
    ("GET", "/api/auth/me", "psvdoa", 200),
    ("PATCH", "/api/auth/me", "psvdoa", 200),
    ("POST", "/api/auth/password", "psvdoa", 400),
    ("GET", "/api/users", "aP", 200),
    ("GET", "/api/users/{user}", "aP", 200),
    ("PATCH", "/api/users/{user}", "aP", 200),
    ("DELETE", "/api/users/{user}", "aP", 204),
    // In person only: a key must not turn into somebody's sign-in.
    ("POST", "/api/users/{user}/password-reset", "a", 201),
    ("GET", "/api/teams", "svdoaRXWAP", 200),
    ("POST", "/api/teams", "sdoa", 201),
    ("GET", "/api/teams/{team}", "vdoaRXWAP", 200),
    ("PUT", "/api/teams/{team}", "oaAP", 200),
    ("DELETE", "/api/teams/{spare_team}", "oa", 204),
    ("GET", "/api/teams/{team}/policy", "vdoaRXWAP", 200),
    ("PUT", "/api/teams/{team}/policy", "oaAP", 200),
    ("GET", "/api/teams/{team}/members", "vdoaRXWAP", 200),
    ("POST", "/api/teams/{team}/members", "oaAP", 204),
    ("DELETE", "/api/teams/{team}/members/{member}", "oaAP", 204),
    ("GET", "/api/teams/{team}/invitations", "oaAP", 200),
    ("POST", "/api/teams/{team}/invitations", "oaAP", 201),
    ("DELETE", "/api/teams/{team}/invitations/{invitation}", "oaAP", 204),
    ("GET", "/api/api-keys", "vdoaRXWAP", 200),
    ("POST", "/api/api-keys", "vdoaAP", 201),
    ("GET", "/api/api-keys/{key}", "oaAP", 200),
    ("PATCH", "/api/api-keys/{key}", "oaAP", 200),
    ("DELETE", "/api/api-keys/{key}", "oaAP", 204),
    ("GET", "/api/api-keys/{key}/policy", "oaAP", 200),
    ("PUT", "/api/api-keys/{key}/policy", "oaAP", 200),
    // The key is somebody else's: even its owner's team may only revoke it.
    ("POST", "/api/api-keys/{key}/regenerate", "", 200),
    ("GET", "/api/providers", "vdoaRXWAP", 200),
    ("POST", "/api/providers", "aP", 201),
    ("GET", "/api/providers/{provider}", "vdoaRXWAP", 200),
    ("PUT", "/api/providers/{provider}", "aP", 200),
    ("DELETE", "/api/providers/{provider}", "aP", 204),
    ("POST", "/api/providers/{provider}/credentials", "aP", 201),
    ("DELETE", "/api/providers/{provider}/credentials/{credential}", "aP", 204),
    ("GET", "/api/models", "vdoaRXWAP", 200),
    ("POST", "/api/models", "aP", 201),
    ("GET", "/api/models/{model}", "vdoaRXWAP", 200),
    ("PUT", "/api/models/{model}", "aP", 200),
    ("DELETE", "/api/models/{model}", "aP", 204),
    ("GET", "/api/models/{model}/policy", "vdoaRXWAP", 200),
    ("PUT", "/api/models/{model}/policy", "aP", 200),
    ("POST", "/api/models/{model}/check", "aP", 200),
    ("GET", "/api/prices", "vdoaRXWAP", 200),
    ("PUT", "/api/prices", "aP", 200),
    ("GET", "/api/analytics/what-if", "vdoaRXWAP", 200),
    // Who may set prices may set them after the fact.
    ("GET", "/api/repricings", "aP", 200),
    ("POST", "/api/repricings", "aP", 201),
    ("GET", "/api/repricings/{repricing}", "aP", 200),
    // Its estimate is not there yet.
    ("POST", "/api/repricings/{repricing}/start", "aP", 409),
    ("POST", "/api/repricings/{repricing}/cancel", "aP", 200),
    ("GET", "/api/budgets", "oaAP", 200),
    ("GET", "/api/budgets/{budget}", "oaAP", 200),
    ("POST", "/api/budgets", "oaAP", 201),
    ("PUT", "/api/budgets/{budget}", "oaAP", 200),
    ("DELETE", "/api/budgets/{budget}", "oaAP", 204),
    ("GET", "/api/token-issuers", "oaAP", 200),
    ("GET", "/api/token-rules", "oaAP", 200),
    // Whose key somebody elsewhere may use is an administrator's to say.
    ("POST", "/api/token-rules", "aP", 201),
    ("DELETE", "/api/token-rules/{token_rule}", "oaAP", 204),
    ("GET", "/api/guardrails", "vdoaRXWAP", 200),
    ("POST", "/api/guardrails", "oaAP", 201),
    ("GET", "/api/guardrails/{guardrail}", "vdoaRXWAP", 200),
    ("PUT", "/api/guardrails/{guardrail}", "oaAP", 200),
    ("DELETE", "/api/guardrails/{guardrail}", "oaAP", 204),
    ("GET", "/api/hooks", "vdoaRXWAP", 200),
    ("POST", "/api/hooks", "doaWAP", 201),
    ("GET", "/api/hooks/{hook}", "vdoaRXWAP", 200),
    ("PUT", "/api/hooks/{hook}", "doaWAP", 200),
    ("DELETE", "/api/hooks/{hook}", "doaWAP", 204),
    ("GET", "/api/hooks/{hook}/deliveries", "vdoaRXWAP", 200),
    ("POST", "/api/hooks/{hook}/test", "doaWAP", 202),
    ("POST", "/api/hooks/{hook}/deliveries/{delivery}/redeliver", "doaWAP", 202),
    ("GET", "/api/crews", "vdoaRXWAP", 200),
    ("POST", "/api/crews", "doaWAP", 201),
    ("POST", "/api/crews/validate", "doaWAP", 200),
    ("GET", "/api/crews/{crew}", "vdoaRXWAP", 200),
    ("PUT", "/api/crews/{crew}", "doaWAP", 200),
    ("DELETE", "/api/crews/{crew}", "doaWAP", 204),
    ("POST", "/api/crews/{crew}/run", "doaXWAP", 202),
    ("GET", "/api/crews/{crew}/executions", "vdoaRXWAP", 200),
    ("GET", "/api/executions", "vdoaRXWAP", 200),
    ("GET", "/api/executions/{execution}", "vdoaRXWAP", 200),
    ("POST", "/api/executions/{execution}/cancel", "doaXWAP", 202),
    ("GET", "/api/executions/{execution}/traces", "vdoaRXWAP", 200),
    ("GET", "/api/executions/{execution}/logs", "vdoaRXWAP", 200),
    ("GET", "/api/executions/{execution}/metrics", "vdoaRXWAP", 200),
    ("GET", "/api/executions/{execution}/stream", "vdoaRXWAP", 200),
    ("GET", "/api/calls", "vdoaRXWAP", 200),
    ("GET", "/api/calls/{call}", "vdoaRXWAP", 200),
    // A key, about its own calls only: this one was made by another.
    ("GET", "/v1/calls/{call}", "GRXWAP", 404),
    ("GET", "/api/traces", "vdoaRXWAP", 200),
    ("GET", "/api/traces/{trace}", "vdoaRXWAP", 200),
    ("GET", "/api/traces/{trace}/graph", "vdoaRXWAP", 200),
    ("GET", "/api/traces/{trace}/diff/{trace}", "vdoaRXWAP", 200),
    ("GET", "/api/agent-corrections", "vdoaRXWAP", 200),
    ("POST", "/api/agent-corrections", "doaWAP", 201),
    ("DELETE", "/api/agent-corrections/{correction}", "doaWAP", 204),
    ("GET", "/api/agents/{fingerprint}", "vdoaRXWAP", 200),
    ("GET", "/api/analytics/overview", "vdoaRXWAP", 200),
    ("POST", "/api/live/ticket", "vdoaRXWAP", 201),
    // A plain request is told that this is a WebSocket, once it is admitted.
    ("GET", "/ws/live", "vdoaRXWAP", 400),
    ("GET", "/ws/trace/{trace}/", "vdoaRXWAP", 400),
    ("GET", "/api/calls/in-flight", "vdoaRXWAP", 200),
    // Of a call that is not in flight there is no text.
    ("GET", "/api/calls/{call}/text", "vdoaRXWAP", 404),
    ("GET", "/api/kills", "vdoaRXWAP", 200),
    // Agents and keys are their owner's to end; a run is whoever's who may start one.
    ("POST", "/api/kills", "oaAP", 201),
    ("DELETE", "/api/kills/{kill}", "doaXWAP", 200),
    ("POST", "/api/traces/{trace}/kill", "doaXWAP", 201),
    ("POST", "/api/executions/{execution}/kill", "doaXWAP", 201),
    ("POST", "/api/calls/{call}/kill", "doaXWAP", 201),
    ("GET", "/api/runaway", "vdoaRXWAP", 200),
    ("PUT", "/api/runaway", "oaAP", 200),
    ("DELETE", "/api/runaway", "oaAP", 204),
    ("PUT", "/api/runaway/keys/{key}", "oaAP", 200),
    ("DELETE", "/api/runaway/keys/{key}", "oaAP", 204),
    ("GET", "/api/replays", "vdoaRXWAP", 200),
    // It spends: whoever may start a run.
    ("POST", "/api/replays", "doaXWAP", 202),
    ("POST", "/api/replays/plan", "doaXWAP", 200),
    ("GET", "/api/replays/{replay}", "vdoaRXWAP", 200),
    ("POST", "/api/replays/{replay}/cancel", "doaXWAP", 202),
    ("GET", "/api/info", "vdoaRXWAP", 200),
];

#[tokio::test]
async fn every_route_lets_through_exactly_whom_the_table_names() {
    let world = World::new().await;
    let cast = Cast::of(&world).await;
    let mut wrong = Vec::new();
    for &(method, route, allowed, status) in TABLE {
        for caller in CALLERS.chars() {
            let got = cast.ask(&world, method, route, caller).await;
            let expected = if allowed.contains(caller) { vec![status] } else { refusals(route, caller) };
            if !expected.contains(&got.0) {
                wrong.push(format!(
                    "{method} {route} as {caller}: {} instead of {expected:?}: {}",
                    got.0, got.1
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_table_has_a_row_for_every_route_of_the_contract_and_no_other() {
    let contract = serde_json::to_value(aop_api::router::contract()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, operations) in contract["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            routes.insert((method.to_uppercase(), shape(path)));
        }
    }
    let rows: BTreeSet<_> =
        TABLE.iter().map(|(method, route, ..)| ((*method).to_owned(), shape(route))).collect();
    assert_eq!(rows.len(), TABLE.len(), "a route has two rows");
    assert_eq!(routes, rows);
}

/// `/api/users/{id}` and `/api/users/{user}` are the same route.
fn shape(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "{}".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn refusals(route: &str, caller: char) -> Vec<u16> {
    match caller {
        '-' => vec![401],
        'p' => vec![403],
        // Routes of the platform say no; everything of our team is not there.
        's' if route.starts_with("/api/users") => vec![403],
        // For keys only.
        's' if route.starts_with("/v1/") => vec![403],
        's' => vec![404],
        _ if route.contains("{spare_team}") || route.contains("{key}") => vec![403, 404],
        _ => vec![403],
    }
}

/// A token for each caller of the table.
struct Cast(Vec<(char, String)>);

impl Cast {
    async fn of(world: &World) -> Self {
        let member = Some(MemberRole::Member);
        let owner = world.user("owner", Role::Developer, Some(MemberRole::Owner)).await;
        let admin = world.user("admin", Role::Admin, None).await;
        let stranger = world.user("stranger", Role::Developer, None).await;
        let theirs = TeamId(Uuid::now_v7());
        teams::create(&world.store, theirs, "theirs", Some(stranger)).await.unwrap();
        record(world).await;
        Self(vec![
            ('-', String::new()),
            ('p', world.signed_in("pending", Role::Pending, member).await),
            ('s', world.sign_in(stranger).await),
            ('v', world.signed_in("viewer", Role::Viewer, member).await),
            ('d', world.signed_in("developer", Role::Developer, member).await),
            ('o', world.sign_in(owner).await),
            ('a', world.sign_in(admin).await),
            ('G', world.key(owner, &["gateway"]).await),
            ('R', world.key(owner, &["read"]).await),
            ('X', world.key(owner, &["run"]).await),
            ('W', world.key(owner, &["write"]).await),
            ('A', world.key(owner, &["gateway", "read", "run", "write", "admin"]).await),
            ('P', world.key(admin, &["gateway", "read", "run", "write", "admin"]).await),
        ])
    }

    /// Status and body of one try, on things made for it alone.
    async fn ask(&self, world: &World, method: &str, route: &str, caller: char) -> (u16, Value) {
        let token = &self.0.iter().find(|(letter, _)| *letter == caller).unwrap().1;
        let things = Things::of(world, self, route).await;
        let body = body(method, route, &things);
        let query = if route == "/api/auth/sso/login" { "?provider=nobody" } else { "" };
        let mut request = request(method, &format!("{}{query}", things.path(route)), token, &body);
        let scoped = !route.starts_with("/api/users") && !route.starts_with("/api/auth");
        if scoped && !route.starts_with("/ws") {
            request.headers_mut().insert("x-team-id", world.team.to_string().parse().unwrap());
        } else if scoped {
            let uri = format!("{}?team_id={}", things.path(route), world.team);
            *request.uri_mut() = uri.parse().unwrap();
        }
        if route.ends_with("/stream") {
            // The stream of a run that waits has no end; that it begins is the answer.
            let response = world.app.clone().oneshot(request).await.unwrap();
            return (response.status().as_u16(), Value::Null);
        }
        let answer = world.send(request).await;
        (answer.status.as_u16(), answer.body)
    }
}

/// Fresh things a route is tried on.
#[derive(Default)]
struct Things(Vec<(&'static str, String)>);

impl Things {
    async fn of(world: &World, cast: &Cast, route: &str) -> Self {
        let mut things = vec![
            ("{team}", world.team.to_string()),
            ("{call}", Uuid::from_bytes([3; 16]).to_string()),
            ("{trace}", "04".repeat(16)),
            ("{fingerprint}", "00000000000000a9".to_owned()),
        ];
        if route.contains("{user}") || route.contains("{member}") || route.ends_with("/members") {
            let user = world.user("somebody", Role::Viewer, Some(MemberRole::Member)).await;
            let email = aop_store::users::find(&world.store, user).await.unwrap().unwrap().email;
            things.extend([("{user}", user.to_string()), ("{member}", user.to_string()), ("email", email)]);
        }
        if route.contains("{invitation}") {
            things.push(("{invitation}", invitation(world).await.to_string()));
        }
        if route.contains("{key}") {
            let user = world.user("holder", Role::Developer, Some(MemberRole::Member)).await;
            things.push(("{key}", world.key_with_id(user, &["read"]).await.0.to_string()));
        }
        if route.contains("{spare_team}") {
            things.push(("{spare_team}", spare_team(world, cast).await.to_string()));
        }
        if route.starts_with("/api/providers/") || route.starts_with("/api/models") {
            let (provider, credential) = provider(world).await;
            things.push(("{provider}", provider.to_string()));
            things.push(("{credential}", credential.to_string()));
        }
        if route.contains("{crew}") || route.contains("{execution}") {
            let crew = crew(world).await;
            things.push(("{crew}", crew.to_string()));
            things.push(("{execution}", execution(world, crew).await.to_string()));
        }
        if route.contains("{correction}") {
            things.push(("{correction}", correction(world).await.to_string()));
        }
        if route.contains("{budget}") {
            things.push(("{budget}", budget(world).await.to_string()));
        }
        if route.contains("/token-rules") {
            let rule = token_rule(world).await;
            things.push(("{token_rule}", rule.id.to_string()));
            things.push(("{rule_key}", rule.key_id.to_string()));
        }
        if route.contains("{guardrail}") {
            things.push(("{guardrail}", guardrail(world).await.to_string()));
        }
        if route.contains("{replay}") || route == "/api/replays" {
            things.push(("{replay}", crate::replays::only_open(world).await.to_string()));
        }
        if route.contains("{repricing}") {
            things.push(("{repricing}", crate::repricings::asked_for(world).await.to_string()));
        }
        if route.contains("{hook}") {
            let (hook, delivery) = hook(world).await;
            things.push(("{hook}", hook.to_string()));
            things.push(("{delivery}", delivery.to_string()));
        }
        if route.contains("{kill}") {
            things.push(("{kill}", kill(world).await.to_string()));
        }
        if route.ends_with("/kill") {
            // What is killed already is answered with 200: each caller kills something of its own.
            let (call, trace) = (Uuid::now_v7().to_string(), Uuid::now_v7().simple().to_string());
            things.retain(|(name, _)| !matches!(*name, "{call}" | "{trace}"));
            things.extend([("{call}", call), ("{trace}", trace)]);
        }
        if route == "/api/runaway/keys/{key}" {
            let key = things.iter().find(|(name, _)| *name == "{key}").unwrap().1.parse().unwrap();
            let user = world.user("guardian", Role::Developer, None).await;
            let policy = aop_domain::runaway::Policy::default();
            runaway_policies::put(&world.store, world.team, Some(key), user, &policy).await.unwrap();
        }
        if route.contains("{model}") {
            things.push(("{model}", model(world).await.to_string()));
        }
        Self(things)
    }

    fn path(&self, route: &str) -> String {
        self.0.iter().fold(route.to_owned(), |path, (name, value)| path.replace(name, value))
    }

    fn named(&self, name: &str) -> &str {
        &self.0.iter().find(|(known, _)| *known == name).unwrap().1
    }
}

/// A body that is right, so that only the caller decides.
fn body(method: &str, route: &str, things: &Things) -> Value {
    let unique = Uuid::now_v7().to_string();
    match (method, route) {
        ("GET" | "DELETE", _) => Value::Null,
        ("POST", "/api/auth/register" | "/api/auth/login") => json!({}),
        ("PATCH", "/api/auth/me") => json!({"settings": {}}),
        ("POST", "/api/auth/password") => json!({"current_password": "wrong", "new_password": "long enough"}),
        ("PATCH", "/api/users/{user}") => json!({"role": "developer"}),
        ("POST" | "PUT", "/api/teams" | "/api/teams/{team}") => json!({"name": "a team"}),
        ("POST", "/api/teams/{team}/members") => json!({"email": things.named("email"), "role": "member"}),
        ("POST", "/api/auth/invitations/accept") => json!({"token": unique}),
        ("POST", "/api/auth/password-reset") => json!({"token": unique, "password": "long enough"}),
        ("POST", "/api/teams/{team}/invitations") => {
            json!({"email": format!("{unique}@example.com"), "role": "member"})
        }
        ("POST", "/api/api-keys") => json!({"name": "k", "permissions": ["read"]}),
        ("PATCH", "/api/api-keys/{key}") => json!({"name": "renamed"}),
        ("POST", "/api/providers") => {
            json!({"name": unique, "kind": "openai", "base_url": "https://llm.example/v1"})
        }
        ("PUT", "/api/providers/{provider}") => {
            json!({"name": unique, "base_url": "https://llm.example/v1", "price_provider": "openai"})
        }
        ("POST", "/api/providers/{provider}/credentials") => {
            json!({"name": unique, "secret": "sk-0123456789abcdef"})
        }
        ("POST" | "PUT", "/api/models" | "/api/models/{model}") => {
            json!({"model": unique, "targets": [{"provider_id": things.named("{provider}")}]})
        }
        ("POST" | "PUT", "/api/crews" | "/api/crews/{crew}") => {
            json!({"name": unique, "config": demo().config})
        }
        ("POST", "/api/crews/validate") => json!({"config": demo().config}),
        ("POST", "/api/crews/{crew}/run") => json!({"inputs": {}}),
        ("POST" | "PUT", "/api/budgets" | "/api/budgets/{budget}") => {
            json!({"name": unique, "scope": "team", "kind": "spend", "window": "day", "amount": "1"})
        }
        ("POST", "/api/token-rules") => {
            json!({"issuer": ISSUER, "claim": "sub", "value": unique, "key_id": things.named("{rule_key}")})
        }
        ("POST", "/api/agent-corrections") => {
            json!({"kind": "rename", "agent": "00000000000000a9", "name": "Somebody"})
        }
        ("PUT", "/api/teams/{team}/policy" | "/api/api-keys/{key}/policy" | "/api/models/{model}/policy") => {
            json!({"cache": {"ttl_s": 60, "scope": "team"}})
        }
        ("POST" | "PUT", "/api/guardrails" | "/api/guardrails/{guardrail}") => {
            json!({"name": unique, "stage": "both", "action": "flag", "check": {"kind": "deny_list", "phrases": ["x"]}})
        }
        ("POST", "/api/replays" | "/api/replays/plan") => {
            json!({"call_id": things.named("{call}"), "scope": "call"})
        }
        ("POST" | "PUT", "/api/hooks" | "/api/hooks/{hook}") => {
            json!({"name": unique, "point": "after", "act": {"kind": "webhook", "url": "https://example.com/hook"}})
        }
        ("POST", "/api/kills") => json!({"kind": "agent", "target": unique}),
        ("POST", route) if route.ends_with("/kill") => json!({"reason": "loops"}),
        ("PUT", "/api/runaway" | "/api/runaway/keys/{key}") => {
            serde_json::to_value(aop_domain::runaway::Policy::default()).unwrap()
        }
        ("POST", "/api/repricings") => {
            json!({"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "models": ["gpt-4o"]})
        }
        ("PUT", "/api/prices") => json!({"provider": "openai", "model": unique, "card": {"input": "0.1"}}),
        _ => Value::Null,
    }
}

async fn guardrail(world: &World) -> GuardrailId {
    let rail = Guardrail {
        id: GuardrailId(Uuid::now_v7()),
        team_id: Some(world.team),
        name: "a guardrail".to_owned(),
        stage: Stage::Both,
        check: Check::DenyList { phrases: vec!["x".to_owned()] },
        action: Action::Flag,
        keys: vec![],
        models: vec![],
    };
    let owner = world.user("maker", Role::Developer, None).await;
    guardrails::create(&world.store, &rail, true, owner).await.unwrap();
    rail.id
}

/// A webhook, and a message of it that has arrived.
async fn hook(world: &World) -> (HookId, Uuid) {
    let owner = world.user("teller", Role::Developer, None).await;
    let hook = Hook {
        id: HookId(Uuid::now_v7()),
        team_id: world.team,
        name: "a hook".to_owned(),
        point: Point::After,
        filter: Filter::default(),
        act: Act::Webhook {
            url: "https://example.com/hook".to_owned(),
            content: false,
            allow_private: false,
        },
    };
    hooks::create(&world.store, &hook, None, true, owner).await.unwrap();
    let delivery = hook_deliveries::add_test(&world.store, hook.id, world.now()).await.unwrap();
    let arrived = Outcome::Delivered { http_status: 200 };
    hook_deliveries::end(&world.store, delivery, &arrived, world.now()).await.unwrap();
    (hook.id, delivery)
}

async fn spare_team(world: &World, cast: &Cast) -> TeamId {
    let id = TeamId(Uuid::now_v7());
    teams::create(&world.store, id, "spare", None).await.unwrap();
    for (letter, role) in [('v', MemberRole::Member), ('d', MemberRole::Member), ('o', MemberRole::Owner)] {
        let token = &cast.0.iter().find(|(known, _)| *known == letter).unwrap().1;
        let me = world.get("/api/auth/me", token).await.expect(200);
        let user: UserId = me["id"].as_str().unwrap().parse().unwrap();
        team_members::put(&world.store, id, user, role).await.unwrap();
    }
    id
}

async fn invitation(world: &World) -> Uuid {
    let id = Uuid::now_v7();
    let new = NewInvitation {
        id,
        email: format!("{id}@example.com"),
        role: MemberRole::Member,
        account_role: None,
        hash: rand::random(),
        expires_at: world.now() + time::Duration::days(7),
    };
    invitations::create(&world.store, world.team, &new, world.now()).await.unwrap();
    id
}

async fn provider(world: &World) -> (ProviderId, CredentialId) {
    let scope = Scope::Team(world.team);
    let id = ProviderId(Uuid::now_v7());
    let settings = ProviderSettings {
        name: id.to_string(),
        kind: "openai".into(),
        base_url: "https://llm.example/v1".into(),
        price_provider: "openai".into(),
        is_active: true,
    };
    providers::create(&world.store, scope, id, &settings).await.unwrap();
    let credential = CredentialId(Uuid::now_v7());
    let new = NewCredential {
        id: credential,
        provider_id: id,
        name: "key".into(),
        sealed: vec![1],
        hint: "…".into(),
    };
    provider_credentials::create(&world.store, scope, &new).await.unwrap();
    (id, credential)
}

/// Without targets, so that a check asks nobody.
async fn model(world: &World) -> RouteId {
    let id = RouteId(Uuid::now_v7());
    let settings = RouteSettings {
        model: id.to_string(),
        max_attempts: 1,
        operations: vec!["chat".into()],
        policy: aop_domain::routing::RoutePolicy::default(),
        is_active: true,
        targets: vec![],
    };
    routes::create(&world.store, Scope::Team(world.team), id, &settings).await.unwrap();
    id
}

async fn correction(world: &World) -> CorrectionId {
    let id = CorrectionId(Uuid::now_v7());
    let name = id.to_string();
    let agent = rand::random::<u64>() | 1;
    let rule = Rule { id, kind: CorrectionKind::Rename, agent, condition: None, to_agent: agent, name };
    let user = world.user("corrector", Role::Developer, None).await;
    agent_corrections::create(&world.store, world.team, user, &rule, "before").await.unwrap();
    id
}

async fn kill(world: &World) -> Uuid {
    let id = Uuid::now_v7();
    let new = NewKill {
        id,
        kind: KillKind::Trace,
        target: id.simple().to_string(),
        reason: None,
        created_by: world.user("killer", Role::Developer, None).await,
        created_at: world.now(),
        expires_at: None,
    };
    kills::create(&world.store, world.team, &new).await.unwrap();
    id
}

async fn budget(world: &World) -> LimitId {
    let id = LimitId(Uuid::now_v7());
    let settings = BudgetSettings {
        name: "budget".into(),
        scope: LimitScope::Team,
        subject: None,
        kind: Kind::Spend,
        window: Window::Day,
        amount: 1.into(),
        shadow: false,
        is_active: true,
    };
    let user = world.user("budgeter", Role::Developer, None).await;
    limits::create(&world.store, Scope::Team(world.team), id, user, &settings).await.unwrap();
    id
}

async fn token_rule(world: &World) -> StoredRule {
    let user = world.user("ruler", Role::Developer, Some(MemberRole::Member)).await;
    let new = NewRule {
        id: Uuid::now_v7(),
        key_id: world.key_with_id(user, &["gateway"]).await.0,
        issuer: ISSUER.into(),
        claim: "sub".into(),
        value: Uuid::now_v7().to_string(),
        position: 1,
        created_by: user,
    };
    token_rules::create(&world.store, world.team, &new).await.unwrap().unwrap()
}

pub(crate) async fn crew(world: &World) -> CrewId {
    let id = CrewId(Uuid::now_v7());
    let content = Content { name: "crew".into(), description: String::new(), config: demo().config };
    crews::create(&world.store, world.team, id, Uuid::now_v7(), &content, None).await.unwrap();
    id
}

pub(crate) async fn execution(world: &World, crew: CrewId) -> ExecutionId {
    let id = ExecutionId(Uuid::now_v7());
    let new = NewExecution {
        id,
        crew_id: crew,
        crew_name: "crew".into(),
        crew_version: 1,
        config: demo().config,
        inputs: json!({}),
        trace_id: TraceId(*id.as_bytes()),
        triggered_by: TriggeredBy { user: None, key: None },
    };
    executions::create(&world.store, world.team, &new).await.unwrap();
    id
}

/// The call and the trace the table reads.
async fn record(world: &World) {
    let call = LlmCallRow {
        agent_fingerprint: 0xa9,
        found_agent: "Writer".into(),
        ..crate::records::call(world, 3, 4)
    };
    let span = crate::records::span(world, 3, 4);
    crate::replays::model(world, "sim-fast").await;
    crate::replays::said(world, &call, &[json!({"role": "user", "content": "hi"})], &[]).await;
    world.clickhouse.clickhouse.insert_batch(&[call], "calls").await.unwrap();
    world.clickhouse.clickhouse.insert_batch(&[span], "spans").await.unwrap();
}
