//! Single sign-on: which providers there are, leaving for one, and coming back. The last two are steps of a browser, so
//! whatever happens is answered with the next page: the app, or the sign-in page with the reason.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use url::{Url, form_urlencoded};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use aop_service::keys::constant_time_eq;
use aop_service::problem::Problem;
use aop_store::sso_used_states;
use aop_store::users::User;

use crate::auth::session;
use crate::auth::source::Source;
use crate::auth::throttle::PER_SOURCE;
use crate::error::ApiResult;
use crate::extract::Query;
use crate::openapi::ProblemResponses;
use crate::sso::error::quoted;
use crate::sso::metadata::Provider;
use crate::sso::pending::Pending;
use crate::sso::{SsoError, admit, exchange, id_token, person};
use crate::state::AppState;
use crate::wire::page::Page;
use crate::wire::sso::{SignInProvider, SsoCallbackParams, SsoLoginParams};

const CALLBACK: &str = "/api/auth/callback/";

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_sign_in_providers))
        .routes(routes!(sso_login))
        .routes(routes!(sso_callback))
}

/// The providers people can sign in at, in the order of the configuration.
#[utoipa::path(
    get, path = "/api/auth/providers", tag = "auth",
    responses((status = 200, body = Page<SignInProvider>), ProblemResponses),
    security(()),
)]
pub async fn list_sign_in_providers(State(state): State<AppState>) -> Json<Page<SignInProvider>> {
    let shown = |provider: &Provider| SignInProvider {
        id: provider.settings.id.clone(),
        name: provider.settings.name.clone(),
        login_url: format!("{}/api/auth/sso/login?provider={}", state.public_url, provider.settings.id),
    };
    Json(Page::whole(state.sso.iter().map(shown).collect()))
}

/// Leaves for a provider.
#[utoipa::path(
    get, path = "/api/auth/sso/login", tag = "auth",
    params(SsoLoginParams),
    responses((status = 303, description = "On to the provider, or back to the sign-in page with `sso_error`"), ProblemResponses),
    security(()),
)]
pub async fn sso_login(
    State(state): State<AppState>,
    source: Source,
    Query(params): Query<SsoLoginParams>,
) -> ApiResult<Response> {
    state.throttle.check(("sso", source), PER_SOURCE)?;
    let pending = Pending::new(&params.provider, params.return_to.as_deref(), state.clock.now_s());
    match authorization_url(&state, &pending).await {
        Ok(url) => {
            let cookie = state.sso_cookie.set(&pending, &state.keys.sso_state)?;
            see_other(&url, &[(header::SET_COOKIE, cookie)])
        }
        Err(error) => {
            state.throttle.count(("sso", source), PER_SOURCE);
            refused(&state, &error, &params.provider, Some(&pending.return_to))
        }
    }
}

async fn authorization_url(state: &AppState, pending: &Pending) -> Result<String, SsoError> {
    let provider = state.sso.find(&pending.provider)?;
    let document = provider.document().await?;
    let malformed = |_| SsoError::Untrusted("discovery: the authorization endpoint is no address".into());
    let mut url = Url::parse(&document.authorization_endpoint).map_err(malformed)?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.settings.client_id)
        .append_pair("redirect_uri", &redirect_uri(state))
        .append_pair("scope", &provider.settings.scopes)
        .append_pair("state", &pending.state)
        .append_pair("nonce", &pending.nonce)
        .append_pair("code_challenge", &pending.challenge())
        .append_pair("code_challenge_method", "S256");
    Ok(url.into())
}

fn redirect_uri(state: &AppState) -> String {
    format!("{}{CALLBACK}", state.public_url)
}

