//! What a command says to whoever started it. That nobody reads it any more (`aop settings | head`) is no fault of the command's.

use std::fmt::Display;
use std::io::Write;

/// One line on standard output, at once.
pub(crate) fn say(line: impl Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
