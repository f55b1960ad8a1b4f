//! `aop simulator`: the built-in fake provider as a process of its own.

use crate::settings::{Reader, environment};

pub(crate) fn run() -> anyhow::Result<()> {
    let mut reader = Reader::new(&environment);
    let listen = reader.address("AOP_SIMULATOR_LISTEN", "127.0.0.1:8083");
    reader.finish()?;
    super::run_part(2, |shutdown| async move { Ok(aop_simulator::run(listen, shutdown).await?) })
}
