//! Where each call hangs: below the step that was stated for it, else below its agent and its task.

use std::collections::HashMap;

use aop_clickhouse::runs::RunCall;
use aop_clickhouse::traces::Span;
use aop_domain::correction::Caller;
use aop_domain::id::SpanId;
use aop_identity::named_fingerprint;

use super::speakers::{FRAMEWORK, Speaker};
use super::totals::{Sum, status};
use super::{Records, reasons};
use crate::wire::tree::{NodeFound, NodeKind, hex};

/// Longest name of a task that nobody named: the first words of what was asked.
const LONGEST_ASKED_CHARS: usize = 120;

/// A line of the tree while it is made.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) parent: usize,
    pub(super) kind: NodeKind,
    pub(super) span_type: String,
    pub(super) name: Option<String>,
    pub(super) agent: Option<u64>,
    pub(super) internal: String,
    pub(super) span: u64,
    pub(super) call_id: String,
    pub(super) conversation: u64,
    pub(super) prompt: u64,
    pub(super) fingerprint: u64,
    /// Of a call or a stated step; others have what is below them.
    pub(super) own: Option<Own>,
    pub(super) error_code: String,
    pub(super) found: NodeFound,
}

/// What a line has of itself.
#[derive(Debug, Clone)]
pub(super) struct Own {
    pub(super) status: String,
    pub(super) started_us: i64,
    /// 0 while it runs.
    pub(super) ended_us: i64,
    pub(super) sum: Sum,
}

/// The root's place.
pub(super) const ROOT: usize = 0;

pub(super) struct Drafts {
    pub(super) lines: Vec<Draft>,
    places: HashMap<String, usize>,
    /// Stated steps by their span.
    spans: HashMap<u64, usize>,
}

/// A stated step: calls and their attempts have lines of their own, or none.
pub(super) fn is_step(span: &Span) -> bool {
    span.span_type != "llm_call" && span.span_type != "attempt"
}

/// A span's id as a number.
pub(super) fn number(span: &str) -> u64 {
    span.parse::<SpanId>().map_or(0, |id| u64::from_be_bytes(id.0))
}

pub(super) fn drafts(records: &Records<'_>, speakers: &[Speaker]) -> Drafts {
    let root = Draft {
        kind: NodeKind::Run,
        name: Some(records.trace.summary.name.clone()),
        ..line("run".to_owned(), ROOT, NodeKind::Run)
    };
    let mut drafts = Drafts { lines: vec![root], places: HashMap::new(), spans: HashMap::new() };
    drafts.add_steps(records);
    for (call, speaker) in records.calls.iter().zip(speakers) {
        drafts.add_call(call, speaker);
    }
    drafts.break_circles();
    drafts
}

fn line(id: String, parent: usize, kind: NodeKind) -> Draft {
    Draft {
        id,
        parent,
        kind,
        span_type: String::new(),
        name: None,
        agent: None,
        internal: String::new(),
        span: 0,
        call_id: String::new(),
        conversation: 0,
        prompt: 0,
        fingerprint: 0,
        own: None,
        error_code: String::new(),
        found: NodeFound::default(),
    }
}

impl Drafts {
    fn add_steps(&mut self, records: &Records<'_>) {
        let steps: Vec<&Span> = records.trace.spans.iter().filter(|span| is_step(span)).collect();
        for span in &steps {
            let id = number(&span.span_id);
            let kind = match span.span_type.as_str() {
                "agent" => NodeKind::Agent,
                "task" => NodeKind::Task,
                _ => NodeKind::Span,
            };
            let failed = span.status == "failed";
            let own = Own {
                status: span.status.clone(),
                started_us: span.started_at_us,
                ended_us: span.ended_at_us,
                sum: Sum { errors: u64::from(failed), ..Sum::default() },
            };
            let mut draft = Draft {
                span_type: span.span_type.clone(),
                name: Some(span.name.clone()).filter(|name| !name.is_empty()),
                span: id,
                error_code: span.error_code.clone(),
                own: Some(own),
                ..line(format!("s:{}", span.span_id), ROOT, kind)
            };
            if kind == NodeKind::Agent {
                let (agent, name) = stated_agent(span, records);
                draft.agent = Some(agent);
                draft.name = name.or(draft.name);
                draft.found.agent = Some(reasons::found("stated", 100));
            }
            self.spans.insert(id, self.lines.len());
            self.lines.push(draft);
        }
        for span in steps {
            let parent = self.spans.get(&number(&span.parent_span_id)).copied().unwrap_or(ROOT);
            if let Some(at) = self.spans.get(&number(&span.span_id)).copied().filter(|at| *at != parent) {
                self.lines[at].parent = parent;
            }
        }
    }

