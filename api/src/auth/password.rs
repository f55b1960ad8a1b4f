//! Passwords as argon2id hashes. Hashing costs 19 MiB and tens of milliseconds, so it runs off the async threads and
//! only a few at a time; whoever waits too long for a place is told to come back.

use std::sync::Arc;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use aop_domain::error_kind::ErrorKind;
use aop_service::problem::Problem;

use crate::error::ApiResult;
use crate::wire::auth::Password;

/// Hashes computed at the same time.
const SLOTS: usize = 2;
/// Longest wait for a place.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
pub const SHORTEST_CHARS: usize = 10;
pub const LONGEST_BYTES: usize = 256;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    slots: Arc<Semaphore>,
    /// Checked when there is no such user, so that an unknown e-mail takes as long as a wrong password.
    decoy: Arc<str>,
}

impl Passwords {
    pub fn new() -> ApiResult<Self> {
        let decoy = hash_now(&hex_random())?;
        Ok(Self { slots: Arc::new(Semaphore::new(SLOTS)), decoy: decoy.into() })
    }

    /// The PHC text to store.
    pub async fn hash(&self, password: &Password) -> ApiResult<String> {
        check_strength(password)?;
        let place = self.place().await?;
        let text = password.expose().to_owned();
        off_thread(move || {
            let _place = place;
            hash_now(&text)
        })
        .await?
    }

    /// Whether `password` is the one behind `stored`. Without a stored hash the answer is no, after the same work.
    pub async fn verify(&self, password: &Password, stored: Option<String>) -> ApiResult<bool> {
        if password.expose().len() > LONGEST_BYTES {
            return Ok(false);
        }
        let place = self.place().await?;
        let text = password.expose().to_owned();
        let known = stored.is_some();
        let against = stored.unwrap_or_else(|| self.decoy.to_string());
        let matches = off_thread(move || {
            let _place = place;
            let parsed = PasswordHash::new(&against).map_err(Problem::internal)?;
            ApiResult::Ok(Argon2::default().verify_password(text.as_bytes(), &parsed).is_ok())
        })
        .await??;
        Ok(known && matches)
    }

    async fn place(&self) -> ApiResult<OwnedSemaphorePermit> {
        let waiting = Arc::clone(&self.slots).acquire_owned();
        match tokio::time::timeout(LONGEST_WAIT, waiting).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Problem::new(
                ErrorKind::Unavailable,
                "sign_in_busy",
                "Too many people are signing in right now. Try again in a few seconds.",
            )
            .retry_after_s(5)
            .into()),
        }
    }
}

/// Length is what counts; rules about digits and signs only make passwords harder to remember.
pub fn check_strength(password: &Password) -> Result<(), Problem> {
    let text = password.expose();
    if text.chars().count() < SHORTEST_CHARS {
        return Err(Problem::invalid(
            "password_too_short",
            format!("The password is too short: use at least {SHORTEST_CHARS} characters."),
        )
        .field("password"));
    }
    if text.len() > LONGEST_BYTES {
        return Err(Problem::invalid(
            "password_too_long",
            format!("The password is too long: use at most {LONGEST_BYTES} bytes."),
        )
        .field("password"));
    }
    Ok(())
}

fn hash_now(password: &str) -> ApiResult<String> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(Problem::internal)?;
    Ok(hash.to_string())
}

fn hex_random() -> String {
    aop_domain::hex::hex(&rand::random::<[u8; 16]>())
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> ApiResult<T> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other_is() {
        let passwords = Passwords::new().unwrap();
        let stored = passwords.hash(&Password::new("correct horse")).await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(passwords.verify(&Password::new("correct horse"), Some(stored.clone())).await.unwrap());
        assert!(!passwords.verify(&Password::new("correct hors"), Some(stored)).await.unwrap());
        assert!(!passwords.verify(&Password::new("correct horse"), None).await.unwrap());
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert!(check_strength(&Password::new("123456789")).is_err());
        assert!(check_strength(&Password::new("열글자가넘는비밀번호")).is_ok());
        assert!(check_strength(&Password::new("x".repeat(257))).is_err());
    }
}
