//! Texts that are there in part: found by pieces of them, of which some are anybody's turn of phrase.

use super::evidence::Evidence;
use super::{Engine, INPUT, Output};
use crate::hash;

/// Texts that a piece of text is looked up in, the newest first, and all such finds of one message.
const MOST_HOLDERS: usize = 24;
const MOST_HITS: usize = 1024;

impl Engine {
    /// Outputs of which pieces are here.
    pub(super) fn take_marks(&self, scope: u64, marks: &[u64], name: Option<&str>, evidence: &mut Evidence) {
        // Outputs, each with a mark of its own that is there.
        let mut hits: Vec<(u32, u64)> = Vec::new();
        for mark in marks {
            if hits.len() >= MOST_HITS {
                break;
            }
            let holders = self.marks.get(hash::join(scope, *mark)).take(MOST_HOLDERS);
            hits.extend(holders.map(|holder| (holder, *mark)));
        }
        // A mark that is there twice is there.
        hits.sort_unstable();
        hits.dedup();
        let same_output = |one: &(u32, u64), other: &(u32, u64)| one.0 == other.0;
        let marks_of = |hits: &[(u32, u64)]| {
            self.outputs.get(hits[0].0).map(|output| (output, usize::from(output.marks.max(1))))
        };
        // Runs say much in the same words: what a text that is there whole explains is no sign of another one.
        let (mut explained, mut whole): (Vec<u64>, Vec<u64>) = Default::default();
        for same in hits.chunk_by(same_output) {
            let is_whole =
                |(output, all): &(&Output, usize)| *all > 1 && same.len() >= *all && output.tool != INPUT;
            if let Some((output, _)) = marks_of(same).filter(is_whole) {
                explained.extend(same.iter().map(|(_, mark)| *mark));
                whole.push(output.key);
            }
        }
        explained.extend(self.stock_phrases(&hits));
        explained.sort_unstable();
        for same in hits.chunk_by(same_output) {
            let Some((output, all)) = marks_of(same) else { continue };
            let missing = all.saturating_sub(same.len());
            let own = if missing == 0 || output.tool == INPUT || whole.contains(&output.key) {
                same.len()
            } else {
                same.iter().filter(|(_, mark)| explained.binary_search(mark).is_err()).count()
            };
            let share = own as f32 / (own + missing).max(1) as f32;
            let enough = (own >= 2 && share >= 0.3) || (share >= 1.0 && output.letters >= 16);
            if enough {
                self.push_piece(same[0].0, share, false, name, evidence);
            }
        }
    }

    /// Marks of words that different texts of different runs have: a turn of phrase is no sign of any of them.
    fn stock_phrases(&self, hits: &[(u32, u64)]) -> Vec<u64> {
        let mut held: Vec<(u64, u64, u32)> = Vec::with_capacity(hits.len());
        for same in hits.chunk_by(|one, other| one.0 == other.0) {
            let output = self.outputs.get(same[0].0).filter(|output| output.tool != INPUT);
            let known =
                output.and_then(|output| Some((output, self.conversations.get(output.conversation)?)));
            let Some((output, known)) = known else { continue };
            let run = self.runs.current(known.run);
            held.extend(same.iter().map(|(_, mark)| (*mark, output.key, run)));
        }
        held.sort_unstable();
        let of_several = |same: &&[(u64, u64, u32)]| {
            same.iter().any(|(_, key, run)| *key != same[0].1 && *run != same[0].2)
        };
        held.chunk_by(|one, other| one.0 == other.0).filter(of_several).map(|same| same[0].0).collect()
    }
}
