//! A value that must never be printed, logged or serialised by accident.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// Wraps a secret. It has no `Display` and no `Serialize`, and its `Debug` shows nothing; `expose` is the one way to read it.
#[derive(Clone)]
pub struct Secret<T: Zeroize = String>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// Reads the secret. Call this where the value is used, never where it is kept.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<String> for Secret<String> {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}
