//! All rules in order of strength: the first rule that gives a field its value wins. This order is the
//! documented precedence.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::rule::{Field, Form, at};
use super::rule::{Place, Rule};
use super::{
    aop, bifrost, body, claude_code, codex, generic, helicone, langfuse, litellm, opencode, portkey, signed,
    source_name, trace_context,
};

const PATH: &[Rule] = &[
    at(Place::Path, "trace_id", Field::Trace, Form::TraceId),
    at(Place::Path, "agent", Field::Agent, Form::Percent),
];

/// Family and rules, strongest first.
const FAMILIES: &[(&str, &[Rule])] = &[
    ("Run credential", signed::RULES),
    ("AOP headers", aop::RULES),
    ("Log proxy path", PATH),
    ("W3C trace context", trace_context::RULES),
    ("Claude Code", claude_code::RULES),
    ("Codex CLI", codex::RULES),
    ("OpenCode", opencode::RULES),
    ("Helicone", helicone::RULES),
    ("Portkey", portkey::RULES),
    ("Portkey", portkey::METADATA),
    ("LiteLLM", litellm::RULES),
    ("LiteLLM", litellm::METADATA),
    ("Langfuse", langfuse::RULES),
    ("Bifrost", bifrost::RULES),
    ("Generic headers", generic::RULES),
    ("Body", body::RULES),
    ("Body, LiteLLM metadata", body::LITELLM_METADATA),
    ("Body, metadata", body::METADATA),
    ("Body", body::LAST),
];

/// Position in the precedence: lower wins.
pub(super) type Rank = usize;

pub(super) struct Table {
    pub(super) rules: Vec<Rule>,
    by_place: HashMap<(Place, &'static str), Rank>,
    prefixes: Vec<Rank>,
    suffixes: Vec<Rank>,
}

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let rules: Vec<Rule> = FAMILIES.iter().flat_map(|(_, rules)| *rules).copied().collect();
    let by_place = rules.iter().enumerate().map(|(rank, rule)| ((rule.place, rule.name), rank)).collect();
    let of =
        |place| rules.iter().enumerate().filter(move |(_, rule)| rule.place == place).map(|(rank, _)| rank);
    Table {
        by_place,
        prefixes: of(Place::HeaderPrefix).collect(),
        suffixes: of(Place::HeaderSuffix).collect(),
        rules,
    }
});

impl Table {
    pub(super) fn find(&self, place: Place, name: &str) -> Option<(Rank, &Rule)> {
        let rank = *self.by_place.get(&(place, name))?;
        Some((rank, self.rules.get(rank)?))
    }

    /// The rule for a header: by its whole name, else by its start, else by its end.
    pub(super) fn find_header(&self, name: &str) -> Option<(Rank, &Rule)> {
        if let Some(found) = self.find(Place::Header, name) {
            return Some(found);
        }
        let ranked =
            |ranks: &'static [Rank]| ranks.iter().filter_map(|&rank| Some((rank, TABLE.rules.get(rank)?)));
        let starts = |(_, rule): &(Rank, &Rule)| name.starts_with(rule.name);
        let ends = |(_, rule): &(Rank, &Rule)| name.starts_with("x-") && name.ends_with(rule.name);
        ranked(&TABLE.prefixes).find(starts).or_else(|| ranked(&TABLE.suffixes).find(ends))
    }
}

/// The rows of the documented table: where, states, form, source; strongest first.
pub fn rows() -> Vec<[String; 5]> {
    let rules = FAMILIES.iter().flat_map(|(family, rules)| rules.iter().map(move |rule| (family, rule)));
    let row = |(family, rule): (&&str, &Rule)| {
        [
            (*family).to_owned(),
            format!("`{}`", rule.written()),
            rule.field.name().to_owned(),
            rule.form.name().to_owned(),
            source_name(rule.source()).to_owned(),
        ]
    };
    rules.map(row).collect()
}
