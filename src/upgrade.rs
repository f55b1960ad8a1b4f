//! Replacing running parts by the binary that is on the disk now: how a new process is tried, started and heard of, and
//! how a person asks for it. What the two processes of a front door do with each other is in `proxy/src/handover/`.

pub(crate) mod control;
pub(crate) mod notify;
pub(crate) mod program;
pub(crate) mod report;
pub(crate) mod successor;
