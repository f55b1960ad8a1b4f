//! The detectors: each finds one kind of secret or personal data by its shape, and by its checksum where it has one.

mod digits;
mod email;
mod iban;
mod ip;
mod phone;
mod secret;

use aop_domain::guard::{Detector, Detectors};

/// A place in a text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub start: usize,
    pub end: usize,
    pub what: Detector,
}

/// Everything the wanted detectors find, in order and without overlaps: what two of them claim is one finding, named by
/// the one that begins first.
pub fn find(text: &str, wanted: Detectors) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut take = |what: Detector, search: fn(&str, &mut dyn FnMut(usize, usize))| {
        if wanted.has(what) {
            search(text, &mut |start, end| found.push(Finding { start, end, what }));
        }
    };
    take(Detector::PrivateKey, secret::private_keys);
    take(Detector::ApiKey, secret::api_keys);
    take(Detector::Jwt, secret::jwts);
    take(Detector::BearerToken, secret::bearer_tokens);
    take(Detector::Email, email::emails);
    // What follows is made of digits; most texts have few.
    if text.bytes().any(|byte| byte.is_ascii_digit()) {
        take(Detector::Iban, iban::ibans);
        take(Detector::CreditCard, digits::cards);
        take(Detector::KoreanRrn, digits::korean_rrns);
        take(Detector::UsSsn, digits::us_ssns);
        take(Detector::Phone, phone::phones);
    }
    take(Detector::IpAddress, ip::addresses);
    merged(found)
}

fn merged(mut found: Vec<Finding>) -> Vec<Finding> {
    if found.len() < 2 {
        return found;
    }
    found.sort_by_key(|finding| (finding.start, std::cmp::Reverse(finding.end), finding.what));
    let mut kept: Vec<Finding> = Vec::with_capacity(found.len());
    for finding in found {
        match kept.last_mut() {
            Some(last) if finding.start < last.end => last.end = last.end.max(finding.end),
            _ => kept.push(finding),
        }
    }
    kept
}

/// No letter or digit touches the place: it is not the middle of something longer.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    ![before, bytes.get(end)].into_iter().flatten().any(u8::is_ascii_alphanumeric)
}
