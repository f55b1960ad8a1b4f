//! The rules people make, ready to look at text. What a rule may be is bounded when it is made: a regular expression runs
//! in time linear to the text, and takes a bounded room.

use std::sync::Arc;

use aop_domain::guard::{Action, Check, Detectors, Guardrail, HttpCheck, Stage};
use regex::{Regex, RegexBuilder};

use crate::detect;
use crate::mask::Mask;
use crate::schema::{Schema, SchemaError};

pub const MOST_PATTERNS: usize = 50;
pub const LONGEST_PATTERN_BYTES: usize = 1_000;
/// A compiled pattern and its tables.
const PATTERN_ROOM_BYTES: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error("it has nothing to look for")]
    Empty,
    #[error("it has more than {MOST_PATTERNS} patterns or phrases")]
    TooMany,
    #[error("a pattern or phrase is longer than {LONGEST_PATTERN_BYTES} bytes")]
    TooLong,
    #[error("the pattern '{pattern}' is no regular expression, or too large a one: {reason}")]
    Pattern { pattern: String, reason: String },
    #[error("the pattern '{0}' fits an empty text, so it would be found everywhere")]
    FitsNothing(String),
    #[error("{0}")]
    Schema(#[from] SchemaError),
    #[error("what does not fit a schema cannot be replaced: block it or note it")]
    CannotMask,
    #[error("a schema is about answers, so it cannot look at requests alone")]
    AboutAnswers,
    #[error(
        "the time a service may take must be {} to {} ms",
        HttpCheck::SHORTEST_TIMEOUT_MS,
        HttpCheck::LONGEST_TIMEOUT_MS
    )]
    Timeout,
}

/// One guardrail, ready to be used.
#[derive(Debug)]
pub struct Rule {
    pub guardrail: Guardrail,
    finder: Finder,
}

#[derive(Debug)]
enum Finder {
    Patterns(Vec<Regex>, &'static str),
    Detectors(Detectors),
    Whole(Whole),
}

/// What looks at a request or an answer as a whole, not at places in it.
#[derive(Debug)]
pub enum Whole {
    Schema(Schema),
    /// The schema that the request declares.
    Declared,
    Http(HttpCheck),
}

/// Where a rule found something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    pub start: usize,
    pub end: usize,
    /// Index of the rule.
    pub rule: usize,
    pub what: &'static str,
}

impl Rule {
    pub fn new(guardrail: Guardrail) -> Result<Self, RuleError> {
        let finder = finder(&guardrail.check)?;
        if guardrail.action == Action::Mask && !guardrail.check.can_mask() {
            return Err(RuleError::CannotMask);
        }
        if matches!(guardrail.check, Check::JsonSchema { .. }) && guardrail.stage == Stage::Before {
            return Err(RuleError::AboutAnswers);
        }
        Ok(Self { guardrail, finder })
    }

    pub fn whole(&self) -> Option<&Whole> {
        match &self.finder {
            Finder::Whole(whole) => Some(whole),
            _ => None,
        }
    }

