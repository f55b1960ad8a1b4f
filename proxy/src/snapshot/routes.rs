//! Routes by the names they answer to. A name as it stands wins over a pattern, the pattern that says most over the
//! others, and a team's own over a shared one.

use std::collections::HashMap;
use std::sync::Arc;

use aop_domain::gateway::Route;
use aop_domain::id::TeamId;
use aop_domain::model_pattern;

use super::target::Target;

/// A route with its targets ready to be called, in the order of priority.
#[derive(Debug)]
pub(crate) struct RouteEntry {
    pub(crate) route: Arc<Route>,
    pub(crate) targets: Vec<RouteTarget>,
    /// A target's name at its provider depends on the name that was asked for.
    pub(crate) is_wild: bool,
}

#[derive(Debug)]
pub(crate) struct RouteTarget {
    pub(crate) priority: u16,
    pub(crate) weight: u16,
    pub(crate) target: Arc<Target>,
}

/// The route a name leads to.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    pub(crate) entry: &'a Arc<RouteEntry>,
    /// What the star stood for; the whole name when it was no pattern that fitted.
    pub(crate) captured: &'a str,
}

/// All routes, by whose they are; `None`: shared by all teams.
#[derive(Debug, Default)]
pub(crate) struct Routes(HashMap<Option<TeamId>, Names>);

#[derive(Debug, Default)]
struct Names {
    exact: HashMap<String, Arc<RouteEntry>>,
    /// The one that says most first.
    patterns: Vec<(String, Arc<RouteEntry>)>,
}

impl RouteEntry {
    pub(super) fn new(route: Arc<Route>, mut targets: Vec<RouteTarget>) -> Self {
        targets.sort_by_key(|target| target.priority);
        let is_wild =
            targets.iter().any(|target| model_pattern::is_pattern(&target.target.deployment.upstream_model));
        Self { route, targets, is_wild }
    }
}

impl Routes {
    /// Routes' own names come before aliases; among aliases the first one counts.
    pub(super) fn new(entries: &[Arc<RouteEntry>]) -> Self {
        let mut routes = Self::default();
        for entry in entries {
            routes.add(entry, &entry.route.model);
        }
        for entry in entries {
            for alias in &entry.route.policy.aliases {
                routes.add(entry, alias);
            }
        }
        for names in routes.0.values_mut() {
            // Stable: of two that say as much the earlier one stays first.
            names.patterns.sort_by_key(|(pattern, _)| std::cmp::Reverse(model_pattern::specificity(pattern)));
        }
        routes
    }

    fn add(&mut self, entry: &Arc<RouteEntry>, name: &str) {
        let names = self.0.entry(entry.route.team_id).or_default();
        if model_pattern::is_pattern(name) {
            names.patterns.push((name.to_owned(), Arc::clone(entry)));
        } else {
            names.exact.entry(name.to_owned()).or_insert_with(|| Arc::clone(entry));
        }
    }

    pub(super) fn find<'a>(&'a self, team: TeamId, model: &'a str) -> Option<Found<'a>> {
        let (own, shared) = (self.0.get(&Some(team)), self.0.get(&None));
        let exact = |names: Option<&'a Names>| names?.exact.get(model);
        if let Some(entry) = exact(own).or_else(|| exact(shared)) {
            return Some(Found { entry, captured: model });
        }
        let fitting = |names: Option<&'a Names>| {
            let patterns = names?.patterns.iter();
            let (pattern, entry, captured) = patterns
                .filter_map(|(pattern, entry)| {
                    Some((pattern, entry, model_pattern::captured(pattern, model)?))
                })
                .next()?;
            Some((model_pattern::specificity(pattern), Found { entry, captured }))
        };
        match (fitting(own), fitting(shared)) {
            (Some((own_says, own)), Some((shared_says, _))) if own_says >= shared_says => Some(own),
            (Some((_, own)), None) => Some(own),
            (_, shared) => shared.map(|(_, found)| found),
        }
    }

    /// Every name without a star that this team can call.
    pub(super) fn names(&self, team: TeamId) -> impl Iterator<Item = &str> {
        let of = |owner: Option<TeamId>| self.0.get(&owner).into_iter().flat_map(|names| names.exact.keys());
        of(Some(team)).chain(of(None)).map(String::as_str)
    }
}

#[cfg(test)]
impl RouteEntry {
    /// An entry with these targets, of a route that has no other settings.
    pub(crate) fn testing(targets: Vec<RouteTarget>) -> Self {
        Self::new(Arc::new(tests::route("m", None, &[])), targets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aop_domain::id::RouteId;
    use aop_domain::routing::RoutePolicy;

    pub(super) fn route(model: &str, team_id: Option<TeamId>, aliases: &[&str]) -> Route {
        let aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
        Route {
            id: RouteId::NIL,
            team_id,
            model: model.into(),
            targets: vec![],
            max_attempts: 3,
            operations: vec![],
            policy: RoutePolicy { aliases, ..RoutePolicy::default() },
        }
    }

    #[test]
    fn the_name_that_says_most_wins_and_the_teams_own_before_a_shared_one() {
        let team = TeamId::from_bytes([1; 16]);
        let entries: Vec<_> = [
            route("gpt-4o", None, &["smart"]),
            route("gpt-4o*", None, &[]),
            route("openai/*", None, &["gpt*"]),
            route("mine", Some(team), &["gpt-4o-m*", "openai/*", "gpt-4o-audio"]),
            route("*", Some(team), &["smart"]),
        ]
        .into_iter()
        .map(|route| Arc::new(RouteEntry::new(Arc::new(route), vec![])))
        .collect();
        let routes = Routes::new(&entries);
        let of = |team, model| {
            let found = routes.find(team, model)?;
            Some((found.entry.route.model.clone(), found.captured.to_owned()))
        };
        for (model, own, others) in [
            ("gpt-4o", Some(("gpt-4o", "gpt-4o")), Some(("gpt-4o", "gpt-4o"))),
            ("gpt-4o-mini", Some(("mine", "ini")), Some(("gpt-4o*", "-mini"))),
            ("gpt-4o-audio", Some(("mine", "gpt-4o-audio")), Some(("gpt-4o*", "-audio"))),
            ("gpt-5", Some(("openai/*", "-5")), Some(("openai/*", "-5"))),
            ("openai/o3", Some(("mine", "o3")), Some(("openai/*", "o3"))),
            ("smart", Some(("*", "smart")), Some(("gpt-4o", "smart"))),
            ("claude", Some(("*", "claude")), None),
        ] {
            let expected = |found: Option<(&str, &str)>| found.map(|(a, b)| (a.to_owned(), b.to_owned()));
            assert_eq!(of(team, model), expected(own), "{model} of the team");
            assert_eq!(of(TeamId::NIL, model), expected(others), "{model} of others");
        }
        let mut names: Vec<_> = routes.names(team).collect();
        names.sort_unstable();
        assert_eq!(names, ["gpt-4o", "gpt-4o-audio", "mine", "smart", "smart"]);
    }
}
