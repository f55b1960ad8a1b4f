//! Single sign-on as the sign-in page sees it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A provider people can sign in at.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInProvider {
    /// Short name: `?provider=` of the sign-in.
    pub id: String,
    /// For the button.
    pub name: String,
    /// Where the button leads; `&return_to=` may be added. On the public address, because the browser comes back there.
    pub login_url: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SsoLoginParams {
    /// Short name of the provider.
    pub provider: String,
    /// Path of this installation to go to afterwards; anything else counts as `/`.
    pub return_to: Option<String>,
}

/// What a provider sends the browser back with.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SsoCallbackParams {
    pub state: Option<String>,
    /// Good once, for a minute or so, and only together with what our cookie holds.
    pub code: Option<String>,
    /// The issuer (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}
