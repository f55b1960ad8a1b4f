//! Connections of the front door that came to nothing, and those it cut.

use prometheus::{IntCounter, IntCounterVec, Opts};

use super::Maker;
use crate::access_log::connection::Nothing;

/// Why the gateway ended a connection, or a stream of HTTP/2, under a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// A body that was passed on came too slowly.
    SlowBody,
    /// What it had asked for was not taken.
    Deaf,
    /// More calls were begun and reset than it may have, or nothing but malformed ones came.
    Flood,
}

impl Cut {
    const ALL: [(Self, &str); 3] =
        [(Self::SlowBody, "slow_body"), (Self::Deaf, "deaf"), (Self::Flood, "flood")];
}

pub(crate) struct DoorMetrics {
    nothing: Vec<IntCounter>,
    cut: Vec<IntCounter>,
}

impl DoorMetrics {
    pub(super) fn new(make: &Maker<'_>) -> Result<Self, prometheus::Error> {
        let by_why = |name: &str, help: &str, whys: &[&str]| -> Result<Vec<IntCounter>, prometheus::Error> {
            let family = IntCounterVec::new(Opts::new(name, help), &["why"])?;
            make.0.register(Box::new(family.clone()))?;
            whys.iter().map(|why| family.get_metric_with_label_values(&[*why])).collect()
        };
        Ok(Self {
            nothing: by_why(
                "aop_proxy_empty_connections_total",
                "Client connections that ended before a request.",
                &Nothing::ALL.map(|(_, why)| why),
            )?,
            cut: by_why(
                "aop_proxy_cut_connections_total",
                "Client connections that were cut under a request.",
                &Cut::ALL.map(|(_, why)| why),
            )?,
        })
    }

    pub(crate) fn came_to(&self, nothing: Nothing) {
        self.nothing[nothing as usize].inc();
    }

    pub(crate) fn cut(&self, why: Cut) {
        self.cut[why as usize].inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_counter() {
        for (at, (why, _)) in Cut::ALL.iter().enumerate() {
            assert_eq!(*why as usize, at);
        }
        for (at, (nothing, _)) in Nothing::ALL.iter().enumerate() {
            assert_eq!(*nothing as usize, at);
        }
    }
}
