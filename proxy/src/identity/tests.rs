//! The precedence, place by place.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use aop_domain::id::{ExecutionId, KeyId, TeamId, UserId};
use aop_domain::identity::Claim;
use http::{HeaderName, HeaderValue};
use proptest::prelude::*;
use uuid::Uuid;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const FRESH: TraceId = TraceId([9; 16]);

fn header_map(headers: &[(&str, &str)]) -> HeaderMap {
    let name = |name: &str| name.parse::<HeaderName>().unwrap();
    headers
        .iter()
        .map(|(key, value)| (name(key), HeaderValue::from_bytes(value.as_bytes()).unwrap()))
        .collect()
}

fn from_headers(headers: &[(&str, &str)]) -> IdentityOutcome {
    claim(None, PathIdentity::default(), &header_map(headers), &BodyClaims::default(), FRESH).unwrap()
}

fn refused(headers: &[(&str, &str)]) -> String {
    let refusal = claim(None, PathIdentity::default(), &header_map(headers), &BodyClaims::default(), FRESH);
    refusal.unwrap_err().to_string()
}

fn from_body(body: BodyClaims<'_>) -> IdentityOutcome {
    claim(None, PathIdentity::default(), &HeaderMap::new(), &body, FRESH).unwrap()
}

fn value(claim: &Option<Claim>) -> &str {
    claim.as_ref().map_or("", |claim| &claim.value)
}

fn tags(outcome: &IdentityOutcome) -> Vec<&str> {
    outcome.claimed.tags.iter().map(|tag| tag.value.as_str()).collect()
}

#[test]
fn nobody_says_anything_and_the_trace_is_made_up() {
    let outcome = from_headers(&[]);
    assert_eq!(outcome.trace_id, FRESH);
    assert!(outcome.parent_span_id.is_nil());
    assert_eq!(outcome.claimed.trace_source, IdentitySource::Generated as i32);
    assert_eq!((outcome.claimed.agent.clone(), outcome.claimed.agent_confidence), (None, 0));
}

#[test]
fn our_headers_state_everything_and_names_may_be_percent_encoded() {
    let outcome = from_headers(&[
        ("x-aop-trace-id", "4BF92F35-77B3-4DA6-A3CE-929D0E0E4736"),
        ("x-aop-parent-span-id", "00f067aa0ba902b7"),
        ("x-aop-agent", "%EC%97%B0%EA%B5%AC%EC%9B%90"),
        ("x-aop-parent-agent", "Manager"),
        ("x-aop-crew", "News 100%25"),
        ("x-aop-task", "find"),
        ("x-aop-session-id", "s-1"),
        ("x-aop-user", "ada"),
        ("x-aop-execution-id", "018F0000-0000-7000-8000-000000000001"),
        ("x-aop-tags", "blue, red,blue"),
    ]);
    let claimed = &outcome.claimed;
    assert_eq!(outcome.trace_id.to_string(), TRACE);
    assert_eq!(outcome.parent_span_id.to_string(), "00f067aa0ba902b7");
    assert_eq!(claimed.agent, Some(Claim::new("연구원", IdentitySource::AopHeader)));
    assert_eq!((claimed.agent_rule.as_str(), claimed.agent_confidence), ("header:x-aop-agent", 100));
    assert_eq!((value(&claimed.parent_agent), value(&claimed.crew)), ("Manager", "News 100%"));
    assert_eq!((value(&claimed.session), value(&claimed.end_user)), ("s-1", "ada"));
    assert_eq!(value(&claimed.execution), "018f0000-0000-7000-8000-000000000001");
    assert_eq!(tags(&outcome), ["blue", "red"]);
}

