//! Migrations, settings and the audit log.

use aop_domain::error_kind::ErrorKind;
use aop_store::audit_log::{self, Actor, Entry};
use aop_store::testing::TestStore;
use aop_store::users::Role;
use aop_store::{Error, Store, settings};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::new_id;

#[tokio::test]
async fn migrating_twice_changes_nothing_and_a_newer_database_is_refused() {
    let store = TestStore::new().await;
    store.migrate().await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', true, '', 0)",
    )
    .execute(store.pool())
    .await
    .unwrap();
    let error = store.migrate().await.unwrap_err();
    assert!(matches!(error, Error::NewerDatabase(9999)), "{error}");
}

#[tokio::test]
async fn every_foreign_key_has_an_index_and_every_status_a_check() {
    let store = TestStore::new().await;
    let unindexed: Vec<String> = sqlx::query_scalar(
        "SELECT conrelid::regclass || '.' || conname FROM pg_constraint c
         WHERE contype = 'f' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])",
    )
    .fetch_all(store.pool())
    .await
    .unwrap();
    assert_eq!(unindexed, Vec::<String>::new());
    let unchecked: Vec<String> = sqlx::query_scalar(
        "SELECT table_name || '.' || column_name FROM information_schema.columns col
         WHERE table_schema = 'public' AND column_name IN ('status', 'role') AND NOT EXISTS (
           SELECT FROM pg_constraint c WHERE c.contype = 'c' AND c.conrelid = col.table_name::regclass
             AND pg_get_constraintdef(c.oid) LIKE '%' || col.column_name || '%')",
    )
    .fetch_all(store.pool())
    .await
    .unwrap();
    assert_eq!(unchecked, Vec::<String>::new());
}

#[tokio::test]
async fn a_wrong_address_fails_at_once_and_an_absent_server_is_unavailable() {
    let wrong = Store::connect("mysql://localhost/aop", 1).await.unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Internal);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let absent = Store::connect(&format!("postgres://aop:secret@127.0.0.1:{port}/aop"), 1).await.unwrap_err();
    assert_eq!(absent.kind(), ErrorKind::Unavailable);
    assert!(!absent.to_string().contains("secret"));
}

#[tokio::test]
async fn the_first_of_two_values_for_a_setting_holds_until_it_is_put() {
    let store = TestStore::new().await;
    assert_eq!(settings::find(&store, "setup").await.unwrap(), None);
    assert!(settings::put_if_absent(&store, "setup", &json!(1)).await.unwrap());
    assert!(!settings::put_if_absent(&store, "setup", &json!(2)).await.unwrap());
    assert_eq!(settings::find(&store, "setup").await.unwrap(), Some(json!(1)));
    settings::put(&store, "setup", &json!({"done": true})).await.unwrap();
    assert_eq!(settings::find(&store, "setup").await.unwrap(), Some(json!({"done": true})));
    assert!(settings::delete(&store, "setup").await.unwrap());
    assert!(!settings::delete(&store, "setup").await.unwrap());
}

#[tokio::test]
async fn the_audit_log_outlives_its_team_and_narrows_to_one() {
    let store = TestStore::new().await;
    let user = store.add_user("ada", Role::Admin).await;
    let team = store.add_team("Research").await;
    let entry = |team_id| Entry {
        id: Uuid::now_v7(),
        team_id,
        actor: Actor { user_id: Some(user), key_id: None },
        action: "team.create".into(),
        target_kind: "team".into(),
        target_id: team.to_string(),
        detail: json!({"name": "Research"}),
        ip: Some("127.0.0.1".into()),
        created_at: OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap(),
    };
    let (first, second, third) = (entry(Some(team)), entry(None), entry(Some(new_id())));
    for entry in [&first, &second, &third] {
        audit_log::append(&store, entry).await.unwrap();
    }
    aop_store::teams::delete(&store, team).await.unwrap();
    assert_eq!(audit_log::list(&store, Some(team), None, 10).await.unwrap(), std::slice::from_ref(&first));
    assert_eq!(audit_log::list(&store, None, None, 2).await.unwrap(), [third, second.clone()]);
    assert_eq!(audit_log::list(&store, None, Some(second.id), 2).await.unwrap(), [first]);
}
