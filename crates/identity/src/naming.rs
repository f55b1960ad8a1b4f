//! What an agent is called: by its prompt when the prompt says so, else by a name made from it.

use serde::{Deserialize, Serialize};

use crate::framework::find;
use crate::word::Word;

/// Longest name that is taken.
const LONGEST_NAME_BYTES: usize = 128;

/// A name and how it was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Named {
    pub name: String,
    #[serde(with = "crate::word")]
    pub rule: Word,
    /// 0 to 1.
    pub sure: f32,
}

impl Named {
    pub(crate) fn new(name: &str, rule: &'static str, sure: f32) -> Option<Self> {
        let name = name.trim().trim_matches(|c| c == '"' || c == '\'' || c == '`' || c == '*').trim();
        let good =
            !name.is_empty() && name.len() <= LONGEST_NAME_BYTES && !name.chars().any(char::is_control);
        good.then(|| Self { name: name.to_owned(), rule, sure })
    }
}

/// Two spellings of one name: `Order Agent`, `order_agent`, `order-agent`.
pub fn canonical(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name that a framework or an author wrote into the prompt.
pub(crate) fn in_prompt(prompt: &str) -> Option<Named> {
    crew_role(prompt)
        .or_else(|| quoted_after(prompt, "Your internal name is ", "prompt:internal_name", 0.98))
        .or_else(|| quoted_after(prompt, "You're a helpful agent named ", "prompt:agent_named", 0.97))
        .or_else(|| quoted_after(prompt, "You are a helpful agent named ", "prompt:agent_named", 0.95))
        .or_else(|| own_name(prompt))
}

/// `You are {role}. {backstory}\nYour personal goal is: {goal}`, and the two later forms of the same agent.
fn crew_role(prompt: &str) -> Option<Named> {
    let start = prompt.strip_prefix("System: ").unwrap_or(prompt).trim_start().strip_prefix("You are ")?;
    let goal = find(start, "\nYour personal goal is: ")
        .or_else(|| {
            find(start, "You are executing ONE specific step").and_then(|_| find(start, "\nYour goal: "))
        })
        .or_else(|| find(start, "You have completed a multi-step task"))?;
    let head = &start[..goal];
    let role = head.split(". ").next().unwrap_or(head).trim_end_matches('.');
    Named::new(role.split('\n').next().unwrap_or(role), "prompt:crewai_role", 0.97)
}

fn quoted_after(prompt: &str, opening: &str, rule: &'static str, sure: f32) -> Option<Named> {
    let rest = &prompt[find(prompt, opening)? + opening.len()..];
    let quote = rest.chars().next().filter(|c| "\"'`".contains(*c))?;
    Named::new(rest[1..].split(quote).next()?, rule, sure)
}

/// Sentences in which an author tells an agent its own name.
fn own_name(prompt: &str) -> Option<Named> {
    let head = &prompt[..floor(prompt, 2000)];
    stated_name(head)
        .or_else(|| marked_name(head))
        .or_else(|| name_line(head))
        .or_else(|| tagged_name(head))
        .or_else(|| quoted_name(head))
        .or_else(|| title(head))
        .and_then(|name| Named::new(name, "prompt:your_name_is", 0.9))
}

/// `Your name is X.`, `You are an assistant named X.`, and in Korean.
fn stated_name(head: &str) -> Option<&str> {
    const OPENINGS: [&str; 8] = [
        "Your name is: ",
        "Your name is ",
        "your name is ",
        "Your agent name is ",
        "You are called ",
        "You go by ",
        "당신의 이름은 ",
        "너의 이름은 ",
    ];
    let told = OPENINGS.iter().find_map(|opening| {
        let rest = &head[find(head, opening)? + opening.len()..];
        let end = rest.find(['.', ',', '\n', ';', '!']).unwrap_or(rest.len());
        let name = korean_noun(&rest[..end]);
        (name.split_whitespace().count() <= 5).then_some(name)
    });
    told.or_else(|| {
        let sentence = first_sentence(&head[find(head, "You are ")?..]);
        let rest = &sentence[find(sentence, " named ")? + " named ".len()..];
        let name = rest.split([',', ';', '(']).next().unwrap_or(rest).trim();
        is_title(name).then_some(name)
    })
}

/// `You are **Ada**, one of two speakers.`: a name that stands out.
fn marked_name(head: &str) -> Option<&str> {
    let rest = &head[find(head, "You are ")? + "You are ".len()..];
    let rest = rest.strip_prefix("the ").unwrap_or(rest);
    let (mark, rest) =
        ["**", "`", "\"", "__"].iter().find_map(|mark| Some((*mark, rest.strip_prefix(mark)?)))?;
    let name = rest.split_once(mark)?.0;
    (name.split_whitespace().count() <= 5).then_some(name)
}

/// A line of its own that says the name: `Name: X`, `# Agent: X`.
fn name_line(head: &str) -> Option<&str> {
    const KEYS: [&str; 7] =
        ["name", "agent name", "agent", "your name", "assistant name", "이름", "에이전트"];
    head.lines().take(12).find_map(|line| {
        let (key, name) = line.split_once(':')?;
        let key = key.trim_matches(|c: char| c == '#' || c == '*' || c == '-' || c.is_whitespace());
        let known = KEYS.iter().any(|known| key.eq_ignore_ascii_case(known));
        let name = name.trim_matches(|c: char| c == '*' || c.is_whitespace()).trim_end_matches('.');
        (known && !name.is_empty() && name.split_whitespace().count() <= 5).then_some(name)
    })
}

/// `<role>Tax Advisor</role>`, or a first line that is nothing but `[packing-bot]`.
fn tagged_name(head: &str) -> Option<&str> {
    const TAGS: [(&str, &str); 4] = [
        ("<role>", "</role>"),
        ("<name>", "</name>"),
        ("<agent_name>", "</agent_name>"),
        ("<agent>", "</agent>"),
    ];
    let tagged = TAGS.iter().find_map(|(opening, closing)| {
        let rest = &head[find(head, opening)? + opening.len()..];
        Some(&rest[..find(rest, closing)?])
    });
    let first = head.trim_start().lines().next().unwrap_or_default().trim();
    let name = tagged.or_else(|| first.strip_prefix('[')?.strip_suffix(']'))?;
    let name = name.trim();
    let good = !name.starts_with("You ")
        && !name.contains(['\n', '{', '<', '['])
        && (1..=5).contains(&name.split_whitespace().count());
    good.then_some(name)
}

/// `System prompt for agent 'lexikon':`, in the first sentence.
fn quoted_name(head: &str) -> Option<&str> {
    let sentence = first_sentence(head);
    ["agent ", "Agent ", "assistant ", "bot "].iter().find_map(|kind| {
        let rest = &sentence[find(sentence, kind)? + kind.len()..];
        let quote = rest.chars().next().filter(|c| "\"'`".contains(*c))?;
        let (name, _) = rest[1..].split_once(quote)?;
        (1..=5).contains(&name.split_whitespace().count()).then_some(name)
    })
}

/// `You answer questions as Algebra Expert.`: a title of several words, each with a capital.
fn title(head: &str) -> Option<&str> {
    let sentence = first_sentence(head);
    let rest = &sentence[find(sentence, " as ")? + " as ".len()..];
    let name = rest.split([',', ';', ':', '(']).next().unwrap_or(rest).trim();
    (name.contains(' ') && is_title(name)).then_some(name)
}

fn is_title(name: &str) -> bool {
    let words = || name.split_whitespace();
    (1..=5).contains(&words().count()) && words().all(|word| word.starts_with(char::is_uppercase))
}

fn first_sentence(text: &str) -> &str {
    let end = text.find(['.', '\n', '!']).unwrap_or(text.len());
    &text[..end]
}

/// A Korean noun without the copula behind it.
fn korean_noun(text: &str) -> &str {
    const COPULAS: [&str; 12] = [
        "이에요",
        "입니다",
        "이라고",
        "이다",
        "예요",
        "이야",
        "이며",
        "이고",
        "으로서",
        "로서",
        "라고",
        "야",
    ];
    let end = COPULAS.iter().filter_map(|copula| text.find(copula)).filter(|at| *at > 0).min();
    text[..end.unwrap_or(text.len())].trim()
}

/// The name of an agent about which nothing is said: no name to show to anybody.
pub const UNNAMED: &str = "unnamed agent";

/// How prompts begin to say what their agent is.
const DESCRIBED: [&str; 33] = [
    "You are ",
    "You're ",
    "you are ",
    "Act as ",
    "act as ",
    "acting as ",
    "Serve as ",
    "serve as ",
    "You work as ",
    "You play ",
    "the role of ",
    "the work of ",
    "the job of ",
    "Your role is ",
    "Your role: ",
    "Role: ",
    "ROLE: ",
    "ROLE\n",
    "# Role\n",
    "Your job is to be ",
    "Your task is to be ",
    "As the ",
    "As a ",
    "As an ",
    "당신은 ",
    "너는 ",
    "Eres ",
    "Du bist ",
    "Tu es ",
    "Vous êtes ",
    "Você é ",
    "あなたは",
    "你是",
];
/// Where what an agent is ends, and what it does or whose it is begins.
const STOPS: [&str; 19] = [
    " who ",
    " that ",
    " which ",
    " whose ",
    " responsible ",
    " specializing ",
    " specialized ",
    " tasked ",
    " working ",
    " you ",
    " designed ",
    " with ",
    " for ",
    " at ",
    " of a ",
    " of an ",
    " of the ",
    " of this ",
    " in the ",
];

/// A readable name for an agent that nobody named: what the prompt says it is, else its first words.
pub(crate) fn generated(prompt: &str) -> String {
    let prompt = behind_program(prompt);
    let head = &prompt[..floor(prompt, 1000)];
    let described = DESCRIBED
        .iter()
        .filter_map(|opening| find(head, opening).map(|at| (at, at + opening.len())))
        .min()
        .map(|(_, after)| &head[after..]);
    let words = described.unwrap_or(head);
    let end = words.find(['.', ',', '\n', ';', ':', '!', '(', '。', '，', '、']).unwrap_or(words.len());
    let mut words = &words[..end];
    for stop in STOPS {
        if let Some(at) = words.find(stop).filter(|at| *at > 0) {
            words = &words[..at];
        }
    }
    if described.is_some() {
        words = korean_noun(words);
    }
    let plain = |word: &str| {
        ["a", "an", "the", "un", "una", "el", "la", "ein", "eine", "der", "die", "le", "um", "uma"]
            .iter()
            .any(|article| word.eq_ignore_ascii_case(article))
    };
    if let Some(does) = words.strip_prefix("You ") {
        words = does;
    }
    let mut kept: Vec<&str> = words.split_whitespace().skip_while(|word| plain(word)).take(6).collect();
    // How good it is says nothing of what it is.
    let praise = |word: &&str| ["expert", "experienced", "skilled", "helpful"].contains(word);
    if described.is_some() && kept.len() > 2 && kept.first().is_some_and(praise) {
        kept.remove(0);
    }
    let name = kept.join(" ");
    if name.is_empty() { UNNAMED.to_owned() } else { name.chars().take(60).collect() }
}

/// A coding agent tells every agent of its own what program it is part of, and then what the agent is. What its main agent
/// is told is the program's own name.
pub(crate) fn behind_program(prompt: &str) -> &str {
    const PROGRAMS: [&str; 3] = [
        "You are Claude Code, Anthropic's official CLI for Claude, running within the Claude Agent SDK.",
        "You are Claude Code, Anthropic's official CLI for Claude.",
        "You are a Claude agent, built on Anthropic's Claude Agent SDK.",
    ];
    const MAIN: [&str; 2] = ["You are an interactive CLI tool", "You are an interactive agent"];
    let words = match prompt.split_once('\n') {
        Some((billing, rest)) if billing.starts_with("x-anthropic-billing-header:") => rest,
        _ => prompt,
    };
    if words.starts_with("You are a coding agent running in the Codex CLI") {
        return "You are Codex.";
    }
    let Some(rest) = PROGRAMS.iter().find_map(|program| words.strip_prefix(program)) else { return prompt };
    let rest = rest.trim_start();
    if MAIN.iter().any(|main| rest.starts_with(main)) {
        return "You are Claude Code.";
    }
    if rest.is_empty() { words } else { rest }
}

/// The last character boundary at or before `at`.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    if at >= text.len() { text.len() } else { text.floor_char_boundary(at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(prompt: &str) -> Option<String> {
        in_prompt(prompt).map(|named| named.name)
    }

    #[test]
    fn prompts_that_name_their_agent_are_believed() {
        assert_eq!(
            name("You are Senior Researcher. Ten years in v2.0 labs.\nYour personal goal is: find")
                .as_deref(),
            Some("Senior Researcher")
        );
        assert_eq!(
            name("System: You are 연구원. 꼼꼼한 사람.\nYour personal goal is: x").as_deref(),
            Some("연구원")
        );
        assert_eq!(
            name("You are Analyst. B\n\nYour goal: g\n\nYou are executing ONE specific step of it")
                .as_deref(),
            Some("Analyst")
        );
        assert_eq!(
            name("You are an agent. Your internal name is \"weather_agent\". The description").as_deref(),
            Some("weather_agent")
        );
        assert_eq!(name("You're a helpful agent named 'web_worker'.\nYou").as_deref(), Some("web_worker"));
        assert_eq!(name("You help. Your name is Bob.").as_deref(), Some("Bob"));
        assert_eq!(name("You are a helpful assistant."), None);
        assert_eq!(name("# Identity\nYou are **Ada**, one of two speakers.").as_deref(), Some("Ada"));
        assert_eq!(name("You are an assistant named Rosa, and kind.").as_deref(), Some("Rosa"));
        assert_eq!(name("You answer questions as Algebra Expert.").as_deref(), Some("Algebra Expert"));
        assert_eq!(name("## Agent: refund_bot\n\nPay back.").as_deref(), Some("refund_bot"));
        assert_eq!(name("당신의 이름은 하나입니다. 짧게 답하세요.").as_deref(), Some("하나"));
        assert_eq!(name("<role>Tax Advisor</role>\nBe brief.").as_deref(), Some("Tax Advisor"));
        assert_eq!(name("<role>\nYou advise\n</role>"), None);
        assert_eq!(name("[packing-bot]\nSay how.").as_deref(), Some("packing-bot"));
        assert_eq!(name("[{\"a\": 1}]\nSay how."), None);
        assert_eq!(name("System prompt for agent 'lexikon':\nExplain.").as_deref(), Some("lexikon"));
        assert_eq!(name("You write as clearly as you can."), None);
        assert_eq!(name("You are a service named after its founder."), None);
    }

    #[test]
    fn an_unnamed_agent_gets_a_readable_name() {
        assert_eq!(generated("You are a triage agent. Route the request."), "triage agent");
        assert_eq!(generated("You are the Spanish translator who never rests"), "Spanish translator");
        assert_eq!(generated("Summarize the text below."), "Summarize the text below");
        assert_eq!(generated("You are the concierge of a hotel. Be brief."), "concierge");
        assert_eq!(generated("You are a supervisor tasked with managing workers"), "supervisor");
        assert_eq!(generated("당신은 주문 담당자입니다. 짧게 답하세요."), "주문 담당자");
        assert_eq!(generated("Eres un traductor. Traduce."), "traductor");
        assert_eq!(generated("Your job is to be the Sommelier of this house."), "Sommelier");
        assert_eq!(generated("As the release manager you decide what ships."), "release manager");
        assert_eq!(generated("You do the work of the final reviewer."), "final reviewer");
        assert_eq!(generated("ROLE\nCopy Editor\n\nGOAL\nMend commas."), "Copy Editor");
        assert_eq!(generated("You are an expert billing agent working for a shop."), "billing agent");
        assert_eq!(generated("You are a helpful assistant."), "helpful assistant");
        let cli = "You are Claude Code, Anthropic's official CLI for Claude.";
        assert_eq!(generated(cli), "Claude Code");
        assert_eq!(generated(&format!("{cli}\nYou are an interactive CLI tool that helps.")), "Claude Code");
        assert_eq!(
            generated(&format!("{cli}\nYou are a file search specialist. Look.")),
            "file search specialist"
        );
        let codex = "You are a coding agent running in the Codex CLI, a terminal-based coding assistant.";
        assert_eq!(generated(codex), "Codex");
        let sdk = "You are a Claude agent, built on Anthropic's Claude Agent SDK.";
        let billed =
            format!("x-anthropic-billing-header: cc_version=2.1.0;\n{sdk}\nYou are Quay Office. You");
        assert_eq!(generated(&billed), "Quay Office");
        assert_eq!(generated(""), "unnamed agent");
        assert_eq!(generated("\n\n"), "unnamed agent");
    }

    #[test]
    fn spellings_of_a_name_are_one() {
        assert_eq!(canonical("Order Agent"), canonical("order_agent"));
        assert_ne!(canonical("order"), canonical("orders"));
    }
}
