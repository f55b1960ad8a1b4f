//! Settings of the parts, from the environment. All of them are read before anything starts, every mistake is reported
//! at once, and nothing else in AOP reads the environment. The [`table`] of them is also `docs/configuration.md`.

pub(crate) mod addresses;
pub(crate) mod sso;
mod table;
pub(crate) mod token_issuers;

use std::net::SocketAddr;
use std::path::PathBuf;

use aop_service::keys::MasterKey;
use aop_service::secret::Secret;

pub(crate) use table::SETTINGS;

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
