//! Sign-ins. One is a family of refresh tokens, each used once; the access token names the family and dies with it.
//!
//! The successor of a refresh token is derived from it under our key. Two tabs that refresh at the same moment, or a page
//! that is loaded again before the answer came, therefore get the same successor, and the family stays one chain. Whoever
//! comes late with a token whose successor has been traded on already gets the end of the chain, not a token that is used
//! up. A copy that is used later than the grace revokes the family.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::Duration;
use uuid::Uuid;

use aop_service::keys::DerivedKey;
use aop_service::problem::Problem;
use aop_store::refresh_tokens::{self, NewToken, Rotation, Session};
use aop_store::users::User;

use crate::auth::access_token;
use crate::error::ApiResult;
use crate::profile;
use crate::state::AppState;
use crate::wire::auth::SignedIn;

/// Seconds a refresh token lives.
pub const LIFETIME_S: i64 = 30 * 24 * 3600;
/// Time in which a second use of the same token is taken for a page that was loaded again, not a theft.
pub const GRACE: Duration = Duration::seconds(30);
/// Links of a chain that are followed to its end: more than a browser makes within the grace.
const LONGEST_CHAIN: usize = 32;
/// A refresh token has 43 characters; a text this much longer is none.
const LONGEST_TOKEN_BYTES: usize = 128;

/// A session just begun or renewed: the body, and the cookie beside it.
pub struct SessionAnswer {
    status: StatusCode,
    cookie: HeaderValue,
    body: SignedIn,
}

impl SessionAnswer {
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Only the cookie: a browser that comes from elsewhere gets its access token by a refresh.
    pub fn into_cookie(self) -> HeaderValue {
        self.cookie
    }
}

impl IntoResponse for SessionAnswer {
    fn into_response(self) -> Response {
        (self.status, [(header::SET_COOKIE, self.cookie)], Json(self.body)).into_response()
    }
}

/// Signs a user in.
pub async fn begin(state: &AppState, user: &User) -> ApiResult<SessionAnswer> {
    let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let session = Session { user_id: user.id, family_id: Uuid::now_v7() };
    refresh_tokens::start(&state.store, session, &stored(state, &token)?).await?;
    answer(state, user, session, &token).await
}

/// Trades a refresh token for the next one. `None`: it is not good (any more); the browser should forget it.
pub async fn renew(state: &AppState, presented: &str) -> ApiResult<Option<SessionAnswer>> {
    if presented.is_empty() || presented.len() > LONGEST_TOKEN_BYTES {
        return Ok(None);
    }
    let key = &state.keys.refresh_token;
    let next = successor(presented, key);
    let hash = key.mac(presented.as_bytes());
    let rotated =
        refresh_tokens::rotate(&state.store, &hash, &stored(state, &next)?, state.now()?, GRACE).await?;
    let (session, next) = match rotated {
        Rotation::Rotated(session) => (session, next),
        Rotation::Repeated(session) => (session, end_of_chain(state, next).await?),
        Rotation::Reused(session) => {
            tracing::warn!(user = %session.user_id, "a refresh token was used twice; its sign-in is revoked");
            return Ok(None);
        }
        Rotation::Refused => return Ok(None),
    };
    let Some(user) = aop_store::users::find(&state.store, session.user_id).await? else { return Ok(None) };
    answer(state, &user, session, &next).await.map(Some)
}

/// What the token has become. Every link behind a token in its grace was made within that grace.
async fn end_of_chain(state: &AppState, token: String) -> ApiResult<String> {
    let key = &state.keys.refresh_token;
    let mut token = token;
    for _ in 0..LONGEST_CHAIN {
        if !refresh_tokens::is_used(&state.store, &key.mac(token.as_bytes())).await? {
            break;
        }
        token = successor(&token, key);
    }
    Ok(token)
}

/// Signs out the session the token belongs to, in every tab.
pub async fn end(state: &AppState, presented: &str) -> ApiResult<()> {
    if presented.len() <= LONGEST_TOKEN_BYTES {
        let hash = state.keys.refresh_token.mac(presented.as_bytes());
        refresh_tokens::revoke_family_of(&state.store, &hash, state.now()?).await?;
    }
    Ok(())
}

fn successor(presented: &str, key: &DerivedKey) -> String {
    URL_SAFE_NO_PAD.encode(key.mac(format!("successor of {presented}").as_bytes()))
}

fn stored(state: &AppState, token: &str) -> ApiResult<NewToken> {
    Ok(NewToken {
        id: Uuid::now_v7(),
        hash: state.keys.refresh_token.mac(token.as_bytes()),
        expires_at: state.now()? + Duration::seconds(LIFETIME_S),
    })
}

async fn answer(state: &AppState, user: &User, session: Session, refresh: &str) -> ApiResult<SessionAnswer> {
    let access_token = access_token::issue(
        session.user_id.0,
        session.family_id,
        Uuid::now_v7(),
        state.clock.now_s(),
        &state.keys.access_token,
    )
    .map_err(Problem::internal)?;
    let body = SignedIn {
        access_token,
        expires_in_s: u32::try_from(access_token::LIFETIME_S).unwrap_or_default(),
        user: profile::of(state, user).await?,
    };
    Ok(SessionAnswer { status: StatusCode::OK, cookie: state.cookie.set(refresh, LIFETIME_S)?, body })
}
