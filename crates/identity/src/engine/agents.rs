//! Which agent speaks: the one that was stated, that the prompt names, that was handed the work, else whoever has this
//! prompt.

use super::evidence::{Evidence, Piece};
use super::place::Reading;
use super::runs::Chosen;
use super::transfers::named_by_tool;
use super::{Agent, Engine};
use crate::hash;
use crate::message::Role;
use crate::naming::{Named, canonical};

/// The rule by which the tool that gives an agent its tasks names it.
pub(super) const TASK_ARGUMENT: &str = "task_argument";
/// The rule by which an agent signs its words in other agents' histories.
const MESSAGE_NAME: &str = "message_name";

impl Engine {
    pub(super) fn agent_of(&mut self, reading: &Reading<'_>, run: u32, handed: Option<&Named>) -> u32 {
        let framework = self.framework_of(reading);
        if let Some(run) = self.runs.get_mut(run) {
            let known = run.framework.as_deref().copied();
            let surer = crate::framework::surer(known, framework);
            if surer != known {
                run.framework = surer.map(Box::new);
            }
        }
        let agent = self.find_agent(reading, run, handed);
        let agent = self.chosen_name(reading, run, agent);
        if let Some(agent) = self.agents.get_mut(agent) {
            agent.framework = crate::framework::surer(agent.framework, framework);
        }
        agent
    }

    /// The framework's own selector said who speaks next.
    fn chosen_name(&mut self, reading: &Reading<'_>, run: u32, agent: u32) -> u32 {
        if reading.internal.is_some() {
            return agent;
        }
        let Some(name) = self.runs.get_mut(run).and_then(|run| run.take_chosen()) else { return agent };
        let nameless = self.agents.get(agent).is_some_and(|agent| agent.named.rule == "prompt");
        match Named::new(&name, "selected", 0.9).filter(|_| nameless) {
            Some(named) => self.agent_with_prompt(reading, named),
            None => agent,
        }
    }

    fn find_agent(&mut self, reading: &Reading<'_>, run: u32, handed: Option<&Named>) -> u32 {
        let scope = reading.arrival.scope;
        if let Some(kind) = reading.internal {
            let name = format!("<{}>", kind.as_str());
            return self.named_agent(scope, Named { name, rule: "internal", sure: 0.9 });
        }
        if let Some(named) = reading.arrival.stated_agent.and_then(|name| Named::new(name, "stated", 1.0)) {
            return self.agent_with_prompt(reading, named);
        }
        if let Some(named) = self.prompts.get(reading.prompt).and_then(|prompt| prompt.named.clone()) {
            return self.named_agent(scope, named);
        }
        let has_word = reading.has_word.as_ref().map(|has_word| has_word.name.as_str());
        if let Some(named) = has_word.and_then(|name| Named::new(name, "hand_over", 0.95)) {
            return self.agent_with_prompt(reading, named);
        }
        if let Some(named) = handed.filter(|named| named.rule != TASK_ARGUMENT).cloned() {
            return self.agent_with_prompt(reading, named);
        }
        let agent = self.agent_by_prompt(reading, run);
        // A tool's name is not its agent's identity: several may share it. It is a better name than a made one.
        let Some(named) = handed.cloned() else { return agent };
        match self.agents.get_mut(agent) {
            Some(agent) if agent.named.rule == "prompt" => agent.named = named,
            Some(known)
                if known.named.rule == TASK_ARGUMENT
                    && canonical(&known.named.name) != canonical(&named.name) =>
            {
                return self.agent_of_tool(reading.arrival.scope, reading.prompt, named);
            }
            _ => {}
        }
        agent
    }

    /// Agents with one prompt that are given their tasks by tools of different names are as many as there are names.
    pub(super) fn agent_of_tool(&mut self, scope: u64, prompt: u32, named: Named) -> u32 {
        let soft = self.prompts.get(prompt).map_or(0, |prompt| prompt.soft.key);
        let fingerprint =
            hash::join(hash::join(soft, hash::bytes(46, canonical(&named.name).as_bytes())), 47);
        let known = self.agent_keys.newest(hash::join(scope, fingerprint));
        match known.map(|number| self.agents.current(number)).filter(|number| *number != 0) {
            Some(known) => known,
            None => self.new_agent(scope, fingerprint, named),
        }
    }

