//! The ledger of limits, as gateways use it: they tell what they have settled and ask for more, many windows at once.
//! The rule itself is a function in Postgres (`migrations/0006_limits.sql`), the same as `aop_domain::limits::Ledger`.

use aop_domain::id::LimitId;
use aop_domain::limits::{Exchange, Reply};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Store};

/// One exchange about one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub limit_id: LimitId,
    /// Which user, key, run, ...; empty where there is one only.
    pub bucket: String,
    /// Unix seconds.
    pub window_start_s: i64,
    /// When the window may be forgotten, Unix seconds.
    pub forget_at_s: i64,
    pub amount: i64,
    /// A lease that has expired is free again: for calls at once, which end with their holder.
    pub frees_expired: bool,
    pub exchange: Exchange,
}

/// All of them in one transaction; the answers in the same order. `lease_s`: how long a lease that is not heard of lives.
pub async fn exchange(store: &Store, asked: &[Asked], lease_s: f64) -> Result<Vec<Reply>, Error> {
    // In one order for everybody, so that two gateways cannot wait for each other.
    let mut order: Vec<usize> = (0..asked.len()).collect();
    order.sort_unstable_by_key(|&at| {
        let one = &asked[at];
        (one.limit_id, &one.bucket, one.window_start_s, one.exchange.lease)
    });
    let sorted = || order.iter().map(|&at| &asked[at]);
    let time_of =
        |seconds: i64| OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let limits: Vec<Uuid> = sorted().map(|one| one.limit_id.0).collect();
    let buckets: Vec<String> = sorted().map(|one| one.bucket.clone()).collect();
    let starts: Vec<OffsetDateTime> = sorted().map(|one| time_of(one.window_start_s)).collect();
    let forgets: Vec<OffsetDateTime> = sorted().map(|one| time_of(one.forget_at_s)).collect();
    let amounts: Vec<i64> = sorted().map(|one| one.amount).collect();
    let frees: Vec<bool> = sorted().map(|one| one.frees_expired).collect();
    let leases: Vec<Uuid> = sorted().map(|one| one.exchange.lease).collect();
    let spent: Vec<i64> = sorted().map(|one| one.exchange.spent).collect();
    let wanted: Vec<i64> = sorted().map(|one| one.exchange.wanted).collect();
    let needed: Vec<i64> = sorted().map(|one| one.exchange.needed).collect();
    let rows = sqlx::query!(
        r#"SELECT a.at AS "at!", x.granted AS "granted!", x.settled AS "settled!", x.others AS "others!"
           FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::boolean[],
                       $7::uuid[], $8::bigint[], $9::bigint[], $10::bigint[])
                WITH ORDINALITY AS a (limit_id, bucket, starts_at, forget_at, amount, frees, lease, spent, wanted, needed, at),
              LATERAL exchange_limit_lease(a.limit_id, a.bucket, a.starts_at, a.forget_at, a.amount, a.frees, a.lease,
                                           a.spent, a.wanted, a.needed, $11) x"#,
        &limits,
        &buckets,
        &starts,
        &forgets,
        &amounts,
        &frees,
        &leases,
        &spent,
        &wanted,
        &needed,
        lease_s
    )
    .fetch_all(store.pool())
    .await?;
    let mut replies = vec![Reply::default(); asked.len()];
    for row in rows {
        let at = usize::try_from(row.at - 1).ok().and_then(|at| order.get(at)).copied();
        if let Some(reply) = at.and_then(|at| replies.get_mut(at)) {
            *reply = Reply { granted: row.granted, settled: row.settled, others: row.others };
        }
    }
    Ok(replies)
}

/// Windows nobody needs any more, at most `limit` of them. Returns how many went.
pub async fn forget_old(store: &Store, limit: i64) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "DELETE FROM limit_windows WHERE ctid IN
           (SELECT ctid FROM limit_windows WHERE forget_at < now() ORDER BY forget_at LIMIT $1 FOR UPDATE SKIP LOCKED)",
        limit
    )
    .execute(store.pool())
    .await?;
    Ok(deleted.rows_affected())
}
