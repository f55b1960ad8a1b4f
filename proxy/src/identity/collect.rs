//! Takes values from places by the table's rules, keeps the strongest of each field, and makes the outcome.

use aop_domain::id::{SpanId, TraceId};
use aop_domain::identity::{Claim, ClaimedIdentity, IdentitySource};
use http::HeaderMap;

use super::rule::{Field, Form, Place, Rule};
use super::table::{Rank, TABLE};
use super::{IdentityOutcome, IdentityRefusal, PathIdentity, body, decode};
use crate::usage::json;

/// The strongest claims so far.
#[derive(Default)]
pub(super) struct Collected {
    best: [Option<(Rank, String)>; Field::COUNT],
    /// Rank of the rule and the tag.
    tags: Vec<(Rank, String)>,
    traceparent: Option<(TraceId, SpanId)>,
}

/// The log proxy's path: a bad part of it is refused.
pub(super) fn path(path: PathIdentity<'_>, collected: &mut Collected) -> Result<(), IdentityRefusal> {
    for (name, value, place) in [
        ("trace_id", path.trace_id, "the trace id in the path"),
        ("agent", path.agent, "the agent in the path"),
    ] {
        let Some((rank, rule)) = TABLE.find(Place::Path, name) else { continue };
        if let Some(raw) = value
            && !collected.take_by(rank, rule, raw)
        {
            return Err(IdentityRefusal { place: place.to_owned(), expected: decode::expected(rule.form) });
        }
    }
    Ok(())
}

/// Every header once. The same header twice: the first counts.
pub(super) fn headers(headers: &HeaderMap, collected: &mut Collected) -> Result<(), IdentityRefusal> {
    for (name, value) in headers {
        let name = name.as_str();
        match name {
            "baggage" => baggage(value.as_bytes(), collected),
            "x-portkey-metadata" => body::object_fields(value.as_bytes(), Place::PortkeyMetadata, collected),
            "x-litellm-spend-logs-metadata" => {
                body::object_fields(value.as_bytes(), Place::LitellmSpendMetadata, collected);
            }
            _ => {
                let Some((rank, rule)) = TABLE.find_header(name) else { continue };
                let text = std::str::from_utf8(value.as_bytes()).ok();
                let taken = text.is_some_and(|text| collected.take_header(rank, rule, name, text));
                if !taken && rule.is_strict() {
                    let place = format!("the header {name}");
                    return Err(IdentityRefusal { place, expected: decode::expected(rule.form) });
                }
            }
        }
    }
    Ok(())
}

/// `key=value;property,key=value`.
fn baggage(value: &[u8], collected: &mut Collected) {
    let text = std::str::from_utf8(value).unwrap_or_default();
    for entry in text.split(',').take(64) {
        let entry = entry.split(';').next().unwrap_or_default();
        if let Some((key, value)) = entry.split_once('=') {
            collected.take(Place::Baggage, key.trim(), value);
        }
    }
}

impl Collected {
    /// A text value in a place that has a rule; anything else is left alone.
    pub(super) fn take(&mut self, place: Place, name: &str, raw: &str) {
        if let Some((rank, rule)) = TABLE.find(place, name) {
            self.take_by(rank, rule, raw);
        }
    }

    /// A raw JSON value: a string, a number for an id, a list of strings for tags.
    pub(super) fn take_json(&mut self, place: Place, name: &str, raw: &[u8]) {
        let Some((rank, rule)) = TABLE.find(place, name) else { return };
        if rule.form == Form::List {
            let listed = json::items(raw).filter_map(json::text).filter_map(|tag| decode::tag(&tag));
            listed.take(decode::MAX_TAGS).for_each(|tag| self.add_tag(rank, tag));
        }
        let number =
            || std::str::from_utf8(raw).ok().filter(|text| text.parse::<i64>().is_ok()).map(str::to_owned);
        if let Some(text) = json::text(raw).or_else(number) {
            self.take_by(rank, rule, &text);
        }
    }

    /// A header matched by its start keeps the rest of its name: `Helicone-Property-Team: a` is the tag `team=a`.
    fn take_header(&mut self, rank: Rank, rule: &Rule, name: &str, raw: &str) -> bool {
        match rule.place {
            Place::HeaderPrefix => {
                let rest = name.strip_prefix(rule.name).unwrap_or(name);
                decode::tag(&format!("{rest}={}", raw.trim())).map(|tag| self.add_tag(rank, tag)).is_some()
            }
            // Shorter ones are counters and flags, not session ids.
            Place::HeaderSuffix if raw.trim().len() < 8 => false,
            _ => self.take_by(rank, rule, raw),
        }
    }

