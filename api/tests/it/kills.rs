//! The kill switch over the API.

use aop_domain::id::TraceId;
use aop_domain::kill::KillKind;
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use aop_store::{audit_log, executions, kills};
use serde_json::{Value, json};

use crate::access::{crew, execution};
use crate::world::World;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test]
async fn a_run_is_killed_once_listed_noted_and_lifted() {
    let world = World::new().await;
    let developer = world.signed_in("developer", Role::Developer, Some(MemberRole::Member)).await;
    let path = format!("/api/traces/{}/kill", TRACE.to_uppercase());
    let made = world.post(&path, &developer, json!({"reason": " loops "})).await.expect(201);
    assert_eq!(
        (&made["kind"], &made["target"], &made["reason"]),
        (&json!("trace"), &json!(TRACE), &json!("loops"))
    );
    assert_eq!((&made["active"], made["expires_at"].is_string()), (&json!(true), true));
    let again = world.post(&path, &developer, json!({})).await.expect(200);
    assert_eq!(again["id"], made["id"], "what is killed stays killed once");
    let in_force = kills::load(&world.store).await.unwrap();
    assert!(in_force.find(world.team, KillKind::Trace, TRACE).is_some());
    let listed = world.get("/api/kills?active=true", &developer).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);

    let id = made["id"].as_str().unwrap();
    let lifted = world.call("DELETE", &format!("/api/kills/{id}"), &developer, Value::Null).await.expect(200);
    assert_eq!((&lifted["active"], lifted["lifted_at"].is_string()), (&json!(false), true));
    assert!(kills::load(&world.store).await.unwrap().is_empty());
    let listed = world.get("/api/kills?active=true", &developer).await.expect(200);
    assert_eq!(listed["items"], json!([]));
    let noted = audit_log::list(&world.store, Some(world.team), None, 9).await.unwrap();
    let actions: Vec<&str> = noted.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["kill.lift", "kill.create"]);
}

#[tokio::test]
async fn a_run_of_a_crew_is_cancelled_with_its_kill_by_id_and_by_trace() {
    let world = World::new().await;
    let developer = world.signed_in("developer", Role::Developer, Some(MemberRole::Member)).await;
    let crew = crew(&world).await;
    let (first, second) = (execution(&world, crew).await, execution(&world, crew).await);
    world.post(&format!("/api/executions/{first}/kill"), &developer, json!({})).await.expect(201);
    let trace = TraceId(*second.as_bytes());
    world.post(&format!("/api/traces/{trace}/kill"), &developer, json!({})).await.expect(201);
    for id in [first, second] {
        let execution = executions::find(&world.store, world.team, id).await.unwrap().unwrap();
        assert_eq!(execution.status, "cancelled");
    }
}

#[tokio::test]
async fn what_cannot_be_killed_is_said() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let unknown = "0199a7c2-0000-7000-8000-00000000ffff";
    for (body, status, code) in [
        (json!({"kind": "trace", "target": "no id"}), 400, "invalid_target"),
        (json!({"kind": "call", "target": unknown}), 400, "invalid_target"),
        (json!({"kind": "key", "target": unknown}), 404, "not_found"),
        (json!({"kind": "execution", "target": unknown}), 404, "not_found"),
        (json!({"kind": "agent", "target": "  "}), 400, "invalid_name"),
        (json!({"kind": "agent", "target": "Writer", "expires_in_s": 0}), 400, "invalid_expiry"),
    ] {
        assert_eq!(world.post("/api/kills", &owner, body.clone()).await.refused(status), code, "{body}");
    }
    let made =
        world.post("/api/kills", &owner, json!({"kind": "agent", "target": "Writer"})).await.expect(201);
    assert!(made["expires_at"].is_null(), "until it is lifted");
    let developer = world.signed_in("developer", Role::Developer, Some(MemberRole::Member)).await;
    let path = format!("/api/kills/{}", made["id"].as_str().unwrap());
    world.call("DELETE", &path, &developer, Value::Null).await.expect(403);
}
