//! The provider's side of a call: headers that cross, one exchange, and what can fail in it.

mod connection;
pub(crate) mod exchange;
pub(crate) mod failure;
pub(crate) mod headers;
mod http1;
pub(crate) mod outgoing;
pub(crate) mod pool;