    /// The agent of this name; one is made when there is none.
    pub(super) fn named_agent(&mut self, scope: u64, named: Named) -> u32 {
        let fingerprint = super::named_fingerprint(&named.name);
        let key = hash::join(scope, fingerprint);
        let known = self.agent_keys.get(key).find(|number| {
            self.agents
                .get(*number)
                .is_some_and(|agent| agent.scope == scope && agent.fingerprint == fingerprint)
        });
        if let Some(known) = known {
            let known = self.agents.keep(known);
            if let Some(agent) = self.agents.get_mut(known).filter(|agent| named.sure > agent.named.sure) {
                agent.named = named;
            }
            self.agent_keys.push(key, known);
            return known;
        }
        self.new_agent(scope, fingerprint, named)
    }

    fn new_agent(&mut self, scope: u64, fingerprint: u64, named: Named) -> u32 {
        let number = self.agents.add(Agent {
            scope,
            fingerprint,
            named,
            handed_to: Vec::new(),
            prompt: 0,
            framework: None,
        });
        self.agent_keys.push(hash::join(scope, fingerprint), number);
        number
    }

    /// An agent of this name that has this prompt: from now on the prompt alone tells it, while no other agent has it.
    fn agent_with_prompt(&mut self, reading: &Reading<'_>, named: Named) -> u32 {
        let agent = self.named_agent(reading.arrival.scope, named);
        self.tie(reading.prompt, agent);
        self.agents.current(agent)
    }

    pub(super) fn tie(&mut self, prompt: u32, agent: u32) {
        let Some(known) = self.prompts.get(prompt) else { return };
        let (holder, shared) = (self.agents.current(known.agent), known.shared);
        let agent = self.agents.current(agent);
        if shared || holder == agent {
            return;
        }
        let nameless = self
            .agents
            .get(holder)
            .is_none_or(|holder| matches!(holder.named.rule, "prompt" | TASK_ARGUMENT));
        let excluded = self.is_not(holder, agent);
        if let Some(agent) = self.agents.get_mut(agent).filter(|agent| agent.prompt == 0) {
            agent.prompt = prompt;
        }
        let Some(known) = self.prompts.get_mut(prompt) else { return };
        if holder == 0 {
            known.agent = agent;
        } else if nameless && !excluded {
            known.agent = agent;
            self.unite_agents(holder, agent);
        } else {
            known.shared = true;
        }
    }

    /// Did the first hand over to the second? Then they are two.
    fn is_not(&self, holder: u32, agent: u32) -> bool {
        let Some(name) =
            self.agents.get(agent).map(|agent| hash::bytes(42, canonical(&agent.named.name).as_bytes()))
        else {
            return false;
        };
        self.agents.get(holder).is_some_and(|holder| holder.handed_to.contains(&name))
    }

    fn agent_by_prompt(&mut self, reading: &Reading<'_>, run: u32) -> u32 {
        let scope = reading.arrival.scope;
        let others: Vec<String> = reading
            .messages
            .iter()
            .filter(|message| message.role == Role::User)
            .filter_map(|message| message.name.as_deref().map(canonical))
            .collect();
        let Some(prompt) = self.prompts.get(reading.prompt) else { return 0 };
        let (soft, generated, holder) =
            (prompt.soft.key, prompt.generated.clone(), self.agents.current(prompt.agent));
        let (shared, taken) =
            (prompt.shared, self.agents.get(holder).map(|agent| canonical(&agent.named.name)));
        // In a talk of several the names on the messages are those of the others.
        let somebody_else = taken.is_some_and(|name| others.contains(&name));
        let named = Named { name: generated, rule: "prompt", sure: 0.5 };
        if somebody_else || (shared && !others.is_empty()) {
            let lineage = hash::join(hash::join(soft, self.calls), 43);
            let _ = run;
            return self.new_agent(scope, lineage, named);
        }
        if holder != 0 && !shared {
            return self.agents.keep(holder);
        }
        let fingerprint = hash::join(soft, 44);
        let known = self.agent_keys.newest(hash::join(scope, fingerprint));
        let agent =
            match known.map(|number| self.agents.current(number)).filter(|number| *number != 0 && !shared) {
                Some(known) => known,
                None => match known
                    .and_then(|number| self.agents.get(number))
                    .filter(|agent| agent.named.rule == "prompt")
                {
                    Some(_) => self.agents.current(known.unwrap_or(0)),
                    None => self.new_agent(scope, fingerprint, named),
                },
            };
        if let Some(prompt) = self.prompts.get_mut(reading.prompt).filter(|prompt| !prompt.shared) {
            prompt.agent = agent;
        }
        agent
    }

