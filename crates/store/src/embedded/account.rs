//! Which user Postgres runs as. It refuses root, so when AOP is root it becomes an unprivileged user of the machine.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::{Gid, Uid, User};
use serde::{Deserialize, Serialize};

use super::EmbeddedError;

/// A user to become. (A user without a name in `/etc/passwd` would do for the server, but not for `initdb`.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// `None` when AOP is not root: Postgres then runs as AOP's own user. A directory of an earlier run keeps its owner.
pub(super) fn choose(home: &Path) -> Result<Option<Account>, EmbeddedError> {
    if !Uid::effective().is_root() {
        return Ok(None);
    }
    if let Ok(existing) = fs::metadata(home)
        && existing.uid() != 0
    {
        return Ok(Some(Account { uid: existing.uid(), gid: existing.gid() }));
    }
    let named = |name| User::from_name(name).ok().flatten();
    let user = named("postgres").or_else(|| named("nobody")).ok_or(EmbeddedError::NoAccount)?;
    Ok(Some(Account { uid: user.uid.as_raw(), gid: user.gid.as_raw() }))
}

impl Account {
    /// Whether this user can open `path` by name: every directory on the way must let it pass.
    pub(super) fn can_reach(self, path: &Path) -> bool {
        let Ok(path) = path.canonicalize() else { return false };
        path.ancestors().all(|part| self.may(part, if part == path { 0o5 } else { 0o1 }))
    }

    fn may(self, path: &Path, wanted: u32) -> bool {
        let Ok(metadata) = fs::metadata(path) else { return false };
        let shift = match (metadata.uid() == self.uid, metadata.gid() == self.gid) {
            (true, _) => 6,
            (false, true) => 3,
            (false, false) => 0,
        };
        metadata.mode() >> shift & wanted == wanted
    }

    /// Becomes this user for good: groups first, while there is still the right to.
    pub(super) fn become_it(self) -> nix::Result<()> {
        nix::unistd::setgroups(&[])?;
        nix::unistd::setgid(Gid::from_raw(self.gid))?;
        nix::unistd::setuid(Uid::from_raw(self.uid))
    }
}
