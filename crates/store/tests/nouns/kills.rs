//! Kills: whom they end, until when, and that gateways hear of them.

use std::sync::Arc;

use aop_domain::id::{TeamId, UserId};
use aop_domain::kill::{KillKind, Kills};
use aop_store::kills::{self, NewKill};
use aop_store::testing::TestStore;
use aop_store::users::Role;
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;
use uuid::Uuid;

async fn stage() -> (TestStore, TeamId, UserId) {
    let store = TestStore::new().await;
    let (team, user) = (store.add_team("Research").await, store.add_user("ada", Role::Developer).await);
    (store, team, user)
}

fn new(by: UserId, target: &str, expires_at: Option<OffsetDateTime>) -> NewKill {
    NewKill {
        id: Uuid::now_v7(),
        kind: KillKind::Agent,
        target: target.into(),
        reason: Some("loops".into()),
        created_by: by,
        created_at: OffsetDateTime::now_utc(),
        expires_at,
    }
}

#[tokio::test]
async fn a_kill_is_in_force_until_it_is_lifted_or_over() {
    let (store, team, user) = stage().await;
    let other = store.add_team("Other").await;
    let now = OffsetDateTime::now_utc();
    let (lasting, past) = (new(user, "Writer", None), new(user, "Reader", Some(now - Duration::SECOND)));
    kills::create(&store, team, &lasting).await.unwrap();
    kills::create(&store, team, &past).await.unwrap();
    let found = kills::in_force(&store, team, KillKind::Agent, "Writer", now).await.unwrap().unwrap();
    assert_eq!(
        (found.id, found.reason.as_deref(), found.created_by),
        (lasting.id, Some("loops"), Some(user))
    );
    assert_eq!(kills::in_force(&store, team, KillKind::Agent, "Reader", now).await.unwrap(), None);
    assert_eq!(kills::in_force(&store, other, KillKind::Agent, "Writer", now).await.unwrap(), None);
    let ids = |kills: Vec<kills::Kill>| kills.into_iter().map(|kill| kill.id).collect::<Vec<_>>();
    assert_eq!(ids(kills::list(&store, team, None, None, 9).await.unwrap()), [past.id, lasting.id]);
    assert_eq!(ids(kills::list(&store, team, Some(now), None, 9).await.unwrap()), [lasting.id]);
    assert!(!kills::lift(&store, other, lasting.id, user, now).await.unwrap(), "another team's");
    assert!(kills::lift(&store, team, lasting.id, user, now).await.unwrap());
    assert!(!kills::lift(&store, team, lasting.id, user, now).await.unwrap(), "lifted before");
    assert!(kills::list(&store, team, Some(now), None, 9).await.unwrap().is_empty());
    assert!(kills::load(&store).await.unwrap().is_empty());
}

#[tokio::test]
async fn gateways_hear_of_a_kill_and_of_its_end() {
    let (store, team, user) = stage().await;
    let heard = Arc::new(watch::Sender::new(Kills::default()));
    let (told, watched) = (Arc::clone(&heard), (*store).clone());
    let watching = tokio::spawn(async move {
        kills::watch(&watched, |kills| drop(told.send_replace(kills))).await;
    });
    let mut kills_now = heard.subscribe();
    let kill = new(user, "Writer", None);
    kills::create(&store, team, &kill).await.unwrap();
    let is_killed = |kills: &Kills| kills.find(team, KillKind::Agent, "Writer") == Some(kill.id);
    kills_now.wait_for(is_killed).await.unwrap();
    kills::lift(&store, team, kill.id, user, OffsetDateTime::now_utc()).await.unwrap();
    kills_now.wait_for(|kills| kills.is_empty()).await.unwrap();
    watching.abort();
}
