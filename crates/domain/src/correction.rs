//! Corrections: what people know better about agents than the traffic shows. A correction is a rule on the fingerprint
//! of an agent, so it holds for past calls (when they are read) and for calls to come (when they are recorded).
//!
//! It changes what a call is shown as. It never changes whose key, team, limits or budgets a call has: those never ask here.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::id::CorrectionId;

/// Longest way from one agent to another over several corrections. Circles are refused when they are made; this keeps a
/// reader safe from one that two people made at once.
const LONGEST_WAY: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionKind {
    /// The agent has another name.
    Rename,
    /// The agent is another one.
    Merge,
    /// Some calls of the agent are another agent's.
    Split,
}

impl CorrectionKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rename => "rename",
            Self::Merge => "merge",
            Self::Split => "split",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Rename, Self::Merge, Self::Split].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Which calls of an agent are split off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Those with this system prompt.
    Prompt(u64),
    /// Those of this conversation.
    Conversation(u64),
}

/// One correction, as a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule<Id> {
    pub id: Id,
    pub kind: CorrectionKind,
    /// Fingerprint of the agent it is about.
    pub agent: u64,
    /// Of a split only.
    pub condition: Option<Condition>,
    /// Fingerprint of the agent that the calls are then: the same one for a rename.
    pub to_agent: u64,
    pub name: String,
}

/// What was found about a call's agent, as far as corrections ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Caller {
    pub agent: u64,
    pub prompt: u64,
    pub conversation: u64,
}

impl Caller {
    fn meets(self, condition: Condition) -> bool {
        match condition {
            Condition::Prompt(prompt) => prompt != 0 && prompt == self.prompt,
            Condition::Conversation(conversation) => conversation != 0 && conversation == self.conversation,
        }
    }
}

/// The agent of a call after all corrections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected<'a, Id> {
    pub agent: u64,
    pub name: &'a str,
    /// The corrections that led here, in their order.
    pub by: Vec<Id>,
}

/// A correction with everything that follows from it resolved, for those who cannot follow chains. The first line that
/// fits a call stands. (A call that meets a split by prompt behind one by conversation is the one case they do not tell.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub agent: u64,
    pub condition: Option<Condition>,
    pub to_agent: u64,
    pub name: String,
}

/// All corrections of one team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrections<Id = CorrectionId> {
    by_agent: HashMap<u64, Vec<Rule<Id>>>,
}

impl<Id> Default for Corrections<Id> {
    fn default() -> Self {
        Self { by_agent: HashMap::new() }
    }
}

impl<Id: Copy> Corrections<Id> {
    pub fn new(rules: impl IntoIterator<Item = Rule<Id>>) -> Self {
        let mut by_agent: HashMap<u64, Vec<Rule<Id>>> = HashMap::new();
        for rule in rules.into_iter().filter(|rule| rule.agent != 0) {
            by_agent.entry(rule.agent).or_default().push(rule);
        }
        for rules in by_agent.values_mut() {
            // What is about some calls goes before what is about all, and being another before having another name.
            rules.sort_by_key(|rule| match rule.condition {
                Some(Condition::Conversation(_)) => 0,
                Some(Condition::Prompt(_)) => 1,
                None if rule.kind == CorrectionKind::Merge => 2,
                None => 3,
            });
        }
        Self { by_agent }
    }

    pub fn is_empty(&self) -> bool {
        self.by_agent.is_empty()
    }

    /// Who made the call, as corrected. `None`: no correction is about it.
    pub fn apply(&self, caller: Caller) -> Option<Corrected<'_, Id>> {
        let mut found: Option<Corrected<'_, Id>> = None;
        let mut agent = caller.agent;
        for _ in 0..LONGEST_WAY {
            let rules = self.by_agent.get(&agent).map(Vec::as_slice).unwrap_or_default();
            let fits = |rule: &&Rule<Id>| rule.condition.is_none_or(|condition| caller.meets(condition));
            let Some(rule) = rules.iter().find(fits) else { break };
            let known = found.get_or_insert(Corrected { agent, name: "", by: Vec::new() });
            known.agent = rule.to_agent;
            known.name = &rule.name;
            known.by.push(rule.id);
            if rule.to_agent == agent {
                break;
            }
            agent = rule.to_agent;
        }
        found
    }

    /// Would this rule lead an agent back to itself?
    pub fn closes_circle(&self, rule: &Rule<Id>) -> bool {
        if rule.to_agent == rule.agent {
            // A split into the agent itself says nothing, but leads nowhere else either.
            return rule.kind != CorrectionKind::Rename;
        }
        let mut reached = vec![rule.to_agent];
        let mut seen: Vec<u64> = Vec::new();
        while let Some(agent) = reached.pop() {
            if agent == rule.agent {
                return true;
            }
            if seen.contains(&agent) {
                continue;
            }
            seen.push(agent);
            let onward = self.by_agent.get(&agent).map(Vec::as_slice).unwrap_or_default();
            reached.extend(onward.iter().map(|rule| rule.to_agent).filter(|to| *to != agent));
        }
        false
    }

    /// Everything as a list in which the first line that fits stands.
    pub fn lines(&self) -> Vec<Line> {
        let mut conditions: Vec<Condition> =
            self.by_agent.values().flatten().filter_map(|rule| rule.condition).collect();
        conditions.sort_unstable();
        conditions.dedup();
        let mut agents: Vec<u64> = self.by_agent.keys().copied().collect();
        agents.sort_unstable();
        let mut lines = Vec::new();
        for agent in agents {
            let plain = self.apply(Caller { agent, ..Caller::default() });
            for condition in conditions.iter().rev() {
                let caller = match *condition {
                    Condition::Prompt(prompt) => Caller { agent, prompt, conversation: 0 },
                    Condition::Conversation(conversation) => Caller { agent, prompt: 0, conversation },
                };
                let with = self.apply(caller);
                let differs = with.as_ref().map(|one| (one.agent, one.name))
                    != plain.as_ref().map(|one| (one.agent, one.name));
                if let Some(with) = with.filter(|_| differs) {
                    lines.push(line(agent, Some(*condition), &with));
                }
            }
            lines.extend(plain.map(|plain| line(agent, None, &plain)));
        }
        lines
    }
}

