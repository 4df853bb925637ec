//! What must hold for any bytes from outside, one function a reader. Each takes the bytes that a fuzzer made and panics where
//! a promise is broken.
//!
//! `targets` gives each to libFuzzer; `tests/replay.rs` runs each over its corpus with every run of the tests. They must
//! never look inside: what is checked here is what everybody else sees.

mod address;
mod answer;
mod failure;
mod import;
mod licence;
mod meter;
mod preferences;
mod sheet;

/// A reader, by the name of its corpus.
pub struct Target {
    /// The name of its folder in `corpus` and of its program in `targets`.
    pub name: &'static str,
    /// Checks one input.
    pub check: fn(&[u8]),
}

/// All readers.
pub const TARGETS: &[Target] = &[
    Target {
        name: "address",
        check: address::check,
    },
    Target {
        name: "answer",
        check: answer::check,
    },
    Target {
        name: "failure",
        check: failure::check,
    },
    Target {
        name: "import",
        check: import::check,
    },
    Target {
        name: "licence",
        check: licence::check,
    },
    Target {
        name: "meter",
        check: meter::check,
    },
    Target {
        name: "preferences",
        check: preferences::check,
    },
    Target {
        name: "sheet",
        check: sheet::check,
    },
];

/// Checks one input of a target.
///
/// # Panics
/// When a promise is broken, or no target is called so.
#[expect(clippy::panic, reason = "a fuzzer is told of a finding by a panic")]
pub fn check(target: &str, input: &[u8]) {
    match TARGETS.iter().find(|known| known.name == target) {
        Some(target) => (target.check)(input),
        None => panic!("no target is called {target}"),
    }
}
