//! The one directory an embedded installation lives in: engines' data, spools and the secrets made at first start.
//! A lock keeps a second process out; the kernel drops it when the holder dies, however it dies.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use nix::fcntl::{Flock, FlockArg};

use aop_domain::hex::hex;
use aop_service::keys::MasterKey;
use aop_service::secret::Secret;

pub(crate) struct DataDir {
    root: PathBuf,
    _lock: Flock<File>,
}

impl DataDir {
    /// Opens the directory, making it (0700) if needed, and locks it for this process.
    pub(crate) fn open(root: &Path) -> anyhow::Result<Self> {
        make_private(root)?;
        let root = root.canonicalize().with_context(|| format!("cannot use {}", root.display()))?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(root.join("lock"))?;
        let lock = Flock::lock(lock, FlockArg::LockExclusiveNonblock).map_err(|(_, _)| {
            anyhow::anyhow!(
                "{} is in use by another AOP: stop that one, or give --data another directory",
                root.display()
            )
        })?;
        Ok(Self { root, _lock: lock })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A directory inside, made 0700 if it is not there.
    pub(crate) fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.root.join(name);
        make_private(&path)?;
        Ok(path)
    }

    /// The master key: the one given, or the one made at first start and kept in `secrets/master.key`.
    pub(crate) fn master_key(&self, given: Option<&Secret>) -> anyhow::Result<MasterKey> {
        match given {
            Some(text) => Ok(MasterKey::from_hex(text.expose())?),
            None => Ok(MasterKey::from_hex(self.secret("master.key")?.expose())?),
        }
    }

    /// 32 random bytes as hex, made once and kept with mode 0600.
    pub(crate) fn secret(&self, name: &str) -> anyhow::Result<Secret> {
        let path = self.folder("secrets")?.join(name);
        match File::open(&path) {
            Ok(mut file) => {
                let mut text = String::new();
                file.read_to_string(&mut text)?;
                if text.trim().len() < 32 {
                    bail!(
                        "{} is damaged: it should hold 64 hex digits; restore it from a backup",
                        path.display()
                    );
                }
                Ok(Secret::new(text.trim().to_owned()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => self.make_secret(&path),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    fn make_secret(&self, path: &Path) -> anyhow::Result<Secret> {
        let text = hex(&rand::random::<[u8; 32]>());
        // Written beside and renamed: a crash in between must not leave half a secret behind.
        let beside = path.with_extension("new");
        let mut file =
            OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        File::open(self.root.join("secrets"))?.sync_all()?;
        Ok(Secret::new(text))
    }
}

fn make_private(path: &Path) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot make the directory {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_processes_cannot_share_a_data_directory() {
        let temp = tempfile::tempdir().unwrap();
        let first = DataDir::open(temp.path()).unwrap();
        let second = DataDir::open(temp.path()).err().unwrap();
        assert!(second.to_string().contains("in use by another AOP"), "{second}");
        drop(first);
        assert!(DataDir::open(temp.path()).is_ok());
    }

    #[test]
    fn a_secret_is_made_once_and_only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let temp = tempfile::tempdir().unwrap();
        let data = DataDir::open(temp.path()).unwrap();
        let first = data.secret("master.key").unwrap();
        assert_eq!(first.expose(), data.secret("master.key").unwrap().expose());
        let mode = fs::metadata(temp.path().join("secrets/master.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
