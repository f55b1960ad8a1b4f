//! How frameworks pass work from one agent to another on the wire: tools whose name or arguments say to whom, and the
//! sentences that stand in the history when it has happened.

use crate::json;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// The other agent goes on with this history.
    Transfer,
    /// The other agent gets a task and answers with a result.
    Delegate,
}

/// A tool call that passes work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handover {
    pub(crate) target: String,
    pub(crate) passing: Passing,
}

/// Tools that name the other agent in their own name.
const IN_NAME: [(&str, Passing); 6] = [
    ("transfer_back_to_", Passing::Transfer),
    ("transfer_to_", Passing::Transfer),
    ("handoff_to_", Passing::Transfer),
    ("hand_off_to_", Passing::Transfer),
    ("delegate_to_", Passing::Delegate),
    ("assign_to_", Passing::Delegate),
];

/// Tools that name the other agent in an argument.
const IN_ARGUMENT: [(&str, &[&str], Passing); 7] = [
    ("transfer_to_agent", &["agent_name", "agent"], Passing::Transfer),
    ("delegate_work_to_coworker", &["coworker", "co_worker"], Passing::Delegate),
    ("ask_question_to_coworker", &["coworker", "co_worker"], Passing::Delegate),
    ("delegate_task_to_member", &["member_id"], Passing::Delegate),
    ("transfer_task_to_member", &["member_id"], Passing::Delegate),
    ("task", &["subagent_type"], Passing::Delegate),
    ("agent", &["subagent_type"], Passing::Delegate),
];

/// Does this tool call pass work on, and to whom?
pub(crate) fn of_call(tool: &str, arguments: &str) -> Option<Handover> {
    let spelled = tool.trim().replace(' ', "_");
    let tool = own_name(&spelled);
    let lower = tool.to_ascii_lowercase();
    if let Some((_, keys, passing)) = IN_ARGUMENT.iter().find(|(name, ..)| *name == lower) {
        let target = keys.iter().find_map(|key| json::member_text(arguments.as_bytes(), key))?;
        let target = first_of_list(&target);
        return (!target.is_empty()).then(|| Handover { target: target.to_owned(), passing: *passing });
    }
    if let Some(handover) = by_meaning(&lower, arguments) {
        return Some(handover);
    }
    let (prefix, passing) = IN_NAME.iter().find(|(prefix, _)| lower.starts_with(prefix))?;
    let target = tool.get(prefix.len()..)?;
    (!target.is_empty() && target != "agent")
        .then(|| Handover { target: target.to_owned(), passing: *passing })
}

/// A tool's name without the plugin or server that it comes from: `Handoff-transfer_to_x`, `mcp__desk__transfer_to_x`.
fn own_name(tool: &str) -> &str {
    let known = |name: &str| {
        let name = name.to_ascii_lowercase();
        let in_name = IN_NAME.iter().any(|(prefix, _)| name.starts_with(prefix));
        in_name || IN_ARGUMENT.iter().any(|(whole, ..)| *whole == name)
    };
    let after = |(at, mark): (usize, &str)| tool.get(at + mark.len()..);
    let starts = ["-", ".", "/", ":", "__"].into_iter().flat_map(|mark| tool.match_indices(mark));
    starts.filter_map(after).find(|rest| known(rest)).unwrap_or(tool)
}

/// A tool whose name says that it hands over, and that has an argument for the agent.
fn by_meaning(tool: &str, arguments: &str) -> Option<Handover> {
    const AGENT_KEYS: [&str; 6] =
        ["to_agent", "target_agent", "next_agent", "agent_name", "agent", "recipient"];
    let delegates = tool.contains("delegate") || tool.contains("assign");
    let transfers = tool.contains("handoff") || tool.contains("hand_off") || tool.contains("transfer");
    if !delegates && !transfers {
        return None;
    }
    let target = AGENT_KEYS.iter().find_map(|key| json::member_text(arguments.as_bytes(), key))?;
    let passing = if delegates { Passing::Delegate } else { Passing::Transfer };
    (!target.is_empty() && target.len() <= 128).then(|| Handover { target: target.into_owned(), passing })
}

