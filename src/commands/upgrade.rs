//! `aop upgrade`: asks a running installation to replace itself by the binary on the disk, and says what became of it.

use crate::cli::UpgradeArgs;
use crate::output::say;
use crate::settings::environment;
use crate::upgrade::control;

pub(crate) fn run(args: &UpgradeArgs) -> anyhow::Result<()> {
    let data = || {
        let given = args.data.clone().or_else(|| environment("AOP_DATA_DIR").map(Into::into));
        given.unwrap_or_else(super::up::default_data_dir)
    };
    let dir = args.spool.clone().unwrap_or_else(data);
    say(control::ask(&dir)?);
    Ok(())
}
