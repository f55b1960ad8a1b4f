//! Request bodies: read within bounds, scanned without a tree, changed by splicing bytes; forms read as they come; answers
//! skimmed as they pass.

pub(crate) mod budget;
mod grammar;
pub(crate) mod multipart;
pub(crate) mod scan;
pub(crate) mod skim;
pub(crate) mod splice;
pub(crate) mod transcript;