    fn find(&self, text: &str, mut found: impl FnMut(usize, usize, &'static str)) {
        match &self.finder {
            Finder::Patterns(patterns, what) => {
                for pattern in patterns {
                    for place in pattern.find_iter(text).filter(|place| !place.is_empty()) {
                        found(place.start(), place.end(), what);
                    }
                }
            }
            Finder::Detectors(wanted) => {
                for finding in detect::find(text, *wanted) {
                    found(finding.start, finding.end, finding.what.as_str());
                }
            }
            Finder::Whole(_) => {}
        }
    }
}

fn finder(check: &Check) -> Result<Finder, RuleError> {
    let bounded = |texts: &[String]| {
        if texts.is_empty() || texts.iter().any(|text| text.trim().is_empty()) {
            return Err(RuleError::Empty);
        }
        if texts.len() > MOST_PATTERNS {
            return Err(RuleError::TooMany);
        }
        if texts.iter().any(|text| text.len() > LONGEST_PATTERN_BYTES) {
            return Err(RuleError::TooLong);
        }
        Ok(())
    };
    match check {
        Check::Regex { patterns } => {
            bounded(patterns)?;
            let compiled =
                patterns.iter().map(|pattern| compiled(pattern, false)).collect::<Result<_, _>>()?;
            Ok(Finder::Patterns(compiled, "pattern"))
        }
        Check::DenyList { phrases } => {
            bounded(phrases)?;
            let compiled =
                phrases.iter().map(|phrase| compiled(&whole(phrase), true)).collect::<Result<_, _>>()?;
            Ok(Finder::Patterns(compiled, "phrase"))
        }
        Check::Detectors { detectors } if detectors.is_empty() => Err(RuleError::Empty),
        Check::Detectors { detectors } => Ok(Finder::Detectors(detectors.iter().copied().collect())),
        Check::JsonSchema { schema: None } => Ok(Finder::Whole(Whole::Declared)),
        Check::JsonSchema { schema: Some(schema) } => {
            Ok(Finder::Whole(Whole::Schema(Schema::new(schema.clone())?)))
        }
        Check::Http(check) => {
            let bounds = HttpCheck::SHORTEST_TIMEOUT_MS..=HttpCheck::LONGEST_TIMEOUT_MS;
            let whole = Finder::Whole(Whole::Http(check.clone()));
            if bounds.contains(&check.timeout_ms) { Ok(whole) } else { Err(RuleError::Timeout) }
        }
    }
}

/// A phrase as a pattern: its words with any space between them, and no letter or digit of its script touching it.
/// Scripts that write words without spaces between them (Korean particles, Chinese) have no such border.
fn whole(phrase: &str) -> String {
    let words: Vec<String> = phrase.split_whitespace().map(regex::escape).collect();
    let border = |letter: Option<char>| {
        if letter.is_some_and(|letter| letter.is_ascii_alphanumeric()) { r"(?-u:\b)" } else { "" }
    };
    let trimmed = phrase.trim();
    format!("{}{}{}", border(trimmed.chars().next()), words.join(r"\s+"), border(trimmed.chars().next_back()))
}

fn compiled(pattern: &str, any_case: bool) -> Result<Regex, RuleError> {
    let built = RegexBuilder::new(pattern)
        .case_insensitive(any_case)
        .size_limit(PATTERN_ROOM_BYTES)
        .dfa_size_limit(PATTERN_ROOM_BYTES)
        .nest_limit(50)
        .build()
        .map_err(|error| RuleError::Pattern {
            pattern: pattern.chars().take(80).collect(),
            reason: error.to_string().lines().last().unwrap_or_default().trim().to_owned(),
        })?;
    if built.is_match("") {
        return Err(RuleError::FitsNothing(pattern.chars().take(80).collect()));
    }
    Ok(built)
}

/// The rules of one call and stage.
#[derive(Debug, Clone, Default)]
pub struct Rules(Vec<Arc<Rule>>);

impl Rules {
    /// Those that look at places in texts. `None`: there are none.
    pub fn of(rules: &[Arc<Rule>], stage: Stage, applies: impl Fn(&Guardrail) -> bool) -> Option<Self> {
        let fits = |rule: &&Arc<Rule>| {
            rule.whole().is_none() && rule.guardrail.stage.covers(stage) && applies(&rule.guardrail)
        };
        let fitting: Vec<_> = rules.iter().filter(fits).cloned().collect();
        (!fitting.is_empty()).then_some(Self(fitting))
    }

    /// These and those of `more` that look at this stage, whatever calls they are about.
    pub fn with(rules: Option<Self>, more: &[Arc<Rule>], stage: Stage) -> Option<Self> {
        let Some(more) = Self::of(more, stage, |_| true) else { return rules };
        let mut all = rules.map(|rules| rules.0).unwrap_or_default();
        all.extend(more.0);
        Some(Self(all))
    }

