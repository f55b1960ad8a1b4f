//! Cross-process tests and structure tests: what no single crate can check about itself.
//!
//! Never belongs here: anything the product needs at run time.

pub mod fault;
pub mod parts;
pub mod workspace;