/// The name that a tool's own name gives to the agent behind it. `None`: the tool says what it does, not who does it.
pub(crate) fn name_in_tool(tool: &str) -> Option<&str> {
    const VERBS: [&str; 7] = ["ask_", "call_", "run_", "task_", "consult_", "use_", "invoke_"];
    const GENERIC: [&str; 12] = [
        "agent", "task", "spawn", "run", "call", "execute", "worker", "subagent", "search", "ask", "query",
        "tool",
    ];
    let tool = tool.rsplit(['-', '.', '/', ':']).next().unwrap_or(tool);
    let name = VERBS.iter().find_map(|verb| tool.strip_prefix(verb)).unwrap_or(tool);
    (!GENERIC.contains(&name) && name.len() > 2).then_some(name)
}

/// Arguments in which a tool says which worker it starts.
const HINTS: [&str; 17] = [
    "agent",
    "agent_name",
    "agent_type",
    "subagent",
    "subagent_type",
    "worker",
    "role",
    "kind",
    "assignee",
    "recipient",
    "member",
    "expert",
    "colleague",
    "coworker",
    "teammate",
    "specialist",
    "persona",
];

/// Members of an answer in JSON by which a router says who is next, and whether that gives the word to an agent by name.
const ROUTES: [(&str, bool); 16] = [
    ("next", true),
    ("goto", true),
    ("next_agent", true),
    ("next_worker", true),
    ("route_to", true),
    ("handoff_to", true),
    ("hand_off_to", true),
    ("delegate_to", true),
    ("destination", true),
    ("next_speaker", false),
    ("selected_agent", false),
    ("agent", false),
    ("route", false),
    ("category", false),
    ("intent", false),
    ("classification", false),
];
/// What a router says when nobody is next.
const NOBODY: [&str; 7] = ["finish", "end", "__end__", "done", "none", "terminate", "stop"];

/// Whom an answer of a router names.
pub(crate) fn routed(answer: &str) -> Option<(String, bool)> {
    let answer = answer.trim();
    if !answer.starts_with('{') {
        return None;
    }
    let (value, hands) =
        ROUTES.iter().find_map(|(key, hands)| Some((json::member_text(answer.as_bytes(), key)?, *hands)))?;
    let named = !value.is_empty() && value.len() <= 64 && value.split_whitespace().count() <= 4;
    let somebody = !NOBODY.iter().any(|nobody| value.eq_ignore_ascii_case(nobody));
    (named && somebody).then(|| (value.into_owned(), hands))
}

/// What another argument calls the one who gets the task.
pub(crate) fn hint(arguments: &str) -> Option<String> {
    let hint = json::members(arguments.as_bytes())
        .find(|(key, _)| HINTS.iter().any(|hint| hint.as_bytes() == *key))?;
    let name = json::text(hint.1)?;
    (name.split_whitespace().count() <= 4 && name.len() <= 64 && !name.is_empty()).then(|| name.into_owned())
}

/// `[a, b]` and quotes around a name, as models write them.
fn first_of_list(target: &str) -> &str {
    let inner = target.trim().trim_start_matches('[').trim_end_matches(']');
    inner.split(',').next().unwrap_or(inner).trim().trim_matches(|c| c == '"' || c == '\'')
}

