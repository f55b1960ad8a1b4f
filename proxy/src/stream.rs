//! A streamed answer on its way to the client.

pub use aop_dialects::sse;

mod named;
pub mod observe;
