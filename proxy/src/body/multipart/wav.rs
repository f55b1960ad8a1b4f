//! How long a sound lasts, told by the head of a WAV file: no other common format says so at its beginning.

/// Seconds, from the first bytes of a file and its size. `None`: it is no plain WAV file.
pub(super) fn seconds(head: &[u8], file_bytes: u64) -> Option<f64> {
    const HEADER_BYTES: u64 = 44;
    let is_wav = head.get(..4)? == b"RIFF" && head.get(8..12)? == b"WAVE" && head.get(12..16)? == b"fmt ";
    let bytes_a_second = u32::from_le_bytes(head.get(28..32)?.try_into().ok()?);
    if !is_wav || bytes_a_second == 0 {
        return None;
    }
    Some(file_bytes.saturating_sub(HEADER_BYTES) as f64 / f64::from(bytes_a_second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_wav_file_tells_its_length() {
        let mut head = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        head.extend(16_000u32.to_le_bytes());
        head.extend(32_000u32.to_le_bytes());
        assert_eq!(seconds(&head, 44 + 80_000), Some(2.5));
        assert_eq!(seconds(&head[..30], 100_000), None);
        assert_eq!(seconds(b"ID3 and the rest of some mp3 file here", 100_000), None);
    }
}