    /// Those that look at the whole.
    pub fn whole(rules: &[Arc<Rule>], stage: Stage, applies: impl Fn(&Guardrail) -> bool) -> Vec<Arc<Rule>> {
        let fits = |rule: &&Arc<Rule>| {
            rule.whole().is_some() && rule.guardrail.stage.covers(stage) && applies(&rule.guardrail)
        };
        rules.iter().filter(fits).cloned().collect()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, rule: usize) -> &Guardrail {
        &self.0[rule].guardrail
    }

    pub fn iter(&self) -> impl Iterator<Item = &Guardrail> {
        self.0.iter().map(|rule| &rule.guardrail)
    }

    /// Everything every rule finds, in order of its beginning.
    pub fn matches(&self, text: &str) -> Vec<Match> {
        let mut matches = Vec::new();
        for (rule, one) in self.0.iter().enumerate() {
            one.find(text, |start, end, what| matches.push(Match { start, end, rule, what }));
        }
        matches.sort_by_key(|found| (found.start, std::cmp::Reverse(found.end)));
        matches
    }

    pub fn blocks(&self, found: &Match) -> bool {
        self.get(found.rule).action == Action::Block
    }

    /// What is to be replaced, in order and without overlaps.
    pub fn masks(&self, matches: &[Match]) -> Vec<Mask> {
        let mut masks: Vec<Mask> = Vec::new();
        for found in matches.iter().filter(|found| self.get(found.rule).action == Action::Mask) {
            match masks.last_mut() {
                Some(last) if found.start < last.end => last.end = last.end.max(found.end),
                _ => masks.push(Mask { start: found.start, end: found.end, label: found.what }),
            }
        }
        masks
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use aop_domain::id::GuardrailId;

    pub(crate) fn rules(checks: Vec<(Check, Action)>) -> Rules {
        let made = checks.into_iter().enumerate().map(|(at, (check, action))| {
            let guardrail = Guardrail {
                id: GuardrailId::from_bytes([at as u8; 16]),
                team_id: None,
                name: format!("rule {at}"),
                stage: Stage::Both,
                check,
                action,
                keys: vec![],
                models: vec![],
            };
            Arc::new(Rule::new(guardrail).unwrap())
        });
        Rules(made.collect())
    }

    pub(crate) fn deny(phrase: &str) -> Check {
        Check::DenyList { phrases: vec![phrase.into()] }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{deny, rules};
    use super::*;

    #[test]
    fn phrases_are_found_whole_in_any_case_and_with_any_space() {
        let found =
            |phrase: &str, text: &str| !rules(vec![(deny(phrase), Action::Flag)]).matches(text).is_empty();
        assert!(found("Project X", "about project\n x, and"));
        assert!(!found("cat", "concatenate") && found("cat", "a CAT."));
        assert!(found("기밀", "이것은 기밀입니다"));
        assert!(found("c++", "we use C++ here"));
    }

    #[test]
    fn a_rule_that_would_find_nothing_or_everything_is_refused() {
        let regex = |pattern: &str| finder(&Check::Regex { patterns: vec![pattern.into()] }).err();
        assert!(matches!(regex("a("), Some(RuleError::Pattern { .. })));
        assert!(matches!(regex("a*"), Some(RuleError::FitsNothing(_))));
        assert!(matches!(regex(r"(\w{100}){100}"), Some(RuleError::Pattern { .. })), "too large");
        assert_eq!(regex(" "), Some(RuleError::Empty));
        assert_eq!(regex(&"a".repeat(1_001)), Some(RuleError::TooLong));
        assert_eq!(regex(r"ACME-\d{4}"), None);
        assert_eq!(finder(&Check::Detectors { detectors: vec![] }).err(), Some(RuleError::Empty));
    }

    #[test]
    fn overlapping_masks_become_one() {
        let both = rules(vec![(deny("secret plan"), Action::Mask), (deny("plan b"), Action::Mask)]);
        let text = "the secret plan b is";
        let masks = both.masks(&both.matches(text));
        assert_eq!(masks.len(), 1);
        assert_eq!(&text[masks[0].start..masks[0].end], "secret plan b");
    }
}
