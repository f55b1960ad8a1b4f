//! A folder of the corpus, of the half that rules are written against.

use std::collections::BTreeSet;
use std::fs;

use aop_tests::workspace::root;
use serde_json::Value;

use super::spelled;

/// One captured call and the truth about it.
pub struct Call {
    pub path: String,
    /// The client's port: which connection it came on.
    pub connection: u64,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub response: Vec<u8>,
    pub is_stream: bool,
    pub agent: String,
    pub run: String,
    pub hands_to: Vec<String>,
}

pub struct Capture {
    pub calls: Vec<Call>,
}

impl Capture {
    pub fn open(name: &str) -> Self {
        let folder = root().join("tests/identity/captures/seen").join(name);
        let json = |file: String| -> Value {
            serde_json::from_slice(&fs::read(folder.join(file)).unwrap()).unwrap()
        };
        let labels = json("labels.json".to_owned());
        let call = |label: &Value| {
            let seq = label["seq"].as_u64().unwrap();
            let head = json(format!("{seq:03}.headers.json"));
            let stream = folder.join(format!("{seq:03}.response.sse"));
            let is_stream = stream.exists();
            let whole = folder.join(format!("{seq:03}.response.json"));
            let headers = head["headers"].as_array().unwrap().iter();
            Call {
                path: head["path"].as_str().unwrap().to_owned(),
                connection: head["client"].as_u64().unwrap(),
                headers: headers
                    .map(|pair| {
                        (pair[0].as_str().unwrap().to_lowercase(), pair[1].as_str().unwrap().to_owned())
                    })
                    .collect(),
                body: fs::read(folder.join(format!("{seq:03}.body.json"))).unwrap(),
                response: fs::read(if is_stream { stream } else { whole }).unwrap(),
                is_stream,
                agent: label["agent"].as_str().unwrap().to_owned(),
                run: label["run"].as_str().unwrap_or_default().to_owned(),
                hands_to: names(&label["handoff_to"]),
            }
        };
        Self { calls: labels["calls"].as_array().unwrap().iter().map(call).collect() }
    }

    /// Names of the models that the framework asked for. Google's stand in the path.
    pub fn models(&self) -> BTreeSet<String> {
        let model = |call: &Call| {
            let body: Value = serde_json::from_slice(&call.body).unwrap();
            let in_path = || Some(call.path.split_once("/models/")?.1.split_once(':')?.0.to_owned());
            body["model"].as_str().map(str::to_owned).or_else(in_path).unwrap()
        };
        self.calls.iter().map(model).collect()
    }

    /// Was it made at Google's own API?
    pub fn is_googles(&self) -> bool {
        self.calls[0].path.starts_with("/v1beta/")
    }

    pub fn runs(&self) -> BTreeSet<&str> {
        self.calls.iter().map(|call| call.run.as_str()).collect()
    }

    /// The author's agents; what stands in angle brackets is the framework's own.
    pub fn agents(&self) -> BTreeSet<String> {
        let own = self.calls.iter().filter(|call| !call.agent.starts_with('<'));
        own.map(|call| spelled(&call.agent)).collect()
    }

    pub fn handovers(&self) -> BTreeSet<(String, String)> {
        let pairs = self.calls.iter().flat_map(|call| {
            call.hands_to.iter().map(|to| (spelled(&call.agent), spelled(to))).collect::<Vec<_>>()
        });
        pairs.collect()
    }
}

fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) => vec![name.clone()],
        Value::Array(names) => names.iter().map(|name| name.as_str().unwrap().to_owned()).collect(),
        _ => Vec::new(),
    }
}
