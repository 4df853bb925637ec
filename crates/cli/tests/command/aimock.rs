//! A double of the providers that is not ours answers the command: what we share with our own sandbox may be a misreading.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::provider::{KEY, Lines, brasskey};

/// The double, until this value goes away.
struct Double {
    child: Child,
    root: String,
}

impl Double {
    fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/aimock");
        let mut child = Command::new("node")
            .current_dir(&folder)
            .args(["node_modules/@copilotkit/aimock/dist/cli.js", "--port", "0"])
            .args(["--fixtures", "answers.json", "--strict"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("Node is there");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let root = lines
            .map(|line| line.unwrap())
            .find_map(|line| {
                line.split_once("listening on ")
                    .map(|(_, root)| root.trim().to_owned())
            })
            .expect("it says where it is");
        Self { child, root }
    }

    fn ask(&self, provider: &str, path: &str, more: &[&str], question: &str) -> Lines {
        let output = brasskey()
            .args(["ask", "--json", "--no-retry", "--provider", provider])
            .args(["--base-url", &format!("{}{path}", self.root)])
            .args(["--key-env", "THE_KEY", "--model", "gpt-4o"])
            .args(more)
            .arg(question)
            .env("THE_KEY", KEY)
            .output()
            .unwrap();
        Lines::of(output)
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn it_is_understood_in_every_protocol() {
    let double = Double::start();
    for (provider, path, more) in [
        ("openai", "/v1", &["--api", "responses"][..]),
        ("openai", "/v1", &["--api", "chat"]),
        ("anthropic", "/v1", &[]),
        ("gemini", "/v1beta", &[]),
        ("openrouter", "/api/v1", &[]),
        ("mistral", "/v1", &[]),
        ("groq", "/openai/v1", &[]),
        ("cohere", "/compatibility/v1", &[]),
        ("azure_openai", "/openai/deployments/gpt-4o", &[]),
        ("bedrock", "/openai/v1", &[]),
        ("vertex", "/v1/projects/p/locations/us-central1", &[]),
        ("ollama", "/v1", &[]),
    ] {
        let at = format!("{provider} {more:?}");
        let said = double.ask(provider, path, more, "Hello");
        assert_eq!(
            said.text("text"),
            "Guten Tag — 🇫🇷 äöü, in more pieces than one, so that they are cut.",
            "{at}: {:?}",
            said.events
        );
        assert_eq!(
            (said.event("end").unwrap()["outcome"].as_str(), said.code),
            (Some("complete"), 0),
            "{at}"
        );
        // In three of its shapes it counts nothing, which is no count; what it counts otherwise is one.
        if let Some(usage) = said.event("usage") {
            assert!(usage["output"].as_u64().unwrap() > 0, "{at}");
        }

        let called = double.ask(provider, path, more, "Weather");
        let call = called
            .event("tool_call")
            .unwrap_or_else(|| panic!("{at}: {:?}", called.events));
        assert_eq!(
            (&call["name"], &call["arguments"]),
            (&"get_weather".into(), &"{\"city\":\"Bonn\"}".into()),
            "{at}"
        );

        let limited = double.ask(provider, path, more, "Limit");
        let failure = limited
            .event("failure")
            .unwrap_or_else(|| panic!("{at}: {:?}", limited.events));
        assert_eq!(
            (failure["cause"].as_str(), limited.code),
            (Some("rate_limited"), 12),
            "{at}: {failure}"
        );
    }
    let broke = double.ask("openai", "/v1", &["--api", "chat"], "Credit");
    assert_eq!(
        (
            broke.event("failure").unwrap()["cause"].as_str(),
            broke.code
        ),
        (Some("out_of_credit"), 11)
    );
}
