//! Settings of the parts, from the environment. All of them are read before anything starts, every mistake is reported
//! at once, and nothing else in AOP reads the environment. The table below is also `docs/configuration.md`.

pub(crate) mod sso;
pub(crate) mod token_issuers;

use std::net::SocketAddr;
use std::path::PathBuf;

use aop_service::keys::MasterKey;
use aop_service::secret::Secret;

/// One setting as the documentation shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    pub name: &'static str,
    /// Empty: it must be given where it is needed.
    pub default: &'static str,
    pub used_by: &'static str,
    pub about: &'static str,
}

const fn setting(
    name: &'static str,
    default: &'static str,
    used_by: &'static str,
    about: &'static str,
) -> Setting {
    Setting { name, default, used_by, about }
}

/// Every setting there is.
pub(crate) const SETTINGS: &[Setting] = &[
    setting("AOP_LISTEN", "127.0.0.1:8080", "up, proxy", "Address of the front door."),
    setting(
        "AOP_TLS_LISTEN",
        "",
        "up, proxy",
        "Address of a second front door, with TLS and HTTP/2, e.g. `0.0.0.0:8443`.",
    ),
    setting(
        "AOP_TLS_CERTIFICATE",
        "",
        "up, proxy",
        "PEM file with the certificate chain of that door; a renewed one is taken without a restart.",
    ),
    setting("AOP_TLS_KEY", "", "up, proxy", "PEM file with the private key of that certificate."),
    setting(
        "AOP_DATA_DIR",
        "~/.local/share/aop",
        "up",
        "Directory of the embedded engines, spools and secrets.",
    ),
    setting(
        "AOP_METRICS_TOKEN",
        "",
        "up, proxy",
        "Who shows this as `Authorization: Bearer` may read `/metrics` of the front door. Without it, only programs on its own machine may.",
    ),
    setting(
        "AOP_DRAIN_S",
        "600",
        "up, proxy",
        "Seconds that calls and connections of a front door that was replaced get to end.",
    ),
    setting(
        "AOP_UPGRADE_WITHIN_S",
        "60",
        "up, proxy",
        "Seconds a new binary gets to become ready; the old one goes on serving if it does not.",
    ),
    setting("AOP_ENGINES_DIR", "engines/node_modules", "up", "Where `make setup` put the embedded engines."),
    setting(
        "AOP_PUBLIC_URL",
        "http://<AOP_LISTEN>",
        "up, migrate, api",
        "Address people reach the front door at; used in links and snippets.",
    ),
    setting(
        "AOP_MASTER_KEY",
        "made at first start",
        "all",
        "64 hex digits. Everything encrypted or hashed depends on it: back it up.",
    ),
    setting("AOP_ADMIN_EMAIL", "", "up, migrate", "First start only: the administrator's address."),
    setting("AOP_ADMIN_PASSWORD", "", "up, migrate", "First start only: the administrator's password."),
    setting(
        "AOP_BOOTSTRAP_KEY",
        "",
        "up, migrate",
        "First start only: a virtual key of the first team with every permission.",
    ),
    setting(
        "AOP_OIDC_PROVIDERS",
        "",
        "up, api",
        "Short names of the single sign-on providers, separated by commas; see below.",
    ),
    setting("AOP_OIDC_<ID>_NAME", "the short name", "up, api", "What the button on the sign-in page says."),
    setting(
        "AOP_OIDC_<ID>_ISSUER",
        "",
        "up, api",
        "The provider's issuer, exactly as it writes it in its tokens.",
    ),
    setting("AOP_OIDC_<ID>_CLIENT_ID", "", "up, api", "The client registered for AOP at the provider."),
    setting("AOP_OIDC_<ID>_CLIENT_SECRET", "", "up, api", "Its secret; a public client has none."),
    setting("AOP_OIDC_<ID>_SCOPES", "openid email profile", "up, api", "Scopes to ask for."),
    setting(
        "AOP_OIDC_<ID>_EMAIL_DOMAINS",
        "",
        "up, api",
        "Domains whose addresses may sign in, separated by commas; all when empty.",
    ),
    setting(
        "AOP_OIDC_<ID>_NEW_USERS",
        "pending",
        "up, api",
        "What somebody without an account becomes: `pending`, `viewer`, `developer`, or `refuse` for nobody.",
    ),
    setting(
        "AOP_OIDC_<ID>_LINK_BY_EMAIL",
        "no",
        "up, api",
        "`yes`: a verified address leads to the account that has it already.",
    ),
    setting(
        "AOP_OIDC_<ID>_TRUST_EMAIL",
        "no",
        "up, api",
        "`yes`: addresses count as verified when the provider does not say; only where its administrators hand them out.",
    ),
    setting("AOP_OIDC_<ID>_GROUPS_CLAIM", "groups", "up, api", "The claim that lists a person's groups."),
    setting(
        "AOP_OIDC_<ID>_GROUPS",
        "{}",
        "up, api",
        "What groups give, as JSON: `{\"GROUP\": {\"role\": \"developer\", \"team\": \"TEAM-ID\", \"team_role\": \"member\"}}`.",
    ),
    setting(
        "AOP_TOKEN_ISSUERS",
        "",
        "up, proxy, api",
        "Short names of the issuers whose tokens (JWT) may act as virtual keys, separated by commas; see below.",
    ),
    setting("AOP_TOKEN_<ID>_ISSUER", "", "up, proxy, api", "The issuer, exactly as it stands in `iss`."),
    setting(
        "AOP_TOKEN_<ID>_AUDIENCES",
        "",
        "up, proxy, api",
        "A token must be made for one of these (`aud`), separated by commas.",
    ),
    setting(
        "AOP_TOKEN_<ID>_KEYS",
        "",
        "up, proxy, api",
        "Its public keys: the https address of a JWK set, or the path of a file that holds one.",
    ),
    setting("AOP_LOG", "info (warn under up)", "all", "Log filter, e.g. `info,aop_proxy=debug`."),
    setting("AOP_NODE", "the host's name", "proxy, runner", "Name this process signs its records with."),
    setting(
        "DATABASE_URL",
        "embedded Postgres",
        "up, migrate, proxy, api, runner",
        "postgres:// address of Postgres 15 or newer.",
    ),
    setting(
        "AOP_CLICKHOUSE_URL",
        "embedded ClickHouse",
        "up, migrate, collector, api",
        "HTTP address of ClickHouse.",
    ),
    setting("AOP_CLICKHOUSE_USER", "default", "up, migrate, collector, api", "ClickHouse user."),
    setting("AOP_CLICKHOUSE_PASSWORD", "", "up, migrate, collector, api", "ClickHouse password."),
    setting(
        "AOP_CLICKHOUSE_DATABASE",
        "aop",
        "up, migrate, collector, api",
        "ClickHouse database; made when it is not there.",
    ),
    setting("AOP_API_LISTEN", "127.0.0.1:8081", "api", "Address the API listens on, behind the front door."),
    setting("AOP_API_URL", "http://127.0.0.1:8081", "proxy", "Where the front door finds the API."),
    setting("AOP_COLLECTOR_LISTEN", "127.0.0.1:8082", "collector", "Address the collector listens on."),
    setting(
        "AOP_COLLECTOR_URL",
        "http://127.0.0.1:8082",
        "proxy, api, runner",
        "Where records are shipped to.",
    ),
    setting("AOP_SIMULATOR_LISTEN", "127.0.0.1:8083", "simulator", "Address of the simulated provider."),
    setting(
        "AOP_SIMULATOR_URL",
        "http://127.0.0.1:8083",
        "up, proxy, api",
        "Where the simulated provider is.",
    ),
    setting(
        "AOP_GATEWAY_URL",
        "http://127.0.0.1:8080",
        "runner",
        "The front door, as the runner calls models through it.",
    ),
    setting(
        "AOP_SPOOL_DIR",
        "",
        "proxy, runner",
        "Directory of the process's durable spool; one process each.",
    ),
    setting(
        "AOP_SPOOL_MAX_BYTES",
        "10737418240",
        "proxy, runner",
        "Most bytes the spool may hold while the collector is away.",
    ),
    setting(
        "AOP_SPOOL_WHEN_FULL",
        "shed-bodies",
        "proxy",
        "What gives way when the spool is full: `shed-bodies` keeps the ledger and drops contents, `refuse` refuses calls.",
    ),
    setting(
        "AOP_CONNECTIONS_MAX",
        "20000",
        "proxy",
        "Client connections open at once. Less when the process may not open two files for each; more are told 503, then closed.",
    ),
    setting(
        "AOP_CALLS_MAX",
        "10000",
        "proxy",
        "Model calls under way at once; more are refused with 503 and `Retry-After`.",
    ),
    setting(
        "AOP_API_REQUESTS_MAX",
        "1000",
        "proxy",
        "Requests to the management API and the UI under way at once, WebSockets among them.",
    ),
    setting(
        "AOP_BUFFERED_MAX_BYTES",
        "1073741824",
        "proxy",
        "Memory for bodies of requests and answers held by all calls together. What does not fit is refused with 503.",
    ),
    setting(
        "AOP_BODY_MAX_BYTES",
        "67108864",
        "proxy",
        "Largest request body; larger ones are refused with 413.",
    ),
    setting(
        "AOP_CLIENT_MIN_BYTES_PER_S",
        "65536",
        "proxy",
        "A client must take a whole answer this fast on average, after 30 seconds; slower ones are cut.",
    ),
    setting(
        "AOP_CACHE_MAX_BYTES",
        "67108864",
        "proxy",
        "Memory for answers that are given again, where the response cache is turned on; 0 keeps none.",
    ),
    setting(
        "AOP_CACHE_REDIS_URL",
        "",
        "proxy",
        "A Redis that gateways share behind the response cache: `redis://` or `rediss://[USER:PASSWORD@]HOST[:PORT][/DB]`. Never logged.",
    ),
    setting(
        "AOP_CACHE_REDIS_CA",
        "",
        "proxy",
        "PEM file with the authorities that vouch for it over `rediss://`, in place of the system's.",
    ),
    setting(
        "AOP_CACHE_REDIS_TIMEOUT_MS",
        "50",
        "proxy",
        "A call waits no longer for it; three in a row that waited in vain, and it is left out until it answers again.",
    ),
    setting(
        "AOP_ACCESS_LOG",
        "off",
        "proxy",
        "Where a JSON line for each model call goes: `off`, `stderr`, or the path of a file; see below.",
    ),
    setting(
        "AOP_ACCESS_LOG_OF",
        "calls",
        "proxy",
        "What leaves a line in it: `calls`, or `everything` that comes to the front door.",
    ),
    setting(
        "AOP_LIMITS_WHEN_AWAY",
        "refuse-spend",
        "proxy",
        "What happens to a call whose leased part of a limit is empty while Postgres is away: `refuse-spend` refuses under budgets and keeps \
         other limits alone, `allow` lets budgets pass, `refuse` refuses all.",
    ),
    setting("AOP_COLLECTOR_DIR", "", "collector", "Directory for records that could not be converted."),
    setting("AOP_PROXY_THREADS", "number of cores", "proxy", "Worker threads of the front door."),
    setting("AOP_RUNNER_CONCURRENCY", "8", "runner", "Runs one runner works on at a time."),
    setting("AOP_CLICKHOUSE_LISTEN", "127.0.0.1:8123", "clickhouse", "Address of the embedded ClickHouse."),
    setting("AOP_CLICKHOUSE_DIR", "", "clickhouse", "Data directory of the embedded ClickHouse."),
];

