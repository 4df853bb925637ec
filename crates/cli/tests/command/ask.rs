//! `brasskey ask --json` keeps its contract.

use serde_json::{Value, json};

use crate::provider::{KEY, Lines, Provider, Reply, brasskey};

fn fixture(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/../providers/fixtures/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(path).unwrap()
}

fn json_fixture(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).unwrap()
}

fn refusal(recorded: &Value) -> Reply {
    let headers = recorded["headers"].as_object().unwrap();
    Reply {
        status: u16::try_from(recorded["status"].as_u64().unwrap()).unwrap(),
        headers: headers
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect(),
        body: match &recorded["body"] {
            Value::String(text) => text.clone().into_bytes(),
            body => body.to_string().into_bytes(),
        },
    }
}

/// The provider and its interface for the name of a transcript.
fn spoken_by(transcript: &str) -> (&'static str, &'static [&'static str]) {
    match transcript.split_once('_').unwrap().0 {
        "openai" if transcript.contains("responses") => ("openai", &["--api", "responses"]),
        "openai" => ("openai", &["--api", "chat"]),
        "anthropic" => ("anthropic", &[]),
        "gemini" => ("gemini", &[]),
        "openrouter" => ("openrouter", &[]),
        "xai" => ("xai", &[]),
        "deepseek" => ("deepseek", &[]),
        "mistral" => ("mistral", &[]),
        "groq" => ("groq", &[]),
        "azure" => ("azure_openai", &[]),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_refusal_is_told_with_its_cause() {
    let (refusals, notes) = (
        json_fixture("errors.json"),
        json_fixture("errors_notes.json"),
    );
    let provider = Provider::start(Reply::stream(b"")).await;
    let mut wrong = Vec::new();
    for (recorded, note) in refusals
        .as_array()
        .unwrap()
        .iter()
        .zip(notes.as_array().unwrap())
    {
        provider.replies(refusal(recorded));
        let name = recorded["provider"].as_str().unwrap();
        let lines = provider
            .ask(name, &["--no-retry", "--model", "m", "Hello"])
            .await;
        let failure = lines.event("failure").cloned().unwrap_or_default();
        if failure["cause"] != note["class"] || failure["retry"] != note["retry"] {
            wrong.push(format!("{note}: {failure}"));
        }
        assert_ne!(lines.code, 0, "{note}");
        assert!(!lines.complaints.contains(KEY), "{}", lines.complaints);
        let last = lines.events.last().unwrap();
        assert_eq!(
            (&last["type"], &last["outcome"]),
            (&json!("end"), &json!("failed"))
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_transcript_is_told_to_the_last_token() {
    let expected = json_fixture("streams/expected.json");
    let provider = Provider::start(Reply::stream(b"")).await;
    for (name, expected) in expected.as_object().unwrap() {
        provider.replies(Reply::stream(&fixture(&format!("streams/{name}"))));
        let (who, api) = spoken_by(name);
        let model = expected["model"].as_str().unwrap();
        let lines = provider
            .ask(
                who,
                &[api, &["--no-retry", "--model", model, "Hello"]].concat(),
            )
            .await;
        assert_eq!(
            lines.text("text"),
            expected["text"].as_str().unwrap(),
            "{name}"
        );
        assert_eq!(
            lines.text("thinking"),
            expected["reasoning_text"].as_str().unwrap(),
            "{name}"
        );
        let cause = lines
            .event("failure")
            .map_or(&Value::Null, |failure| &failure["cause"]);
        assert_eq!(*cause, expected["error_class"], "{name}");
        let end = lines.event("end").unwrap();
        assert_eq!(end["finish"], expected["finish"], "{name}");
        match lines.event("usage") {
            None => assert_eq!(expected["usage_status"], "missing", "{name}"),
            Some(usage) => {
                assert_eq!(usage["status"], expected["usage_status"], "{name}");
                for (kind, count) in expected["usage"].as_object().unwrap() {
                    if usage.get(kind).is_some() {
                        assert_eq!(usage[kind], *count, "{name}: {kind}");
                    }
                }
            }
        }
        if let Some(charged) = expected["provider_cost_usd"].as_str() {
            assert_eq!(lines.event("cost").unwrap()["usd"], charged, "{name}");
        } else if let (Some(cost), "exact") = (
            expected["computed_cost_usd"].as_str(),
            expected["usage_status"].as_str().unwrap(),
        ) {
            let told = lines
                .event("cost")
                .unwrap_or_else(|| panic!("{name} has no cost"));
            // DeepSeek's prices are half as high outside of its peak hours, in which the transcript was made.
            let off_peak = (name == "deepseek_chat_ok.txt").then_some("0.000506308");
            let usd = told["usd"].as_str().unwrap();
            assert!(usd == cost || Some(usd) == off_peak, "{name}: {usd}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_goes_into_the_header_of_its_provider_and_nowhere_else() {
    let provider = Provider::start(Reply::stream(&fixture("streams/openai_chat_ok.txt"))).await;
    for (name, header, value) in [
        ("openai", "authorization", format!("Bearer {KEY}")),
        ("groq", "authorization", format!("Bearer {KEY}")),
        ("azure_openai", "api-key", KEY.to_owned()),
        ("anthropic", "x-api-key", KEY.to_owned()),
        ("gemini", "x-goog-api-key", KEY.to_owned()),
    ] {
        let before = provider.asked().len();
        let lines = provider
            .ask(name, &["--no-retry", "--model", "m", "Hello"])
            .await;
        let asked = provider.asked();
        let call = asked
            .get(before)
            .unwrap_or_else(|| panic!("{name}: {}", lines.complaints));
        assert_eq!(call.headers[header], value, "{name}");
        let holding = call
            .headers
            .values()
            .filter(|value| value.to_str().is_ok_and(|it| it.contains(KEY)));
        assert_eq!(holding.count(), 1, "{name}");
        assert!(
            !call.path.contains(KEY) && !call.body.to_string().contains(KEY),
            "{name}"
        );
        assert!(
            lines
                .events
                .iter()
                .all(|event| !event.to_string().contains(KEY))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_documents_and_texts_go_along_in_the_way_of_each_protocol() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, data: &[u8]| {
        let path = folder.path().join(name);
        #[expect(clippy::disallowed_methods, reason = "a file of the test")]
        std::fs::write(&path, data).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let picture = write("chart.png", b"\x89PNG\r\n\x1a\n....");
    let document = write("paper.pdf", b"%PDF-1.7 ...");
    let text = write("notes.txt", b"Remember the milk.\n");
    let provider = Provider::start(Reply::stream(&fixture("streams/openai_chat_ok.txt"))).await;
    let mut bodies = Vec::new();
    for (name, api) in [
        ("openai", "responses"),
        ("openai", "chat"),
        ("anthropic", ""),
        ("gemini", ""),
    ] {
        let mut more = vec!["--no-retry", "--model", "m"];
        if !api.is_empty() {
            more.extend(["--api", api]);
        }
        for path in [&picture, &document, &text] {
            more.extend(["--attach", path]);
        }
        more.push("What is this?");
        provider.ask(name, &more).await;
        bodies.push(provider.asked().pop().unwrap().body);
    }
    let png = "iVBORw0KGgouLi4u";
    let pdf = "JVBERi0xLjcgLi4u";
    let said = "notes.txt:\n\nRemember the milk.\n\nWhat is this?";
    assert_eq!(
        bodies[0]["input"][0]["content"],
        json!([
            {"type": "input_image", "image_url": format!("data:image/png;base64,{png}")},
            {"type": "input_file", "filename": "paper.pdf", "file_data": format!("data:application/pdf;base64,{pdf}")},
            {"type": "input_text", "text": said},
        ])
    );
    assert_eq!(
        bodies[1]["messages"][0]["content"],
        json!([
            {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{png}")}},
            {"type": "file", "file": {"filename": "paper.pdf", "file_data": format!("data:application/pdf;base64,{pdf}")}},
            {"type": "text", "text": said},
        ])
    );
    assert_eq!(
        bodies[2]["messages"][0]["content"],
        json!([
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": png}},
            {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": pdf}, "title": "paper.pdf"},
            {"type": "text", "text": said},
        ])
    );
    assert_eq!(
        bodies[3]["contents"][0]["parts"],
        json!([
            {"inlineData": {"mimeType": "image/png", "data": png}},
            {"inlineData": {"mimeType": "application/pdf", "data": pdf}},
            {"text": said},
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_cannot_be_made_says_why_and_sends_nothing() {
    let provider = Provider::start(Reply::stream(b"")).await;
    let base_url = provider.base_url();
    for (arguments, code, cause) in [
        // No key, and not of this computer.
        (
            vec![
                "--provider",
                "openai",
                "--base-url",
                "https://api.openai.com/v1",
            ],
            10,
            "key_empty",
        ),
        (
            vec![
                "--provider",
                "openai",
                "--base-url",
                &base_url,
                "--key-env",
                "UNSET",
            ],
            10,
            "key_empty",
        ),
        // An address over which a key could travel in the open.
        (
            vec![
                "--provider",
                "openai",
                "--base-url",
                "http://models.example/v1",
            ],
            2,
            "invalid_input",
        ),
        (vec!["--provider", "azure_openai"], 2, "invalid_input"),
    ] {
        let output = brasskey()
            .args(["ask", "--json", "--model", "m"])
            .args(arguments)
            .arg("Hello")
            .output()
            .unwrap();
        let lines = Lines::of(output);
        assert_eq!(lines.code, code);
        assert_eq!(lines.event("failure").unwrap()["cause"], cause);
        assert_eq!(lines.event("failure").unwrap()["billed"], "no");
    }
    assert!(provider.asked().is_empty());
}

/// What the command starts has its limits: a key is handed to such programs.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_holds_a_key_writes_no_core_file() {
    use std::process::Stdio;

    let provider = Provider::start(Reply::stream(b"")).await;
    let mut child = brasskey()
        .args([
            "ask",
            "--provider",
            "openai",
            "--key-env",
            "THE_KEY",
            "--model",
            "m",
            "--base-url",
        ])
        .arg(provider.base_url())
        .env("THE_KEY", KEY)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It waits for its question.
    let limits = loop {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        let core = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let words: Vec<String> = core
            .unwrap()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        if words[4] == "0" || child.try_wait().unwrap().is_some() {
            break words;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    assert_eq!(limits[4..6], ["0", "0"]);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn what_would_not_be_heard_is_refused() {
    for arguments in [
        &["--no-retry"][..],
        &["--base-url", "http://127.0.0.1:9/v1"],
        &["--key-env", "THE_KEY"],
        &["--proxy", "system"],
    ] {
        let output = brasskey()
            .args(["ask", "--model", "m", "Hello"])
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_passes_is_tried_again_unless_that_is_not_wanted() {
    let busy = Reply {
        status: 503,
        headers: vec![("retry-after-ms".to_owned(), "1".to_owned())],
        body: br#"{"error":{"message":"busy","code":"server_is_overloaded"}}"#.to_vec(),
    };
    let provider = Provider::start(busy).await;
    let lines = provider
        .ask("openai", &["--no-retry", "--model", "m", "Hello"])
        .await;
    assert_eq!((provider.asked().len(), lines.code), (1, 15));
    let lines = provider.ask("openai", &["--model", "m", "Hello"]).await;
    assert_eq!((provider.asked().len(), lines.code), (4, 15));
    let waits = lines
        .events
        .iter()
        .filter(|event| event["type"] == "waiting");
    assert_eq!(waits.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_read_from_a_pipe_and_a_key_is_never_an_argument() {
    use std::io::Write;
    use std::process::Stdio;

    let provider = Provider::start(Reply::stream(&fixture("streams/openai_chat_ok.txt"))).await;
    let mut child = brasskey()
        .args(["ask", "--provider", "ollama", "--model", "m", "--base-url"])
        .arg(provider.base_url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"From the pipe\n")
        .unwrap();
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap())
        .await
        .unwrap();
    assert!(output.status.success());
    // The answer alone, so that it can be piped on.
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        text.trim_end(),
        "Paris lies on the Seine — about 2.1 million people live there. 🇫🇷"
    );
    assert_eq!(
        provider.asked()[0].body["messages"][0]["content"],
        "From the pipe"
    );
    let help = brasskey().args(["ask", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("--key-env") && !help.contains("--api-key"));
}
