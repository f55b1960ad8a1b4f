//! The server around the wires: routes, address, the end.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{amazon, anthropic, cohere, google, mistral, openai};

/// Requests larger than this are refused with 413. Above what the gateway lets through.
const MAX_BODY_BYTES: usize = 128 << 20;
/// Open answers get this long at shutdown.
const DRAIN: Duration = Duration::from_secs(2);

/// What the simulator needs from outside.
#[derive(Debug, Clone)]
pub struct Config {
    /// Ends stalled and paced answers when the process stops.
    pub shutdown: CancellationToken,
}

/// The simulator could not serve.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the simulator cannot listen on {listen}: {cause}. Choose another address or free this one")]
    Listen { listen: SocketAddr, cause: std::io::Error },
    #[error("the simulator stopped serving: {0}")]
    Serve(std::io::Error),
}

/// Vertex AI's path of a model.
const VERTEX: &str = "/v1/projects/{project}/locations/{location}/publishers/google/models/{method}";

/// All routes of all wires, each where its provider has it.
pub fn app(config: Config) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(openai::chat::handle))
        .route("/v1/responses", post(openai::responses::handle))
        .route("/v1/completions", post(openai::completions::handle))
        .route("/v1/embeddings", post(openai::embeddings::handle))
        .route("/v1/moderations", post(openai::moderations::handle))
        .route("/v1/rerank", post(openai::rerank::handle))
        .route("/v1/images/generations", post(openai::images::generations))
        .route("/v1/images/edits", post(openai::images::from_form))
        .route("/v1/images/variations", post(openai::images::from_form))
        .route("/v1/audio/speech", post(openai::speech::handle))
        .route("/v1/audio/transcriptions", post(openai::transcriptions::handle))
        .route("/v1/audio/translations", post(openai::transcriptions::handle))
        .route("/v1/files", get(openai::files::list).post(openai::files::upload))
        .route("/v1/files/{id}", get(openai::files::one).delete(openai::files::delete))
        .route("/v1/files/{id}/content", get(openai::files::content))
        .route("/v1/models", get(openai::models::list))
        // A model's name at OpenAI; with a method behind it at Google, whose newer clients ask here.
        .route("/v1/models/{id}", get(openai::models::one).post(google::generate::on_gemini))
        .route("/v1/messages", post(anthropic::messages::handle))
        .route("/v1/messages/count_tokens", post(anthropic::count_tokens::handle))
        .route("/v1beta/models/{method}", post(google::generate::on_gemini))
        .route(VERTEX, post(google::generate::on_vertex))
        .route("/model/{model}/converse", post(amazon::converse::whole))
        .route("/model/{model}/converse-stream", post(amazon::converse::streamed))
        .route("/v2/chat", post(cohere::chat::handle))
        .route("/v2/embed", post(cohere::embed::handle))
        .route("/v2/rerank", post(cohere::rerank::handle))
        .nest("/mistral/v1", mistral::routes())
        .route("/healthz", get(|| async { "ok" }))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(config.shutdown)
}

/// Serves on an address until `shutdown`.
pub async fn run(listen: SocketAddr, shutdown: CancellationToken) -> Result<(), Error> {
    let listener = TcpListener::bind(listen).await.map_err(|cause| Error::Listen { listen, cause })?;
    serve(listener, shutdown).await
}

/// Serves on a listener that is already bound (tests bind port 0) until `shutdown`.
pub async fn serve(listener: TcpListener, shutdown: CancellationToken) -> Result<(), Error> {
    // Without it a small streamed chunk waits for the client's delayed acknowledgment: 40 ms.
    let listener = listener.tap_io(|tcp| {
        if let Err(error) = tcp.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was not set");
        }
    });
    let routes = app(Config { shutdown: shutdown.clone() });
    let server = axum::serve(listener, routes).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    tokio::select! {
        ended = server => ended.map_err(Error::Serve),
        () = async { shutdown.cancelled().await; tokio::time::sleep(DRAIN).await } => Ok(()),
    }
}