/// Reads settings from a source of text and collects what is wrong with them.
pub(crate) struct Reader<'a> {
    source: &'a dyn Fn(&str) -> Option<String>,
    mistakes: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(source: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { source, mistakes: Vec::new() }
    }

    /// The value as given; an empty one counts as not given.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        debug_assert!(SETTINGS.iter().any(|setting| setting.name == name), "{name} is not in SETTINGS");
        self.look_up(name)
    }

    /// One of a family of settings: `<ID>` in its name stands for `id`.
    pub(crate) fn text_of(&mut self, family: &'static str, id: &str) -> Option<String> {
        debug_assert!(SETTINGS.iter().any(|setting| setting.name == family), "{family} is not in SETTINGS");
        self.look_up(&member_of(family, id))
    }

    pub(crate) fn required_of(&mut self, family: &'static str, id: &str) -> String {
        self.text_of(family, id).unwrap_or_else(|| {
            self.mistake(format!("{} is not set; it is needed here", member_of(family, id)));
            String::new()
        })
    }

    fn look_up(&self, name: &str) -> Option<String> {
        (self.source)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    pub(crate) fn mistake(&mut self, sentence: String) {
        self.mistakes.push(sentence);
    }

    pub(crate) fn text_or(&mut self, name: &'static str, default: &str) -> String {
        self.text(name).unwrap_or_else(|| default.to_owned())
    }

    /// A value that must be there.
    pub(crate) fn required(&mut self, name: &'static str) -> String {
        self.text(name).unwrap_or_else(|| {
            self.mistakes.push(format!("{name} is not set; it is needed here"));
            String::new()
        })
    }

    pub(crate) fn secret(&mut self, name: &'static str) -> Option<Secret> {
        self.text(name).map(Secret::new)
    }

    pub(crate) fn path(&mut self, name: &'static str) -> PathBuf {
        PathBuf::from(self.required(name))
    }

    pub(crate) fn address(&mut self, name: &'static str, default: &str) -> SocketAddr {
        let text = self.text_or(name, default);
        text.parse().unwrap_or_else(|_| {
            self.mistakes.push(format!("{name}={text} is not an address; write IP:PORT, e.g. {default}"));
            SocketAddr::from(([127, 0, 0, 1], 0))
        })
    }

    /// An http(s) address, without a slash at its end.
    pub(crate) fn url(&mut self, name: &'static str, default: &str) -> String {
        let text = self.text_or(name, default);
        if !url::Url::parse(&text).is_ok_and(|url| ["http", "https"].contains(&url.scheme())) {
            self.mistakes.push(format!("{name}={text} is not an http address"));
        }
        text.trim_end_matches('/').to_owned()
    }

    /// An http(s) address that may be absent.
    pub(crate) fn given_url(&mut self, name: &'static str) -> Option<String> {
        self.text(name).map(|given| self.url(name, &given))
    }

    pub(crate) fn number(&mut self, name: &'static str, default: u64) -> u64 {
        let Some(text) = self.text(name) else { return default };
        text.parse().unwrap_or_else(|_| {
            self.mistakes.push(format!("{name}={text} is not a whole number"));
            default
        })
    }

    /// One of a closed list; the first is the default.
    pub(crate) fn choice(&mut self, name: &'static str, allowed: &[&'static str]) -> &'static str {
        let text = self.text(name);
        self.one_of(name, text, allowed)
    }

    pub(crate) fn choice_of(
        &mut self,
        family: &'static str,
        id: &str,
        allowed: &[&'static str],
    ) -> &'static str {
        let text = self.text_of(family, id);
        self.one_of(&member_of(family, id), text, allowed)
    }

    fn one_of(&mut self, name: &str, text: Option<String>, allowed: &[&'static str]) -> &'static str {
        let default = allowed.first().copied().unwrap_or_default();
        let Some(text) = text else { return default };
        allowed.iter().find(|choice| **choice == text).copied().unwrap_or_else(|| {
            self.mistakes.push(format!("{name}={text} is not one of {}", allowed.join(", ")));
            default
        })
    }

    pub(crate) fn master_key(&mut self) -> MasterKey {
        let text = self.required("AOP_MASTER_KEY");
        MasterKey::from_hex(&text).unwrap_or_else(|error| {
            if !text.is_empty() {
                self.mistakes.push(format!("AOP_MASTER_KEY: {error}"));
            }
            MasterKey::from_bytes([0; 32])
        })
    }

    /// Fails with every mistake found so far, one a line.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        if self.mistakes.is_empty() {
            return Ok(());
        }
        anyhow::bail!("the configuration has mistakes:\n  {}", self.mistakes.join("\n  "))
    }
}

