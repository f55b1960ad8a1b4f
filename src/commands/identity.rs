//! `aop identity score`: replays captured calls through the inference that the proxy uses, and compares what it finds
//! with the truth beside them. `tests/identity/README.md` says what a capture is.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use aop_identity::score::{self, Apart, Captured, Counts, Labels, Response, Score};
use serde_json::{Map, Value, json};

/// Scores every folder of captures below `dir` and prints the result as JSON.
pub(crate) fn score(dir: &Path, proxies: Option<u8>) -> anyhow::Result<()> {
    let result = match proxies {
        Some(proxies) => apart(dir, usize::from(proxies))?,
        None => scored(dir)?,
    };
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &result)?;
    writeln!(out)?;
    Ok(())
}

fn scored(dir: &Path) -> anyhow::Result<Value> {
    let mut all = Counts::default();
    let mut folders = Map::new();
    for folder in folders_below(dir)? {
        let calls = captures(&folder).with_context(|| format!("{} cannot be read", folder.display()))?;
        let found = score::replay(&calls);
        let name = folder.strip_prefix(dir).unwrap_or(&folder).display().to_string();
        let value = match labels(&folder)? {
            Some(labels) => {
                let counts = score::compare(&calls, &found, &labels);
                all.add(&counts);
                json!(Score::from(&counts))
            }
            None => score::tree(&found),
        };
        folders.insert(if name.is_empty() { ".".to_owned() } else { name }, value);
    }
    anyhow::ensure!(
        !folders.is_empty(),
        "{} holds no captures (NNN.headers.json, NNN.body.json)",
        dir.display()
    );
    Ok(json!({ "all": Score::from(&all), "folders": folders }))
}

/// As if the calls had gone to several proxies in turn. Folders without labels have nothing to compare with.
fn apart(dir: &Path, proxies: usize) -> anyhow::Result<Value> {
    let mut all = Apart::default();
    let mut folders = Map::new();
    for folder in folders_below(dir)? {
        let Some(labels) = labels(&folder)? else { continue };
        let calls = captures(&folder).with_context(|| format!("{} cannot be read", folder.display()))?;
        let counts = score::apart(&calls, &labels, proxies);
        all.add(&counts);
        folders
            .insert(folder.strip_prefix(dir).unwrap_or(&folder).display().to_string(), json!(counts.score()));
    }
    anyhow::ensure!(!folders.is_empty(), "{} holds no captures with labels", dir.display());
    Ok(json!({ "all": all.score(), "folders": folders }))
}

/// Folders with captures in them, in the order of their names.
fn folders_below(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(folder) = open.pop() {
        let mut has_captures = false;
        for entry in
            std::fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?
        {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                has_captures |= entry.file_name().to_string_lossy().ends_with(".headers.json");
            }
        }
        if has_captures {
            found.push(folder);
        }
    }
    found.sort();
    Ok(found)
}

/// The calls of a folder in arrival order.
fn captures(folder: &Path) -> anyhow::Result<Vec<Captured>> {
    let mut names = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(number) = name.strip_suffix(".headers.json") {
            names.insert((number.parse::<u64>().unwrap_or(u64::MAX), number.to_owned()), ());
        }
    }
    names.into_keys().map(|(_, number)| captured(folder, &number)).collect()
}

fn captured(folder: &Path, number: &str) -> anyhow::Result<Captured> {
    let read = |suffix: &str| {
        let path = folder.join(format!("{number}.{suffix}"));
        std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))
    };
    let exists = |suffix: &str| folder.join(format!("{number}.{suffix}")).exists();
    let head = serde_json::from_slice(&read("headers.json")?)
        .with_context(|| format!("{number}.headers.json is not what it should be"))?;
    let response = if exists("response.json") {
        Some(Response::Json(read("response.json")?))
    } else if exists("response.sse") {
        Some(Response::Events(read("response.sse")?))
    } else {
        None
    };
    Ok(Captured { head, body: read("body.json")?, response })
}

