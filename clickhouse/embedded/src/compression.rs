//! Compression both ways: ClickHouse's own checksummed frames (`decompress=1`, `compress=1`) and HTTP encodings.

mod http;
mod native;

use std::io::Read;

use bytes::Bytes;

/// How the request's body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Incoming {
    /// HTTP `Content-Encoding`, outermost.
    pub(crate) encoding: Encoding,
    /// `decompress=1`: frames of ClickHouse inside.
    pub(crate) native: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Encoding {
    #[default]
    Identity,
    Lz4,
    Zstd,
    Gzip,
}

impl Encoding {
    /// `None`: an encoding this server does not know.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Some(Self::Identity),
            "lz4" => Some(Self::Lz4),
            "zstd" => Some(Self::Zstd),
            "gzip" => Some(Self::Gzip),
            _ => None,
        }
    }
}

impl Incoming {
    /// The body as it was before it was packed.
    pub(crate) fn unpack<'a>(self, body: impl Read + 'a) -> std::io::Result<Box<dyn Read + 'a>> {
        let decoded = http::decoder(self.encoding, body)?;
        Ok(if self.native { Box::new(native::FrameReader::new(decoded)) } else { decoded })
    }
}

/// How the answer is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Outgoing {
    #[default]
    Plain,
    /// `compress=1`.
    Native,
    /// HTTP `Content-Encoding: lz4`.
    Lz4,
}

/// Packs one answer; each piece can be read as soon as it has come.
pub(crate) enum Packer {
    Plain,
    Native,
    Lz4(Box<http::Lz4Packer>),
}

impl Packer {
    pub(crate) fn new(outgoing: Outgoing) -> Self {
        match outgoing {
            Outgoing::Plain => Self::Plain,
            Outgoing::Native => Self::Native,
            Outgoing::Lz4 => Self::Lz4(Box::default()),
        }
    }

    pub(crate) fn pack(&mut self, data: Bytes) -> Bytes {
        match self {
            Self::Plain => data,
            Self::Native => native::frames(&data).into(),
            Self::Lz4(packer) => packer.pack(&data).into(),
        }
    }

    /// What ends the answer; may be empty.
    pub(crate) fn finish(&mut self) -> Bytes {
        match self {
            Self::Plain | Self::Native => Bytes::new(),
            Self::Lz4(packer) => packer.finish().into(),
        }
    }
}
