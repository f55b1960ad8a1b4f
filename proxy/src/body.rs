//! Request bodies: read within bounds, scanned without a tree, changed by splicing bytes.

pub(crate) mod budget;
mod grammar;
pub(crate) mod scan;
pub(crate) mod splice;
