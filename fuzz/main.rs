//! libFuzzer's way into the targets: `make fuzz` starts this once per target, whose name is in `AOP_FUZZ_TARGET`.
#![no_main]

mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<targets::Target> = OnceLock::new();

/// Ends the process when the name is not that of a target: fuzzing the wrong one would look like success.
fn target() -> targets::Target {
    let name = std::env::var("AOP_FUZZ_TARGET").unwrap_or_default();
    match targets::TARGETS.into_iter().find(|(known, _)| *known == name) {
        Some((_, target)) => target,
        None => {
            let known = targets::TARGETS.map(|(name, _)| name).join(", ");
            eprintln!("aop-fuzz: set AOP_FUZZ_TARGET to one of {known}; it is {name:?}.");
            std::process::exit(2)
        }
    }
}

fuzz_target!(init: { TARGET.get_or_init(target); }, |data: &[u8]| {
    if let Some(target) = TARGET.get() {
        target(data);
    }
});