/// Comes back from a provider: signs the person in and goes on to the page they wanted.
#[utoipa::path(
    get, path = "/api/auth/callback/", tag = "auth",
    params(SsoCallbackParams),
    responses((status = 303, description = "On to the app with a session, or to the sign-in page with `sso_error`"), ProblemResponses),
    security(()),
)]
pub async fn sso_callback(
    State(state): State<AppState>,
    source: Source,
    headers: HeaderMap,
    Query(params): Query<SsoCallbackParams>,
) -> ApiResult<Response> {
    state.throttle.check(("sso", source), PER_SOURCE)?;
    let pending = state.sso_cookie.read(&headers, &state.keys.sso_state, state.clock.now_s());
    let ended = match &pending {
        Some(pending) => sign_in(&state, pending, &params, source).await,
        None => Err(SsoError::NotBegunHere),
    };
    match (ended, &pending) {
        (Ok(user), Some(pending)) => {
            let cookies = [
                (header::SET_COOKIE, session::begin(&state, &user).await?.into_cookie()),
                (header::SET_COOKIE, state.sso_cookie.clear()?),
            ];
            see_other(&format!("/signed-in?{}", query(&[("next", &pending.return_to)])), &cookies)
        }
        (Err(error), pending) => {
            state.throttle.count(("sso", source), PER_SOURCE);
            let provider = pending.as_ref().map_or("?", |pending| pending.provider.as_str());
            refused(&state, &error, provider, pending.as_ref().map(|pending| pending.return_to.as_str()))
        }
        (Ok(_), None) => Err(Problem::internal("a sign-in ended that was not begun").into()),
    }
}

async fn sign_in(
    state: &AppState,
    pending: &Pending,
    params: &SsoCallbackParams,
    source: Source,
) -> Result<User, SsoError> {
    if !pending.is_answered_by(params.state.as_deref().unwrap_or_default()) {
        return Err(SsoError::NotBegunHere);
    }
    // From here on the state is used up, whatever comes of it.
    let hash = Sha256::digest(pending.state.as_bytes()).into();
    let until = OffsetDateTime::from_unix_timestamp(pending.expires_at_s).map_err(Problem::internal);
    if !sso_used_states::use_up(&state.store, &hash, until.map_err(crate::error::ApiError::from)?).await? {
        return Err(SsoError::NotBegunHere);
    }
    let provider = state.sso.find(&pending.provider)?;
    check_issuer(provider, params).await?;
    if let Some(error) = &params.error {
        return Err(SsoError::Denied(quoted(error)));
    }
    let code = params.code.as_deref().filter(|code| !code.is_empty());
    let code = code.ok_or_else(|| SsoError::Untrusted("callback: without a code".into()))?;
    let traded = exchange::trade(provider, pending, code, &redirect_uri(state)).await?;
    let claims = id_token::verify(provider, &traded.id_token, &pending.nonce, state.clock.now_s()).await?;
    let mut about = claims.about;
    if person::needs_more(&provider.settings, &about) {
        for (name, value) in exchange::ask_about(provider, &traded, &claims.sub).await? {
            // What is signed counts more.
            about.entry(name).or_insert(value);
        }
    }
    let person = person::read(&provider.settings, &claims.iss, &claims.sub, &about)?;
    admit::admit(state, &provider.settings, &person, source).await
}

/// RFC 9207: an answer of another issuer that was mixed into this sign-in.
async fn check_issuer(provider: &Provider, params: &SsoCallbackParams) -> Result<(), SsoError> {
    let document = provider.document().await?;
    match &params.iss {
        Some(issuer) if constant_time_eq(issuer.as_bytes(), document.issuer.as_bytes()) => Ok(()),
        None if !document.authorization_response_iss_parameter_supported => Ok(()),
        _ => Err(SsoError::Untrusted("callback: it came from another issuer".into())),
    }
}

/// Back to the sign-in page, which explains the code.
fn refused(
    state: &AppState,
    error: &SsoError,
    provider: &str,
    return_to: Option<&str>,
) -> ApiResult<Response> {
    tracing::warn!(provider = quoted(provider), code = error.code(), %error, "a single sign-on did not end with a session");
    let next = return_to.filter(|path| *path != "/").map(|path| ("next", path));
    let pairs: Vec<(&str, &str)> = [("sso_error", error.code())].into_iter().chain(next).collect();
    see_other(&format!("/login?{}", query(&pairs)), &[(header::SET_COOKIE, state.sso_cookie.clear()?)])
}

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn see_other(to: &str, headers: &[(HeaderName, HeaderValue)]) -> ApiResult<Response> {
    let location = HeaderValue::from_str(to).map_err(Problem::internal)?;
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    for (name, value) in headers {
        response.headers_mut().append(name.clone(), value.clone());
    }
    Ok(response)
}
