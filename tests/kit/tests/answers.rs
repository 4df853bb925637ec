//! Answers as each protocol writes them.

use brasskey_tests::sandbox::{MARKDOWN, hostile, hostile_page};
use brasskey_tests::{Counts, Fault, Sandbox, Script, Wire, count_tokens};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::client::{Interface, exchange};

#[tokio::test]
async fn every_interface_streams_the_default_answer_to_its_end() {
    let sandbox = Sandbox::start().await.unwrap();
    for interface in Interface::ALL {
        let answer = interface.ask(&sandbox, "How do I brew tea?").await;
        assert_eq!(answer.status, 200, "{interface:?}: {}", answer.text());
        assert!(answer.headers["content-type"].starts_with("text/event-stream"));
        assert_eq!(interface.visible(&answer), MARKDOWN, "{interface:?}");
        assert!(interface.is_complete(&answer), "{interface:?}");
        assert!(answer.whole);
    }
    let requests = sandbox.requests();
    assert_eq!(requests.len(), Interface::ALL.len());
    assert!(
        requests
            .iter()
            .all(|request| request.finished && request.text_sent == MARKDOWN)
    );
}

#[tokio::test]
async fn usage_is_counted_from_the_text() {
    let sandbox = Sandbox::start().await.unwrap();
    let input = count_tokens("How do I brew tea?");
    let output = count_tokens(MARKDOWN);
    assert!(input > 0 && output > 100);
    for interface in Interface::ALL {
        let usage = interface.usage(&interface.ask(&sandbox, "How do I brew tea?").await);
        let (input_field, output_field) = match interface {
            Interface::Responses | Interface::Messages => ("input_tokens", "output_tokens"),
            Interface::Gemini => ("promptTokenCount", "candidatesTokenCount"),
            _ => ("prompt_tokens", "completion_tokens"),
        };
        assert_eq!(usage[input_field], json!(input), "{interface:?} {usage}");
        assert_eq!(usage[output_field], json!(output), "{interface:?} {usage}");
    }
}

#[tokio::test]
async fn scripted_usage_follows_each_wires_own_rules_of_inclusion() {
    let sandbox = Sandbox::start().await.unwrap();
    let counts = Counts {
        input_uncached: 700,
        cache_read: 500,
        cache_write: 40,
        output: 90,
        reasoning: 30,
    };
    sandbox.always(Script {
        usage: Some(counts),
        ..Script::answer("Yes.")
    });

    let usage = Interface::Responses.usage(&Interface::Responses.ask(&sandbox, "?").await);
    assert_eq!(usage["input_tokens"], 1240);
    assert_eq!(usage["input_tokens_details"]["cached_tokens"], 500);
    assert_eq!(usage["input_tokens_details"]["cache_write_tokens"], 40);
    assert_eq!(usage["output_tokens"], 90);
    assert_eq!(usage["output_tokens_details"]["reasoning_tokens"], 30);

    let usage = Interface::Messages.usage(&Interface::Messages.ask(&sandbox, "?").await);
    assert_eq!(usage["input_tokens"], 700);
    assert_eq!(usage["cache_read_input_tokens"], 500);
    assert_eq!(usage["cache_creation_input_tokens"], 40);
    assert_eq!(usage["output_tokens"], 90);
    assert_eq!(usage["output_tokens_details"]["thinking_tokens"], 30);

    let usage = Interface::Gemini.usage(&Interface::Gemini.ask(&sandbox, "?").await);
    assert_eq!(usage["promptTokenCount"], 1200);
    assert_eq!(usage["cachedContentTokenCount"], 500);
    assert_eq!(usage["candidatesTokenCount"], 60);
    assert_eq!(usage["thoughtsTokenCount"], 30);
    assert_eq!(usage["totalTokenCount"], 1290);

    let usage = Interface::OpenRouter.usage(&Interface::OpenRouter.ask(&sandbox, "?").await);
    assert_eq!(usage["prompt_tokens"], 1240);
    assert_eq!(usage["completion_tokens"], 90);
    // 700 x 4 + 500 x 0.2 + 40 x 5 + 90 x 20 dollars a million.
    assert_eq!(usage["cost"].to_string(), "0.0049");
}

#[tokio::test]
async fn thinking_comes_before_the_answer_and_is_told_apart() {
    let sandbox = Sandbox::start().await.unwrap();
    for interface in Interface::ALL {
        sandbox.script(Script {
            thinking: Some("Let me see.".to_owned()),
            ..Script::answer("Three.")
        });
        let answer = interface.ask(&sandbox, "?").await;
        assert_eq!(interface.visible(&answer), "Three.", "{interface:?}");
        assert_eq!(
            thinking(interface, &answer.events()),
            if interface == Interface::OpenAiChat {
                ""
            } else {
                "Let me see."
            }
        );
    }
}

