//! The engine's memory as bytes, so that a restart does not forget the conversations that are open.

use super::{Engine, Limits};
use crate::hash;

/// First bytes of a saved state. The last one counts versions: a state of another version is not read.
const MARK: [u8; 8] = *b"aop-id\0\x02";
const SUM_BYTES: usize = 8;

impl Engine {
    /// The state as bytes. `None`: it cannot be written, which only a lack of memory explains.
    pub fn save(&self) -> Option<Vec<u8>> {
        let mut bytes = postcard::to_extend(self, MARK.to_vec()).ok()?;
        let sum = hash::bytes(0, &bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        Some(bytes)
    }

    /// The state that was saved. `None`: the bytes are damaged, of another version, or of an engine with other limits;
    /// inference then begins anew.
    pub fn load(bytes: &[u8], limits: Limits) -> Option<Self> {
        let (content, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM_BYTES)?)?;
        if sum != hash::bytes(0, content).to_le_bytes() {
            return None;
        }
        let engine: Self = postcard::from_bytes(content.strip_prefix(&MARK)?).ok()?;
        (engine.limits == limits && engine.is_whole()).then_some(engine)
    }

    fn is_whole(&self) -> bool {
        let indexes = [
            &self.tips,
            &self.texts,
            &self.marks,
            &self.ids,
            &self.starts,
            &self.connections,
            &self.prompt_keys,
            &self.agent_keys,
        ];
        indexes.into_iter().all(crate::index::Index::is_whole)
            && self.conversations.is_whole()
            && self.runs.is_whole()
            && self.agents.is_whole()
            && self.prompts.is_whole()
            && self.outputs.is_whole()
    }
}
