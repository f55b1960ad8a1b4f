//! What one target is sent: its path and its bytes, translated when it does not speak the client's dialect.

use bytes::BytesMut;
use http::{HeaderValue, Method};

use super::headers::Forwarded;
use crate::body::splice::Body;
use crate::snapshot::{Headers, Target};
use crate::translate::Crossing;

/// What comes behind the part of the body that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coming {
    Nothing,
    /// So many bytes.
    Bytes(u64),
    /// Nobody knows how much: it is sent in chunks.
    Unknown,
}

pub(crate) struct Outgoing<'a> {
    pub(crate) method: &'a Method,
    /// With its query.
    pub(crate) path: String,
    /// Unless the forwarded headers say it.
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) body: Body,
    pub(crate) coming: Coming,
    /// An error of the provider is an answer like any other.
    pub(crate) passes_errors: bool,
    pub(crate) forwarded: &'a Forwarded,
    /// Made for this request, at a provider that wants each one signed.
    pub(crate) signed: Headers,
    /// The bytes are not the client's own.
    pub(crate) is_translated: bool,
    pub(crate) crossing: Option<Crossing>,
    /// In the place of the client's `anthropic-beta`; empty: without any.
    pub(crate) betas: Option<HeaderValue>,
    /// Fields of the client's request that are not among the bytes, told to it in a header.
    pub(crate) dropped: Vec<String>,
}

impl Outgoing<'_> {
    /// Signs it, where the provider wants that. False: it cannot be signed.
    pub(crate) fn sign(&mut self, target: &Target, now_s: i64) -> bool {
        if target.provider.headers_are_static() {
            return true;
        }
        let mut whole = BytesMut::with_capacity(self.body.len);
        self.body.pieces.iter().for_each(|piece| whole.extend_from_slice(piece));
        match target.signed(self.method, &self.path, &whole, now_s) {
            Ok(headers) => {
                self.signed = headers;
                true
            }
            Err(_) => false,
        }
    }
}