    fn add_call(&mut self, call: &RunCall, speaker: &Speaker) {
        let stated = self.spans.get(&call.parent_span).copied();
        let parent = match stated.map(|at| (at, self.lines[at].kind)) {
            // A runner says which agent's, and which task's, the call is.
            Some((at, NodeKind::Agent | NodeKind::Task)) if speaker.serves.is_none() => at,
            above => {
                let agent = self.agent(above.map_or(ROOT, |(at, _)| at), speaker);
                self.task(agent, call, speaker)
            }
        };
        let own = Own {
            status: status(call).to_owned(),
            started_us: call.started_at_us,
            ended_us: call.started_at_us.saturating_add_unsigned(call.duration_us),
            sum: Sum::of(call),
        };
        let draft = Draft {
            name: Some(call.model.clone()),
            agent: Some(speaker.agent),
            internal: call.internal.clone(),
            span: call.span,
            call_id: call.call_id.clone(),
            conversation: call.conversation,
            prompt: call.prompt_fingerprint,
            fingerprint: speaker.fingerprint,
            own: Some(own),
            error_code: call.error_code.clone(),
            found: NodeFound {
                agent: Some(speaker.found.clone()).filter(|_| speaker.serves.is_none()),
                run: run_found(call),
                serves: speaker.serves.clone(),
            },
            ..line(format!("c:{}", call.call_id), parent, NodeKind::Call)
        };
        self.lines.push(draft);
    }

    /// The line of this agent below another line.
    fn agent(&mut self, parent: usize, speaker: &Speaker) -> usize {
        let mut id = format!("a:{}", hex(speaker.agent));
        if parent != ROOT {
            id = format!("{id}@{}", self.lines[parent].id);
        }
        let at = self.place(id, parent, NodeKind::Agent);
        let line = &mut self.lines[at];
        line.agent = Some(speaker.agent);
        if speaker.serves.is_none() && (line.name.is_none() || surer(&line.found, speaker)) {
            line.name.clone_from(&speaker.name);
            line.found.agent = Some(speaker.found.clone());
        } else if line.name.is_none() && speaker.agent != FRAMEWORK {
            line.name.clone_from(&speaker.name);
        }
        at
    }

    /// The line of the call's task below its agent. A call that has none hangs below its agent.
    fn task(&mut self, agent: usize, call: &RunCall, speaker: &Speaker) -> usize {
        let above = self.lines[agent].id.clone();
        let (id, name) = if speaker.serves.is_some() {
            (format!("i:{}@{above}", call.internal), call.internal.clone())
        } else if !call.task.is_empty() {
            (format!("t:{}@{above}", hex(named_fingerprint(&call.task))), call.task.clone())
        } else if call.conversation != 0 {
            (format!("t:{}@{above}", hex(call.conversation)), asked(&call.input_preview))
        } else {
            return agent;
        };
        let is_new = !self.places.contains_key(&id);
        let at = self.place(id, agent, NodeKind::Task);
        let line = &mut self.lines[at];
        line.agent = Some(speaker.agent);
        if is_new {
            line.name = Some(name);
            line.found.run = run_found(call);
            line.found.serves.clone_from(&speaker.serves);
            if speaker.serves.is_some() {
                line.internal.clone_from(&call.internal);
            } else {
                line.conversation = call.conversation;
                line.prompt = call.prompt_fingerprint;
            }
        }
        at
    }

    fn place(&mut self, id: String, parent: usize, kind: NodeKind) -> usize {
        if let Some(known) = self.places.get(&id) {
            return *known;
        }
        let at = self.lines.len();
        self.lines.push(line(id.clone(), parent, kind));
        self.places.insert(id, at);
        at
    }

    /// Steps that state each other as parents hang below the run.
    fn break_circles(&mut self) {
        let mut good = vec![false; self.lines.len()];
        good[ROOT] = true;
        for at in 1..self.lines.len() {
            let mut way = Vec::new();
            let mut next = at;
            while !good[next] {
                if way.contains(&next) {
                    self.lines[next].parent = ROOT;
                    break;
                }
                way.push(next);
                next = self.lines[next].parent;
            }
            for passed in way {
                good[passed] = true;
            }
        }
    }
}

fn surer(found: &NodeFound, speaker: &Speaker) -> bool {
    found.agent.as_ref().is_none_or(|known| known.confidence < speaker.found.confidence)
}

/// Why the call is in this run.
fn run_found(call: &RunCall) -> Option<crate::wire::tree::Found> {
    if call.run_rule.is_empty() {
        return None;
    }
    let found = reasons::found(&call.run_rule, call.run_confidence);
    let stated = call.run_rule == "stated" && !call.trace_source.is_empty();
    Some(if stated { crate::wire::tree::Found { source: call.trace_source.clone(), ..found } } else { found })
}

fn asked(preview: &str) -> String {
    if preview.chars().count() <= LONGEST_ASKED_CHARS {
        return preview.to_owned();
    }
    preview.chars().take(LONGEST_ASKED_CHARS).chain(['…']).collect()
}

/// The agent of a step that says it is one.
pub(super) fn stated_agent(span: &Span, records: &Records<'_>) -> (u64, Option<String>) {
    let name = if span.agent.is_empty() { &span.name } else { &span.agent };
    let agent = named_fingerprint(name);
    match records.corrections.apply(Caller { agent, ..Caller::default() }) {
        Some(corrected) => (corrected.agent, Some(corrected.name.to_owned())),
        None => (agent, Some(name.clone())),
    }
}