#[test]
fn a_bad_value_of_ours_is_refused_with_what_it_must_be() {
    for (name, bad) in [
        ("x-aop-trace-id", "my-trace"),
        ("x-aop-trace-id", "00000000000000000000000000000000"),
        ("x-aop-execution-id", "17"),
        ("x-aop-agent", "%ff"),
        ("x-aop-agent", "%4"),
        ("x-aop-agent", "a%0Ab"),
        ("x-aop-parent-span-id", "zz"),
    ] {
        let message = refused(&[(name, bad)]);
        assert!(message.starts_with(&format!("the header {name} is not valid: it must be")), "{message}");
    }
    refused(&[("x-aop-agent", &"a".repeat(257))]);
    refused(&[("x-aop-tags", &vec!["t"; 33].join(","))]);
}

#[test]
fn a_bad_value_of_someone_else_is_as_if_it_were_not_there() {
    let outcome = from_headers(&[
        ("traceparent", "00-zz-1-1"),
        ("x-agent-name", "%ff"),
        ("helicone-session-id", &"s".repeat(300)),
        ("x-session-id", "fine"),
        ("baggage", "novalue,=,session.id"),
        ("x-portkey-metadata", "{not json"),
    ]);
    assert_eq!(outcome.trace_id, FRESH);
    assert_eq!(outcome.claimed.agent, None);
    assert_eq!(value(&outcome.claimed.session), "fine");
}

#[test]
fn traceparent_gives_the_trace_and_its_parent_span() {
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let outcome = from_headers(&[("traceparent", &parent), ("x-portkey-trace-id", "other")]);
    assert_eq!(outcome.trace_id.to_string(), TRACE);
    assert_eq!(outcome.parent_span_id.to_string(), "00f067aa0ba902b7");
    assert_eq!(outcome.claimed.trace_source, IdentitySource::TraceContext as i32);
    let stated = "11111111111111111111111111111111";
    let other = from_headers(&[("traceparent", &parent), ("x-aop-trace-id", stated)]);
    assert_eq!(other.trace_id.to_string(), stated);
    assert!(other.parent_span_id.is_nil(), "a span of another trace is no parent");
}

#[test]
fn a_foreign_trace_id_is_hashed_to_the_same_trace_every_time() {
    let first = from_headers(&[("x-portkey-trace-id", "run 7"), ("x-portkey-parent-span-id", "step")]);
    let again = from_headers(&[("x-litellm-trace-id", "run 7"), ("x-portkey-parent-span-id", "step")]);
    assert_eq!(first.trace_id, again.trace_id);
    assert_eq!(
        first.trace_id.to_string(),
        "0e5d474d6283d94f70817ac77124e9c3",
        "the hash is for good: it stands in stored records"
    );
    assert!(!first.parent_span_id.is_nil());
    assert!(again.parent_span_id.is_nil(), "Portkey's span in LiteLLM's trace");
    assert_eq!(from_headers(&[("x-litellm-trace-id", TRACE)]).trace_id.to_string(), TRACE);
}

#[test]
fn what_coding_agents_already_send_is_understood() {
    let claude = from_headers(&[
        ("user-agent", "claude-cli/2.1.0 (external, cli)"),
        ("x-claude-code-session-id", "c0ffee"),
        ("x-claude-code-agent-id", "a91"),
        ("x-claude-code-agent-type", "Explore"),
        ("x-claude-code-parent-agent-id", "main"),
        ("x-claude-code-request-class", "subagent"),
    ]);
    let claimed = &claude.claimed;
    assert_eq!((value(&claimed.framework), value(&claimed.session)), ("claude-code", "c0ffee"));
    assert_eq!((value(&claimed.agent), value(&claimed.parent_agent)), ("Explore", ""));
    assert_eq!(claimed.agent_rule, "header:x-claude-code-agent-type");
    assert_eq!(
        tags(&claude),
        [
            "claude-code.agent-id=a91",
            "claude-code.parent-agent-id=main",
            "claude-code.request-class=subagent"
        ]
    );

    let user_id = r#"{"user_id":"user_fac3_account__session_1fdb2a4d-ca05-40a0-8cba-e25606e86a5a"}"#;
    let older = from_body(BodyClaims { metadata: Some(user_id.as_bytes()), ..BodyClaims::default() });
    assert_eq!(value(&older.claimed.session), "1fdb2a4d-ca05-40a0-8cba-e25606e86a5a");
    assert_eq!(value(&older.claimed.end_user), "user_fac3");

    let codex = from_headers(&[
        ("originator", "codex_exec"),
        ("session_id", "s1"),
        ("thread-id", "t1"),
        ("x-openai-subagent", "review"),
    ]);
    assert_eq!((value(&codex.claimed.session), value(&codex.claimed.agent)), ("s1", "review"));
    assert_eq!(value(&codex.claimed.framework), "codex");
    let agents = from_headers(&[("user-agent", "Agents/Python 0.24.0")]);
    assert_eq!(value(&agents.claimed.framework), "openai-agents");
    let opencode = from_headers(&[("x-opencode-session-id", "ses_1"), ("x-session-affinity", "ses_2")]);
    assert_eq!(value(&opencode.claimed.session), "ses_1");
}

