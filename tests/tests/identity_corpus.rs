//! The capture corpus is whole: every folder of `tests/identity/captures` is in the format that its README promises.
//!
//! The score of the rules stands elsewhere; this looks at the material alone, as a broken capture would score wrong quietly.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use aop_tests::workspace::root;
use serde_json::Value;

const LARGEST_CORPUS_BYTES: u64 = 16 << 20;
/// Came when the judged parts were closed: programs from npm.
const NOT_JUDGED: [&str; 2] = ["javascript", "claude_code"];

fn split(name: &str) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(root().join("tests/identity/captures").join(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    folders
}

fn all() -> Vec<PathBuf> {
    ["seen", "unseen", "fresh"].into_iter().flat_map(split).collect()
}

fn json(path: &Path) -> Value {
    let bytes = fs::read(path).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()))
}

fn calls(folder: &Path) -> Vec<Value> {
    json(&folder.join("labels.json"))["calls"].as_array().unwrap().clone()
}

/// The agents that a call hands over to: none, one, or several when one answer starts several.
fn receivers(call: &Value) -> Vec<String> {
    match &call["handoff_to"] {
        Value::Null => Vec::new(),
        Value::String(one) => vec![one.clone()],
        Value::Array(several) => several.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        other => panic!("handoff_to is {other}"),
    }
}

#[test]
fn every_call_has_a_body_headers_one_response_and_a_label() {
    for folder in all() {
        let shown = folder.display();
        let calls = calls(&folder);
        assert!(!calls.is_empty(), "{shown} has no calls");
        let mut before = 0.0;
        for (seq, call) in calls.iter().enumerate() {
            assert_eq!(call["seq"], seq, "{shown}: labels are in arrival order");
            assert!(json(&folder.join(format!("{seq:03}.body.json"))).is_object());
            let headers = json(&folder.join(format!("{seq:03}.headers.json")));
            assert_eq!(headers["seq"], seq, "{shown}");
            assert_eq!(headers["method"], "POST", "{shown}");
            assert!(headers["path"].as_str().unwrap().starts_with("/v1"), "{shown}");
            assert!(headers["client"].as_u64().unwrap() > 0, "{shown}");
            let ts = headers["ts"].as_f64().unwrap();
            assert!(ts >= before, "{shown}: call {seq} arrived before the one before it");
            before = ts;
            let whole = folder.join(format!("{seq:03}.response.json"));
            let streamed = folder.join(format!("{seq:03}.response.sse"));
            assert!(whole.exists() != streamed.exists(), "{shown}: call {seq} has not exactly one response");
            if whole.exists() {
                assert!(json(&whole).is_object());
            } else {
                assert!(fs::read_to_string(&streamed).unwrap().contains("data: "), "{shown}: call {seq}");
            }
        }
        let files = fs::read_dir(&folder).unwrap().count();
        assert_eq!(files, calls.len() * 3 + 1, "{shown} holds files of no call");
    }
}

#[test]
fn the_truth_is_complete_and_hand_overs_arrive() {
    for folder in all() {
        let shown = folder.display();
        let calls = calls(&folder);
        for call in &calls {
            let agent = call["agent"].as_str().unwrap_or_else(|| panic!("{shown}: {call} has no agent"));
            let run = call["run"].as_str().unwrap_or_else(|| panic!("{shown}: {call} has no run"));
            if agent.starts_with('<') {
                assert!(agent.ends_with('>') && call["kind"].is_string(), "{shown}: {call}");
            }
            for receiver in receivers(call) {
                let arrives = calls.iter().any(|other| {
                    other["seq"].as_u64() > call["seq"].as_u64()
                        && other["run"] == *run
                        && other["agent"] == *receiver
                });
                assert!(arrives, "{shown}: {receiver} makes no call in {run} after {}", call["seq"]);
            }
        }
    }
}

#[test]
fn no_capture_carries_the_truth_or_the_machine_it_was_made_on() {
    for folder in all() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            for forbidden in ["x-corpus-truth", "/root/", "/home/", "/tmp/", "site-packages"] {
                assert!(!text.contains(forbidden), "{} contains {forbidden}", path.display());
            }
        }
    }
}

#[test]
fn every_framework_is_seen_and_judged_and_no_case_is_in_two_parts() {
    let mut frameworks: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut names = BTreeSet::new();
    for name in ["seen", "unseen", "fresh"] {
        for folder in split(name) {
            let framework = json(&folder.join("labels.json"))["framework"].as_str().unwrap().to_owned();
            frameworks.entry(if name == "seen" { name } else { "judged" }).or_default().insert(framework);
            let case = folder.file_name().unwrap().to_owned();
            assert!(names.insert(case), "{} is in two parts", folder.display());
        }
    }
    let mut judged = frameworks["judged"].clone();
    judged.extend(NOT_JUDGED.map(str::to_owned));
    assert_eq!(frameworks["seen"], judged);
}

#[test]
fn the_corpus_stays_small() {
    let bytes: u64 = all()
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert!(bytes < LARGEST_CORPUS_BYTES, "{bytes} bytes of captures");
}