fn thinking(interface: Interface, events: &[Value]) -> String {
    events
        .iter()
        .filter_map(|event| {
            let text = match interface {
                Interface::Responses => (event["type"] == "response.reasoning_summary_text.delta")
                    .then(|| &event["delta"])?,
                Interface::Messages => &event["delta"]["thinking"],
                Interface::Gemini => {
                    let part = &event["candidates"][0]["content"]["parts"][0];
                    (part["thought"] == true).then(|| &part["text"])?
                }
                Interface::Compatible => &event["choices"][0]["delta"]["reasoning_content"],
                _ => &event["choices"][0]["delta"]["reasoning"],
            };
            text.as_str()
        })
        .collect()
}

#[tokio::test]
async fn responses_events_are_numbered_without_a_gap() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.script(Script {
        thinking: Some("Hm.".to_owned()),
        ..Script::answer("Two words.")
    });
    let events = Interface::Responses.ask(&sandbox, "?").await.events();
    let numbers: Vec<u64> = events
        .iter()
        .map(|event| event["sequence_number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
    let done = &events[events.len() - 1]["response"]["output"];
    assert_eq!(done[1]["content"][0]["text"], "Two words.");
    assert_eq!(
        events[events.len() - 1]["response"]["model"],
        "gpt-6.1-sol-2026-09-30"
    );
}

#[tokio::test]
async fn an_answer_without_streaming_is_one_json_body() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.always(Script::answer("Plain."));
    for interface in Interface::ALL {
        let (answer, text) = if interface == Interface::Gemini {
            let headers = [("x-goog-api-key", "AQ.sandbox")];
            let path = "/gemini/v1beta/models/gemini-3.6-flash:generateContent";
            let answer = exchange(
                &sandbox,
                "POST",
                path,
                &headers,
                &interface.request("?").to_string(),
            )
            .await;
            let text = answer.json()["candidates"][0]["content"]["parts"][0]["text"].clone();
            (answer, text)
        } else {
            let mut request = interface.request("?");
            request["stream"] = json!(false);
            request.as_object_mut().unwrap().remove("stream_options");
            let answer = interface
                .send(
                    &sandbox,
                    brasskey_tests::sandbox::keys::key(interface.wire()),
                    &request,
                )
                .await;
            let body = answer.json();
            let text = match interface {
                Interface::Responses => &body["output"][0]["content"][0]["text"],
                Interface::Messages => &body["content"][0]["text"],
                _ => &body["choices"][0]["message"]["content"],
            };
            (answer, text.clone())
        };
        assert_eq!(text, "Plain.", "{interface:?} {}", answer.text());
    }
}

#[tokio::test]
async fn a_limit_on_the_output_cuts_the_answer_and_says_so() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.always(Script::answer("0123456789abcdef"));
    for (interface, field, word) in [
        (
            Interface::Responses,
            "max_output_tokens",
            "\"max_output_tokens\"",
        ),
        (Interface::OpenAiChat, "max_completion_tokens", "\"length\""),
        (Interface::Compatible, "max_tokens", "\"length\""),
        (
            Interface::Messages,
            "max_tokens",
            "\"stop_reason\":\"max_tokens\"",
        ),
    ] {
        let mut request = interface.request("?");
        request[field] = json!(2);
        let key = brasskey_tests::sandbox::keys::key(interface.wire());
        let answer = interface.send(&sandbox, key, &request).await;
        assert_eq!(interface.visible(&answer), "01234567", "{interface:?}");
        assert!(answer.text().contains(word), "{interface:?}");
    }
    let mut request = Interface::Gemini.request("?");
    request["generationConfig"]["maxOutputTokens"] = json!(2);
    let answer = Interface::Gemini
        .send(&sandbox, "AQ.sandbox", &request)
        .await;
    assert_eq!(Interface::Gemini.visible(&answer), "01234567");
    assert!(answer.text().contains("\"MAX_TOKENS\""));
}

#[tokio::test]
async fn usage_in_chat_completions_comes_only_to_those_who_ask() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut request = Interface::Compatible.request("?");
    request.as_object_mut().unwrap().remove("stream_options");
    let answer = Interface::Compatible
        .send(&sandbox, "sk-sandbox", &request)
        .await;
    assert_eq!(Interface::Compatible.visible(&answer), MARKDOWN);
    assert_eq!(Interface::Compatible.usage(&answer), Value::Null);
}

#[tokio::test]
async fn queued_scripts_serve_one_call_each_and_then_the_standing_one() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.always(Script::answer("standing"));
    sandbox.script(Script::answer("first"));
    sandbox.script(Script::answer("second"));
    for expected in ["first", "second", "standing", "standing"] {
        let answer = Interface::Messages.ask(&sandbox, "?").await;
        assert_eq!(Interface::Messages.visible(&answer), expected);
    }
    sandbox.script(Script::answer("forgotten"));
    sandbox.reset();
    assert!(sandbox.requests().is_empty());
    let answer = Interface::Messages.ask(&sandbox, "?").await;
    assert_eq!(Interface::Messages.visible(&answer), MARKDOWN);
}

