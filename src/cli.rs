//! The command line: which subcommands there are and what they take.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::commands;

/// AOP: a self-hosted gateway and control plane for teams that run LLM agents.
#[derive(Parser)]
#[command(name = "aop", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Start everything on embedded engines: one process tree, one address.
    Up(UpArgs),
    /// Run a command with the embedded engines at hand (DATABASE_URL, AOP_CLICKHOUSE_*), then stop them.
    Engines(EnginesArgs),
    /// Replace the running parts of an installation by the binary that is on the disk now; no call is lost.
    Upgrade(UpgradeArgs),
    /// The front door: takes model calls, meters and records them.
    Proxy(ProxyArgs),
    /// Takes records from spools into ClickHouse.
    Collector,
    /// The management API and the web UI.
    Api,
    /// Executes crews through the front door.
    Runner,
    /// The simulated model provider.
    Simulator,
    /// The embedded ClickHouse server.
    Clickhouse,
    /// Bring Postgres and ClickHouse to this version's schema.
    Migrate,
    /// Who called: score the inference of agents and runs on captured calls.
    Identity(IdentityArgs),
    /// List every setting.
    Settings,
    /// Becomes the embedded Postgres; used by `up`.
    #[command(hide = true)]
    EnginePostgres {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

#[derive(Args, Default)]
pub(crate) struct UpArgs {
    /// Address of the front door [default: 127.0.0.1:8080]
    #[arg(long, value_name = "IP:PORT")]
    pub listen: Option<String>,
    /// Directory everything is kept in [default: ~/.local/share/aop]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ProxyArgs {
    /// Take over from the front door that serves with the same AOP_SPOOL_DIR: its sockets, its leases, what it learned.
    #[arg(long)]
    pub take_over: bool,
}

#[derive(Args)]
pub(crate) struct UpgradeArgs {
    /// Directory of the `aop up` to upgrade [default: ~/.local/share/aop]
    #[arg(long, value_name = "DIR", conflicts_with = "spool")]
    pub data: Option<PathBuf>,
    /// AOP_SPOOL_DIR of a front door that runs by itself.
    #[arg(long, value_name = "DIR")]
    pub spool: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct IdentityArgs {
    #[command(subcommand)]
    pub command: IdentityCommand,
}

#[derive(Subcommand)]
pub(crate) enum IdentityCommand {
    /// Replay every folder of captures below DIR and print how much of the truth was found, as JSON.
    Score {
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Send the calls to so many proxies in turn, and print how well runs are known as recorded and once settled.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=64))]
        proxies: Option<u8>,
    },
}

#[derive(Args)]
pub(crate) struct EnginesArgs {
    /// Keep the engines' data here; a temporary directory otherwise.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The command and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<OsString>,
}

impl Command {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Up(args) => commands::up::run(&args).map(|()| ExitCode::SUCCESS),
            Self::Engines(args) => commands::engines::run(&args),
            Self::Upgrade(args) => commands::upgrade::run(&args).map(|()| ExitCode::SUCCESS),
            Self::Proxy(args) => commands::proxy::run(&args).map(|()| ExitCode::SUCCESS),
            Self::Collector => commands::collector::run().map(|()| ExitCode::SUCCESS),
            Self::Api => commands::api::run().map(|()| ExitCode::SUCCESS),
            Self::Runner => commands::runner::run().map(|()| ExitCode::SUCCESS),
            Self::Simulator => commands::simulator::run().map(|()| ExitCode::SUCCESS),
            Self::Clickhouse => commands::clickhouse::run().map(|()| ExitCode::SUCCESS),
            Self::Identity(IdentityArgs { command: IdentityCommand::Score { dir, proxies } }) => {
                commands::identity::score(&dir, proxies).map(|()| ExitCode::SUCCESS)
            }
            Self::Migrate => commands::migrate::run().map(|()| ExitCode::SUCCESS),
            Self::Settings => {
                commands::list_settings::run();
                Ok(ExitCode::SUCCESS)
            }
            Self::EnginePostgres { arguments } => {
                Err(aop_store::embedded::exec_postgres(arguments.into_iter()).into())
            }
        }
    }
}

/// Says on standard error why the command failed, causes included.
#[expect(clippy::print_stderr, reason = "the command line's own output")]
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("aop: {error:#}");
}
