//! Rebuilds the crate when a migration is added: the compiler by itself sees changed files only, not new ones.
#![allow(
    clippy::print_stdout,
    reason = "this is how a build script speaks to cargo"
)]

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