    /// Whom the task in this call was handed to.
    pub(super) fn handed_over(&self, evidence: &Evidence, chosen: &Chosen) -> Option<Named> {
        let asked = |piece: &Piece| {
            let unclear = chosen.askers.iter().flatten().any(|(_, task)| *task == piece.output);
            unclear || self.in_run(piece.conversation, chosen.run)
        };
        let tasks = evidence.pieces.iter().filter(|piece| piece.to_tool && asked(piece));
        let weighed = tasks.filter_map(|piece| {
            let output = self.outputs.get(piece.output)?;
            Some((piece.weight * output.letters as f32, output))
        });
        let mut outputs: Vec<_> = weighed.collect();
        outputs.sort_by(|one, other| other.0.total_cmp(&one.0));
        if let Some(name) = outputs.iter().find_map(|(_, output)| output.target.as_deref()) {
            // Runs of one program give a task to one agent; where they do not, nobody knows to whom.
            let mut targets = outputs.iter().filter_map(|(_, output)| output.target.as_deref());
            let one = chosen.askers.is_none() || targets.all(|target| canonical(target) == canonical(name));
            return Named::new(name, "delegated_to", 0.9).filter(|_| one);
        }
        // One text given to several tools tells none of them apart.
        let (most, best) = outputs.first()?;
        let same = outputs.iter().take_while(|(weight, _)| weight >= most);
        let clear = same.clone().all(|(_, output)| output.hint == best.hint);
        best.hint.as_deref().filter(|_| clear).and_then(|name| Named::new(name, TASK_ARGUMENT, 0.7))
    }

    /// Names on messages whose words an agent said before.
    pub(super) fn learn_speakers(&mut self, evidence: &Evidence, run: u32) {
        let said: Vec<(u32, &str)> = evidence
            .pieces
            .iter()
            .filter(|piece| piece.whole && !piece.to_tool)
            .filter_map(|piece| Some((piece.conversation, piece.said_by.as_deref()?)))
            .filter(|(conversation, _)| self.in_run(*conversation, run))
            .collect();
        let signed = evidence.signed.iter().map(|(conversation, name)| (*conversation, name.as_str()));
        let signed: Vec<_> = signed.filter(|(conversation, _)| self.in_run(*conversation, run)).collect();
        for (conversation, name) in said.into_iter().chain(signed) {
            self.learn_name(conversation, name);
        }
    }

    /// An agent is known by the name that others call it by, and signs with its own.
    fn learn_own_name(&mut self, scope: u64, agent: u32, name: &str) {
        let called = self.agents.get(agent).map(|agent| canonical(&agent.named.name)).unwrap_or_default();
        if called == canonical(name) {
            return;
        }
        if let Some(named) = Named::new(name, MESSAGE_NAME, 0.96) {
            let owner = self.named_agent(scope, named);
            if !self.is_not(agent, owner) {
                self.unite_agents(agent, owner);
            }
        }
    }

    /// The name of the agent that is called so: others may call it by another name than its own.
    pub fn own_name(&self, scope: u64, called: &str) -> Option<String> {
        let known = [called, named_by_tool(called)].into_iter().find_map(|name| {
            let key = hash::join(scope, super::named_fingerprint(name));
            self.agent_keys.get(key).find_map(|number| self.agents.get(number))
        });
        known.map(|known| known.named.name.clone())
    }

    pub(super) fn learn_name(&mut self, conversation: u32, name: &str) {
        let Some(known) = self.conversations.get(conversation) else { return };
        let (scope, prompt, agent) = (known.scope, known.prompt, self.agents.current(known.agent));
        let Some(rule) = self.agents.get(agent).map(|speaker| speaker.named.rule) else { return };
        if matches!(rule, "hand_over" | "delegated_to") {
            self.learn_own_name(scope, agent, name);
            return;
        }
        if rule != "prompt" && rule != TASK_ARGUMENT {
            return;
        }
        let lineage =
            self.prompts.get(prompt).is_none_or(|prompt| self.agents.current(prompt.agent) != agent);
        let Some(named) = Named::new(name, MESSAGE_NAME, 0.96) else { return };
        let owner = self.named_agent(scope, named);
        if lineage || self.is_not(agent, owner) {
            self.give_to(conversation, owner);
            if lineage {
                self.unite_agents(agent, owner);
            }
        }
        self.tie(prompt, owner);
    }
}
