//! Calls that a framework makes for itself: planning, choosing the next speaker, memory, guardrails, counting tokens.
//! They are no agent of the author's; they hang under the agent they serve.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};

use crate::framework::find;
use crate::request::Operation;

/// What a framework's own call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Internal {
    Planner,
    Selector,
    Memory,
    Guardrail,
    TokenCount,
    Embedding,
    Summary,
    Converter,
    Title,
    Warmup,
}

impl Internal {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planner => "planner",
            Self::Selector => "selector",
            Self::Memory => "memory",
            Self::Guardrail => "guardrail",
            Self::TokenCount => "count_tokens",
            Self::Embedding => "embedding",
            Self::Summary => "summary",
            Self::Converter => "converter",
            Self::Title => "title",
            Self::Warmup => "warmup",
        }
    }
}

/// How a system prompt of a framework's own call begins.
const OPENINGS: [(&str, Internal); 17] = [
    ("Earlier you were asked to fulfill a request. You and your team worked", Internal::Summary),
    ("<role>\nContext Extraction Assistant", Internal::Summary),
    ("Extract the highest quality/most relevant context", Internal::Summary),
    ("You are Task Execution Planner. ", Internal::Planner),
    ("You are Guardrail Agent. ", Internal::Guardrail),
    ("You are a strategic planning assistant", Internal::Planner),
    ("You are in a role play game.", Internal::Selector),
    ("You are selecting the next speaker", Internal::Selector),
    ("You are a world expert at analyzing a situation", Internal::Planner),
    ("You are a Memory Manager", Internal::Memory),
    ("You are a memory manager", Internal::Memory),
    ("Analyze the following conversation and extract", Internal::Memory),
    ("You are an expert conversation summarizer", Internal::Summary),
    ("You are a helpful assistant that summarizes", Internal::Summary),
    ("You are a helpful AI assistant tasked with summarizing conversations", Internal::Summary),
    ("You extract memories", Internal::Memory),
    ("Generate a concise, sentence-case title", Internal::Title),
];

/// Sentences anywhere in a first user message that give it away.
const IN_TASK: [(&[u8], Internal); 3] = [
    (b"Relevant memory excerpts:", Internal::Memory),
    (b"Then select the next role from ", Internal::Selector),
    (b"Please write a 5-10 word title", Internal::Title),
];
static IN_TASK_FINDERS: LazyLock<[(Finder<'static>, Internal); 3]> =
    LazyLock::new(|| IN_TASK.map(|(sentence, kind)| (Finder::new(sentence), kind)));

/// Names of schemas that an answer must have.
const SCHEMAS: [(&str, Internal); 9] = [
    ("PlannerTaskPydanticOutput", Internal::Planner),
    ("LLMGuardrailResult", Internal::Guardrail),
    ("ExtractedMemories", Internal::Memory),
    ("MemoryAnalysis", Internal::Memory),
    ("QueryAnalysis", Internal::Memory),
    ("ConsolidationPlan", Internal::Memory),
    ("TaskEvaluation", Internal::Guardrail),
    ("StepObservation", Internal::Planner),
    ("SessionSummaryResponse", Internal::Summary),
];

/// By the endpoint alone.
pub(crate) fn of_operation(operation: Operation) -> Option<Internal> {
    match operation {
        Operation::Generate => None,
        Operation::CountTokens => Some(Internal::TokenCount),
        Operation::Embeddings => Some(Internal::Embedding),
    }
}

pub(crate) fn of_prompt(prompt: &str) -> Option<Internal> {
    let prompt = prompt.trim_start();
    OPENINGS.iter().find(|(opening, _)| prompt.starts_with(opening)).map(|(_, kind)| *kind)
}

pub(crate) fn of_task(task: &str) -> Option<Internal> {
    let known = IN_TASK_FINDERS.iter().find(|(sentence, _)| sentence.find(task.as_bytes()).is_some());
    let known = known.map(|(_, kind)| *kind);
    known.or_else(|| is_summary(task).then_some(Internal::Summary))
}

/// The prompts of a framework's orchestrator, which has no system prompt: facts, plan, ledger, final answer.
pub(crate) fn of_orchestrator(task: &str) -> Option<Internal> {
    const OPENINGS: [&str; 5] = [
        "Fantastic. To address this request we have assembled the following team:",
        "Below I will present you a request.",
        "We are working to address the following user request:",
        "Recall we are working on the following request:",
        "We are working on the following task:",
    ];
    let task = task.trim_start();
    OPENINGS.iter().any(|opening| task.starts_with(opening)).then_some(Internal::Planner)
}

/// Claude Code asks each of its built-in agents one word at its start, so that their prompts are in the provider's cache.
pub(crate) fn of_coding_agent(task: &str, framework: &str) -> Option<Internal> {
    (task == "Warmup" && matches!(framework, "claude-code" | "claude-agent-sdk")).then_some(Internal::Warmup)
}

/// "Summarise this conversation": a program that shortens the history of an agent of its own.
fn is_summary(task: &str) -> bool {
    let head = task.trim_start();
    let head = head[..crate::naming::floor(head, 160)].to_ascii_lowercase();
    let verbs = ["summari", "condense ", "compress ", "compact "];
    let talks =
        ["conversation", "dialogue", "chat history", "message history", "messages above", "history above"];
    const BEFORE: [&str; 9] = [
        "please ",
        "now ",
        "your task is to ",
        "you must ",
        "create a ",
        "write a ",
        "provide a ",
        "give a ",
        "generate a ",
    ];
    const KINDS: [&str; 5] = ["detailed ", "concise ", "brief ", "short ", "comprehensive "];
    let mut order = head.as_str();
    while let Some(rest) = BEFORE.iter().chain(&KINDS).find_map(|word| order.strip_prefix(word)) {
        order = rest;
    }
    let ordered = order.len() < head.len() && order.starts_with("summary of ");
    (ordered || verbs.iter().any(|verb| order.starts_with(verb)))
        && talks.iter().any(|talk| find(&head, talk).is_some())
}

pub(crate) fn of_schema(name: &str) -> Option<Internal> {
    SCHEMAS.iter().find(|(schema, _)| *schema == name).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_to_summarise_a_talk_are_known_and_other_summaries_are_work() {
        for order in [
            "Summarise this conversation in two sentences:\nuser: hi",
            "Your task is to create a detailed summary of the conversation so far, paying close attention to it.",
            "Please provide a concise summary of our chat history.",
        ] {
            assert_eq!(of_task(order), Some(Internal::Summary), "{order}");
        }
        for order in [
            "Summary of the conversation so far: they met.",
            "Summarise the report on bees.",
            "Create a detailed plan of the conversation hall.",
        ] {
            assert_eq!(of_task(order), None, "{order}");
        }
    }

    #[test]
    fn a_warming_word_is_one_only_in_the_program_that_sends_it() {
        assert_eq!(of_coding_agent("Warmup", "claude-code"), Some(Internal::Warmup));
        assert_eq!(of_coding_agent("Warmup", ""), None);
        assert_eq!(of_coding_agent("Warmup exercises, please", "claude-code"), None);
    }

    #[test]
    fn an_orchestrator_is_known_by_its_questions() {
        let asked =
            "Below I will present you a request. Before we begin addressing the request, please answer";
        assert_eq!(of_orchestrator(asked), Some(Internal::Planner));
        assert_eq!(of_orchestrator("Below is a text."), None);
    }
}
