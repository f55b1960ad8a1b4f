//! The durable queue between a writer of records (proxy, runner) and the collector (C2).
//!
//! A writer appends records to the active segment file; once [`Spool::append`] has returned, the record is in the
//! operating system's page cache and survives a kill -9 of the process; records that come at the same moment may share
//! one write ([`Spool::stage`]), and are safe when their batch is. A thread of the spool writes it to the disk
//! within `sync_every` (a crash of the whole machine can cost at most that much), and seals the file when it is old or
//! large enough (only large enough, while the collector is behind). A sealed segment never changes; [`ship`] sends it whole to the collector, as often as it takes, and
//! deletes it once the collector has said that every record in it is stored. The collector inserts a segment under a
//! token made from its header, so a segment that is sent twice is stored once.
//!
//! On disk, in one directory that belongs to one process at a time:
//!
//! ```text
//! lock                        flock of the owner
//! 00000000000000000007.open   the active segment (and, for an instant, one that waits to be sealed)
//! 00000000000000000006.seg    sealed, waiting for the collector
//! quarantine/                 bytes that could not be read, the newest of them, kept for a person to look at
//! ```
//!
//! The format is [`aop_domain::frame`]. There is no ledger beside the data: everything is derived from the segments. The
//! file with the highest number carries the writer's id and the next numbers in its header, and there is always one,
//! because the next segment is made before the last one is sealed.
//!
//! Never belongs here: what a record means, how it is stored, or anything of Postgres or ClickHouse.

mod active;
mod batch;
mod config;
mod dir;
mod error;
#[cfg(test)]
mod model;
mod quarantine;
mod recover;
mod sealer;
pub mod ship;
mod spool;
mod stats;

pub use batch::Staged;
pub use config::Config;
pub use error::{AppendError, OpenError};
pub use spool::Spool;
pub use stats::Stats;
