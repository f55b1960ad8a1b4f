//! `aop settings`: every setting there is, with its default and who reads it.

use crate::output::say;
use crate::settings::SETTINGS;

pub(crate) fn run() {
    for setting in SETTINGS {
        say(format_args!(
            "{}  (default: {}; used by {})",
            setting.name,
            shown(setting.default),
            setting.used_by
        ));
        say(format_args!("    {}", setting.about));
    }
}

fn shown(default: &str) -> &str {
    if default.is_empty() { "none" } else { default }
}
