//! What the traffic itself shows about a call, beside what was stated: its conversation, its agent as it was found before
//! anybody corrected it, hand-overs, and what it shows about earlier calls.
//!
//! Fingerprints and conversation ids are 64 bits, the same wherever and whenever they are found; 0 means none.

/// Travels with a [`crate::record::CallRecord`].
#[derive(Clone, PartialEq, prost::Message)]
pub struct InferenceRecord {
    #[prost(fixed64, tag = "1")]
    pub conversation: u64,
    /// The conversation this one works for, or goes on from.
    #[prost(fixed64, tag = "2")]
    pub parent_conversation: u64,
    /// Fingerprint of the agent.
    #[prost(fixed64, tag = "3")]
    pub agent: u64,
    /// Fingerprint of the system prompt.
    #[prost(fixed64, tag = "4")]
    pub prompt: u64,
    /// As stated or found, before any correction; empty: no name is known.
    #[prost(string, tag = "5")]
    pub agent_name: String,
    #[prost(string, tag = "6")]
    pub agent_rule: String,
    /// 0 to 100, as all confidences here.
    #[prost(uint32, tag = "7")]
    pub agent_confidence: u32,
    /// What a framework's own call is for: `planner`, `selector`, `memory`, ...; empty: the call is an agent's.
    #[prost(string, tag = "8")]
    pub internal: String,
    /// Why the call is in its trace; empty: the traffic was not asked.
    #[prost(string, tag = "9")]
    pub run_rule: String,
    #[prost(uint32, tag = "10")]
    pub run_confidence: u32,
    #[prost(message, repeated, tag = "11")]
    pub handovers: Vec<HandoverRecord>,
    #[prost(message, repeated, tag = "12")]
    pub links: Vec<LinkRecord>,
    /// The session that a coding agent stated in headers or body, and the one that started it, as inference knows them; 0 is
    /// none. Absent: none was stated, or written by an older proxy.
    #[prost(fixed64, repeated, tag = "13")]
    pub sessions: Vec<u64>,
    /// Present where nothing that was said is recorded.
    #[prost(message, optional, tag = "14")]
    pub trail: Option<TrailRecord>,
}

/// What a call leaves of what was said in it where that is not recorded: keys, sealed with a secret of the gateways for each
/// team. They can be compared with each other and with nothing else.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct TrailRecord {
    /// The calls that it goes on from: each its history and what was answered, as one key. The last one first.
    #[prost(fixed64, repeated, tag = "1")]
    pub steps: Vec<u64>,
    /// This call as later ones tell of it; 0: it was not answered.
    #[prost(fixed64, tag = "2")]
    pub step: u64,
    /// Texts of users and tools in its history.
    #[prost(fixed64, repeated, tag = "3")]
    pub told: Vec<u64>,
    /// The answer, and texts that it gave to tools.
    #[prost(fixed64, repeated, tag = "4")]
    pub said: Vec<u64>,
}

/// Work passed from one agent to another.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct HandoverRecord {
    /// Span of the call that passed it on; 0: forgotten.
    #[prost(fixed64, tag = "1")]
    pub from_span: u64,
    #[prost(fixed64, tag = "2")]
    pub from_conversation: u64,
    #[prost(fixed64, tag = "3")]
    pub from_agent: u64,
    /// Span of the first call of whoever took over; 0: not known when it was written.
    #[prost(fixed64, tag = "4")]
    pub to_span: u64,
    #[prost(fixed64, tag = "5")]
    pub to_conversation: u64,
    /// The one who took over, as the one who passed on calls it.
    #[prost(string, tag = "6")]
    pub target: String,
    /// `transfer` or `delegate`.
    #[prost(string, tag = "7")]
    pub passing: String,
    #[prost(string, tag = "8")]
    pub rule: String,
    #[prost(uint32, tag = "9")]
    pub confidence: u32,
}

/// Something that became known about earlier calls.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct LinkRecord {
    #[prost(oneof = "Link", tags = "1, 2, 3")]
    pub link: Option<Link>,
    #[prost(string, tag = "4")]
    pub rule: String,
    #[prost(uint32, tag = "5")]
    pub confidence: u32,
}

#[derive(Clone, PartialEq, Eq, prost::Oneof)]
pub enum Link {
    #[prost(message, tag = "1")]
    OneRun(OneRun),
    #[prost(message, tag = "2")]
    OneAgent(OneAgent),
    #[prost(message, tag = "3")]
    Speaker(Speaker),
}

/// The calls of trace `part` belong to trace `whole`.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct OneRun {
    #[prost(bytes = "vec", tag = "1")]
    pub part: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub whole: Vec<u8>,
}

/// Calls of the agent `was` were made by the agent `is`.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct OneAgent {
    #[prost(fixed64, tag = "1")]
    pub was: u64,
    #[prost(fixed64, tag = "2")]
    pub is: u64,
    #[prost(string, tag = "3")]
    pub name: String,
}

/// The calls of a conversation were made by the agent `is`.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Speaker {
    #[prost(fixed64, tag = "1")]
    pub conversation: u64,
    #[prost(fixed64, tag = "2")]
    pub is: u64,
    #[prost(string, tag = "3")]
    pub name: String,
}
