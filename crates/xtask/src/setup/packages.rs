//! The Debian packages that Brasskey builds, runs and is tested with, each with the way to see that it is there.
//!
//! What is asked for is the program or library, never the package: another way of having it is as good.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Need;
use crate::process;

/// The names under which a Chromium stands on PATH.
pub(crate) const BROWSERS: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// How to see that something is installed.
enum Probe {
    /// One of these programs is on PATH.
    Program(&'static [&'static str]),
    /// pkg-config knows this library.
    Library(&'static str),
    /// Python can make a virtual environment with pip in it.
    PythonVenv,
    /// The server's programs and those that go with it, which Debian keeps by version and off PATH.
    PostgresServer,
    /// A server, which Debian keeps where only root's PATH looks.
    Server(&'static str),
    /// Fonts are installed: without any, windows and pictures have no text.
    Font,
}

/// A Debian package and what it is for.
struct Package {
    name: &'static str,
    need: Need,
    probe: Probe,
}

const fn program(name: &'static str, need: Need, programs: &'static [&'static str]) -> Package {
    Package {
        name,
        need,
        probe: Probe::Program(programs),
    }
}

/// What is run of PostgreSQL: the server, and from the package that it depends on what makes databases, saves and restores them.
const POSTGRES: &[&str] = &["initdb", "pg_ctl", "createdb", "pg_dump", "pg_restore"];

/// pkg-config stands before the library that is looked for with it.
const PACKAGES: &[Package] = &[
    program("build-essential", Need::Build, &["cc"]),
    program("pkg-config", Need::Build, &["pkg-config"]),
    Package {
        name: "libwebkit2gtk-4.1-dev",
        need: Need::Build,
        probe: Probe::Library("webkit2gtk-4.1"),
    },
    program("xvfb", Need::Window, &["Xvfb"]),
    program("dbus", Need::Window, &["dbus-daemon"]),
    program("dbus", Need::Window, &["dbus-send"]),
    program("dbus", Need::Window, &["dbus-monitor"]),
    program("dbus", Need::Window, &["dbus-run-session"]),
    program("gnome-keyring", Need::Window, &["gnome-keyring-daemon"]),
    program("imagemagick", Need::Window, &["import"]),
    Package {
        name: "fonts-dejavu-core",
        need: Need::Window,
        probe: Probe::Font,
    },
    program("webkit2gtk-driver", Need::WindowTests, &["WebKitWebDriver"]),
    program("libsecret-tools", Need::WindowTests, &["secret-tool"]),
    program("libglib2.0-bin", Need::WindowTests, &["gdbus"]),
    program("xclip", Need::WindowTests, &["xclip"]),
    program("xdotool", Need::WindowTests, &["xdotool"]),
    Package {
        name: "postgresql",
        need: Need::WindowTests,
        probe: Probe::PostgresServer,
    },
    Package {
        name: "postgresql",
        need: Need::Bench,
        probe: Probe::PostgresServer,
    },
    Package {
        name: "nginx-light",
        need: Need::Bench,
        probe: Probe::Server("nginx"),
    },
    // The README's session with the service is run as it stands there.
    program("curl", Need::WindowTests, &["curl"]),
    program("jq", Need::WindowTests, &["jq"]),
    // Months pass for the programs that are tested.
    program("faketime", Need::WindowTests, &["faketime"]),
    // The tests that show where traffic goes run in a network namespace of their own.
    program("iproute2", Need::WindowTests, &["ip"]),
    program("chromium", Need::Browser, BROWSERS),
    program("chromium-driver", Need::BrowserDriver, &["chromedriver"]),
    Package {
        name: "python3-venv",
        need: Need::Spelling,
        probe: Probe::PythonVenv,
    },
    Package {
        name: "python3-venv",
        need: Need::SecretsManagers,
        probe: Probe::PythonVenv,
    },
    Package {
        name: "python3-venv",
        need: Need::InterfaceTests,
        probe: Probe::PythonVenv,
    },
];

/// The packages for `needs` that this machine lacks, each once.
pub(crate) fn missing(needs: &[Need]) -> Vec<&'static str> {
    missing_by(needs, is_there)
}

fn missing_by(needs: &[Need], is_there: impl Fn(&Probe) -> bool) -> Vec<&'static str> {
    let mut names = Vec::new();
    for package in PACKAGES {
        if needs.contains(&package.need)
            && !names.contains(&package.name)
            && !is_there(&package.probe)
        {
            names.push(package.name);
        }
    }
    names
}

