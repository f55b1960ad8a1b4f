//! A streamed answer on its way to the client.

pub mod observe;
pub mod sse;
