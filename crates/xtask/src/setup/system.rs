//! What comes from the operating system: installed through apt, or said in so many words.

use std::process::Command;

use super::Need;
use super::packages::{missing, on_path};
use crate::error::Error;
use crate::process;

/// Makes sure of the system's part of `needs`.
pub(crate) fn provide(needs: &[Need]) -> Result<(), Error> {
    if cfg!(target_os = "linux") {
        on_linux(needs)
    } else if cfg!(target_os = "macos") {
        on_macos()
    } else {
        on_windows()
    }
}

fn on_linux(needs: &[Need]) -> Result<(), Error> {
    let wanted = installable(needs);
    if wanted.is_empty() {
        return Ok(());
    }
    if on_path("apt-get").is_none() {
        return Err(Error::Missing(format!(
            "this system has no apt; install what Debian calls: {}",
            wanted.join(" ")
        )));
    }
    println!("installing with apt: {}", wanted.join(" "));
    let as_root = as_root(&wanted)?;
    // A repository of somebody else's that is down need not stop us: what is missing is seen below.
    if let Err(error) = process::show(&mut apt_get(as_root, &["update", "--quiet=2"])) {
        eprintln!("{error}; going on with the package lists as they are");
    }
    let mut install = vec!["install", "--yes", "--no-install-recommends", "--quiet=2"];
    install.extend(&wanted);
    process::show(&mut apt_get(as_root, &install))?;
    let still = installable(needs);
    if still.is_empty() {
        Ok(())
    } else {
        Err(Error::Missing(format!(
            "apt reported success, yet these are not usable: {}",
            still.join(" ")
        )))
    }
}

/// The missing packages that apt has. Only Debian packs Chromium; Ubuntu's name for it installs a snap, so there the
/// browser tests fetch their own browser.
fn installable(needs: &[Need]) -> Vec<&'static str> {
    let is_debian =
        std::fs::read_to_string("/etc/os-release").is_ok_and(|text| names_debian(&text));
    let mut names = missing(needs);
    names.retain(|name| *name != "chromium" || is_debian);
    names
}

fn names_debian(os_release: &str) -> bool {
    os_release
        .lines()
        .any(|line| line.trim_matches('"') == "ID=debian")
}

/// How to become root: not at all (we are), or through sudo.
fn as_root(wanted: &[&str]) -> Result<&'static [&'static str], Error> {
    if process::read(Command::new("id").arg("-u"))?.trim() == "0" {
        return Ok(&[]);
    }
    if on_path("sudo").is_some() {
        return Ok(&["sudo"]);
    }
    Err(Error::Missing(format!(
        "not root, and there is no sudo; as root, run: apt-get install --no-install-recommends {}",
        wanted.join(" ")
    )))
}

/// Waits for another apt instead of failing at once, and never asks a question.
fn apt_get(as_root: &[&str], arguments: &[&str]) -> Command {
    let prefix = [
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=500",
    ];
    let mut words = as_root.iter().chain(&prefix).chain(arguments);
    let mut command = Command::new(words.next().unwrap_or(&"env"));
    command.args(words);
    command
}

fn on_macos() -> Result<(), Error> {
    if process::succeeds(Command::new("xcode-select").arg("-p")) {
        Ok(())
    } else {
        Err(Error::Missing(
            "the Xcode Command Line Tools are missing; install them with: xcode-select --install"
                .into(),
        ))
    }
}

fn on_windows() -> Result<(), Error> {
    // Where Microsoft's documentation says that an installed runtime notes its version: for all users, or for this one.
    const WEBVIEW2: [&str; 3] = [
        r"HKLM\SOFTWARE\WOW6432Node\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}",
        r"HKLM\SOFTWARE\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}",
        r"HKCU\Software\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}",
    ];
    if WEBVIEW2
        .iter()
        .any(|key| process::succeeds(Command::new("reg").args(["query", key, "/v", "pv"])))
    {
        Ok(())
    } else {
        Err(Error::Missing(
            "the WebView2 runtime is missing; install it with: winget install Microsoft.EdgeWebView2Runtime\n\
             Building also needs the C++ build tools: winget install Microsoft.VisualStudio.2022.BuildTools --override \
             \"--add Microsoft.VisualStudio.Workload.VCTools --includeRecommended\""
                .into(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_is_told_from_those_built_on_it() {
        assert!(names_debian(
            "NAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_ID=\"12\"\n"
        ));
        assert!(!names_debian(
            "NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n"
        ));
    }

    #[test]
    fn apt_waits_for_its_lock_and_asks_nothing() {
        let command = apt_get(&["sudo"], &["install", "--yes", "xvfb"]);
        assert_eq!(
            process::line(&command),
            "sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=500 install --yes xvfb"
        );
        assert!(process::line(&apt_get(&[], &["update"])).starts_with("env "));
    }
}
