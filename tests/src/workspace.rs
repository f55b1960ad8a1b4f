//! Reads the checkout as the structure tests see it: tracked files, members, sizes.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the checkout.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Files git tracks, or would track: what is ignored is not ours.
pub fn files() -> anyhow::Result<Vec<PathBuf>> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()?;
    anyhow::ensure!(
        listed.status.success(),
        "git ls-files failed: {}",
        String::from_utf8_lossy(&listed.stderr)
    );
    let listed = String::from_utf8(listed.stdout)?;
    Ok(listed.lines().map(PathBuf::from).filter(|path| root().join(path).exists()).collect())
}

/// Rust files that are not tests, benches, examples or generated.
pub fn rust_sources() -> anyhow::Result<Vec<PathBuf>> {
    let is_source = |path: &PathBuf| {
        path.extension().is_some_and(|ending| ending == "rs")
            && !path.components().any(|part| {
                ["tests", "benches", "examples", "fuzz"].iter().any(|dir| part.as_os_str() == *dir)
            })
            && path.file_name().is_none_or(|name| name != "tests.rs")
    };
    Ok(files()?.into_iter().filter(is_source).collect())
}
