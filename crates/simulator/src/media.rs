//! Pictures and sound that real programs can open, made of nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// One pixel.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
/// 24,000 samples of 16 bits a second, one channel.
const SAMPLE_RATE: u64 = 24_000;
const BYTES_PER_SECOND: u64 = SAMPLE_RATE * 2;
const WAV_HEADER_BYTES: usize = 44;

/// A picture with so many bytes behind its end, which readers of pictures pass over.
pub(crate) fn picture(more_bytes: usize) -> Vec<u8> {
    let mut picture = STANDARD.decode(PNG).unwrap_or_default();
    picture.resize(picture.len() + more_bytes, 0);
    picture
}

pub(crate) fn pcm(length_ms: u64) -> Bytes {
    Bytes::from(vec![0; samples_bytes(length_ms)])
}

pub(crate) fn wav(length_ms: u64) -> Bytes {
    let data = samples_bytes(length_ms);
    let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let mut wav = Vec::with_capacity(WAV_HEADER_BYTES + data);
    wav.extend(b"RIFF");
    wav.extend(number(data as u64 + 36));
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(number(SAMPLE_RATE));
    wav.extend(number(BYTES_PER_SECOND));
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(number(data as u64));
    wav.resize(WAV_HEADER_BYTES + data, 0);
    Bytes::from(wav)
}

/// Silent frames of 26 ms, 128 kbit/s at 44.1 kHz.
pub(crate) fn mp3(length_ms: u64) -> Bytes {
    const FRAME_BYTES: usize = 417;
    let mut frame = vec![0xff, 0xfb, 0x90, 0x00];
    frame.resize(FRAME_BYTES, 0);
    Bytes::from(frame.repeat((length_ms / 26 + 1) as usize))
}

/// How long a sound lasts: as a WAV file says it, else as if it were MP3 of 128 kbit/s.
pub(crate) fn seconds(sound: &[u8]) -> f64 {
    let rate = sound.get(28..32).filter(|_| sound.starts_with(b"RIFF"));
    let rate = rate.and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
    if rate > 0 {
        return (sound.len().saturating_sub(WAV_HEADER_BYTES)) as f64 / f64::from(rate);
    }
    sound.len() as f64 / 16_000.0
}

fn samples_bytes(length_ms: u64) -> usize {
    // Whole samples.
    (length_ms * SAMPLE_RATE / 1_000 * 2) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_lasts_as_long_as_it_says() {
        assert_eq!(seconds(&wav(1_500)), 1.5);
        assert_eq!(wav(1_500).len(), WAV_HEADER_BYTES + 72_000);
        assert!((seconds(&mp3(2_000)) - 2.0).abs() < 0.1);
        assert_eq!(pcm(1_000).len(), 48_000);
        assert!(picture(10).starts_with(b"\x89PNG"));
    }
}