fn is_there(probe: &Probe) -> bool {
    match probe {
        Probe::Program(names) => names.iter().any(|name| on_path(name).is_some()),
        Probe::Server(name) => {
            on_path(name).is_some() || Path::new("/usr/sbin").join(name).is_file()
        }
        Probe::Library(name) => {
            process::succeeds(Command::new("pkg-config").args(["--exists", name]))
        }
        Probe::PythonVenv => {
            process::succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"]))
        }
        Probe::PostgresServer => {
            let has_all = |bin: PathBuf| POSTGRES.iter().all(|name| bin.join(name).is_file());
            Path::new("/usr/lib/postgresql")
                .read_dir()
                .is_ok_and(|mut versions| {
                    versions.any(|version| {
                        version.is_ok_and(|version| has_all(version.path().join("bin")))
                    })
                })
        }
        Probe::Font => ["/usr/share/fonts", "/usr/local/share/fonts"]
            .iter()
            .any(has_entries),
    }
}

/// The full path of a program on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    on_search_path(name, &env::var_os("PATH")?)
}

fn on_search_path(name: &str, path: &std::ffi::OsStr) -> Option<PathBuf> {
    env::split_paths(path)
        .map(|folder| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
        .find(|file| file.is_file())
}

fn has_entries(folder: impl AsRef<Path>) -> bool {
    folder
        .as_ref()
        .read_dir()
        .is_ok_and(|mut entries| entries.next().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_installed_for_what_is_there_already() {
        assert!(missing_by(Need::ALL, |_| true).is_empty());
    }

    #[test]
    fn only_what_the_command_needs_is_asked_for() {
        let lacking_all = |needs: &[Need]| missing_by(needs, |_| false);
        assert_eq!(
            lacking_all(&[Need::Build]),
            ["build-essential", "pkg-config", "libwebkit2gtk-4.1-dev"]
        );
        assert_eq!(lacking_all(&[Need::Spelling]), ["python3-venv"]);
        assert_eq!(lacking_all(&[Need::SecretsManagers]), ["python3-venv"]);
        assert_eq!(lacking_all(&[Need::InterfaceTests]), ["python3-venv"]);
        assert!(lacking_all(&[Need::Ui]).is_empty());
    }

    #[test]
    fn a_package_is_named_once_even_when_two_of_its_programs_are_missing() {
        let names = missing_by(&[Need::Window], |_| false);
        assert_eq!(names.iter().filter(|name| **name == "dbus").count(), 1);
    }

    #[test]
    fn a_program_is_found_in_any_folder_of_the_path() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = env::join_paths([first.path(), second.path()]).unwrap();
        assert_eq!(on_search_path("tool", &path), None);
        let tool = second
            .path()
            .join(format!("tool{}", env::consts::EXE_SUFFIX));
        std::fs::File::create(&tool).unwrap();
        assert_eq!(on_search_path("tool", &path), Some(tool));
    }

    #[test]
    fn google_chrome_does_for_a_chromium() {
        let names = missing_by(
            &[Need::Browser],
            |probe| matches!(probe, Probe::Program(names) if names.contains(&"google-chrome")),
        );
        assert!(names.is_empty());
    }

    /// What every Debian has: shells, and the programs of util-linux, coreutils and procps.
    const ALWAYS: &[&str] = &[
        "bash", "chmod", "chown", "cp", "env", "id", "kill", "mount", "runuser", "sh", "unshare",
    ];
    /// What `super::node` asks for.
    const NODE: &str = "node";

    #[test]
    fn every_program_that_a_test_starts_is_installed_by_the_set_up() {
        let workspace = crate::workspace::Workspace::locate().unwrap();
        let mut called = Vec::new();
        let mut folders = vec![workspace.root.join("tests"), workspace.root.join("crates")];
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir().unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap();
                if path.is_dir() && name != "node_modules" {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs")
                    && path.components().any(|part| part.as_os_str() == "tests")
                {
                    called.extend(programs(&std::fs::read_to_string(&path).unwrap()));
                }
            }
        }
        assert!(called.iter().any(|name| name == "gdbus"), "{called:?}");
        called.retain(|name| {
            let installed = PACKAGES.iter().any(|package| {
                matches!(package.probe, Probe::Program(names) if names.contains(&&**name))
            });
            !installed && !ALWAYS.contains(&&**name) && name != NODE
        });
        assert!(called.is_empty(), "not installed by the set-up: {called:?}");
    }

    /// The names that stand in `Command::new("…")` and `.command("…")`.
    fn programs(source: &str) -> Vec<String> {
        ["Command::new(\"", ".command(\""]
            .iter()
            .flat_map(|call| source.split(call).skip(1))
            .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
            .filter(|name| !name.contains(['/', '{']))
            .collect()
    }
}
