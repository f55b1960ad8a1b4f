//! What is known as bytes, so that a restart does not forget it. Written in small pieces: nobody holds it twice.

use std::hash::Hash;
use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use super::{Nodes, Owner, Recent, Settler};
use crate::engine::{Engine, Limits, MARK as ENGINE_MARK, Saving, content, write_piece};

/// First bytes of it. The last one counts versions; the engine's own stands behind.
const MARK: [u8; 8] = *b"aop-st\0\x01";
/// Entries in a piece.
const ENTRIES: usize = 8_192;

#[derive(Serialize, Deserialize)]
enum Kept {
    Nodes(Vec<([u8; 16], Nodes)>),
    Wholes(Vec<([u8; 16], [u8; 16])>),
    Runs(Vec<([u8; 16], Option<u32>)>),
    Talks(Vec<(u64, (u64, Nodes))>),
    Told(Vec<(u64, u64)>),
    Calls(Vec<(u64, u64)>),
    /// The last piece before the engine.
    Gateways(Vec<(u64, i64)>),
    Trails(Vec<(u64, Option<Owner>)>),
}

impl<K: Hash + Eq + Copy, V: Copy> Recent<K, V> {
    /// The older generation first, so that it is the first to be forgotten again.
    fn write(&self, out: &mut impl Write, kept: impl Fn(Vec<(K, V)>) -> Kept) -> io::Result<()> {
        let all = self.old.iter().chain(&self.young).map(|(key, value)| (*key, *value));
        let mut piece = Vec::with_capacity(ENTRIES);
        for entry in all {
            piece.push(entry);
            if piece.len() == ENTRIES {
                write_piece(out, &kept(std::mem::take(&mut piece)))?;
            }
        }
        if piece.is_empty() { Ok(()) } else { write_piece(out, &kept(piece)) }
    }

    fn take(&mut self, entries: Vec<(K, V)>) {
        entries.into_iter().for_each(|(key, value)| self.put(key, value));
    }
}

impl Settler {
    pub fn save(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&MARK)?;
        self.nodes.write(out, Kept::Nodes)?;
        self.wholes.write(out, Kept::Wholes)?;
        self.runs.write(out, Kept::Runs)?;
        self.talks.write(out, Kept::Talks)?;
        self.told.write(out, Kept::Told)?;
        self.calls.write(out, Kept::Calls)?;
        self.trails.write(out, Kept::Trails)?;
        write_piece(out, &Kept::Gateways(self.gateways.iter().map(|(node, at)| (*node, *at)).collect()))?;
        out.write_all(&ENGINE_MARK)?;
        let mut saving = Saving::default();
        while let Some(piece) = self.engine.piece(&mut saving) {
            write_piece(out, &piece)?;
        }
        Ok(())
    }

    /// `None`: it is damaged, or of a version that is not understood.
    pub fn load(mut from: impl Read) -> Option<Self> {
        let mut mark = [0; MARK.len()];
        from.read_exact(&mut mark).ok()?;
        let mut settler = (mark == MARK).then(Self::default)?;
        loop {
            match postcard::from_bytes(&content(&mut from)?).ok()? {
                Kept::Nodes(entries) => settler.nodes.take(entries),
                Kept::Wholes(entries) => settler.wholes.take(entries),
                Kept::Runs(entries) => settler.runs.take(entries),
                Kept::Talks(entries) => settler.talks.take(entries),
                Kept::Told(entries) => settler.told.take(entries),
                Kept::Calls(entries) => settler.calls.take(entries),
                Kept::Trails(entries) => settler.trails.take(entries),
                Kept::Gateways(entries) => {
                    settler.gateways = entries.into_iter().collect();
                    settler.engine = Engine::load(from, Limits::default())?;
                    return Some(settler);
                }
            }
        }
    }
}
