//! A streamed answer on its way to the client.

pub use aop_dialects::sse;

pub(crate) mod items;
mod named;
pub mod observe;
