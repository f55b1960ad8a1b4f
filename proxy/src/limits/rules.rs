//! The rules in force, in the order a call asks for them: which of them does it touch, and in which bucket?

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use uuid::Uuid;

use aop_domain::id::{KeyId, LimitId, TeamId, UserId};
use aop_domain::limits::{Limit, LimitScope};

use super::counter::Counter;
use aop_domain::model_pattern::matches as matches_pattern;

pub(crate) struct Rule {
    pub(crate) limit: Arc<Limit>,
    /// The counter of the current window, where all calls share one bucket.
    pub(super) current: ArcSwapOption<Counter>,
}

impl Rule {
    /// Does it count what the key proves, and not what a call says?
    pub(super) fn is_callers_own(&self) -> bool {
        use LimitScope::{Key, Organisation, Team, User};
        matches!(self.limit.scope, Organisation | Team | User | Key)
    }
}

/// Whose call it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) team_id: TeamId,
    pub(crate) user_id: UserId,
    /// Nil: a run that a signed-in user started.
    pub(crate) key_id: KeyId,
    pub(crate) model: &'a str,
    pub(crate) tags: &'a [aop_domain::identity::Claim],
    pub(crate) agent: Option<&'a str>,
    pub(crate) run: Run<'a>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Run<'a> {
    Named(&'a str),
    /// Nobody named one: this call is a run of its own.
    Unnamed,
}

/// A rule that a call touches.
pub(crate) struct Touched<'a> {
    pub(crate) rule: &'a Arc<Rule>,
    /// `None`: a run of one call, counted for itself.
    pub(crate) bucket: Option<Cow<'a, str>>,
}

#[derive(Default)]
pub(crate) struct Rules {
    everyone: Group,
    teams: HashMap<TeamId, Group>,
    by_id: HashMap<LimitId, Arc<Rule>>,
    is_empty: bool,
}

#[derive(Default)]
struct Group {
    users: HashMap<UserId, Vec<Arc<Rule>>>,
    keys: HashMap<KeyId, Vec<Arc<Rule>>>,
    /// All the others; there are few.
    rest: Vec<Arc<Rule>>,
}

impl Rules {
    pub(crate) fn new(limits: &[Arc<Limit>]) -> Self {
        let mut rules = Self { is_empty: limits.is_empty(), ..Self::default() };
        for limit in limits {
            let rule = Arc::new(Rule { limit: Arc::clone(limit), current: ArcSwapOption::empty() });
            rules.by_id.insert(limit.id, Arc::clone(&rule));
            let group = match limit.team_id {
                None => &mut rules.everyone,
                Some(team) => rules.teams.entry(team).or_default(),
            };
            let id = limit.subject.as_deref().and_then(|text| Uuid::parse_str(text).ok());
            match (limit.scope, id) {
                (LimitScope::User, Some(id)) => group.users.entry(UserId(id)).or_default().push(rule),
                (LimitScope::Key, Some(id)) => group.keys.entry(KeyId(id)).or_default().push(rule),
                _ => group.rest.push(rule),
            }
        }
        rules
    }

    pub(super) fn by_id(&self, id: LimitId) -> Option<&Arc<Rule>> {
        self.by_id.get(&id)
    }

    pub(crate) fn touched<'a>(&'a self, subject: &Subject<'a>) -> Vec<Touched<'a>> {
        let mut touched = Vec::new();
        if self.is_empty {
            return touched;
        }
        for group in [Some(&self.everyone), self.teams.get(&subject.team_id)].into_iter().flatten() {
            let own = [group.users.get(&subject.user_id), group.keys.get(&subject.key_id)];
            for rule in own.into_iter().flatten().flatten() {
                touched.push(Touched { rule, bucket: Some(Cow::Borrowed("")) });
            }
            for rule in &group.rest {
                named(rule, subject, &mut touched);
            }
        }
        touched
    }
}

fn named<'a>(rule: &'a Arc<Rule>, subject: &Subject<'a>, touched: &mut Vec<Touched<'a>>) {
    let limit = &rule.limit;
    let mut add = |bucket: Cow<'a, str>| touched.push(Touched { rule, bucket: Some(bucket) });
    match (limit.scope, limit.subject.as_deref()) {
        (LimitScope::Organisation, _) => add(Cow::Borrowed("")),
        (LimitScope::Team, _) if limit.team_id.is_some() => add(Cow::Borrowed("")),
        (LimitScope::Team, _) => add(Cow::Owned(subject.team_id.to_string())),
        (LimitScope::User, None) => add(Cow::Owned(subject.user_id.to_string())),
        (LimitScope::Key, None) if !subject.key_id.is_nil() => add(Cow::Owned(subject.key_id.to_string())),
        // A subject that is no id, or a run without a key.
        (LimitScope::User | LimitScope::Key, _) => {}
        (LimitScope::Model, pattern) => add_named(pattern, subject.model, &mut add),
        (LimitScope::Agent, pattern) => {
            if let Some(agent) = subject.agent {
                add_named(pattern, agent, &mut add);
            }
        }
        (LimitScope::Tag, Some(pattern)) => {
            if subject.tags.iter().any(|tag| matches_pattern(pattern, &tag.value)) {
                add(Cow::Borrowed(""));
            }
        }
        (LimitScope::Tag, None) => subject.tags.iter().for_each(|tag| add(Cow::Borrowed(&tag.value))),
        (LimitScope::Run, pattern) => match subject.run {
            Run::Named(run) => add_named(pattern, run, &mut add),
            Run::Unnamed if pattern.is_none() => touched.push(Touched { rule, bucket: None }),
            Run::Unnamed => {}
        },
    }
}

/// Matches of a pattern are counted together; without one, every name for itself.
fn add_named<'a>(pattern: Option<&str>, name: &'a str, add: &mut impl FnMut(Cow<'a, str>)) {
    match pattern {
        Some(pattern) if matches_pattern(pattern, name) => add(Cow::Borrowed("")),
        Some(_) => {}
        None => add(Cow::Borrowed(name)),
    }
}
