//! The engine's files. npm packages hold no symbolic links, so the libraries' short names (`libpq.so.5`) have to be
//! made; and when Postgres runs as another user than AOP, that user must be able to read all of it. Where the
//! installed package can serve as it is, it does; otherwise a private copy is made, once.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::EmbeddedError;
use super::account::Account;

/// Where root's copies go: a place every user can read, unlike root's home.
const SHARED_COPIES: &str = "/var/cache/aop/engines";

/// One line of `pg-symlinks.json`; both paths start at the package's root.
#[derive(Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    version: String,
}

/// The directory that holds `bin/`, `lib/` and `share/`, ready to run as `account`.
pub(super) fn find(
    engines_dir: &Path,
    home: &Path,
    account: Option<Account>,
) -> Result<PathBuf, EmbeddedError> {
    let package = engines_dir.join("@embedded-postgres").join(platform());
    let native = package.join("native");
    if !native.join("bin/postgres").exists() {
        return Err(EmbeddedError::NotInstalled(native));
    }
    let links: Vec<Link> = read_json(&native.join("pg-symlinks.json"))?;
    let reachable = account.is_none_or(|account| account.can_reach(&native.join("bin/postgres")));
    if reachable && make_links(&package, &links).is_ok() {
        return native.canonicalize().map_err(|error| EmbeddedError::io("find", &native, error));
    }
    let version = read_json::<Package>(&package.join("package.json"))?.version;
    let copies = if account.is_some() { PathBuf::from(SHARED_COPIES) } else { home.to_owned() };
    copy_once(&package, &links, &copies, &format!("postgres-{version}"))
}

fn platform() -> &'static str {
    if cfg!(target_arch = "aarch64") { "linux-arm64" } else { "linux-x64" }
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, EmbeddedError> {
    let text = fs::read(path).map_err(|error| EmbeddedError::io("read", path, error))?;
    serde_json::from_slice(&text)
        .map_err(|error| EmbeddedError::Unusable { path: path.to_owned(), problem: error.to_string() })
}

/// Links point to a neighbor in the same directory, so a directory that is moved takes them along.
fn make_links(package: &Path, links: &[Link]) -> io::Result<()> {
    for link in links {
        let neighbor = link.source.file_name().ok_or(io::ErrorKind::InvalidData)?;
        match symlink(neighbor, package.join(&link.target)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Copied beside its place and moved there whole: a copy that was cut short is never used.
fn copy_once(package: &Path, links: &[Link], copies: &Path, name: &str) -> Result<PathBuf, EmbeddedError> {
    let place = copies.join(name);
    let native = place.join("native");
    if native.exists() {
        return Ok(native);
    }
    let unfinished = copies.join(format!("{name}.unfinished-{}", std::process::id()));
    let copy = || -> io::Result<()> {
        fs::create_dir_all(copies)?;
        copy_tree(&package.join("native"), &unfinished.join("native"))?;
        fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o755))?;
        make_links(&unfinished, links)?;
        match fs::rename(&unfinished, &place) {
            // Somebody else was faster: theirs is as good.
            Err(_) if native.exists() => fs::remove_dir_all(&unfinished),
            other => other,
        }
    };
    copy().map_err(|error| EmbeddedError::io("copy the Postgres engine to", &place, error))?;
    Ok(native)
}

/// Everything but what only a compiler needs (static libraries, headers).
fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_tree(&source, &target)?;
        } else if kind.is_file() && source.extension().is_none_or(|extension| extension != "a") {
            fs::copy(&source, &target)?;
            let executable = fs::metadata(&source)?.permissions().mode() & 0o100 != 0;
            let mode = if executable { 0o755 } else { 0o644 };
            fs::set_permissions(&target, fs::Permissions::from_mode(mode))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_missing_package_says_what_to_run() {
        let empty = tempfile::tempdir().unwrap();
        let error = find(empty.path(), empty.path(), None).unwrap_err();
        assert!(error.to_string().contains("make setup"), "{error}");
    }

    #[test]
    fn a_copy_has_its_links_and_leaves_out_static_libraries() {
        let package = tempfile::tempdir().unwrap();
        let lib = package.path().join("native/lib");
        fs::create_dir_all(&lib).unwrap();
        fs::write(lib.join("libpq.so.5.18"), "library").unwrap();
        fs::write(lib.join("libpq.a"), "static").unwrap();
        let link = Link { source: "native/lib/libpq.so.5.18".into(), target: "native/lib/libpq.so.5".into() };
        let copies = tempfile::tempdir().unwrap();
        let native = copy_once(package.path(), &[link], copies.path(), "postgres-1").unwrap();
        assert_eq!(fs::read_to_string(native.join("lib/libpq.so.5")).unwrap(), "library");
        assert!(!native.join("lib/libpq.a").exists());
        assert_eq!(fs::read_dir(copies.path()).unwrap().count(), 1, "nothing unfinished is left");
    }
}
