//! What `aop up` prints: its progress, then the address, the first-admin link and a snippet to copy.

use std::io::IsTerminal;

use aop_api::bootstrap::Started;
use aop_service::secret::Secret;

use crate::output::say;

/// One line of progress.
pub(crate) fn step(what: &str) {
    say(format_args!("{} {what}", dim("▸")));
}

/// The last thing printed: where AOP is and what to do next.
pub(crate) fn ready(public_url: &str, listen: &str, first: &Started, key_was_given: bool) {
    say("");
    say(format_args!("  {}  {}", bold("AOP is ready"), bold(public_url)));
    if let Some(token) = &first.setup_token {
        say("");
        first_admin(public_url, token);
    }
    let key =
        if key_was_given { "the key you gave in AOP_BOOTSTRAP_KEY" } else { "a key from the Keys page" };
    say("");
    say(format_args!("  {}", dim(&format!("Call it with any OpenAI client, e.g. Python ({key}):"))));
    say("");
    say("    from openai import OpenAI");
    say(format_args!("    client = OpenAI(base_url=\"{public_url}/v1\", api_key=\"aop-...\")"));
    say("    answer = client.chat.completions.create(");
    say("        model=\"sim-fast\", messages=[{\"role\": \"user\", \"content\": \"Hello\"}])");
    say("    print(answer.choices[0].message.content)");
    say("");
    say(format_args!("  {}", dim(&format!("Listening on {listen}. Ctrl-C stops everything."))));
}

/// The link that makes the first administrator; it works until there is one.
pub(crate) fn first_admin(public_url: &str, token: &Secret) {
    say(format_args!("  Create the administrator: {public_url}/setup?token={}", token.expose()));
}

fn dim(text: &str) -> String {
    styled(text, "2")
}

fn bold(text: &str) -> String {
    styled(text, "1")
}

fn styled(text: &str, code: &str) -> String {
    if std::io::stdout().is_terminal() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}
