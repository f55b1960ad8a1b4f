//! Fast hashes that hold within this program only. They are not meant to stand against someone who wants two texts to
//! collide: a collision changes how that caller's own calls are grouped, and nothing else.

use twox_hash::XxHash3_64;

/// Bytes at the head and the tail of a long text that [`sampled`] reads whole.
const HEAD_BYTES: usize = 256;
const TAIL_BYTES: usize = 512;
/// Windows between head and tail.
const WINDOWS: usize = 16;
const WINDOW_BYTES: usize = 32;

pub(crate) fn bytes(seed: u64, text: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(seed, text)
}

/// Two hashes as one, order counts.
pub(crate) fn join(first: u64, second: u64) -> u64 {
    mix(first.rotate_left(23) ^ mix(second ^ 0x9E37_79B9_7F4A_7C15))
}

/// Spreads every bit over all others (the finaliser of SplitMix64).
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// A fingerprint whose cost does not grow with the text: its length, its two ends and evenly spaced windows.
pub(crate) fn sampled(seed: u64, text: &[u8]) -> u64 {
    let seed = join(seed, text.len() as u64);
    if text.len() <= HEAD_BYTES + TAIL_BYTES + WINDOWS * WINDOW_BYTES {
        return bytes(seed, text);
    }
    let (head, rest) = text.split_at(HEAD_BYTES);
    let (middle, tail) = rest.split_at(rest.len() - TAIL_BYTES);
    let mut picked = [0_u8; WINDOWS * WINDOW_BYTES];
    let step = (middle.len() - WINDOW_BYTES) / (WINDOWS - 1);
    for (window, into) in picked.chunks_exact_mut(WINDOW_BYTES).enumerate() {
        into.copy_from_slice(&middle[window * step..window * step + WINDOW_BYTES]);
    }
    bytes(bytes(bytes(seed, head), &picked), tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sampled_fingerprint_sees_the_length_both_ends_and_places_between() {
        let text: Vec<u8> = (0..100_000_u32).map(|i| (i % 251) as u8).collect();
        let whole = sampled(1, &text);
        assert_eq!(whole, sampled(1, &text.clone()));
        assert_ne!(whole, sampled(2, &text));
        assert_ne!(whole, sampled(1, &text[..99_999]));
        for at in [0, 100, 255, 99_999, 99_600] {
            let mut other = text.clone();
            other[at] ^= 1;
            assert_ne!(whole, sampled(1, &other), "{at}");
        }
        let mut rewritten = text.clone();
        rewritten[20_000..60_000].fill(7);
        assert_ne!(whole, sampled(1, &rewritten));
    }
}
