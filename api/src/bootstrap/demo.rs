//! The demo crew: two agents on the built-in simulator, so that a first run needs no account.

use serde_json::json;
use uuid::Uuid;

use aop_domain::crew::demo;
use aop_domain::id::{CrewId, TeamId};
use aop_store::crews::{self, Content};
use aop_store::{Error, Store, settings as installation};

const CREW_MADE: &str = "bootstrap.demo_crew";

/// Adds the demo crew to the first team, once: deleted later, it does not come back with the next start.
pub(super) async fn crew(store: &Store, team: TeamId) -> Result<(), Error> {
    let id = CrewId(Uuid::now_v7());
    if !installation::put_if_absent(store, CREW_MADE, &json!(id)).await? {
        return Ok(());
    }
    let demo = demo();
    let content =
        Content { name: demo.name.to_owned(), description: demo.description.to_owned(), config: demo.config };
    crews::create(store, team, id, Uuid::now_v7(), &content, None).await?;
    Ok(())
}
