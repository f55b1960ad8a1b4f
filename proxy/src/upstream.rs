//! The provider's side of a call: headers that cross, one exchange, and what can fail in it.

pub(crate) mod exchange;
pub(crate) mod failure;
pub(crate) mod headers;
pub(crate) mod outgoing;
