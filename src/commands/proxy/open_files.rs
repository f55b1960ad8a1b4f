//! The front door's connections need files the kernel lets it open: one for the client and one for the provider. It asks
//! for as many as it may have, and keeps its bound on connections below what it got.

use aop_proxy::Limits;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// For everything else: the spool, Postgres, the pool of idle connections, the runtime.
const OTHER_FILES: u64 = 512;

pub(super) fn fit(limits: &mut Limits) {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
    let idle = limits.upstream_idle_pool as u64;
    let wanted = (limits.connections_max as u64).saturating_mul(2).saturating_add(idle + OTHER_FILES);
    let mut got = soft;
    if soft < wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted.min(hard), hard).is_ok() {
        got = wanted.min(hard);
    }
    let fits = connections(got, &mut limits.upstream_idle_pool);
    if fits < limits.connections_max {
        tracing::warn!(
            files = got,
            connections = fits,
            "fewer connections than AOP_CONNECTIONS_MAX: the process may not open more files (ulimit -n)"
        );
        limits.connections_max = fits;
    }
}

/// How many connections so many files are enough for. Where there are few, the pool gives way first.
fn connections(files: u64, idle_pool: &mut usize) -> usize {
    let free = files.saturating_sub(OTHER_FILES.min(files / 4));
    *idle_pool = (*idle_pool).min(usize::try_from(free / 4).unwrap_or(usize::MAX));
    usize::try_from(free.saturating_sub(*idle_pool as u64) / 2).unwrap_or(usize::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_files_mean_few_connections_and_a_small_pool() {
        for (files, pool, idle, fits) in
            [(1024, 1024, 192, 288), (65_536, 1024, 1024, 32_000), (40, 1024, 7, 11), (0, 1024, 0, 1)]
        {
            let mut pool = pool;
            assert_eq!((connections(files, &mut pool), pool), (fits, idle), "{files} files");
        }
    }
}
