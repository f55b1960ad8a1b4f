//! An issuer and its keys as they are now. Keys from an address are asked for beside the calls, now and then; a token
//! signed with a key that is not among them makes us ask at once, so that a rotation is not noticed by anybody, but no
//! more often than every few seconds whatever is shown. While the address is away the last keys count for a day.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::claims::{self, Claims, Peeked};
use super::key::KeySet;
use super::{Issuer, KeysFrom, TokenError};
use crate::outbound::{self, OutboundError, Policy};

const LARGEST_SET_BYTES: usize = 1 << 20;

/// When an issuer's address is asked.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub every: Duration,
    /// After a failure.
    pub again: Duration,
    /// At least between two times, whatever tokens are shown.
    pub gap: Duration,
    /// A token with an unknown key waits so long for an answer.
    pub wait: Duration,
    /// Keys that could not be asked for again count so long.
    pub kept: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(300),
            again: Duration::from_secs(15),
            gap: Duration::from_secs(10),
            wait: Duration::from_secs(3),
            kept: Duration::from_secs(24 * 3600),
        }
    }
}

pub struct Keyring {
    issuer: Issuer,
    pace: Pace,
    client: reqwest::Client,
    now: RwLock<Arc<KeySet>>,
    /// When the address was asked last; `None` while it is being asked for the first time.
    asked: watch::Sender<Option<Instant>>,
    wanted: Notify,
}

impl Keyring {
    pub fn new(issuer: Issuer, pace: Pace) -> Result<Self, OutboundError> {
        // The address is the operator's word, not a user's: it may be on a private network.
        let policy = Policy { max_redirects: 0, total_timeout: Duration::from_secs(10), ..Policy::public() };
        let keys = match &issuer.keys {
            KeysFrom::Given(keys) => keys.clone(),
            KeysFrom::Address(_) => KeySet::default(),
        };
        Ok(Self {
            client: outbound::client(policy.with_private())?,
            now: RwLock::new(Arc::new(keys)),
            asked: watch::Sender::new(None),
            wanted: Notify::new(),
            issuer,
            pace,
        })
    }

    pub fn issuer(&self) -> &str {
        &self.issuer.issuer
    }

    /// What the token proves, if this issuer made it for us.
    pub async fn verify(&self, token: &str, peeked: &Peeked, now_s: i64) -> Result<Claims, TokenError> {
        match self.judge(token, peeked, now_s) {
            Err(TokenError::UnknownKey) if self.news_may_come().await => self.judge(token, peeked, now_s),
            judged => judged,
        }
    }

    fn judge(&self, token: &str, peeked: &Peeked, now_s: i64) -> Result<Claims, TokenError> {
        let keys = Arc::clone(&self.now.read());
        claims::verify(token, peeked, &self.issuer, &keys, now_s)
    }

    /// Has the issuer asked for its keys, and waits for the answer. `false`: it was asked a moment ago.
    async fn news_may_come(&self) -> bool {
        if matches!(self.issuer.keys, KeysFrom::Given(_)) {
            return false;
        }
        let mut asked = self.asked.subscribe();
        if asked.borrow_and_update().is_some_and(|at| at.elapsed() < self.pace.gap) {
            return false;
        }
        self.wanted.notify_one();
        matches!(tokio::time::timeout(self.pace.wait, asked.changed()).await, Ok(Ok(())))
    }

    /// Keeps the keys as the issuer publishes them. Never ends.
    pub async fn follow(&self) {
        let KeysFrom::Address(address) = &self.issuer.keys else { return std::future::pending().await };
        let mut answered = Instant::now();
        loop {
            let began = Instant::now();
            let pause = match self.ask(address).await {
                Ok(keys) => {
                    answered = Instant::now();
                    *self.now.write() = Arc::new(keys);
                    self.pace.every
                }
                Err(reason) => {
                    tracing::warn!(
                        issuer = self.issuer.id,
                        reason,
                        "the keys of a token issuer cannot be read"
                    );
                    if answered.elapsed() > self.pace.kept {
                        *self.now.write() = Arc::default();
                    }
                    self.pace.again
                }
            };
            self.asked.send_replace(Some(began));
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.wanted.notified() => tokio::time::sleep_until(began + self.pace.gap).await,
            }
        }
    }

    async fn ask(&self, address: &str) -> Result<KeySet, String> {
        // An address may carry what does not belong in a log.
        let away = |error: reqwest::Error| error.without_url().to_string();
        let mut answer = self.client.get(address).send().await.map_err(away)?;
        if !answer.status().is_success() {
            return Err(format!("status {}", answer.status()));
        }
        let mut text = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(away)? {
            if text.len() + piece.len() > LARGEST_SET_BYTES {
                return Err(format!("more than {LARGEST_SET_BYTES} bytes"));
            }
            text.extend_from_slice(&piece);
        }
        KeySet::read(&text).map_err(|error| error.to_string())
    }
}
