//! What stands in place of a finding: its kind in square brackets.

use crate::detect::Finding;

/// A stretch of text to be replaced, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mask {
    pub start: usize,
    pub end: usize,
    pub label: &'static str,
}

impl From<&Finding> for Mask {
    fn from(finding: &Finding) -> Self {
        Self { start: finding.start, end: finding.end, label: finding.what.as_str() }
    }
}

/// The text with every stretch replaced. They are in order and do not overlap.
pub fn masked(text: &str, masks: impl IntoIterator<Item = Mask>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for mask in masks {
        out.push_str(&text[from..mask.start]);
        out.push('[');
        out.push_str(mask.label);
        out.push(']');
        from = mask.end;
    }
    out.push_str(&text[from..]);
    out
}
