//! Agents that act by writing code call their tools, and other agents, in the text of their answer:
//! `found = web_walker(task="Find the height of the tower.")`.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;

/// Calls of one answer that are looked at.
const MOST_CALLS: usize = 16;
const SHORTEST_TEXT_BYTES: usize = 12;
/// What stands before and behind code.
const MARKS: [(&str, &str); 3] = [("<code>", "</code>"), ("```python", "```"), ("```py", "```")];
static OPENING_FINDERS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| MARKS.map(|(opening, _)| Finder::new(opening)));

static ACTION_FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("Action:"));

/// Names of what is called in the answer's code, each with a text it is given.
pub(crate) fn calls(answer: &str) -> Vec<(&str, Cow<'_, str>)> {
    let Some(code) = block(answer) else { return Vec::new() };
    let mut found = Vec::new();
    for at in memchr::memchr_iter(b'(', code.as_bytes()) {
        if found.len() >= MOST_CALLS {
            break;
        }
        let name = code[..at].rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
        if name.is_empty() || name == "print" {
            continue;
        }
        if let Some(text) = first_text(&code[at + 1..]) {
            found.push((name, text));
        }
    }
    found
}

/// The tool that an answer asks for in text, and its arguments: `Action: search` and `Action Input: {...}`, each on a line
/// of its own, for models that have no tools.
pub(crate) fn action(answer: &str) -> Option<(&str, &str)> {
    let rest = &answer[ACTION_FINDER.find(answer.as_bytes())? + "Action:".len()..];
    let (tool, rest) = rest.split_once('\n')?;
    let arguments = rest.trim_start().strip_prefix("Action Input:")?.trim_start();
    let arguments = arguments.split_once("\nObservation:").map_or(arguments, |(arguments, _)| arguments);
    let tool = tool.trim().trim_matches('`');
    let named = !tool.is_empty() && tool.len() <= 80;
    (named && arguments.starts_with('{')).then_some((tool, arguments))
}

/// The answer itself, behind the thoughts of a model that writes both.
pub(crate) fn last_words(answer: &str) -> Option<&str> {
    if !answer.trim_start().starts_with("Thought:") {
        return None;
    }
    let (_, words) = answer.split_once("Final Answer:").or_else(|| answer.split_once("\nAnswer:"))?;
    Some(words.trim())
}

/// What a tool answered, written behind the words that asked for it.
pub(crate) fn observation(text: &str) -> Option<&str> {
    text.split_once("\nObservation:").map(|(_, told)| told.trim())
}

/// What stands between the marks of code.
fn block(answer: &str) -> Option<&str> {
    OPENING_FINDERS.iter().zip(MARKS).find_map(|(opening, (written, closing))| {
        let rest = &answer[opening.find(answer.as_bytes())? + written.len()..];
        Some(rest.split_once(closing).map_or(rest, |(inner, _)| inner))
    })
}

/// The first text among the arguments, perhaps behind its keyword.
fn first_text(arguments: &str) -> Option<Cow<'_, str>> {
    let mut rest = arguments.trim_start();
    if let Some((keyword, value)) = rest.split_once('=')
        && keyword.trim().chars().all(|c| c.is_alphanumeric() || c == '_')
    {
        rest = value.trim_start();
    }
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        if let Some(inner) = rest.strip_prefix(quote) {
            let (text, _) = inner.split_once(quote)?;
            let text = if text.contains("\\n") {
                Cow::Owned(text.replace("\\n", "\n"))
            } else {
                Cow::Borrowed(text)
            };
            return (text.len() >= SHORTEST_TEXT_BYTES).then_some(text);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_that_is_asked_for_in_text_is_found() {
        let answer =
            "Thought: I ask\nAction: Delegate work to coworker\nAction Input: {\"coworker\": \"Medic\"}";
        assert_eq!(action(answer), Some(("Delegate work to coworker", "{\"coworker\": \"Medic\"}")));
        let told = format!("{answer}\nObservation: All is well.");
        assert_eq!(action(&told), action(answer));
        assert_eq!(observation(&told), Some("All is well."));
        assert_eq!(last_words("Thought: I know\nFinal Answer: It runs.\n"), Some("It runs."));
        assert_eq!(last_words("My Final Answer: no"), None);
        assert_eq!(action("Action: go home"), None);
        assert_eq!(action("Final Answer: Action: none\nAction Input: no"), None);
    }

    #[test]
    fn texts_given_to_what_the_code_calls_are_found() {
        let answer = "Thought: go.\n<code>\nfound = web_walker(task=\"Find the height of the tower.\")\nprint(found)\n</code>";
        assert_eq!(calls(answer), [("web_walker", Cow::Borrowed("Find the height of the tower."))]);
        let long = "```py\nx = scout('''Look at\nall of it''', 3)\n```";
        assert_eq!(calls(long), [("scout", Cow::Borrowed("Look at\nall of it"))]);
        assert!(calls("web_walker(task=\"Find the height of the tower.\")").is_empty());
        assert!(calls("<code>f(1, g(x), \"").is_empty());
    }
}
