//! The `aop` binary: one subcommand a file under `commands`, each of which reads its settings, composes a part and runs it.
//!
//! Never belongs here: a decision about a call, a record, a run or a page. Those live in the part they belong to.

mod cli;
mod commands;
mod data_dir;
mod output;
mod settings;
mod supervisor;
mod upgrade;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    supervisor::child::die_with_parent();
    supervisor::child::keep_name();
    // The one TLS provider of the process, before anything can ask for one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match cli::Cli::parse().command.run() {
        Ok(code) => code,
        Err(error) => {
            cli::complain(&error);
            ExitCode::FAILURE
        }
    }
}
