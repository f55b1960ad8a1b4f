//! `aop settings`: every setting there is, with its default and who reads it.
#![expect(clippy::print_stdout, reason = "the command line's own output")]

use crate::settings::SETTINGS;

pub(crate) fn run() {
    for setting in SETTINGS {
        println!("{}  (default: {}; used by {})", setting.name, shown(setting.default), setting.used_by);
        println!("    {}", setting.about);
    }
}

fn shown(default: &str) -> &str {
    if default.is_empty() { "none" } else { default }
}
