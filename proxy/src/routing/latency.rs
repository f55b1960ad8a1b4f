//! The time to the first byte of one deployment: a moving mean in one atomic word. New figures count more the longer
//! nothing came; a figure that nobody has confirmed for a while is believed less and less, so that a deployment that was
//! slow once is asked again.

use std::sync::atomic::{AtomicU64, Ordering};

/// A new figure counts a tenth when figures come thick and fast.
const LEAST_SHARE: f32 = 0.1;
/// After so long a new figure counts almost alone.
const FORGETS_AFTER_S: f32 = 30.0;
/// A figure without news is believed half as much after so long.
const HALVES_AFTER_S: f32 = 60.0;

/// The mean in microseconds as the upper half (`f32`), when it was last told as the lower (seconds). 0: never told.
#[derive(Default)]
pub(crate) struct Latency(AtomicU64);

impl Latency {
    /// `now_s`: seconds since a moment that never changes.
    pub(crate) fn tell(&self, took_us: u64, now_s: u32) {
        let took = took_us.max(1) as f32;
        // The closure always gives a value: this cannot fail.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |word| {
            let mean = match unpacked(word) {
                None => took,
                Some((mean, at_s)) => {
                    let silent_s = now_s.saturating_sub(at_s);
                    let share = if silent_s == 0 {
                        LEAST_SHARE
                    } else {
                        LEAST_SHARE.max(1.0 - (-(silent_s as f32) / FORGETS_AFTER_S).exp())
                    };
                    mean + (took - mean) * share
                }
            };
            Some(u64::from(mean.to_bits()) << 32 | u64::from(now_s))
        });
    }

    /// The mean, less what time has taken from it; `None`: never told.
    pub(crate) fn believed_us(&self, now_s: u32) -> Option<f64> {
        let (mean, at_s) = unpacked(self.0.load(Ordering::Relaxed))?;
        let silent_s = now_s.saturating_sub(at_s) as f32;
        Some(f64::from(mean * (-silent_s / HALVES_AFTER_S).exp2()))
    }
}

fn unpacked(word: u64) -> Option<(f32, u32)> {
    (word != 0).then(|| (f32::from_bits((word >> 32) as u32), word as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_follows_what_is_told() {
        let latency = Latency::default();
        assert_eq!(latency.believed_us(0), None);
        latency.tell(1_000, 0);
        assert_eq!(latency.believed_us(0), Some(1_000.0));
        latency.tell(2_000, 0);
        assert!((latency.believed_us(0).unwrap() - 1_100.0).abs() < 1.0, "a tenth of the news");
        (0..100).for_each(|_| latency.tell(5_000, 1));
        assert!((latency.believed_us(1).unwrap() - 5_000.0).abs() < 10.0);
    }

    #[test]
    fn after_silence_news_count_more_and_old_figures_less() {
        let latency = Latency::default();
        latency.tell(8_000, 0);
        assert!((latency.believed_us(60).unwrap() - 4_000.0).abs() < 1.0);
        assert!(latency.believed_us(600).unwrap() < 10.0, "worth another try");
        latency.tell(1_000, 300);
        assert!(latency.believed_us(300).unwrap() < 1_010.0, "the old figure is forgotten");
    }
}