#[test]
fn what_other_gateways_headers_say_is_understood() {
    let helicone = from_headers(&[
        ("helicone-session-id", "h1"),
        ("helicone-session-name", "Course plan"),
        ("helicone-session-path", "/abstract/outline"),
        ("helicone-user-id", "u1"),
        ("helicone-property-agent", "Teacher"),
        ("helicone-property-environment", "prod"),
    ]);
    let claimed = &helicone.claimed;
    assert_eq!((value(&claimed.crew), value(&claimed.task)), ("Course plan", "/abstract/outline"));
    assert_eq!((value(&claimed.agent), value(&claimed.end_user)), ("Teacher", "u1"));
    assert_eq!(tags(&helicone), ["environment=prod"]);

    let portkey = from_headers(&[(
        "x-portkey-metadata",
        r#"{"_user":"u2","session_id":"p1","agent":"Seller","x":{}}"#,
    )]);
    let claimed = &portkey.claimed;
    assert_eq!(
        (value(&claimed.end_user), value(&claimed.session), value(&claimed.agent)),
        ("u2", "p1", "Seller")
    );
    let litellm = from_headers(&[
        ("x-litellm-tags", "a,b"),
        ("x-litellm-customer-id", "u3"),
        ("x-acme-session-id", "12345678"),
    ]);
    assert_eq!((value(&litellm.claimed.end_user), tags(&litellm)), ("u3", vec!["a", "b"]));
    assert_eq!(value(&litellm.claimed.session), "12345678");
    let baggage = from_headers(&[("baggage", "session.id=s%20b;p=1, gen_ai.agent.name=Scout")]);
    assert_eq!((value(&baggage.claimed.session), value(&baggage.claimed.agent)), ("s b", "Scout"));
}

