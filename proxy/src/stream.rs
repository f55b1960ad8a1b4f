//! A streamed answer on its way to the client.

pub use aop_dialects::sse;

pub mod observe;
