//! What settling knows, on the collector's disk: a restart forgets its last minute and nothing more.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use aop_identity::settle::Settler;

#[derive(Debug, Clone)]
pub(super) struct Memory {
    path: PathBuf,
}

impl Memory {
    pub(super) fn of(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// What cannot be read is forgotten: settling begins anew.
    pub(super) async fn load(&self) -> Box<Settler> {
        let path = self.path.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let file = File::open(&path).ok()?;
            let known = Settler::load(BufReader::new(file));
            if known.is_none() {
                tracing::warn!(path = %path.display(), "what was settled between gateways is damaged or of a version that is not understood; it begins anew");
            }
            known
        });
        reading.await.ok().flatten().map(Box::new).unwrap_or_default()
    }

    /// Gives the settler back: it is written down by a thread that may wait for the disk.
    pub(super) async fn save(&self, settler: Box<Settler>) -> Box<Settler> {
        let path = self.path.clone();
        let writing = tokio::task::spawn_blocking(move || {
            let written = write(&path, &settler);
            (settler, written)
        });
        match writing.await {
            Ok((settler, Ok(()))) => settler,
            Ok((settler, Err(error))) => {
                tracing::warn!(%error, "what was settled between gateways cannot be written down");
                settler
            }
            Err(error) => {
                tracing::error!(%error, "writing down what was settled failed; it begins anew");
                Box::default()
            }
        }
    }
}

/// Whole or not at all.
fn write(path: &Path, settler: &Settler) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut file = BufWriter::new(File::create(&unfinished)?);
    settler.save(&mut file)?;
    file.flush()?;
    std::fs::rename(&unfinished, path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn what_was_saved_is_there_after_a_restart_and_damage_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("settle.state");
        let memory = Memory::of(&path);
        assert!(memory.load().await.gateways.is_empty(), "nothing was saved yet");
        let mut settler = memory.load().await;
        settler.gateways.insert(7, 70);
        let settler = memory.save(settler).await;
        assert_eq!(settler.gateways.get(&7), Some(&70));
        assert_eq!(Memory::of(&path).load().await.gateways.get(&7), Some(&70));
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert!(memory.load().await.gateways.is_empty());
    }
}
