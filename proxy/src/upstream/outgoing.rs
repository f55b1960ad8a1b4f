//! What one target is sent: its path and its bytes, translated when it does not speak the client's dialect.

use bytes::BytesMut;

use super::headers::Forwarded;
use crate::body::splice::Body;
use crate::snapshot::{Headers, Target};
use crate::translate::Crossing;

pub(crate) struct Outgoing<'a> {
    /// With its query.
    pub(crate) path: String,
    pub(crate) body: Body,
    pub(crate) forwarded: &'a Forwarded,
    /// Made for this request, at a provider that wants each one signed.
    pub(crate) signed: Headers,
    /// The bytes are not the client's own.
    pub(crate) is_translated: bool,
    pub(crate) crossing: Option<Crossing>,
}

impl Outgoing<'_> {
    /// Signs it, where the provider wants that. False: it cannot be signed.
    pub(crate) fn sign(&mut self, target: &Target, now_s: i64) -> bool {
        if target.provider.headers_are_static() {
            return true;
        }
        let mut whole = BytesMut::with_capacity(self.body.len);
        self.body.pieces.iter().for_each(|piece| whole.extend_from_slice(piece));
        match target.signed(&self.path, &whole, now_s) {
            Ok(headers) => {
                self.signed = headers;
                true
            }
            Err(_) => false,
        }
    }
}
