//! One page of a list, and how the next one is asked for.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use aop_service::problem::Problem;

use crate::error::ApiResult;

/// Items of one page when the caller names no `limit`.
pub const DEFAULT_LIMIT: u32 = 50;
pub const LARGEST_LIMIT: u32 = 200;

/// A page of a list. `next_cursor` is absent on the last page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Opaque: pass it back as `?cursor=` to get the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A list that is always short enough to come whole.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }

    /// A page of rows that were asked for with one more than `limit`, to learn whether there is a next page.
    pub fn cut(mut rows: Vec<T>, limit: u32, id_of: impl Fn(&T) -> Uuid) -> Self {
        let limit = limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = if more { rows.last().map(|row| id_of(row).to_string()) } else { None };
        Self { items: rows, next_cursor }
    }

    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(convert).collect(), next_cursor: self.next_cursor }
    }
}

impl<T> From<aop_clickhouse::Page<T>> for Page<T> {
    fn from(page: aop_clickhouse::Page<T>) -> Self {
        Self { items: page.items, next_cursor: page.next_cursor }
    }
}

/// How every list is paged.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Items per page, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl PageParams {
    pub fn limit(&self) -> u32 {
        clamp_limit(self.limit)
    }

    /// Rows to ask a store for: one more than the page holds.
    pub fn rows(&self) -> i64 {
        i64::from(self.limit()) + 1
    }

    /// The id the page continues before, for lists in the order of their ids.
    pub fn before(&self) -> ApiResult<Option<Uuid>> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let id = Uuid::parse_str(cursor).map_err(|_| {
            Problem::invalid("invalid_cursor", "The cursor is not one that this list gave out.")
                .field("cursor")
        })?;
        Ok(Some(id))
    }
}

/// The page size asked for, kept between 1 and the largest allowed.
pub fn clamp_limit(asked: Option<u32>) -> u32 {
    asked.unwrap_or(DEFAULT_LIMIT).clamp(1, LARGEST_LIMIT)
}
