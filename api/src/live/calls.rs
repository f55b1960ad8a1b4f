//! What the collector knows of calls in flight: asked for when somebody looks, and their events fed to the hub while
//! somebody listens.

use std::time::Duration;

use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use url::form_urlencoded;
use uuid::Uuid;

use aop_domain::error_kind::ErrorKind;
use aop_domain::id::TeamId;
use aop_domain::in_flight::InFlight;
use aop_service::problem::Problem;
use aop_service::secret::Secret;

use crate::live::hub::Hub;
use crate::live::source::LiveSource;

/// The collector waits half a second for gateways.
const LIST_TIMEOUT: Duration = Duration::from_secs(3);
/// Longer than the collector takes for the two rewrites of a slice.
const REPRICE_TIMEOUT: Duration = Duration::from_secs(1_500);
/// After the last listener has gone, events are read for so long: most come back at once.
const LINGER: Duration = Duration::from_secs(5);

/// Where the collector is.
#[derive(Clone)]
pub struct Collector {
    client: reqwest::Client,
    /// Without a trailing slash; `None`: there is none, and nothing is known of calls in flight.
    url: Option<String>,
    internal_token: Secret,
}

/// Which calls; a field that is absent narrows nothing.
#[derive(Debug, Default)]
pub struct Narrow {
    pub trace_id: Option<String>,
    pub execution_id: Option<Uuid>,
    pub session_id: Option<String>,
    pub agent: Option<String>,
    pub key_id: Option<Uuid>,
    pub call_id: Option<Uuid>,
}

#[derive(Debug, Default, Deserialize)]
pub struct List {
    /// Oldest first.
    pub calls: Vec<InFlight>,
    /// Every gateway was heard.
    pub complete: bool,
}

impl Collector {
    pub fn new(client: reqwest::Client, url: Option<&str>, internal_token: Secret) -> Self {
        let url = url.map(|url| url.trim_end_matches('/').to_owned());
        Self { client, url, internal_token }
    }

    /// The calls in flight. A collector that does not answer leaves an incomplete list.
    pub async fn list(&self, team: TeamId, narrow: &Narrow) -> List {
        let Some(url) = &self.url else { return List::default() };
        let asked = async {
            let query = query(team, narrow);
            let request = self.client.get(format!("{url}/live/calls?{query}")).timeout(LIST_TIMEOUT);
            self.shown(request).send().await?.error_for_status()?.json::<List>().await
        };
        asked.await.unwrap_or_else(|error| {
            tracing::debug!(%error, "the collector cannot be asked for calls in flight");
            List::default()
        })
    }

    /// The text of one call as it comes, as the collector sends it.
    pub async fn text(&self, team: TeamId, call: Uuid) -> Result<reqwest::Response, Problem> {
        let Some(url) = &self.url else { return Err(Problem::not_found("call in flight")) };
        let query = query(team, &Narrow::default());
        let request = self.client.get(format!("{url}/live/calls/{call}/text?{query}"));
        let answer = tokio::time::timeout(LIST_TIMEOUT, self.shown(request).send()).await;
        match answer {
            Ok(Ok(answer)) if answer.status().is_success() => Ok(answer),
            Ok(Ok(answer)) if answer.status() == reqwest::StatusCode::NOT_FOUND => {
                Err(Problem::not_found("call in flight"))
            }
            _ => Err(Problem::new(
                ErrorKind::Unavailable,
                "too_many_listeners",
                "Running answers cannot be read along now: too many are, or the collector is away.",
            )
            .retry_after_s(5)),
        }
    }

    /// One slice of a re-pricing: done when this answers without an error.
    pub async fn reprice(&self, slice: &serde_json::Value) -> Result<(), Problem> {
        let away = |detail: &str| Problem::new(ErrorKind::Unavailable, "collector_away", detail);
        let Some(url) = &self.url else { return Err(away("There is no collector that could change calls.")) };
        let request =
            self.client.post(format!("{url}/ingest/repricings")).timeout(REPRICE_TIMEOUT).json(slice);
        match self.shown(request).send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => {
                let status = answer.status();
                let kind =
                    if status.is_client_error() { ErrorKind::Internal } else { ErrorKind::Unavailable };
                let said = answer.text().await.unwrap_or_default();
                let mut problem = Problem::new(
                    kind,
                    "not_repriced",
                    "The collector could not change the calls of a slice.",
                );
                problem.source = Some(format!("{status}: {}", said.chars().take(500).collect::<String>()));
                Err(problem)
            }
            Err(error) => {
                let mut problem = away("The collector does not answer.");
                problem.source = Some(error.without_url().to_string());
                Err(problem)
            }
        }
    }

    fn shown(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.header(aop_service::internal::HEADER, self.internal_token.expose())
    }

    /// Feeds `hub` with the events of calls in flight while it has listeners, until `shutdown`.
    pub async fn feed(&self, hub: &Hub, shutdown: &CancellationToken) {
        let Some(url) = &self.url else { return };
        let source = LiveSource {
            client: self.client.clone(),
            url: format!("{url}/live/calls/stream"),
            internal_token: self.internal_token.clone(),
        };
        shutdown.run_until_cancelled(feed_while_watched(&source, hub)).await;
    }
}

async fn feed_while_watched(source: &LiveSource, hub: &Hub) {
    loop {
        hub.wait_for_listeners(true).await;
        let nobody_for_long = async {
            loop {
                hub.wait_for_listeners(false).await;
                let back = tokio::time::timeout(LINGER, hub.wait_for_listeners(true)).await;
                if back.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = source.follow(hub) => {}
            () = nobody_for_long => {}
        }
    }
}

fn query(team: TeamId, narrow: &Narrow) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("team_id", &team.to_string());
    let id = |id: Option<Uuid>| id.map(|id| id.to_string());
    let fields = [
        ("trace_id", narrow.trace_id.clone()),
        ("execution_id", id(narrow.execution_id)),
        ("session_id", narrow.session_id.clone()),
        ("agent", narrow.agent.clone()),
        ("key_id", id(narrow.key_id)),
        ("call_id", id(narrow.call_id)),
    ];
    query.extend_pairs(fields.into_iter().filter_map(|(name, value)| Some((name, value?))));
    query.finish()
}
