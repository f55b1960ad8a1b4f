//! Runs the embedded server alone: `serve LIBRARY DATA ADDRESS PASSWORD`. Prints its address when it is ready, and stops on
//! Ctrl-C or when its standard input ends.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::Write;

use aop_clickhouse_embedded::{Config, Limits, Server};
use tokio::io::AsyncReadExt;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match serve().await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or_else(|| format!("{what} is missing"));
    let config = Config {
        library: next("LIBRARY")?.into(),
        data_path: next("DATA")?.into(),
        listen: next("ADDRESS")?.parse()?,
        password: next("PASSWORD")?,
        limits: Limits::default(),
    };
    let server = Server::start(config).await?;
    println!("{}", server.address());
    std::io::stdout().flush()?;
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    tokio::spawn(async move {
        let mut sink = [0; 64];
        let mut stdin = tokio::io::stdin();
        let parent_gone = async { while stdin.read(&mut sink).await.is_ok_and(|count| count > 0) {} };
        tokio::select! { _ = tokio::signal::ctrl_c() => {}, () = parent_gone => {} }
        stop.cancel();
    });
    server.serve(shutdown).await?;
    Ok(())
}