/// `AOP_OIDC_<ID>_NAME` of `my-corp` is `AOP_OIDC_MY_CORP_NAME`.
fn member_of(family: &str, id: &str) -> String {
    family.replace("<ID>", &id.to_uppercase().replace('-', "_"))
}

/// How long a new process may take to get ready.
pub(crate) fn upgrade_within(reader: &mut Reader<'_>) -> std::time::Duration {
    std::time::Duration::from_secs(reader.number("AOP_UPGRADE_WITHIN_S", 60).max(1))
}

/// The process's own environment.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_reported_at_once() {
        let source = |name: &str| match name {
            "AOP_LISTEN" => Some("here".to_owned()),
            "AOP_API_URL" => Some("ftp://x".to_owned()),
            _ => None,
        };
        let mut reader = Reader::new(&source);
        reader.address("AOP_LISTEN", "127.0.0.1:8080");
        reader.url("AOP_API_URL", "http://127.0.0.1:8081");
        reader.required("DATABASE_URL");
        let report = reader.finish().unwrap_err().to_string();
        for part in ["AOP_LISTEN=here", "AOP_API_URL=ftp://x", "DATABASE_URL is not set"] {
            assert!(report.contains(part), "{report}");
        }
    }

    #[test]
    fn the_configuration_page_lists_every_setting_as_the_code_has_it() {
        let page =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md")).unwrap();
        for setting in SETTINGS {
            let row = format!(
                "| `{}` | {} | {} | {} |",
                setting.name, setting.default, setting.used_by, setting.about
            );
            assert!(page.contains(&row), "docs/configuration.md lacks this row:\n{row}");
        }
        let rows = page.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, SETTINGS.len(), "docs/configuration.md has rows for settings that do not exist");
    }
}
