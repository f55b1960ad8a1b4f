//! HTTP encodings of bodies.

use std::io::{Read, Result, Write};

use super::Encoding;

pub(super) fn decoder<'a>(encoding: Encoding, body: impl Read + 'a) -> Result<Box<dyn Read + 'a>> {
    Ok(match encoding {
        Encoding::Identity => Box::new(body),
        Encoding::Lz4 => Box::new(lz4_flex::frame::FrameDecoder::new(body)),
        Encoding::Zstd => Box::new(zstd::stream::read::Decoder::new(body)?),
        Encoding::Gzip => Box::new(flate2::read::MultiGzDecoder::new(body)),
    })
}

/// One LZ4 frame over the whole answer, flushed after each piece.
pub(crate) struct Lz4Packer {
    encoder: lz4_flex::frame::FrameEncoder<Vec<u8>>,
}

impl Default for Lz4Packer {
    fn default() -> Self {
        Self { encoder: lz4_flex::frame::FrameEncoder::new(Vec::new()) }
    }
}

impl Lz4Packer {
    pub(super) fn pack(&mut self, data: &[u8]) -> Vec<u8> {
        // Writing to memory cannot fail; were it to, the reader would see a frame without its end.
        let _written = self.encoder.write_all(data).and_then(|()| self.encoder.flush());
        std::mem::take(self.encoder.get_mut())
    }

    pub(super) fn finish(&mut self) -> Vec<u8> {
        let _written = self.encoder.try_finish();
        std::mem::take(self.encoder.get_mut())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn pieces_of_an_answer_are_one_frame() {
        let mut packer = Lz4Packer::default();
        let mut packed = packer.pack(b"first piece, ");
        packed.extend(packer.pack(b"second piece"));
        packed.extend(packer.finish());
        let mut plain = String::new();
        decoder(Encoding::Lz4, packed.as_slice()).unwrap().read_to_string(&mut plain).unwrap();
        assert_eq!(plain, "first piece, second piece");
    }

    #[test]
    fn an_empty_answer_is_an_empty_frame() {
        let mut plain = Vec::new();
        let packed = Lz4Packer::default().finish();
        decoder(Encoding::Lz4, packed.as_slice()).unwrap().read_to_end(&mut plain).unwrap();
        assert!(plain.is_empty());
    }
}
