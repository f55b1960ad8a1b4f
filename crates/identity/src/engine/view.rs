//! What the engine knows about a conversation now. Later calls may have told more than was known when it began.

use super::Engine;
use crate::framework::Framework;
use crate::internal::Internal;
use crate::naming::Named;

/// Everything found about the caller of a conversation's calls.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The conversation's own id, the same anywhere and for ever.
    pub conversation: u64,
    pub trace: [u8; 16],
    /// Number of the run in the engine.
    pub run: u32,
    pub run_rule: &'static str,
    /// 0 to 1.
    pub run_sure: f32,
    /// Number of the agent in the engine.
    pub agent: u32,
    pub agent_name: Named,
    /// The same for the same agent, whenever and wherever it calls.
    pub fingerprint: u64,
    pub framework: Option<Framework>,
    /// A call of the framework's own.
    pub internal: Option<Internal>,
    /// The conversation it works for or goes on from. 0: none.
    pub parent: u32,
    /// The same, by its own id. 0: none.
    pub parent_id: u64,
    /// Fingerprint of the agent that has the parent; 0: none, or the same agent.
    pub parent_fingerprint: u64,
    pub parent_agent: Option<String>,
    /// Fingerprint of the system prompt without what changes in it, the same anywhere and for ever.
    pub prompt: u64,
}

impl Engine {
    pub fn view(&self, conversation: u32) -> Option<View> {
        let known = self.conversations.get(conversation)?;
        let run_number = self.runs.current(known.run);
        let run = self.runs.get(run_number)?;
        let agent_number = self.agents.current(known.agent);
        let agent = self.agents.get(agent_number)?;
        let parent = self.conversations.get(known.parent);
        let parent_agent = parent.map(|parent| self.agents.current(parent.agent));
        let parent_agent = parent_agent.filter(|parent| *parent != agent_number);
        Some(View {
            conversation: known.id,
            trace: run.trace,
            run: run_number,
            run_rule: known.rule.word(),
            run_sure: known.sure,
            agent: agent_number,
            agent_name: agent.named.clone(),
            fingerprint: agent.fingerprint,
            framework: agent.framework.or(run.framework.as_deref().copied()),
            internal: known.internal,
            parent: self.conversations.current(known.parent),
            parent_id: parent.map_or(0, |parent| parent.id),
            parent_fingerprint: parent_agent
                .and_then(|parent| self.agents.get(parent))
                .map_or(0, |agent| agent.fingerprint),
            prompt: self.prompts.get(known.prompt).map_or(0, |prompt| prompt.soft.key),
            parent_agent: parent_agent
                .and_then(|parent| self.agents.get(parent))
                .map(|agent| agent.named.name.clone()),
        })
    }
}

/// How sure something inferred is: never 0, which says that nothing is known, and never 100, which says that it was stated.
pub fn percent(sure: f32) -> u8 {
    (sure * 100.0).round().clamp(1.0, 99.0) as u8
}
