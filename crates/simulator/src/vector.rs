//! What a text is embedded as: a vector of length one, the same for the same text.

use crate::text::{Sequence, hash};

pub(crate) fn unit_vector(text: &str, dimensions: usize) -> Vec<f32> {
    let mut sequence = Sequence(hash(&[text]));
    let raw: Vec<f32> = (0..dimensions).map(|_| (sequence.next() >> 40) as f32 / 8_388_608.0 - 1.0).collect();
    let length = raw.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    raw.into_iter().map(|x| x / length).collect()
}
