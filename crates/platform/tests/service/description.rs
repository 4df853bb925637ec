//! The interface tried as it describes itself: Schemathesis makes requests from the description and looks whether the answers
//! keep to it. The same requests each time.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::databases::both;
use crate::program::{Program, send, trial};

/// What pip may install; the first requirement names the version.
const LIST: &str = include_str!("../../../xtask/python/schemathesis.txt");

/// Where the set-up put the program.
fn schemathesis() -> PathBuf {
    let pinned = LIST.lines().find(|line| !line.starts_with('#')).unwrap();
    let (package, rest) = pinned.split_once("==").unwrap();
    let version = rest.split_whitespace().next().unwrap();
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .filter(|folder| !folder.is_empty())
        .map_or_else(
            || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"),
            PathBuf::from,
        );
    let tools = cache.join("brasskey/tools");
    let program = tools.join(format!("{package}-{version}/bin/st"));
    assert!(
        program.exists(),
        "{} is missing: cargo xtask setup",
        program.display()
    );
    program
}

/// Few requests an operation find what a description and its code disagree on; more find nothing more here.
const EXAMPLES: &str = "12";

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,unsupported_method,allow_header_conformance";

#[test]
fn the_interface_keeps_to_its_own_description() {
    for database in both() {
        let folder = TempDir::new().unwrap();
        // So many requests from one address are nobody's but this test's.
        let often = [
            "TRIALS_PER_MINUTE",
            "TRIALS_PER_DAY",
            "ANONYMOUS_PER_MINUTE",
            "PRESENTED_PER_MINUTE",
            "DEVICE_PER_MINUTE",
            "ACCOUNT_PER_MINUTE",
        ]
        .map(|rate| format!("BRASSKEY_PLATFORM_RATES__{rate}"));
        let often: Vec<(&str, &str)> = often
            .iter()
            .map(|name| (name.as_str(), "1000000"))
            .collect();
        let service = Program::start(folder.path(), &["--database", &database.url], &often);
        let (head, body) = trial("dev_tried");
        let begun = send(service.address, &format!("{head}{body}"));
        let (_, body) = begun.split_once("\r\n\r\n").unwrap();
        let begun: Value = serde_json::from_str(body).unwrap();
        // Every operation is tried as this device; the credential that it begins with stays good while no other is used.
        let device = begun["device_token"].as_str().unwrap();
        let settings = "[headers]\nAuthorization = \"Bearer ${DEVICE}\"\n";
        let mut file = std::fs::File::create(folder.path().join("schemathesis.toml")).unwrap();
        std::io::Write::write_all(&mut file, settings.as_bytes()).unwrap();

        // What ends the device comes last: nothing is answered to it afterwards.
        let ends = ["DELETE /v1/devices/{id}", "DELETE /v1/account"];
        for which in ["--exclude-name", "--include-name"] {
            let mut trying = Command::new(schemathesis());
            trying
                .current_dir(folder.path())
                .env("DEVICE", device)
                .env("PYTHONDONTWRITEBYTECODE", "1")
                .args(["run", "--no-color", "--generation-deterministic"])
                .args(["--phases", "examples,coverage,fuzzing"])
                .args(["--max-examples", EXAMPLES, "--checks", CHECKS])
                .args(["--request-timeout", "30"])
                .args(["--url", &format!("http://{}", service.address)]);
            for name in ends {
                trying.args([which, name]);
            }
            trying.arg(format!("http://{}/v1/openapi.json", service.address));
            let tried = trying.output().unwrap();
            let said = String::from_utf8_lossy(&tried.stdout);
            let errors = String::from_utf8_lossy(&tried.stderr);
            assert!(tried.status.success(), "{said}\n{errors}");
        }
        service.signal("TERM");
        let (status, log) = service.ended();
        assert!(status.success(), "{log}");
        // It was let in: what only a device may do was done.
        for done in ["POST /v1/licence", "GET /v1/account"] {
            let (method, route) = done.split_once(' ').unwrap();
            let is_done = log
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok())
                .any(|entry| {
                    entry["span"]["http.request.method"] == method
                        && entry["span"]["http.route"] == route
                        && entry["status"].as_u64().is_some_and(|status| status < 300)
                });
            assert!(is_done, "{done} never succeeded");
        }
    }
}