fn labels(folder: &Path) -> anyhow::Result<Option<Labels>> {
    let path = folder.join("labels.json");
    if !path.exists() {
        return Ok(None);
    }
    let text = std::fs::read(&path)?;
    Ok(Some(
        serde_json::from_slice(&text)
            .with_context(|| format!("{} is not what it should be", path.display()))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The part of the corpus that the rules were written with. The other part is scored by hand, and never looked at.
    #[test]
    fn the_seen_captures_are_understood() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/identity/captures/seen");
        let result = scored(&dir).unwrap();
        let score = |name: &str| result["all"][name].as_f64().unwrap();
        assert!(score("calls") >= 800.0, "the corpus is there");
        for (name, least) in [
            ("agent_pair_precision", 0.99),
            ("agent_pair_recall", 0.97),
            ("run_pair_precision", 0.99),
            ("run_pair_recall", 0.97),
            ("handover_precision", 0.95),
            ("handover_recall", 0.95),
            ("agent_named", 0.98),
            ("internal_recognised", 0.98),
        ] {
            assert!(score(name) >= least, "{name} is {}, and should be {least}", score(name));
        }
    }

    /// Folders with calls of which nothing on the wire says whose they are; `tests/identity/README.md` says why of each.
    const UNTOLD: [&str; 13] = [
        "adk_native_transfers_at_once",
        "adk_reports_at_once",
        "ag2_chats_at_once",
        "ag2_handoffs_at_once",
        "crewai_planned_at_once",
        "crewai_reasoning_for_each",
        "openai_agents_filtered_handoff",
        "plain_chat_stated_people",
        "plain_retries",
        "plain_router",
        "plain_titles",
        "pydantic_ai_in_code",
        "semantic_kernel_handoff",
    ];

    #[test]
    fn runs_and_hand_overs_of_every_seen_folder_are_known_but_where_nothing_tells_them() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/identity");
        let result = scored(&root.join("captures/seen")).unwrap();
        let reasons = std::fs::read_to_string(root.join("README.md")).unwrap();
        let folders = result["folders"].as_object().unwrap();
        for name in UNTOLD {
            assert!(folders.contains_key(name), "{name} is listed and not there");
            assert!(reasons.contains(&format!("| `{name}` |")), "the README says why {name} is listed");
        }
        for (name, score) in folders {
            let of = |measure: &str| score[measure].as_f64().unwrap();
            let told = of("run_pair_precision") >= 0.99 && of("run_pair_recall") >= 0.97;
            let handed = of("handover_precision") >= 0.99 && of("handover_recall") >= 0.99;
            assert!(handed, "hand-overs of {name}: {score}");
            match UNTOLD.contains(&name.as_str()) {
                false => assert!(told, "{name}: {score}"),
                true => assert!(!told, "the runs of {name} are told apart now: it need not be listed"),
            }
        }
    }

    #[test]
    fn twenty_runs_at_once_are_kept_apart() {
        let seen = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/identity/captures/seen");
        let mut found = 0;
        for entry in std::fs::read_dir(seen).unwrap() {
            let folder = entry.unwrap().path();
            if !folder.to_string_lossy().contains("_20_") {
                continue;
            }
            found += 1;
            let score = &scored(&folder).unwrap()["all"];
            let (precision, recall) = (&score["run_pair_precision"], &score["run_pair_recall"]);
            assert!(
                precision.as_f64() >= Some(0.99) && recall.as_f64() >= Some(0.97),
                "{}: {score}",
                folder.display()
            );
        }
        assert!(found >= 4);
    }

    /// Programs that have nothing to do with each other, a fifth of a second apart and all on one key.
    fn laid_over(folders: &[&PathBuf]) -> (Vec<Captured>, Labels) {
        let mut all = Vec::new();
        for (at, folder) in folders.iter().enumerate() {
            let (captured, truth) = (captures(folder).unwrap(), labels(folder).unwrap().unwrap());
            let shift = 1_000_000.0 + 0.2 * at as f64 - captured[0].head.ts;
            for (mut call, mut label) in captured.into_iter().zip(truth.calls) {
                call.head.ts += shift;
                call.head.ended = call.head.ended.map(|ended| ended + shift);
                call.head.client += 100_000 * at as u64;
                label.run = label.run.map(|run| format!("{} {run}", folder.display()));
                all.push((call, label));
            }
        }
        all.sort_by(|one, other| one.0.head.ts.total_cmp(&other.0.head.ts));
        for (seq, (call, label)) in all.iter_mut().enumerate() {
            (call.head.seq, label.seq) = (seq as u64, seq as u64);
        }
        let (calls, labels) = all.into_iter().unzip();
        (calls, Labels { calls: labels })
    }

    #[test]
    fn runs_of_eight_programs_at_once_on_one_key_are_kept_apart() {
        let seen = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/identity/captures/seen");
        let told = |folder: &PathBuf| !UNTOLD.iter().any(|untold| folder.ends_with(untold));
        let folders: Vec<PathBuf> = folders_below(&seen).unwrap().into_iter().filter(told).collect();
        let groups = folders.len() / 8;
        let mut all = Counts::default();
        for group in 0..groups {
            // Neighbours are of one framework: here are those that stand far from each other.
            let picked: Vec<&PathBuf> = folders.iter().skip(group).step_by(groups).collect();
            let (calls, labels) = laid_over(&picked);
            all.add(&score::compare(&calls, &score::replay(&calls), &labels));
        }
        let score = json!(Score::from(&all));
        assert!(score["run_pair_precision"].as_f64() >= Some(0.99), "{score}");
        assert!(score["run_pair_recall"].as_f64() >= Some(0.97), "{score}");
    }

    #[test]
    fn a_folder_without_labels_gets_its_tree() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "000.headers.json",
            r#"{"seq":0,"ts":1.0,"method":"POST","path":"/v1/chat/completions","client":5,"headers":[]}"#,
        );
        write(
            "000.body.json",
            r#"{"messages":[{"role":"system","content":"Your name is Bob."},{"role":"user","content":"hi"}]}"#,
        );
        write("000.response.json", r#"{"id":"c","choices":[{"message":{"content":"hello"}}]}"#);
        let result = scored(folder.path()).unwrap();
        assert_eq!(result["folders"]["."]["runs"][0]["agents"][0]["agent"], "Bob");
        assert_eq!(result["all"]["calls"], 0);
        assert!(scored(tempfile::tempdir().unwrap().path()).is_err());
    }
}
