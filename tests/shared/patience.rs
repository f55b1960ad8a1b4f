//! How long a test waits for what must come: for the event, and so long that a busy machine is no reason to give up.
#![allow(unreachable_pub)]

pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);