    /// False when the value is bad. An empty value is as if it were not there.
    fn take_by(&mut self, rank: Rank, rule: &Rule, raw: &str) -> bool {
        if raw.trim().is_empty() {
            return true;
        }
        match rule.form {
            Form::List => {
                let tags = decode::tags(raw);
                tags.map(|tags| tags.into_iter().for_each(|tag| self.add_tag(rank, tag))).is_some()
            }
            Form::Named(name) => {
                let named = decode::tag(&format!("{name}={}", raw.trim()));
                named.map(|tag| self.add_tag(rank, tag)).is_some()
            }
            Form::Traceparent => {
                self.traceparent = self.traceparent.or_else(|| decode::traceparent(raw));
                self.traceparent.map(|(trace, _)| self.keep(rank, rule.field, trace.to_string())).is_some()
            }
            form => decode::value(form, raw).map(|value| self.keep(rank, rule.field, value)).is_some(),
        }
    }

    fn keep(&mut self, rank: Rank, field: Field, value: String) {
        if let Some(best) = self.best.get_mut(field as usize)
            && best.as_ref().is_none_or(|(kept, _)| rank < *kept)
        {
            *best = Some((rank, value));
        }
    }

    fn add_tag(&mut self, rank: Rank, tag: String) {
        if self.tags.len() < decode::MAX_TAGS && self.tags.iter().all(|(_, known)| *known != tag) {
            self.tags.push((rank, tag));
        }
    }

    pub(super) fn into_outcome(mut self, fresh_trace: TraceId) -> IdentityOutcome {
        let trace = self.best.get_mut(Field::Trace as usize).and_then(Option::take);
        let trace = trace.and_then(|(rank, text)| Some((rank, text.parse::<TraceId>().ok()?)));
        let trace_source = trace.map_or(IdentitySource::Generated, |(rank, _)| source_of(rank));
        let parent_span_id = self.parent_span(trace);
        let agent_rule =
            self.best.get(Field::Agent as usize).and_then(Option::as_ref).map(|(rank, _)| written(*rank));
        self.tags.sort_by_key(|(rank, _)| *rank);
        let tags = std::mem::take(&mut self.tags);
        let mut claim = |field: Field| {
            let (rank, value) = self.best.get_mut(field as usize)?.take()?;
            Some(Claim::new(value, source_of(rank)))
        };
        let claimed = ClaimedIdentity {
            session: claim(Field::Session),
            execution: claim(Field::Execution),
            crew: claim(Field::Crew),
            task: claim(Field::Task),
            agent: claim(Field::Agent),
            parent_agent: claim(Field::ParentAgent),
            end_user: claim(Field::EndUser),
            application: claim(Field::Application),
            framework: claim(Field::Framework),
            tags: tags.into_iter().map(|(rank, tag)| Claim::new(tag, source_of(rank))).collect(),
            trace_source: trace_source as i32,
            agent_confidence: if agent_rule.is_some() { 100 } else { 0 },
            agent_rule: agent_rule.unwrap_or_default(),
        };
        let trace_id = trace.map_or(fresh_trace, |(_, id)| id);
        IdentityOutcome { trace_id, parent_span_id, claimed }
    }

    /// A parent span means something only inside its own trace: ours is taken as said, that of `traceparent`
    /// when the trace is the same, another's when the trace is its own too.
    fn parent_span(&mut self, trace: Option<(Rank, TraceId)>) -> SpanId {
        let stated = self.best.get_mut(Field::ParentSpan as usize).and_then(Option::take);
        if let Some((rank, text)) = stated {
            let is_ours = matches!(source_of(rank), IdentitySource::Signed | IdentitySource::AopHeader);
            let is_portkeys =
                |(trace_rank, _): (Rank, TraceId)| written(trace_rank) == "header:x-portkey-trace-id";
            if is_ours || trace.is_some_and(is_portkeys) {
                return decode::span_id(&text).unwrap_or_default();
            }
        }
        let same_trace = self.traceparent.filter(|(id, _)| trace.is_some_and(|(_, trace)| trace == *id));
        same_trace.map(|(_, span)| span).unwrap_or_default()
    }
}

fn source_of(rank: Rank) -> IdentitySource {
    TABLE.rules.get(rank).map_or(IdentitySource::None, Rule::source)
}

fn written(rank: Rank) -> String {
    TABLE.rules.get(rank).map(Rule::written).unwrap_or_default()
}