/// The agent that has the word after this result of a tool: `{"assistant": "Order Agent"}`,
/// `Successfully transferred to X`, `Transferred to X, adopting the role of X immediately.`
pub(crate) fn arrived(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > 400 {
        return None;
    }
    if text.starts_with('{') {
        let mut members = json::members(text.as_bytes());
        let name = match (members.next(), members.next()) {
            (Some((b"assistant", name)), None) => json::text(name)?,
            _ => return None,
        };
        return (!name.is_empty()).then(|| name.into_owned());
    }
    if let Some(rest) = text.strip_prefix("Agent ")
        && let Some((name, _)) = rest.split_once(" is now handling the request")
    {
        return (!name.is_empty() && name.len() <= 128).then(|| name.to_owned());
    }
    for opening in ["Successfully transferred back to ", "Successfully transferred to ", "Transferred to "] {
        if let Some(rest) = text.strip_prefix(opening) {
            let name = rest.split([',', '\n']).next().unwrap_or(rest).trim().trim_end_matches('.');
            let plausible = !name.is_empty() && name.len() <= 128;
            return plausible.then(|| name.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(tool: &str, arguments: &str) -> Option<String> {
        of_call(tool, arguments).map(|handover| handover.target)
    }

    #[test]
    fn tools_that_pass_work_on_say_to_whom() {
        assert_eq!(target("transfer_to_order_agent", "{}").as_deref(), Some("order_agent"));
        assert_eq!(target("transfer_back_to_supervisor", "{}").as_deref(), Some("supervisor"));
        assert_eq!(target("transfer_to_agent", r#"{"agent_name":"weather"}"#).as_deref(), Some("weather"));
        assert_eq!(
            target(
                "delegate_work_to_coworker",
                r#"{"task":"t","coworker":"[\"Senior Researcher\", \"b\"]"}"#
            )
            .as_deref(),
            Some("Senior Researcher")
        );
        assert_eq!(
            target("delegate_task_to_member", r#"{"member_id":"web","task":"t"}"#).as_deref(),
            Some("web")
        );
        assert_eq!(
            target("Agent", r#"{"subagent_type":"Explore","prompt":"p"}"#).as_deref(),
            Some("Explore")
        );
        assert_eq!(target("Agent", r#"{"prompt":"p"}"#), None);
        assert_eq!(target("get_weather", r#"{"agent_name":"x"}"#), None);
        assert_eq!(target("transfer_to_agent", "{}"), None);
        assert_eq!(
            target("handoff", r#"{"to_agent":"WriteAgent","reason":"r"}"#).as_deref(),
            Some("WriteAgent")
        );
        assert_eq!(target("transfer_funds", "{}"), None);
        assert_eq!(target("Handoff-transfer_to_RefundAgent", "{}").as_deref(), Some("RefundAgent"));
        assert_eq!(target("mcp__desk__handoff_to_billing", "{}").as_deref(), Some("billing"));
        assert_eq!(target("Delegate work to coworker", r#"{"coworker":"Medic"}"#).as_deref(), Some("Medic"));
        assert_eq!(name_in_tool("task_roofer"), Some("roofer"));
        assert_eq!(name_in_tool("run_task"), None);
        assert_eq!(name_in_tool("BillingAgent-BillingAgent"), Some("BillingAgent"));
        assert_eq!(routed(r#"{"next": "researcher"}"#), Some(("researcher".to_owned(), true)));
        assert_eq!(
            routed(r#"{"reasoning": "r", "category": "billing"}"#),
            Some(("billing".to_owned(), false))
        );
        assert_eq!(routed(r#"{"next": "FINISH"}"#), None);
        assert_eq!(routed(r#"{"next": "first do this, then do that and the rest"}"#), None);
    }

    #[test]
    fn the_history_says_who_has_the_word() {
        assert_eq!(arrived(r#"{"assistant": "Order Agent"}"#).as_deref(), Some("Order Agent"));
        assert_eq!(arrived("Successfully transferred to math_expert").as_deref(), Some("math_expert"));
        assert_eq!(
            arrived("Transferred to bob, adopting the role of bob immediately.").as_deref(),
            Some("bob")
        );
        assert_eq!(arrived(r#"{"assistant": "x", "more": 1}"#), None);
        assert_eq!(arrived("Transferred 5 dollars"), None);
        assert_eq!(
            arrived("Agent WriteAgent is now handling the request due to the following reason: r").as_deref(),
            Some("WriteAgent")
        );
    }
}
