//! Who made a call. What the key proves is kept apart from what the caller claims; each claimed field keeps its source.

use serde::{Deserialize, Serialize};

/// Where a claimed identity field came from, strongest first. Lower wins when two sources name the same field.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[repr(i32)]
pub enum IdentitySource {
    /// Not claimed by anyone.
    None = 0,
    /// A run credential that we signed ourselves (runner): proven, not only claimed.
    Signed = 1,
    /// `x-aop-*` headers.
    AopHeader = 2,
    /// The path of the log proxy (G8).
    Path = 3,
    /// W3C `traceparent` and `baggage`.
    TraceContext = 4,
    /// Headers of agent harnesses and other gateways (Claude Code, Codex, Helicone, Portkey, LiteLLM, Langfuse, ...).
    VendorHeader = 5,
    /// Body `metadata`, `user`, ...
    Body = 6,
    /// Found from traffic alone, by a rule.
    Inferred = 7,
    /// Made by us because nobody said.
    Generated = 8,
    /// Somebody of the team knew better.
    Corrected = 9,
}

/// One claimed value and where it came from.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
pub struct Claim {
    #[prost(string, tag = "1")]
    pub value: String,
    #[prost(enumeration = "IdentitySource", tag = "2")]
    pub source: i32,
}

impl Claim {
    pub fn new(value: impl Into<String>, source: IdentitySource) -> Self {
        Self { value: value.into(), source: source as i32 }
    }
}

/// The claimed identity of a call. An absent claim is `None`; ids of traces and spans live on the record itself.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
pub struct ClaimedIdentity {
    #[prost(message, optional, tag = "1")]
    pub session: Option<Claim>,
    /// UUID text of the execution (run).
    #[prost(message, optional, tag = "2")]
    pub execution: Option<Claim>,
    #[prost(message, optional, tag = "3")]
    pub crew: Option<Claim>,
    #[prost(message, optional, tag = "4")]
    pub task: Option<Claim>,
    #[prost(message, optional, tag = "5")]
    pub agent: Option<Claim>,
    #[prost(message, optional, tag = "6")]
    pub parent_agent: Option<Claim>,
    /// The customer's own user, not a user of AOP.
    #[prost(message, optional, tag = "7")]
    pub end_user: Option<Claim>,
    #[prost(message, optional, tag = "8")]
    pub application: Option<Claim>,
    /// The client program or framework: `openai-python`, `claude-code`, `crewai`, ...
    #[prost(message, optional, tag = "9")]
    pub framework: Option<Claim>,
    #[prost(message, repeated, tag = "10")]
    pub tags: Vec<Claim>,
    #[prost(enumeration = "IdentitySource", tag = "11")]
    pub trace_source: i32,
    /// Name of the rule that gave the agent, e.g. `header:x-aop-agent`; empty when no agent is known.
    #[prost(string, tag = "12")]
    pub agent_rule: String,
    /// 0 to 100: 100 for what was stated, less for what was inferred, 0 when unknown.
    #[prost(uint32, tag = "13")]
    pub agent_confidence: u32,
}
