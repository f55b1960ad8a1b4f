//! Services that judge what is said: one `POST` with the texts, one verdict. Bounded in time, in answers' size and in how
//! many questions one guardrail may have open at once, so that a slow service slows its own team's calls and no others.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aop_domain::guard::HttpCheck;
use aop_domain::id::{GuardrailId, TeamId};
use aop_service::keys::DerivedKey;
use aop_service::outbound::{self, Policy};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Questions of one guardrail at the same time; more wait, within their time.
const AT_ONCE: usize = 64;
const LARGEST_ANSWER_BYTES: usize = 4 << 20;
const LONGEST_WHAT_CHARS: usize = 60;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// What a service is asked.
#[derive(Debug, Serialize)]
pub(super) struct Question<'a> {
    pub(super) guardrail: &'a str,
    /// `before` or `after`.
    pub(super) stage: &'a str,
    pub(super) call_id: Uuid,
    pub(super) team_id: TeamId,
    pub(super) operation: &'a str,
    pub(super) model: &'a str,
    pub(super) texts: &'a [String],
}

/// What it says.
#[derive(Debug, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub(super) enum Verdict {
    Pass,
    Found {
        /// In a word or two; never the text itself.
        #[serde(default)]
        what: String,
        #[serde(default = "once")]
        count: u32,
        /// In place of what was sent, as many.
        texts: Option<Vec<String>>,
    },
}

fn once() -> u32 {
    1
}

impl Verdict {
    pub(super) fn is_found(&self) -> bool {
        matches!(self, Self::Found { .. })
    }
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error("it did not answer in time")]
    Late,
    #[error("its address cannot be used: {0}")]
    Address(#[from] outbound::OutboundError),
    #[error("its header cannot be read with this master key")]
    Header,
    #[error("it could not be reached: {0}")]
    Unreachable(reqwest::Error),
    #[error("it answered with status {0}")]
    Status(u16),
    #[error("its answer is larger than {LARGEST_ANSWER_BYTES} bytes")]
    TooLarge,
    #[error("its answer is no verdict: {0}")]
    NoVerdict(serde_json::Error),
}

/// Made when the first service is asked; without one it holds nothing.
pub(crate) struct Services {
    /// Opens their headers.
    key: DerivedKey,
    public: OnceLock<reqwest::Client>,
    private: OnceLock<reqwest::Client>,
    turns: Mutex<HashMap<GuardrailId, Arc<Semaphore>>>,
}

impl Services {
    pub(crate) fn new(key: DerivedKey) -> Self {
        Self { key, public: OnceLock::new(), private: OnceLock::new(), turns: Mutex::default() }
    }

    /// Forgets those that are gone.
    pub(crate) fn retain(&self, is_there: impl Fn(GuardrailId) -> bool) {
        self.turns.lock().retain(|id, _| is_there(*id));
    }

    pub(super) async fn ask(
        &self,
        id: GuardrailId,
        check: &HttpCheck,
        question: &Question<'_>,
    ) -> Result<Verdict, Failed> {
        let within = Duration::from_millis(check.timeout_ms.into());
        let asking = async {
            let turns =
                Arc::clone(self.turns.lock().entry(id).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))));
            // Never closed.
            let _turn = turns.acquire_owned().await.ok();
            self.exchange(id, check, question).await
        };
        tokio::time::timeout(within, asking).await.unwrap_or(Err(Failed::Late))
    }

    async fn exchange(
        &self,
        id: GuardrailId,
        check: &HttpCheck,
        question: &Question<'_>,
    ) -> Result<Verdict, Failed> {
        let policy = policy(check);
        let url = outbound::check_url(&check.url, &policy)?;
        let mut request = self.client(policy)?.post(url).json(question);
        if let Some(header) = &check.header {
            let sealed = STANDARD.decode(&header.sealed).map_err(|_| Failed::Header)?;
            let value = self.key.open(&sealed, id.as_bytes()).map_err(|_| Failed::Header)?;
            let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| Failed::Header)?;
            let mut value = HeaderValue::from_bytes(value.expose()).map_err(|_| Failed::Header)?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        // Its address stays out of errors: a query may hold a secret.
        let unreachable = |error: reqwest::Error| Failed::Unreachable(error.without_url());
        let mut response = request.send().await.map_err(unreachable)?;
        if response.status() != 200 {
            return Err(Failed::Status(response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(unreachable)? {
            if body.len() + piece.len() > LARGEST_ANSWER_BYTES {
                return Err(Failed::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        verdict(&body)
    }

    fn client(&self, policy: Policy) -> Result<&reqwest::Client, Failed> {
        let kept = if policy.allow_private { &self.private } else { &self.public };
        if let Some(client) = kept.get() {
            return Ok(client);
        }
        let made = outbound::client(policy)?;
        Ok(kept.get_or_init(|| made))
    }
}

fn verdict(body: &[u8]) -> Result<Verdict, Failed> {
    let mut verdict: Verdict = serde_json::from_slice(body).map_err(Failed::NoVerdict)?;
    if let Verdict::Found { what, count, .. } = &mut verdict {
        let is_word = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '/');
        *what = what.chars().filter(is_word).take(LONGEST_WHAT_CHARS).collect();
        if what.trim().is_empty() {
            "service".clone_into(what);
        }
        *count = (*count).max(1);
    }
    Ok(verdict)
}

/// No redirects: the secret goes where it was meant to go.
fn policy(check: &HttpCheck) -> Policy {
    Policy {
        allow_private: check.allow_private,
        https_only: false,
        max_redirects: 0,
        connect_timeout: CONNECT_TIMEOUT,
        total_timeout: Duration::from_millis(HttpCheck::LONGEST_TIMEOUT_MS.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_read_and_what_it_says_is_kept_short() {
        assert!(!verdict(br#"{"verdict":"pass"}"#).unwrap().is_found());
        let said = r#"{"verdict":"found","what":"<script>toxic</script>","count":0,"texts":["a"]}"#;
        let Verdict::Found { what, count, texts } = verdict(said.as_bytes()).unwrap() else {
            panic!("found")
        };
        assert_eq!((what.as_str(), count, texts.unwrap().len()), ("scripttoxic/script", 1, 1));
        assert!(matches!(verdict(br#"{"verdict":"perhaps"}"#), Err(Failed::NoVerdict(_))));
        assert!(matches!(verdict(b"ok"), Err(Failed::NoVerdict(_))));
    }
}
