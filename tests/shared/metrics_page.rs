//! `docs/metrics.md` beside what a process answers at `/metrics`: names, types, labels and meanings must be the same.
//! Shared by the tests of each process.

use std::collections::{BTreeMap, BTreeSet};

/// Fails unless the page lists exactly what the process of this prefix answers.
#[track_caller]
pub(crate) fn assert_documented(prefix: &str, answered: &str) {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md");
    let page = std::fs::read_to_string(page).unwrap();
    let start = format!("| `{prefix}");
    let documented: BTreeSet<&str> = page.lines().filter(|line| line.starts_with(&start)).collect();
    let answered = rows(answered);
    let answered: BTreeSet<&str> = answered.iter().map(String::as_str).collect();
    let missing: Vec<_> = answered.difference(&documented).collect();
    let stale: Vec<_> = documented.difference(&answered).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "docs/metrics.md lacks:\n{missing:#?}\nand has too much:\n{stale:#?}"
    );
}

/// One row of the page for each metric.
fn rows(text: &str) -> Vec<String> {
    let about = |what: &str| -> BTreeMap<&str, &str> {
        text.lines().filter_map(|line| line.strip_prefix(what)?.split_once(' ')).collect()
    };
    let (helps, types) = (about("# HELP "), about("# TYPE "));
    types
        .iter()
        .map(|(name, kind)| format!("| `{name}` | {kind} | {} | {} |", labels(text, name), helps[name]))
        .collect()
}

fn labels(text: &str, name: &str) -> String {
    let samples = text.lines().filter_map(|line| line.strip_prefix(name));
    let names: BTreeSet<&str> = samples
        .filter_map(|rest| Some(rest.split_once('{')?.1.split_once('}')?.0))
        .flat_map(|labels| labels.split(','))
        .filter_map(|label| Some(label.split_once('=')?.0))
        .filter(|label| *label != "le")
        .collect();
    names.into_iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ")
}