fn line<Id>(agent: u64, condition: Option<Condition>, to: &Corrected<'_, Id>) -> Line {
    Line { agent, condition, to_agent: to.agent, name: to.name.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn rule(id: u8, kind: CorrectionKind, agent: u64, to_agent: u64, name: &str) -> Rule<u8> {
        Rule { id, kind, agent, condition: None, to_agent, name: name.to_owned() }
    }

    fn caller(agent: u64) -> Caller {
        Caller { agent, ..Caller::default() }
    }

    use CorrectionKind::{Merge, Rename, Split};

    #[test]
    fn an_agent_that_nobody_corrected_stays_as_found() {
        let corrections = Corrections::new([rule(1, Rename, 7, 7, "Seven")]);
        assert_eq!(corrections.apply(caller(8)), None);
        assert_eq!(corrections.apply(caller(0)), None);
    }

    #[test]
    fn a_merged_agent_follows_the_name_of_the_other() {
        let corrections =
            Corrections::new([rule(1, Merge, 7, 8, "old name"), rule(2, Rename, 8, 8, "Researcher")]);
        let found = corrections.apply(caller(7)).unwrap();
        assert_eq!((found.agent, found.name, found.by), (8, "Researcher", vec![1, 2]));
    }

    #[test]
    fn a_split_takes_the_calls_with_that_prompt_and_leaves_the_others() {
        let split = Rule { condition: Some(Condition::Prompt(5)), ..rule(1, Split, 7, 9, "Translator") };
        let corrections = Corrections::new([split, rule(2, Rename, 7, 7, "Assistant")]);
        let with = corrections.apply(Caller { prompt: 5, ..caller(7) }).unwrap();
        assert_eq!((with.agent, with.name), (9, "Translator"));
        let without = corrections.apply(Caller { prompt: 6, ..caller(7) }).unwrap();
        assert_eq!((without.agent, without.name), (7, "Assistant"));
    }

    #[test]
    fn a_merged_agent_is_split_with_the_one_it_is() {
        let split = Rule { condition: Some(Condition::Conversation(3)), ..rule(1, Split, 8, 9, "Apart") };
        let corrections = Corrections::new([split, rule(2, Merge, 7, 8, "Both")]);
        let found = corrections.apply(Caller { conversation: 3, ..caller(7) }).unwrap();
        assert_eq!((found.agent, found.name), (9, "Apart"));
    }

    #[test]
    fn a_circle_is_seen_before_it_is_closed_and_harms_nobody_when_it_is_there() {
        let first = rule(1, Merge, 7, 8, "b");
        let corrections = Corrections::new([first.clone()]);
        let back = rule(2, Merge, 8, 7, "a");
        assert!(corrections.closes_circle(&back));
        assert!(!corrections.closes_circle(&rule(3, Merge, 9, 7, "a")));
        assert!(corrections.closes_circle(&rule(4, Merge, 9, 9, "self")));
        assert!(Corrections::new([first, back]).apply(caller(7)).is_some());
    }

    #[test]
    fn the_lines_say_the_same_as_the_rules() {
        let split = Rule { condition: Some(Condition::Prompt(5)), ..rule(1, Split, 8, 9, "Apart") };
        let corrections = Corrections::new([
            split,
            rule(2, Merge, 7, 8, "Both"),
            rule(3, Rename, 9, 9, "Far apart"),
            rule(4, Rename, 6, 6, "Six"),
        ]);
        let lines = corrections.lines();
        for agent in 5..=10 {
            for prompt in [0, 5, 6] {
                let caller = Caller { agent, prompt, conversation: 0 };
                let fits = |line: &&Line| {
                    line.agent == agent && line.condition.is_none_or(|condition| caller.meets(condition))
                };
                let by_line = lines.iter().find(fits).map(|line| (line.to_agent, line.name.as_str()));
                let by_rule = corrections.apply(caller).map(|found| (found.agent, found.name));
                assert_eq!(by_line, by_rule, "agent {agent} with prompt {prompt}");
            }
        }
    }
}
