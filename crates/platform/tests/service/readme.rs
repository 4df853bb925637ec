//! The session that the README shows, run as it stands there: by bash, against the program itself, with a person at the browser.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::routing::post;
use serde_json::json;
use tempfile::TempDir;
use url::Url;

use crate::gateway::listen;
use crate::identity::Provider;
use crate::program::Program;
use crate::sign_in::approve;

/// A recorded stream of OpenAI's.
const STREAM: &str = include_str!("../../../providers/fixtures/streams/openai_responses_ok.txt");
const README: &str = include_str!("../../../../README.md");

/// The lines of the session.
fn session() -> &'static str {
    let (_, rest) = README.split_once("<!-- session -->\n```sh\n").unwrap();
    rest.split_once("```").unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_in_the_readme_works_as_it_stands_there() {
    let identity = Provider::start();
    let answer = async |headers: HeaderMap| {
        assert_eq!(headers[AUTHORIZATION], "Bearer vendor-key-1");
        ([(CONTENT_TYPE, "text/event-stream")], STREAM)
    };
    let upstream = listen(Router::new().route("/v1/responses", post(answer))).await;
    let folder = TempDir::new().unwrap();
    let providers = json!([{"provider": "openai", "base_url": format!("{upstream}/v1"), "key": "env://VENDOR_KEY"}]);
    std::fs::File::create(folder.path().join("providers.json"))
        .and_then(|file| Ok(serde_json::to_writer(file, &providers)?))
        .unwrap();
    // The pages of the embedded billing stand under the service's own address.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let service = Program::start(
        folder.path(),
        &[
            "--listen",
            &address,
            "--url",
            &format!("http://{address}"),
            "--issuer",
            &identity.issuer,
            "--providers",
            "providers.json",
        ],
        &[
            ("VENDOR_KEY", "vendor-key-1"),
            ("BRASSKEY_PLATFORM_SECRETS__ENVIRONMENT", "true"),
        ],
    );

    let mut bash = Command::new("bash")
        .args(["-euo", "pipefail", "-c", session()])
        .env("platform", format!("http://{}", service.address))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the set-up asks for bash, curl and jq");
    let mut said = String::new();
    for line in BufReader::new(bash.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(link) = line.strip_prefix("Open ") {
            let link: Url = link.parse().unwrap();
            if link.as_str().starts_with(&identity.issuer) {
                approve(&link, "ada@example.com").await;
            } else {
                // The browser is led back to the application, which is not there.
                let card = [("card", "accepted")];
                let client = crate::instance::client();
                let sent = client.post(link).form(&card).send().await.unwrap();
                assert!(sent.status().is_redirection(), "{sent:?}");
            }
        }
        said += &line;
        said += "\n";
    }
    let mut complaints = String::new();
    std::io::Read::read_to_string(&mut bash.stderr.take().unwrap(), &mut complaints).unwrap();
    assert!(bash.wait().unwrap().success(), "{said}\n{complaints}");
    for shown in [
        "\"kind\": \"switch\"",
        "\"standard_monthly\"",
        STREAM.trim_end(),
        "\"allowance\"",
    ] {
        assert!(said.contains(shown), "{shown} is not in:\n{said}");
    }
}
