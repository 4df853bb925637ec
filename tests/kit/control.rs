//! What a test tells a program beside it, at the program's control port. Never a way into the program under test.

use std::io;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// Posts a body to an address and gives the answer.
pub(crate) fn tell(address: &str, body: &Value) -> io::Result<Value> {
    let output = Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--fail-with-body",
            "--max-time",
            "30",
        ])
        .args(["--header", "content-type: application/json", "--data"])
        .args([&body.to_string(), address])
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(io::Error::other(format!("{address} {body}: {said}")));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A program that was built with this one: beside it, or where this is a test (`target/debug/deps/<test>`), one folder above.
pub(crate) fn built(name: &str) -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let mut places = own
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(&file));
    places
        .find(|place| place.is_file())
        .ok_or_else(|| io::Error::other(format!("{name} was not built with {}", own.display())))
}
