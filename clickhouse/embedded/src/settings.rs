//! Settings of one statement: `SET` before it, and for a session back to the default after it.

use crate::error::Exception;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pairs: Vec<(String, String)>,
}

/// Parameters of the HTTP interface itself, and two settings that are ours: `log_comment` marks each query so that it can be
/// stopped, and statements of one client cannot take another role, for there is one user.
const TRANSPORT: &[&str] = &[
    "user",
    "password",
    "quota_key",
    "role",
    "stacktrace",
    "buffer_size",
    "compress",
    "enable_http_compression",
    "http_zlib_compression_level",
    "send_progress_in_http_headers",
    "http_headers_progress_interval_ms",
    "client_protocol_version",
    "close_session",
    "log_comment",
];

pub(crate) fn is_transport(name: &str) -> bool {
    TRANSPORT.contains(&name)
}

impl Settings {
    pub(crate) fn add(&mut self, name: String, value: String) -> Result<(), Exception> {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(Exception::bad_request(&format!("'{name}' is not the name of a setting")));
        }
        self.pairs.push((name, value));
        Ok(())
    }

    /// What a GET is held to: it may read and change settings, and nothing else.
    pub(crate) fn read_only(&mut self) {
        if !self.pairs.iter().any(|(name, value)| name == "readonly" && value != "0") {
            self.pairs.retain(|(name, _)| name != "readonly");
            self.pairs.push(("readonly".to_owned(), "2".to_owned()));
        }
    }

    /// `readonly` stands last: after it nothing more can be set.
    pub(crate) fn set_statement(&self) -> Option<String> {
        let (last, first): (Vec<_>, Vec<_>) = self.pairs.iter().partition(|(name, _)| name == "readonly");
        let all: Vec<String> = first
            .into_iter()
            .chain(last)
            .map(|(name, value)| format!("{name} = '{}'", quote(value)))
            .collect();
        (!all.is_empty()).then(|| format!("SET {}", all.join(", ")))
    }

    pub(crate) fn reset_statement(&self) -> Option<String> {
        let all: Vec<String> = self.pairs.iter().map(|(name, _)| format!("{name} = DEFAULT")).collect();
        (!all.is_empty()).then(|| format!("SET {}", all.join(", ")))
    }

    /// A connection that was made read-only cannot be given back.
    pub(crate) fn is_read_only(&self) -> bool {
        self.pairs.iter().any(|(name, value)| name == "readonly" && value != "0")
    }
}

/// The inside of a quoted text.
pub(crate) fn quote(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_quotes() {
        let mut settings = Settings::default();
        settings.add("a".into(), "1', readonly = 0, b = '\\".into()).unwrap();
        assert_eq!(settings.set_statement().unwrap(), "SET a = '1\\', readonly = 0, b = \\'\\\\'");
    }

    #[test]
    fn a_name_that_is_sql_is_refused() {
        assert!(Settings::default().add("a = 1, b".into(), "1".into()).is_err());
    }

    #[test]
    fn a_get_is_read_only_whatever_it_asks_for() {
        let mut settings = Settings::default();
        settings.add("readonly".into(), "0".into()).unwrap();
        settings.add("max_threads".into(), "1".into()).unwrap();
        settings.read_only();
        assert_eq!(settings.set_statement().unwrap(), "SET max_threads = '1', readonly = '2'");
    }
}
