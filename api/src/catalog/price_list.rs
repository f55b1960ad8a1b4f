//! The list of prices: those people set, in force now or later, then the shipped ones, each by provider and model.

use std::collections::HashSet;

use time::OffsetDateTime;

use aop_domain::gateway::PriceOverride;
use aop_domain::price::Shipped;
use aop_service::problem::Problem;
use aop_store::prices as stored;

use crate::error::ApiResult;
use crate::wire::page::{Page, clamp_limit};
use crate::wire::prices::{Price, PriceFilter, PriceSource};

/// One page of what fits the filter. `set` are all versions people set, of this team and of the installation.
pub fn page(set: Vec<stored::Price>, filter: &PriceFilter, now: OffsetDateTime) -> ApiResult<Page<Price>> {
    let wanted = Wanted::of(filter);
    let mut lines: Vec<Line> = in_force(set, now)
        .into_iter()
        .filter(|price| wanted.fits(&price.provider, &price.model))
        .map(Line::Set)
        .chain(Shipped::get().models().filter(|(p, m)| wanted.fits(p, m)).map(|(p, m)| Line::Shipped(p, m)))
        .collect();
    lines.sort_by(|one, other| one.key().cmp(&other.key()));
    let start = match &filter.cursor {
        None => 0,
        Some(cursor) => position_after(&lines, cursor)?,
    };
    let limit = clamp_limit(filter.limit) as usize;
    let more = lines.len() > start + limit;
    let shown = lines.into_iter().skip(start).take(limit);
    let items: Vec<Price> = shown.filter_map(Line::price).collect();
    Ok(Page { items, next_cursor: more.then(|| (start + limit).to_string()) })
}

/// A price as the book takes it.
pub fn as_override(price: stored::Price) -> PriceOverride {
    PriceOverride {
        team_id: price.scope.team_id(),
        version: price.version.unsigned_abs(),
        provider: price.provider,
        model: price.model,
        effective_from_s: price.effective_from.unix_timestamp(),
        card_json: price.card.to_string(),
    }
}

/// The table changes only with a new version or an administrator's hand, so a place in it serves as a cursor.
fn position_after(lines: &[Line], cursor: &str) -> ApiResult<usize> {
    let at = cursor.parse::<usize>().ok().filter(|at| *at <= lines.len());
    at.ok_or_else(|| {
        Problem::invalid("invalid_cursor", "The cursor is not one that this list gave out.")
            .field("cursor")
            .into()
    })
}

struct Wanted {
    part: Option<String>,
    provider: Option<String>,
}

impl Wanted {
    fn of(filter: &PriceFilter) -> Self {
        Self { part: filter.q.as_ref().map(|q| q.trim().to_lowercase()), provider: filter.provider.clone() }
    }

    fn fits(&self, provider: &str, model: &str) -> bool {
        self.provider.as_ref().is_none_or(|wanted| wanted == provider)
            && self.part.as_ref().is_none_or(|part| model.to_lowercase().contains(part))
    }
}

enum Line {
    Set(stored::Price),
    Shipped(&'static str, &'static str),
}

impl Line {
    /// What people set stands first; of one model the version that comes last stands first.
    fn key(&self) -> (bool, &str, &str, bool, i32) {
        match self {
            Self::Set(price) => {
                (false, &price.provider, &price.model, price.scope.team_id().is_none(), -price.version)
            }
            Self::Shipped(provider, model) => (true, provider, model, true, 0),
        }
    }

    fn price(self) -> Option<Price> {
        match self {
            Self::Set(price) => Some(Price::of(price)),
            Self::Shipped(provider, model) => {
                let card = Shipped::get().find(provider, model)?;
                Some(Price {
                    id: None,
                    provider: provider.to_owned(),
                    model: model.to_owned(),
                    source: PriceSource::Shipped,
                    version: Shipped::get().version(),
                    effective_from: None,
                    card: serde_json::from_str(&card.to_json()).ok()?,
                })
            }
        }
    }
}

/// Of each model the version in force, and those to come.
fn in_force(mut set: Vec<stored::Price>, now: OffsetDateTime) -> Vec<stored::Price> {
    set.sort_by_key(|price| std::cmp::Reverse((price.effective_from, price.version)));
    let mut current = HashSet::new();
    set.retain(|price| {
        price.effective_from > now
            || current.insert((price.scope, price.provider.clone(), price.model.clone()))
    });
    set
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use aop_domain::id::TeamId;
    use aop_store::Scope;
    use serde_json::json;
    use uuid::Uuid;

    fn set(version: i32, effective_from_s: i64, scope: Scope) -> stored::Price {
        let at = OffsetDateTime::from_unix_timestamp(effective_from_s).unwrap();
        stored::Price {
            id: Uuid::nil(),
            scope,
            provider: "openai".into(),
            model: "gpt-4o".into(),
            version,
            effective_from: at,
            card: json!({"input": version.to_string()}),
            created_at: at,
        }
    }

    #[test]
    fn the_version_in_force_and_those_to_come_are_shown_before_the_shipped_price() {
        let now = OffsetDateTime::from_unix_timestamp(1000).unwrap();
        let all = vec![
            set(1, 10, Scope::Shared),
            set(2, 20, Scope::Shared),
            set(3, 2000, Scope::Shared),
            set(1, 5, Scope::Team(TeamId::NIL)),
        ];
        let filter =
            PriceFilter { q: Some("GPT-4O".into()), provider: Some("openai".into()), ..Default::default() };
        let page = page(all, &filter, now).unwrap();
        let shown: Vec<_> = page.items.iter().map(|price| (price.source, price.version)).collect();
        assert_eq!(shown[0], (PriceSource::Team, 1));
        assert_eq!(shown[1..3], [(PriceSource::Installation, 3), (PriceSource::Installation, 2)]);
        let shipped =
            page.items.iter().find(|price| price.source == PriceSource::Shipped && price.model == "gpt-4o");
        assert_eq!(shipped.unwrap().card["input"], "0.0000025");
    }

    #[test]
    fn pages_join_without_gaps_and_end() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut filter =
            PriceFilter { provider: Some("openai".into()), limit: Some(7), ..Default::default() };
        let whole = PriceFilter { provider: Some("openai".into()), limit: Some(200), ..Default::default() };
        let mut seen = Vec::new();
        loop {
            let got = page(vec![], &filter, now).unwrap();
            seen.extend(got.items.into_iter().map(|price| price.model));
            match got.next_cursor {
                Some(cursor) if seen.len() < 70 => filter.cursor = Some(cursor),
                _ => break,
            }
        }
        let at_once: Vec<_> = page(vec![], &whole, now).unwrap().items.into_iter().map(|p| p.model).collect();
        assert_eq!(seen, at_once[..seen.len()]);
        filter.cursor = Some("-1".into());
        assert!(page(vec![], &filter, now).is_err());
    }
}
