//! AOP's own parts as children of `aop up`: the same subcommands that run apart, with their settings filled in.

use std::path::PathBuf;
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::process::Command;

use aop_service::keys::MasterKey;
use aop_service::secret::Secret;

use super::Settings;
use super::engines::{Engines, free_address};
use crate::data_dir::DataDir;
use crate::supervisor::{Part, Replace};
use crate::upgrade::program::Program;

/// Long enough for a spool to be shipped and a stream to end, short enough for Ctrl-C to feel like one.
const STOP_WITHIN: Duration = Duration::from_secs(8);
/// The front door gives its calls ten seconds, and those it then ends a moment to be recorded.
const FRONT_DOOR_STOP_WITHIN: Duration = Duration::from_secs(20);

/// The settings of every part of this installation.
pub(crate) struct Plan {
    variables: Vec<(&'static str, Secret)>,
    own_simulator: bool,
    proxy_spool: PathBuf,
    runner_spool: PathBuf,
}

impl Plan {
    pub(crate) fn new(
        settings: &Settings,
        data: &DataDir,
        master_key: &MasterKey,
        engines: &Engines,
    ) -> anyhow::Result<Self> {
        let mut variables = engines.variables();
        let mut set = |name: &'static str, value: String| variables.push((name, Secret::new(value)));
        let mut own = vec![("AOP_API_LISTEN", "AOP_API_URL"), ("AOP_COLLECTOR_LISTEN", "AOP_COLLECTOR_URL")];
        match &settings.simulator_url {
            Some(given) => set("AOP_SIMULATOR_URL", given.clone()),
            None => own.push(("AOP_SIMULATOR_LISTEN", "AOP_SIMULATOR_URL")),
        }
        for (listen, url) in own {
            let address = free_address()?;
            set(url, format!("http://{address}"));
            set(listen, address);
        }
        set("AOP_LISTEN", settings.listen.clone());
        set("AOP_GATEWAY_URL", format!("http://{}", settings.listen));
        set("AOP_PUBLIC_URL", settings.public_url.clone());
        set("AOP_COLLECTOR_DIR", data.folder("collector")?.to_string_lossy().into_owned());
        set("AOP_MASTER_KEY", master_key.to_hex().expose().clone());
        set("AOP_LOG", settings.log.clone());
        data.folder("spool")?;
        Ok(Self {
            variables,
            own_simulator: settings.simulator_url.is_none(),
            proxy_spool: data.folder("spool/proxy")?,
            runner_spool: data.folder("spool/runner")?,
        })
    }

    /// In the order they are started.
    pub(crate) fn all(&self) -> Vec<Part> {
        // Its streams would be cut: a provider is not replaced under the calls that it answers.
        let simulator = self.own_simulator.then(|| self.part("simulator", None, Replace::Never));
        let parts = [
            self.part("collector", None, self.restart("AOP_COLLECTOR_URL")),
            self.part("api", None, self.restart("AOP_API_URL")),
            self.part("runner", Some(&self.runner_spool), Replace::Restart(None)),
            self.part("proxy", Some(&self.proxy_spool), Replace::TakeOver),
        ];
        simulator.into_iter().chain(parts).collect()
    }

    /// The settings of every part, as a command that is run beside them reads them.
    pub(crate) fn environment(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.variables.iter().map(|(name, value)| (*name, value.expose().as_str()))
    }

    fn restart(&self, url: &str) -> Replace {
        let url = self.environment().find(|(name, _)| *name == url);
        Replace::Restart(url.map(|(_, url)| format!("{url}/healthz")))
    }

    fn part(&self, name: &'static str, spool: Option<&PathBuf>, replace: Replace) -> Part {
        let (variables, spool) = (self.variables.clone(), spool.cloned());
        Part {
            name,
            command: Box::new(move |program: &Program| {
                let mut command = Command::new(program.path());
                command.arg(name);
                for (variable, value) in &variables {
                    command.env(variable, value.expose());
                }
                if let Some(spool) = &spool {
                    command.env("AOP_SPOOL_DIR", spool);
                }
                own_group(&mut command);
                command
            }),
            stop_signal: Signal::SIGTERM,
            stop_within: if replace == Replace::TakeOver { FRONT_DOOR_STOP_WITHIN } else { STOP_WITHIN },
            replace,
        }
    }
}

/// Ctrl-C in a terminal goes to the whole foreground group: the parts stand outside of it, so that they are stopped in
/// order by their supervisor and not all at once.
pub(crate) fn own_group(command: &mut Command) {
    command.process_group(0);
}
