//! Amazon's request signature, version 4: a pure function of the request, the key and the time.

use std::fmt::Write;

use aop_domain::hex::hex;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::providers::{Header, Unsigned, address};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

#[derive(Debug, Clone, Copy)]
pub(super) struct Signer<'a> {
    pub(super) access_key: &'a str,
    pub(super) secret_key: &'a str,
    pub(super) session: Option<&'a str>,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

impl Signer<'_> {
    /// The headers to add to a request that already has its `host`.
    pub(super) fn headers(&self, request: &Unsigned<'_>) -> Vec<Header> {
        let time = Time::of(request.now_s);
        let signed =
            if self.session.is_some() { "host;x-amz-date;x-amz-security-token" } else { "host;x-amz-date" };
        let scope = format!("{}/{}/{}/aws4_request", time.date, self.region, self.service);
        let canonical = hex(&Sha256::digest(self.canonical(request, &time, signed)));
        let signature = hex(&self.sign(&time, &format!("{ALGORITHM}\n{}\n{scope}\n{canonical}", time.stamp)));
        let mut headers = vec![
            (
                "authorization",
                format!(
                    "{ALGORITHM} Credential={}/{scope}, SignedHeaders={signed}, Signature={signature}",
                    self.access_key
                ),
            ),
            ("x-amz-date", time.stamp),
        ];
        headers.extend(self.session.map(|session| ("x-amz-security-token", session.to_owned())));
        headers
    }

    fn canonical(&self, request: &Unsigned<'_>, time: &Time, signed: &str) -> String {
        let (path, query) = request.path_and_query.split_once('?').unwrap_or((request.path_and_query, ""));
        // The path is encoded a second time, as all services but S3 want it.
        let path = address::encode(path, b"/");
        let mut canonical = format!("{}\n{path}\n{}\n", request.method, canonical_query(query));
        let _ = writeln!(canonical, "host:{}\nx-amz-date:{}", request.authority, time.stamp);
        if let Some(session) = self.session {
            let _ = writeln!(canonical, "x-amz-security-token:{session}");
        }
        let _ = write!(canonical, "\n{signed}\n{}", hex(&Sha256::digest(request.body)));
        canonical
    }

    fn sign(&self, time: &Time, text: &str) -> [u8; 32] {
        let key = mac(format!("AWS4{}", self.secret_key).as_bytes(), &time.date);
        let key = [self.region, self.service, "aws4_request"].iter().fold(key, |key, part| mac(&key, part));
        mac(&key, text)
    }
}

struct Time {
    /// `20150830`
    date: String,
    /// `20150830T123600Z`
    stamp: String,
}

impl Time {
    fn of(now_s: i64) -> Self {
        let now = OffsetDateTime::from_unix_timestamp(now_s).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let date = format!("{:04}{:02}{:02}", now.year(), u8::from(now.month()), now.day());
        let stamp = format!("{date}T{:02}{:02}{:02}Z", now.hour(), now.minute(), now.second());
        Self { date, stamp }
    }
}

fn canonical_query(query: &str) -> String {
    let mut fields: Vec<(&str, &str)> = query
        .split('&')
        .filter(|field| !field.is_empty())
        .map(|field| field.split_once('=').unwrap_or((field, "")))
        .collect();
    fields.sort_unstable();
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    fields.join("&")
}

fn mac(key: &[u8], text: &str) -> [u8; 32] {
    // A key of any length is a key.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of Amazon's published signature test suite.
    const SUITE: Signer<'_> = Signer {
        access_key: "AKIDEXAMPLE",
        secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        session: None,
        region: "us-east-1",
        service: "service",
    };

    fn signature(signer: &Signer<'_>, method: &str, path_and_query: &str) -> String {
        let authority = "example.amazonaws.com";
        let request = Unsigned { method, authority, path_and_query, body: b"", now_s: 1_440_938_160 };
        let headers = signer.headers(&request);
        assert_eq!(headers[1], ("x-amz-date", "20150830T123600Z".to_owned()));
        headers[0].1.rsplit_once('=').map(|(_, signature)| signature.to_owned()).unwrap_or_default()
    }

    #[test]
    fn amazons_test_suite_agrees() {
        let get = |path| signature(&SUITE, "GET", path);
        assert_eq!(
            get("/"),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            "get-vanilla"
        );
        assert_eq!(
            get("/?Param2=value2&Param1=value1"),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            "get-vanilla-query-order-key-case"
        );
        assert_eq!(
            get("/\u{1234}"),
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
            "get-utf8"
        );
        let post = signature(&SUITE, "POST", "/");
        assert_eq!(post, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b", "post-vanilla");
    }

    #[test]
    fn a_session_is_signed_with_the_rest() {
        let token = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
        let signed = signature(&Signer { session: Some(token), ..SUITE }, "POST", "/");
        assert_eq!(
            signed, "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
            "post-sts-header-before"
        );
    }

    #[test]
    fn a_models_name_is_signed_as_it_is_sent() {
        let request = Unsigned {
            method: "POST",
            authority: "bedrock-runtime.us-east-1.amazonaws.com",
            path_and_query: "/model/anthropic.claude-v2%3A1/converse",
            body: b"{}",
            now_s: 0,
        };
        let canonical = SUITE.canonical(&request, &Time::of(0), "host;x-amz-date");
        assert!(
            canonical.starts_with("POST\n/model/anthropic.claude-v2%253A1/converse\n\nhost:bedrock"),
            "{canonical}"
        );
    }
}
