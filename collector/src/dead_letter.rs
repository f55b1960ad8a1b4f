//! What could not be read, kept on the collector's disk for a person or a later version.
//!
//! Frames that hold no known record are kept as a segment of their own (the same header, only those frames), so the
//! format's own tools read them. Bytes that are no frame at all are kept as they are. A file is named by the segment it
//! came from, so a segment that is sent again replaces its letters instead of adding more.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aop_domain::frame::{HEADER_BYTES, Header};

/// The folder of dead letters, owned by this collector.
#[derive(Debug, Clone)]
pub(crate) struct DeadLetters {
    dir: PathBuf,
}

impl DeadLetters {
    pub(crate) fn open(dir: PathBuf) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
        Ok(Self { dir })
    }

    /// Blocks until the letters are on the disk: after that the segment may be acknowledged.
    pub(crate) fn keep(
        &self,
        header: &Header,
        segment: &[u8],
        undecodable: &[Range<usize>],
        damaged: &[Range<usize>],
    ) -> io::Result<()> {
        let name = format!("{}-{:020}", header.writer, header.segment);
        if !undecodable.is_empty() {
            let frames = undecodable.iter().map(|range| &segment[range.clone()]);
            let parts: Vec<&[u8]> = [&segment[..HEADER_BYTES]].into_iter().chain(frames).collect();
            self.write(&format!("{name}.seg"), &parts)?;
        }
        for range in damaged {
            self.write(&format!("{name}-at-{}.bad", range.start), &[&segment[range.clone()]])?;
        }
        Ok(())
    }

    fn write(&self, name: &str, parts: &[&[u8]]) -> io::Result<()> {
        let part = self.dir.join(format!("{name}.part"));
        let mut file = private_file(&part)?;
        for bytes in parts {
            file.write_all(bytes)?;
        }
        file.sync_all()?;
        fs::rename(part, self.dir.join(name))?;
        File::open(&self.dir)?.sync_all()
    }
}

fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path)
}
