//! Why a single sign-on did not end with a session. The browser gets a code that the sign-in page explains in the reader's
//! language; the log gets the reason, without tokens, codes or addresses.

use crate::error::ApiError;

#[derive(Debug, thiserror::Error)]
pub enum SsoError {
    #[error("there is no such provider")]
    UnknownProvider,
    /// The browser did not begin this sign-in, or too long ago, or came back with it twice.
    #[error("the sign-in was not begun in this browser, is over, or was answered before")]
    NotBegunHere,
    #[error("the provider refused: {0}")]
    Denied(String),
    #[error("the provider does not answer: {0}")]
    Unavailable(String),
    /// The provider's fault, or somebody else's answer.
    #[error("the provider's answer is not to be trusted: {0}")]
    Untrusted(String),
    #[error("the provider does not say that the e-mail address is verified")]
    UnverifiedEmail,
    #[error("the e-mail address is of a domain that is not allowed")]
    OtherDomain,
    #[error("another account has this e-mail address")]
    EmailTaken,
    #[error("this person has no account, and the provider's people do not get one by themselves")]
    NoAccount,
    #[error("the account is switched off")]
    AccountOff,
    #[error("{0}")]
    Internal(ApiError),
}

impl SsoError {
    /// For `/login?sso_error=`; the page knows each.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownProvider => "unknown_provider",
            Self::NotBegunHere => "not_begun_here",
            Self::Denied(_) => "denied",
            Self::Unavailable(_) => "unavailable",
            Self::Untrusted(_) | Self::Internal(_) => "failed",
            Self::UnverifiedEmail => "unverified_email",
            Self::OtherDomain => "other_domain",
            Self::EmailTaken => "email_taken",
            Self::NoAccount => "no_account",
            Self::AccountOff => "account_off",
        }
    }
}

impl From<ApiError> for SsoError {
    fn from(error: ApiError) -> Self {
        Self::Internal(error)
    }
}

impl From<aop_store::Error> for SsoError {
    fn from(error: aop_store::Error) -> Self {
        Self::Internal(error.into())
    }
}

/// What a provider said, fit for a log: short, one line, no surprises.
pub fn quoted(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(120).collect()
}
