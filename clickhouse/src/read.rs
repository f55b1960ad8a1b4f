//! What every read shares: limits, time ranges, cursors, and statements put together from fixed pieces.

use std::time::Duration;

use aop_domain::hex::hex;
use aop_domain::id::TeamId;
use clickhouse::{RowOwned, RowRead};
use serde::{Deserialize, Serialize};

use crate::client::ClickHouse;
use crate::error::Error;

/// A read that takes longer is stopped on the server and given up here.
pub(crate) const READ_LIMIT: Duration = Duration::from_secs(30);
pub(crate) const MAX_PAGE: u32 = 500;

/// Microseconds since the Unix epoch; `to_us` is not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeRange {
    pub from_us: i64,
    pub to_us: i64,
}

/// One page of a list. `next_cursor` is absent on the last page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}

/// The last row of a page: its time and its id (hex). Opaque to callers: `<us>.<id>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) us: i64,
    pub(crate) id: String,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.us, self.id)
    }
}

impl Cursor {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let invalid = || Error::Invalid("the cursor is not one that this list gave out".to_owned());
        let (us, id) = text.split_once('.').ok_or_else(invalid)?;
        if id.is_empty() || id.len() > 32 || !id.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(invalid());
        }
        Ok(Self { us: us.parse().map_err(|_| invalid())?, id: id.to_owned() })
    }
}

/// Cuts the extra row that was asked for to learn whether there is a next page.
pub(crate) fn page<T>(mut items: Vec<T>, limit: u32, cursor_of: impl Fn(&T) -> String) -> Page<T> {
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next_cursor = if more { items.last().map(cursor_of) } else { None };
    Page { items, next_cursor }
}

pub(crate) fn page_limit(asked: u32) -> u32 {
    asked.clamp(1, MAX_PAGE)
}

/// A SELECT of one team's rows: fixed text, and values as server-side parameters.
pub(crate) struct Select {
    head: &'static str,
    conditions: Vec<&'static str>,
    tail: &'static str,
    params: Vec<(&'static str, String)>,
}

impl Select {
    /// `head` is everything up to `WHERE`; the condition on the team comes first, always.
    pub(crate) fn of_team(head: &'static str, team: TeamId) -> Self {
        let params = vec![("team", hex(team.as_bytes()))];
        Self { head, conditions: vec!["team = toFixedString(unhex({team:String}), 16)"], tail: "", params }
    }

    pub(crate) fn and(mut self, condition: &'static str) -> Self {
        self.conditions.push(condition);
        self
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers hand over numbers and texts made for this")]
    pub(crate) fn param(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, escape(&value.to_string())));
        self
    }

    /// A list as it stands between its brackets. ClickHouse reads its parts as quoted, not as escaped.
    pub(crate) fn list(mut self, name: &'static str, value: String) -> Self {
        self.params.push((name, value));
        self
    }

    /// Adds the condition with its one parameter when there is a value.
    pub(crate) fn and_if(
        self,
        condition: &'static str,
        name: &'static str,
        value: Option<impl ToString>,
    ) -> Self {
        match value {
            Some(value) => self.and(condition).param(name, value),
            None => self,
        }
    }

    /// `ts` in the range; the bounds prune partitions and the primary key.
    pub(crate) fn within(self, range: TimeRange) -> Self {
        self.and("ts >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC')")
            .and("ts < fromUnixTimestamp64Micro({to_us:Int64}, 'UTC')")
            .param("from_us", range.from_us)
            .param("to_us", range.to_us)
    }

    /// What follows `WHERE`: grouping, order, limit.
    pub(crate) fn then(mut self, tail: &'static str) -> Self {
        self.tail = tail;
        self
    }

    fn sql(&self) -> String {
        format!("{} WHERE {} {}", self.head, self.conditions.join(" AND "), self.tail)
    }

    pub(crate) async fn all<T: RowOwned + RowRead>(&self, clickhouse: &ClickHouse) -> Result<Vec<T>, Error> {
        let mut query = clickhouse
            .client()
            .query_raw(&self.sql())
            .with_setting("prefer_column_name_to_alias", "1")
            .with_setting("max_execution_time", READ_LIMIT.as_secs().to_string());
        for (name, value) in &self.params {
            query = query.with_setting(format!("param_{name}"), value);
        }
        clickhouse.limited(READ_LIMIT, query.fetch_all::<T>()).await
    }

    pub(crate) async fn one<T: RowOwned + RowRead>(
        &self,
        clickhouse: &ClickHouse,
    ) -> Result<Option<T>, Error> {
        Ok(self.all(clickhouse).await?.into_iter().next())
    }
}

/// A single value is read as one field of a tab-separated row.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\0' => escaped.push_str("\\0"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_cursor_that_was_not_given_out_is_refused() {
        assert!(Cursor::parse("17.018f00").is_ok());
        for text in ["", "17", "x.00", "17.zz", "17.", "17.00'; DROP TABLE llm_calls"] {
            assert!(Cursor::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_select_names_the_team_first() {
        let sql = Select::of_team("SELECT 1 FROM spans", TeamId::NIL).and("x").then("LIMIT 1").sql();
        assert_eq!(
            sql,
            "SELECT 1 FROM spans WHERE team = toFixedString(unhex({team:String}), 16) AND x LIMIT 1"
        );
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        assert_eq!(page(vec![1, 2, 3], 2, i32::to_string).next_cursor.as_deref(), Some("2"));
        assert_eq!(page(vec![1, 2], 2, i32::to_string).next_cursor, None);
    }
}