#[tokio::test]
async fn a_question_that_begins_with_a_slash_chooses_the_answer() {
    let sandbox = Sandbox::start().await.unwrap();
    let visible = async |question: &str| {
        Interface::Compatible.visible(&Interface::Compatible.ask(&sandbox, question).await)
    };
    assert_eq!(visible("/hostile").await, hostile_page());
    let svg = hostile("svg").unwrap();
    assert_eq!(visible("/hostile svg").await, svg.text);
    assert_eq!(count_tokens(&visible("/tokens 500").await), 500);
    assert_eq!(count_tokens(&visible("/long").await), 3_000);
    assert!(visible("/help").await.contains("/stream-error"));
    assert_eq!(visible("/no-such-command").await, MARKDOWN);
    let answer = Interface::Messages
        .ask(&sandbox, "/error out_of_credit")
        .await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("credit balance is too low"));
    let answer = Interface::Messages.ask(&sandbox, "/refuse").await;
    assert!(answer.text().contains("\"stop_reason\":\"refusal\""));
    assert_eq!(
        Interface::Gemini.ask(&sandbox, "/limited").await.status,
        429
    );
    assert_eq!(
        Interface::Gemini.visible(&Interface::Gemini.ask(&sandbox, "/limited").await),
        MARKDOWN
    );
}

#[tokio::test]
async fn an_answer_at_a_pace_arrives_whole() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.script(Script {
        tokens_per_second: Some(2_000),
        ..Script::default()
    });
    let answer = Interface::Messages.ask(&sandbox, "?").await;
    assert_eq!(Interface::Messages.visible(&answer), MARKDOWN);
    assert!(Interface::Messages.is_complete(&answer));
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_answer_and_is_recorded() {
    let sandbox = Sandbox::start().await.unwrap();
    for interface in Interface::ALL {
        sandbox.reset();
        sandbox.script(Script {
            tokens_per_second: Some(50),
            ..Script::fault(Fault::Endless)
        });
        let mut stream = interface.open(&sandbox, "?").await;
        let mut some = [0; 64];
        stream.read_exact(&mut some).await.unwrap();
        assert!(!sandbox.requests()[0].cancelled);
        drop(stream);
        let requests = sandbox
            .wait_until(|requests| requests[0].cancelled)
            .await
            .unwrap();
        assert!(!requests[0].finished, "{interface:?}");
    }
}

#[tokio::test]
async fn what_arrived_is_written_down() {
    let sandbox = Sandbox::start().await.unwrap();
    Interface::Gemini.ask(&sandbox, "first").await;
    Interface::Messages.ask(&sandbox, "second").await;
    let requests = sandbox.requests();
    assert_eq!(requests[0].method, "POST");
    assert_eq!(
        requests[0].path,
        "/gemini/v1beta/models/gemini-3.6-flash:streamGenerateContent?alt=sse"
    );
    assert_eq!(requests[0].host, sandbox.addr().to_string());
    assert_eq!(
        requests[0].key.as_deref(),
        Some(brasskey_tests::sandbox::keys::GEMINI_KEY)
    );
    assert!(requests[0].headers.contains(&"x-goog-api-key".to_owned()));
    assert_eq!(requests[0].body["contents"][0]["parts"][0]["text"], "first");
    assert_eq!(
        requests[1].key.as_deref(),
        Some(brasskey_tests::sandbox::keys::ANTHROPIC_KEY)
    );
    assert_eq!(requests[1].status, 200);
    assert!(requests[1].at >= requests[0].at);
    assert_eq!(
        sandbox.base_url(Wire::Gemini),
        format!("http://{}/gemini/v1beta", sandbox.addr())
    );
}

#[tokio::test]
async fn the_request_id_of_the_record_is_the_one_that_was_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let openai = Interface::Responses.ask(&sandbox, "?").await;
    let anthropic = Interface::Messages.ask(&sandbox, "?").await;
    let gemini = Interface::Gemini.ask(&sandbox, "?").await;
    let ids: Vec<String> = sandbox
        .requests()
        .into_iter()
        .map(|request| request.request_id.unwrap())
        .collect();
    assert_eq!(openai.headers["x-request-id"], ids[0]);
    assert_eq!(anthropic.headers["request-id"], ids[1]);
    assert_eq!(gemini.events()[0]["responseId"], ids[2]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_text_arrives_to_the_letter(text in "\\PC{0,80}[\u{0}-\u{1F}🍵é]{0,4}\\PC{0,20}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let sandbox = Sandbox::start().await.unwrap();
            sandbox.always(Script::answer(text.clone()));
            for interface in [Interface::Responses, Interface::Messages, Interface::Gemini, Interface::Compatible] {
                let answer = interface.ask(&sandbox, "?").await;
                prop_assert_eq!(interface.visible(&answer), text.clone());
            }
            Ok(())
        })?;
    }
}