#[test]
fn the_body_speaks_last_and_metadata_before_the_safety_identifier() {
    let outcome = from_body(BodyClaims {
        metadata: Some(br#"{"agent_name":"Scout","user_id":42,"session_id":"m1","trace_id":"t","tags":["x","y"],"deep":{"agent":"no"}}"#),
        safety_identifier: Some(br#""hash""#),
        ..BodyClaims::default()
    });
    let claimed = &outcome.claimed;
    assert_eq!(claimed.agent, Some(Claim::new("Scout", IdentitySource::Body)));
    assert_eq!(claimed.agent_rule, "metadata:agent_name");
    assert_eq!((value(&claimed.end_user), value(&claimed.session)), ("42", "m1"));
    assert_eq!(claimed.trace_source, IdentitySource::Body as i32);
    assert_eq!(tags(&outcome), ["x", "y"]);
    let user = from_body(BodyClaims {
        user: Some(br#""ada""#),
        metadata: Some(br#"{"user_id":"bob"}"#),
        ..BodyClaims::default()
    });
    assert_eq!(value(&user.claimed.end_user), "ada");
    let wrong = from_body(BodyClaims {
        user: Some(b"[1]"),
        metadata: Some(b"7"),
        tags: Some(b"{}"),
        ..BodyClaims::default()
    });
    assert_eq!((wrong.claimed.end_user.clone(), tags(&wrong).len()), (None, 0));
}

#[test]
fn the_path_stands_between_our_headers_and_everyone_elses() {
    let path = PathIdentity { trace_id: Some(TRACE), agent: Some("%EC%97%B0") };
    let body = BodyClaims::default();
    let found = claim(None, path, &header_map(&[("x-agent-name", "weak")]), &body, FRESH).unwrap();
    assert_eq!((found.trace_id.to_string().as_str(), value(&found.claimed.agent)), (TRACE, "연"));
    let found = claim(None, path, &header_map(&[("x-aop-agent", "strong")]), &body, FRESH).unwrap();
    assert_eq!(value(&found.claimed.agent), "strong");
    let bad = PathIdentity { trace_id: Some("v1"), agent: None };
    let refusal = claim(None, bad, &HeaderMap::new(), &body, FRESH).unwrap_err();
    assert!(refusal.to_string().starts_with("the trace id in the path is not valid"));
}

#[test]
fn a_signed_run_wins_over_every_claim() {
    let run = RunClaims {
        team_id: TeamId::NIL,
        user_id: UserId::NIL,
        key_id: KeyId::NIL,
        execution_id: ExecutionId(Uuid::from_u128(5)),
        trace_id: TRACE.parse().unwrap(),
        parent_span_id: SpanId([3; 8]),
        crew: "Crew".into(),
        task: "Task".into(),
        agent: "Real".into(),
        parent_agent: String::new(),
        expires_at_s: 0,
    };
    let headers = header_map(&[
        ("x-aop-agent", "Fake"),
        ("x-aop-parent-agent", "Boss"),
        ("x-aop-trace-id", "11111111111111111111111111111111"),
    ]);
    let found = claim(Some(&run), PathIdentity::default(), &headers, &BodyClaims::default(), FRESH).unwrap();
    assert_eq!(found.claimed.agent, Some(Claim::new("Real", IdentitySource::Signed)));
    assert_eq!((found.trace_id, found.parent_span_id), (run.trace_id, run.parent_span_id));
    assert_eq!(found.claimed.trace_source, IdentitySource::Signed as i32);
    assert_eq!(value(&found.claimed.parent_agent), "Boss", "what the run leaves open may still be claimed");
}

#[test]
fn the_documented_table_is_the_codes_table() {
    let rows = table::rows().into_iter().map(|row| format!("| {} |", row.join(" | ")));
    let expected: Vec<String> = rows.collect();
    let document = include_str!("../../../docs/identity.md");
    let (_, rest) = document.split_once("|---|---|---|---|---|\n").expect("the table of docs/identity.md");
    let found: Vec<&str> = rest.lines().take_while(|line| line.starts_with('|')).collect();
    assert_eq!(found, expected, "docs/identity.md should be:\n{}", expected.join("\n"));
}

#[test]
fn every_place_stands_in_the_table_once() {
    let mut places: Vec<String> = table::rows().into_iter().map(|row| row[1].clone()).collect();
    places.sort();
    let all = places.len();
    places.dedup();
    assert_eq!(places.len(), all);
}

proptest! {
    #[test]
    fn any_headers_and_bodies_give_an_identity_or_a_refusal_and_never_a_panic(
        values in prop::collection::vec("\\PC{0,40}", 8), body in prop::collection::vec(any::<u8>(), 0..60)
    ) {
        let names = ["x-aop-agent", "x-aop-tags", "traceparent", "baggage", "x-portkey-metadata", "user-agent",
            "helicone-property-x", "x-a-session-id"];
        let headers: Vec<_> = names.iter().zip(&values).map(|(name, value)| (*name, value.as_str())).collect();
        let claims = BodyClaims { metadata: Some(&body), user: Some(&body), tags: Some(&body), ..BodyClaims::default() };
        if let Ok(outcome) = claim(None, PathIdentity::default(), &header_map(&headers), &claims, FRESH) {
            prop_assert!(!outcome.trace_id.is_nil());
            prop_assert!(outcome.claimed.tags.iter().all(|tag| tag.value.len() <= 128));
            prop_assert!(value(&outcome.claimed.agent).len() <= 256);
        }
    }
}
