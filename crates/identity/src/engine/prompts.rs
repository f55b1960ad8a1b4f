//! System prompts that were seen: read once each, then known by their fingerprint.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::evidence::Evidence;
use super::place::Reading;
use super::runs::has_prompt;
use super::{Arrival, Engine, Prompt};
use crate::framework::{self, Framework};
use crate::history::History;
use crate::message::Role;
use crate::naming::{Named, canonical};
use crate::template::{self, Filled};
use crate::{google, hash, internal, json, naming, soft};

/// Two prompts in one conversation that are this much alike are one prompt with something filled in.
const SAME_PROMPT: f32 = 0.8;
/// Words by which a first message tells an agent who it is, as they stand in JSON.
const TELLING: [&[u8]; 8] = [
    b"helpful agent named ",
    b"Your personal goal is: ",
    b"Your internal name is ",
    b"You are Task Execution",
    b"You are Guardrail",
    b"Your name is ",
    b"Context Extraction Assistant",
    b"You are a world expert",
];
static TELLING_FINDERS: LazyLock<[Finder<'static>; 8]> = LazyLock::new(|| TELLING.map(Finder::new));
const TEMPLATE: &str = "prompt:template";

impl Engine {
    /// The number of the call's system prompt. Calls without one share the prompt of their tools.
    pub(super) fn prompt_of<'a>(&mut self, arrival: &Arrival<'a>, history: &History<'a>) -> u32 {
        let outer = arrival.fields.outer_system();
        let written = history.system_fingerprint(outer);
        // Without a system prompt and tools, an order in front of what it is given to work on is the prompt.
        let order = if written == 0 && arrival.fields.tools.is_empty() { history.order() } else { None };
        let written = match &order {
            Some(order) => hash::bytes(16, order.as_bytes()),
            None if written == 0 => hash::sampled(13, arrival.fields.tools),
            None => written,
        };
        // What an agent is told about itself in its first message is part of its prompt.
        let told = history.first_head();
        let tells = TELLING_FINDERS.iter().any(|words| words.find(told).is_some());
        let written = if tells { hash::join(written, hash::bytes(15, told)) } else { written };
        let written = hash::join(arrival.scope, written);
        if let Some(known) =
            self.prompt_keys.newest(written).filter(|number| self.prompts.get(*number).is_some())
        {
            let kept = self.prompts.keep(known);
            if kept != known {
                self.prompt_keys.push(written, kept);
            }
            return kept;
        }
        let text = order.unwrap_or_else(|| history.system_text(outer));
        let number = self.read_prompt(arrival, history, &text);
        self.prompt_keys.push(written, number);
        number
    }

    fn read_prompt(&mut self, arrival: &Arrival<'_>, history: &History<'_>, text: &str) -> u32 {
        let mut read = soft::of(text);
        if text.trim().is_empty() {
            read = soft::of(&tool_names(arrival.fields.tools).join(" "));
            read.key = hash::join(read.key, 77);
        }
        // A caller without a system prompt may be told who it is in its first message.
        let mut told = text.to_owned();
        let signed = history.leading.iter().find_map(|raw| json::member_text(raw, "name"));
        let signed = signed.and_then(|name| Named::new(&name, "message_name", 0.97));
        let mut named = naming::in_prompt(text).or(signed);
        let mut kind = internal::of_prompt(naming::behind_program(text));
        // A user may quote any prompt. Only a caller that has no system prompt, or that of a framework which tells its
        // workers their names so, is told who it is by its first message.
        let told_so = framework::of_prompt(text).is_some_and(|framework| framework.name == "smolagents");
        if named.is_none()
            && (text.trim().is_empty() || told_so)
            && let Some(first) = history.whole().first().and_then(|message| message.texts.first().cloned())
        {
            named = naming::in_prompt(&first);
            if named.is_some() || text.is_empty() {
                kind = kind.or_else(|| internal::of_prompt(&first));
                told = format!("{told}\n{first}");
            }
            if let Some(named) = &named {
                read.key = hash::join(read.key, hash::bytes(14, named.name.as_bytes()));
            }
        }
        let key = hash::join(arrival.scope, read.key);
        let known = self.prompt_keys.newest(key).filter(|number| self.prompts.get(*number).is_some());
        known.unwrap_or_else(|| {
            let framework = framework::of_prompt(&told);
            let generated = naming::generated(if text.trim().is_empty() { "" } else { text });
            let mut prompt = Prompt {
                scope: arrival.scope,
                family: read.key,
                soft: read,
                task: first_task(history),
                named,
                generated,
                framework,
                internal: kind,
                agent: 0,
                shared: false,
                like: 0,
            };
            prompt.like = self.like_template(&prompt);
            let number = self.prompts.add(prompt);
            self.prompt_keys.push(key, number);
            number
        })
    }

    /// The prompt of the template that this one may be another rendering of. 0: none.
    fn like_template(&self, prompt: &Prompt) -> u32 {
        let filled = |known: &Prompt| Filled {
            prompt: &prompt.soft.words,
            task: &prompt.task,
            same_kind: prompt.named.is_none() && known.generated == prompt.generated,
        };
        let rule = |prompt: &Prompt| prompt.named.as_ref().map(|named| named.rule);
        let known = self.prompts.each().find(|(_, known)| {
            known.scope == prompt.scope
                && known.framework.map(|one| one.name) == prompt.framework.map(|one| one.name)
                && known.internal == prompt.internal
                && (rule(known) == rule(prompt) || rule(known) == Some(TEMPLATE))
                && template::same(
                    filled(known),
                    Filled { prompt: &known.soft.words, task: &known.task, same_kind: false },
                )
        });
        known.map_or(0, |(number, _)| number)
    }

    /// A prompt like another one is the same agent with other values, unless both are in one run, where a value is what
    /// it is; or unless it was given its task by an agent, which may well have workers that differ by a word.
    pub(super) fn settle_family(&mut self, number: u32, run: u32, evidence: &Evidence) {
        let Some(prompt) = self.prompts.get(number).filter(|prompt| prompt.like != 0) else { return };
        let (scope, like, own, named) = (prompt.scope, prompt.like, prompt.soft.key, prompt.named.clone());
        let Some(known) = self.prompts.get(like).cloned() else { return };
        let together = self.runs.get(run).is_some_and(|run| run.seen.contains(&has_prompt(known.family)));
        let given = evidence.pieces.iter().any(|piece| piece.to_tool && piece.weight >= 0.6);
        let Some(prompt) = self.prompts.get_mut(number) else { return };
        prompt.like = 0;
        if together || given {
            prompt.family = own;
            return;
        }
        prompt.family = known.family;
        prompt.agent = known.agent;
        if let (Some(one), Some(other)) = (&known.named, &named)
            && canonical(&one.name) != canonical(&other.name)
        {
            let name = template::name(&one.name, &other.name);
            let named = Named { name, rule: TEMPLATE, sure: 0.8 };
            prompt.named = Some(named.clone());
            let old = self.named_agent(scope, one.clone());
            let agent = self.named_agent(scope, named.clone());
            self.unite_agents(old, agent);
            if let Some(known) = self.prompts.get_mut(like) {
                known.named = Some(named);
            }
        }
    }

    /// The key by which a run knows whether it has this agent already.
    pub(super) fn family_of(&self, number: u32) -> u64 {
        let Some(prompt) = self.prompts.get(number) else { return 0 };
        self.prompts.get(prompt.like).map_or(prompt.family, |like| like.family)
    }

    /// The same prompt with something else filled in.
    pub(super) fn same_prompt(&self, one: u32, other: u32) -> bool {
        let (Some(one), Some(other)) = (self.prompts.get(one), self.prompts.get(other)) else { return false };
        if one.soft.key == other.soft.key || one.family == other.family {
            return true;
        }
        let names =
            (one.named.as_ref().map(|named| &named.name), other.named.as_ref().map(|named| &named.name));
        names.0 == names.1
            && one.internal == other.internal
            && soft::likeness(&one.soft.words, &other.soft.words) >= SAME_PROMPT
    }

    /// The framework that the prompt's own words show.
    pub(super) fn framework_in_prompt(&self, number: u32) -> &'static str {
        let framework = self.prompts.get(number).and_then(|prompt| prompt.framework);
        framework.map_or("", |framework| framework.name)
    }

    pub(super) fn framework_of(&self, reading: &Reading<'_>) -> Option<Framework> {
        let prompt = self.prompts.get(reading.prompt).and_then(|prompt| prompt.framework);
        let tools = reading
            .messages
            .iter()
            .flat_map(|message| &message.calls)
            .find_map(|call| framework::of_tool(&call.name));
        let agent = framework::of_user_agent(reading.arrival.user_agent);
        framework::surer(framework::surer(prompt, tools), agent)
    }
}

/// Words of the first thing a user says.
fn first_task(history: &History<'_>) -> Box<[u32]> {
    let messages = history.whole();
    let first = messages.iter().find(|message| message.role == Role::User);
    first.map(|message| soft::of(&spaced(&crate::message::whole_text(message))).words).unwrap_or_default()
}

/// Sentences that a framework put together without a blank, apart.
fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    for c in text.chars() {
        if before == '.' && c.is_uppercase() {
            spaced.push(' ');
        }
        spaced.push(c);
        before = c;
    }
    spaced
}

/// Names of the tools offered, in their order.
pub(super) fn tool_names(tools: &[u8]) -> Vec<String> {
    let name = |raw| json::member_text(raw, "name").map(std::borrow::Cow::into_owned);
    let mut names = Vec::new();
    for (raw, _) in json::elements(tools).take(64) {
        names.extend(name(json::member(raw, "function").unwrap_or(raw)));
        names.extend(google::declared(raw).filter_map(name));
    }
    names
}
