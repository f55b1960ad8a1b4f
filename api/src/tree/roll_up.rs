//! Lines in their order, with the figures of everything below them.

use super::place::{Draft, Drafts, ROOT};
use super::totals::Sum;
use crate::wire::time::from_us;
use crate::wire::tree::{Node, NodeKind, hex, hex_or_none};

/// What a line has with everything below it.
#[derive(Debug, Clone, Copy, Default)]
struct Rolled {
    sum: Sum,
    started_us: i64,
    ended_us: i64,
    running: bool,
    /// Start of the last call below, and how it ended.
    last_us: i64,
    last: &'static str,
    seen: bool,
}

impl Rolled {
    fn add(&mut self, below: &Self) {
        self.sum.add(below.sum);
        self.running |= below.running;
        if !below.seen {
            return;
        }
        self.started_us = if self.seen { self.started_us.min(below.started_us) } else { below.started_us };
        self.ended_us = self.ended_us.max(below.ended_us);
        if !self.seen || below.last_us >= self.last_us {
            self.last_us = below.last_us;
            self.last = below.last;
        }
        self.seen = true;
    }

    fn status(&self) -> &'static str {
        if self.running { "running" } else { self.last }
    }
}

/// Depth first, parents before children, siblings by their start.
pub(super) fn lines(drafts: Drafts) -> Vec<Node> {
    let lines = drafts.lines;
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); lines.len()];
    for (at, line) in lines.iter().enumerate().skip(1) {
        below[line.parent].push(at);
    }
    let mut order = Vec::with_capacity(lines.len());
    let mut open = vec![ROOT];
    while let Some(at) = open.pop() {
        order.push(at);
        open.extend(&below[at]);
    }
    let mut rolled = vec![Rolled::default(); lines.len()];
    // Whatever comes later in the order is not above what comes before.
    for at in order.into_iter().rev() {
        let own = own(&lines[at]);
        let mut all = rolled[at];
        if own.seen {
            // A step failed because something in it did: that is one error, not two.
            let mut sum = own.sum;
            if lines[at].kind != NodeKind::Call && all.sum.errors > 0 {
                sum.errors = 0;
            }
            all.sum.add(sum);
            all = Rolled { sum: all.sum, ..own };
        }
        rolled[at] = all;
        if at != ROOT {
            let parent = lines[at].parent;
            rolled[parent].add(&all);
        }
    }
    for children in &mut below {
        children.sort_by_key(|at| (rolled[*at].started_us, *at));
    }
    let mut nodes = Vec::with_capacity(lines.len());
    let mut open = vec![(ROOT, 0)];
    while let Some((at, depth)) = open.pop() {
        let parent = (at != ROOT).then(|| lines[lines[at].parent].id.clone());
        nodes.push(node(&lines[at], parent, depth, &rolled[at]));
        open.extend(below[at].iter().rev().map(|child| (*child, depth + 1)));
    }
    nodes
}

/// What a line has of itself: a call, or a step that was stated.
fn own(line: &Draft) -> Rolled {
    let Some(own) = &line.own else { return Rolled::default() };
    Rolled {
        sum: own.sum,
        started_us: own.started_us,
        ended_us: own.ended_us,
        running: own.status == "running",
        last_us: own.started_us,
        last: match own.status.as_str() {
            "failed" => "failed",
            "cancelled" => "cancelled",
            "running" => "running",
            _ => "completed",
        },
        seen: true,
    }
}

fn node(line: &Draft, parent: Option<String>, depth: u32, rolled: &Rolled) -> Node {
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let runs = rolled.running && rolled.ended_us == 0 || rolled.status() == "running";
    let length = rolled.ended_us - rolled.started_us;
    Node {
        id: line.id.clone(),
        parent,
        depth,
        kind: line.kind,
        span_type: text(&line.span_type),
        name: line.name.clone(),
        agent: line.agent.map(hex),
        internal: text(&line.internal),
        span_id: hex_or_none(line.span),
        call_id: line.call_id.parse().ok(),
        conversation: hex_or_none(line.conversation),
        prompt: hex_or_none(line.prompt),
        fingerprint: hex_or_none(line.fingerprint),
        status: if rolled.seen { rolled.status() } else { "completed" }.to_owned(),
        started_at: from_us(rolled.started_us),
        ended_at: (!runs).then(|| from_us(rolled.ended_us)),
        duration_us: (!runs).then(|| u64::try_from(length).unwrap_or_default()),
        totals: rolled.sum.into(),
        error_code: text(&line.error_code),
        found: line.found.clone(),
    }
}
