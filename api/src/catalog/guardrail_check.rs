//! What a guardrail looks for, on its way from a request into the store: addresses are checked, headers encrypted.

use aop_domain::guard::{Check, HttpCheck, SealedHeader};
use aop_domain::id::GuardrailId;
use aop_service::outbound::{self, Policy};
use aop_service::problem::Problem;
use axum::http::{HeaderName, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::auth::access::TeamAccess;
use crate::error::ApiResult;
use crate::state::AppState;
use crate::wire::guardrails::{GuardrailCheck, GuardrailHeader};

const LONGEST_URL_BYTES: usize = 2_000;
const LONGEST_VALUE_BYTES: usize = 8_192;
/// Headers that belong to the exchange itself.
const OURS: [HeaderName; 6] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::EXPECT,
];

/// A check that finds places in a text, by itself. `None`: it is another kind.
pub fn of_text(check: &GuardrailCheck) -> Option<Check> {
    match check.clone() {
        GuardrailCheck::Regex { patterns } => Some(Check::Regex { patterns }),
        GuardrailCheck::DenyList { phrases } => Some(Check::DenyList { phrases }),
        GuardrailCheck::Detectors { detectors } => {
            Some(Check::Detectors { detectors: detectors.into_iter().map(Into::into).collect() })
        }
        GuardrailCheck::JsonSchema { .. } | GuardrailCheck::Http { .. } => None,
    }
}

/// `before`: what the guardrail looked for until now; its header stays where no new value comes.
pub fn read(
    state: &AppState,
    access: &TeamAccess,
    id: GuardrailId,
    check: GuardrailCheck,
    before: Option<&Check>,
) -> ApiResult<Check> {
    if let Some(check) = of_text(&check) {
        return Ok(check);
    }
    Ok(match check {
        GuardrailCheck::JsonSchema { schema } => Check::JsonSchema { schema },
        GuardrailCheck::Http { url, timeout_ms, on_failure, header } => {
            let before = match before {
                Some(Check::Http(before)) => Some(before),
                _ => None,
            };
            // As with providers: who runs the installation may name what is at home.
            let is_kept = before.is_some_and(|before| before.allow_private && before.url == url);
            let allow_private = is_kept || access.caller.is_platform_admin();
            let url = address(&url, allow_private)?;
            let header = header.map(|header| sealed(state, id, header, &url, before)).transpose()?;
            Check::Http(HttpCheck { url, timeout_ms, on_failure: on_failure.into(), allow_private, header })
        }
        GuardrailCheck::Regex { .. } | GuardrailCheck::DenyList { .. } | GuardrailCheck::Detectors { .. } => {
            return Err(Problem::internal("a check of texts was read already").into());
        }
    })
}

/// An address that messages may be sent to.
pub fn address(text: &str, allow_private: bool) -> ApiResult<String> {
    let invalid = |detail: String| Problem::invalid("invalid_url", detail).field("check");
    let policy = if allow_private { Policy::public().with_private() } else { Policy::public() };
    if text.len() > LONGEST_URL_BYTES {
        return Err(invalid(format!("An address has at most {LONGEST_URL_BYTES} bytes.")).into());
    }
    let url = outbound::check_url(text, &policy)
        .map_err(|error| invalid(format!("This address cannot be used: {error}.")))?;
    Ok(url.into())
}

fn sealed(
    state: &AppState,
    id: GuardrailId,
    header: GuardrailHeader,
    url: &str,
    before: Option<&HttpCheck>,
) -> ApiResult<SealedHeader> {
    let invalid = |detail: &str| Problem::invalid("invalid_header", detail.to_owned()).field("check");
    let name = HeaderName::from_bytes(header.name.trim().as_bytes())
        .ok()
        .filter(|name| !OURS.contains(name))
        .ok_or_else(|| invalid("This header cannot be set: choose a name such as authorization."))?;
    let Some(value) = header.value else {
        // A secret goes only where it was meant to go.
        let kept = before.filter(|before| origin(&before.url) == origin(url));
        let kept = kept.and_then(|before| before.header.as_ref()).filter(|kept| kept.name == name.as_str());
        let detail = "Give the header's value: it is kept only while its name and the address's host stay.";
        return Ok(kept.ok_or_else(|| invalid(detail))?.clone());
    };
    let value = value.0.trim();
    let fits = value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if value.is_empty() || value.len() > LONGEST_VALUE_BYTES || !fits {
        return Err(invalid("A header's value has 1 to 8,192 visible ASCII characters.").into());
    }
    let key = &state.keys.guardrail_header;
    let sealed = key.seal(value.as_bytes(), id.as_bytes(), rand::random()).map_err(Problem::internal)?;
    Ok(SealedHeader { name: name.as_str().to_owned(), sealed: STANDARD.encode(sealed) })
}

fn origin(url: &str) -> Option<url::Origin> {
    url::Url::parse(url).ok().map(|url| url.origin())
}
