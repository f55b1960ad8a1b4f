//! The address of a provider's API, as an administrator gives it.

use aop_service::outbound::{self, Policy};
use aop_service::problem::Problem;
use axum::http::Uri;

use crate::error::ApiResult;

/// Private networks are allowed: an administrator may run models at home. A query or fragment could not be kept, because
/// endpoints are added at the end.
pub fn base_url(text: &str) -> ApiResult<String> {
    let invalid = |detail: String| Problem::invalid("invalid_url", detail).field("base_url");
    let url = outbound::check_url(text, &Policy::public().with_private())
        .map_err(|error| invalid(format!("This address cannot be used: {error}.")))?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid(
            "The address must end with its path, e.g. https://api.openai.com/v1.".to_owned(),
        )
        .into());
    }
    let address = url.as_str().trim_end_matches('/');
    if !gateway_reads(address) {
        let detail = "This address cannot be used: its host has characters in it that no host has.";
        return Err(invalid(detail.to_owned()).into());
    }
    Ok(address.to_owned())
}

/// The gateway reads addresses by the stricter grammar of HTTP: what it cannot read it could not call.
fn gateway_reads(address: &str) -> bool {
    address.parse::<Uri>().is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_accepted_can_be_called() {
        for (text, kept) in [
            ("https://api.example.com/v1/", "https://api.example.com/v1"),
            ("http://[::1]:8000/", "http://[::1]:8000"),
            ("https://api.example.com/a b", "https://api.example.com/a%20b"),
            ("https://b\u{fc}cher.example/v1", "https://xn--bcher-kva.example/v1"),
        ] {
            assert_eq!(base_url(text).unwrap(), kept, "{text}");
            assert!(gateway_reads(kept));
        }
        for text in ["https://api.ex}ample.com/v1", "https://a`b/v1", "https://x/v1?q", "ftp://x/v1", "x", ""]
        {
            assert!(base_url(text).is_err(), "{text}");
        }
    }
}
