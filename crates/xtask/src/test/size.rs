//! No source file is too long to be read. Tests do not count: a long list of cases is no sign of a muddle.

use std::fs;
use std::path::{Path, PathBuf};

use super::rules::Findings;
use crate::error::Error;
use crate::workspace::Workspace;

/// Above this many lines a file needs a second look.
const REMARKABLE: usize = 400;
/// Above this many lines it is refused.
const LONGEST: usize = 800;

/// Where source code stands.
const ROOTS: &[&str] = &[
    "crates",
    "src-tauri",
    "ui/src",
    "tests/kit",
    "tests/sandbox",
];
/// Folders of tests, of what others wrote, and of what is generated.
const BESIDES: &[&str] = &["target", "node_modules", "dist", "gen", "fixtures", "tests"];
const GENERATED: &[&str] = &["bindings.ts"];

/// Measures every source file of the workspace.
pub(crate) fn check(workspace: &Workspace) -> Result<Findings, Error> {
    let mut findings = Findings::default();
    for root in ROOTS {
        for file in source_files(&workspace.root.join(root))? {
            let text = fs::read_to_string(&file).map_err(Error::file(&file))?;
            let length = lines_without_tests(&text);
            let name = file
                .strip_prefix(&workspace.root)
                .unwrap_or(&file)
                .display();
            if length > LONGEST {
                findings
                    .problems
                    .push(format!("{name} has {length} lines; {LONGEST} is the most"));
            } else if length > REMARKABLE {
                findings
                    .remarks
                    .push(format!("{name} has {length} lines: what does it hide?"));
            }
        }
    }
    Ok(findings)
}

/// The source files below a folder, in the order of their names.
fn source_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    let mut entries = Vec::new();
    for entry in folder.read_dir().map_err(Error::file(folder))? {
        entries.push(entry.map_err(Error::file(folder))?.path());
    }
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !BESIDES.contains(&name.as_ref()) {
                files.extend(source_files(&path)?);
            }
        } else if is_source(&name) {
            files.push(path);
        }
    }
    Ok(files)
}

fn is_source(name: &str) -> bool {
    let is_code = [".rs", ".ts", ".tsx"]
        .iter()
        .any(|ending| name.ends_with(ending));
    let is_test = name == "tests.rs" || name.contains(".test.") || name.contains(".spec.");
    is_code && !is_test && !GENERATED.contains(&name)
}

/// Counts lines outside `#[cfg(test)] mod … { … }`, relying on the formatter for where such a module ends.
fn lines_without_tests(text: &str) -> usize {
    let mut count = 0;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let opens_tests = line == "#[cfg(test)]"
            && lines
                .peek()
                .is_some_and(|next| next.starts_with("mod ") && next.ends_with('{'));
        if opens_tests {
            lines.by_ref().find(|line| *line == "}");
        } else {
            count += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_module_does_not_count() {
        let text = "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\n\nfn c() {}\n";
        assert_eq!(lines_without_tests(text), 4);
        assert_eq!(
            lines_without_tests("#[cfg(test)]\nmod tests;\nfn a() {}\n"),
            3
        );
    }

    #[test]
    fn a_file_that_is_too_long_is_a_problem_and_a_long_one_is_remarked() {
        let home = tempfile::tempdir().unwrap();
        let write = |name: &str, lines: usize| {
            let path = home.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let mut file = fs::File::create(path).unwrap();
            std::io::Write::write_all(&mut file, "//\n".repeat(lines).as_bytes()).unwrap();
        };
        write("crates/a/src/fine.rs", 400);
        write("crates/a/src/long.rs", 401);
        write("crates/a/src/too_long.rs", 801);
        write("crates/a/tests/cases.rs", 2000);
        write("ui/src/App.tsx", 900);
        write("ui/src/App.test.tsx", 900);
        write("ui/src/bridge/bindings.ts", 900);
        write("tests/kit/lib.rs", 500);
        write("tests/ui/screens.spec.ts", 5000);
        let root = home.path().to_owned();
        let findings = check(&Workspace {
            target: root.join("target"),
            root,
            ci: false,
        })
        .unwrap();
        assert_eq!(
            findings.problems,
            [
                "crates/a/src/too_long.rs has 801 lines; 800 is the most",
                "ui/src/App.tsx has 900 lines; 800 is the most"
            ]
        );
        assert_eq!(findings.remarks.len(), 2, "{:?}", findings.remarks);
    }
}
