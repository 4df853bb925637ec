//! Everything that goes wrong on request, exactly as asked for.

use std::time::Duration;

use brasskey_tests::sandbox::{MARKDOWN, keys};
use brasskey_tests::{Fault, Sandbox, Script, Situation, Wire};
use serde_json::Value;
use tokio::io::AsyncReadExt;

use crate::client::{Interface, models};

const ERRORS: &str = include_str!("../fixtures/errors.json");

#[tokio::test]
async fn every_response_of_the_fixtures_is_served_to_the_letter() {
    let sandbox = Sandbox::start().await.unwrap();
    let errors: Vec<Value> = serde_json::from_str(ERRORS).unwrap();
    assert_eq!(errors.len(), 100);
    for (index, error) in errors.iter().enumerate() {
        sandbox.script(Script::error(index));
        let answer = Interface::Compatible.ask(&sandbox, "?").await;
        assert_eq!(
            u64::from(answer.status),
            error["status"].as_u64().unwrap(),
            "{index}"
        );
        for (name, value) in error["headers"].as_object().unwrap() {
            assert_eq!(
                answer.headers[name],
                value.as_str().unwrap(),
                "{index} {name}"
            );
        }
        match &error["body"] {
            Value::String(text) => assert_eq!(&answer.text(), text),
            body => assert_eq!(&answer.json(), body, "{index}"),
        }
    }
}

#[tokio::test]
async fn a_situation_is_found_by_name_by_cause_and_by_provider() {
    let sandbox = Sandbox::start().await.unwrap();
    for (interface, name, status, phrase) in [
        (
            Interface::Responses,
            "out_of_credit",
            429,
            "insufficient_quota",
        ),
        (
            Interface::Messages,
            "out_of_credit",
            400,
            "credit balance is too low",
        ),
        (Interface::Gemini, "rate_limited", 429, "retryDelay"),
        (
            Interface::OpenRouter,
            "spend_limit",
            402,
            "openrouter_key_limit",
        ),
        (
            Interface::Compatible,
            "groq/rate_limited_daily",
            429,
            "tokens per day",
        ),
        (Interface::Compatible, "proxy_or_network", 502, "nginx"),
        (Interface::Ollama, "model_unavailable", 404, "llama9"),
    ] {
        sandbox.script(Script::error(name));
        let answer = interface.ask(&sandbox, "?").await;
        assert_eq!(answer.status, status, "{name}");
        assert!(answer.text().contains(phrase), "{name}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_situation_that_the_wire_does_not_have_fails_loudly() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.script(Script::error("no_such_thing"));
    let answer = Interface::Messages.ask(&sandbox, "?").await;
    assert_eq!(answer.status, 501);
    assert!(
        answer.text().contains("overloaded"),
        "it names those there are: {}",
        answer.text()
    );
    sandbox.script(Script::fault(Fault::ErrorInStream {
        events: 2,
        situation: Situation::from("no_such_thing"),
    }));
    assert_eq!(Interface::Messages.ask(&sandbox, "?").await.status, 501);
}

#[tokio::test]
async fn a_cut_breaks_the_body_after_exactly_so_many_events() {
    let sandbox = Sandbox::start().await.unwrap();
    for interface in Interface::ALL {
        for events in [0, 1, 7] {
            sandbox.script(Script::fault(Fault::CutAfter { events }));
            let answer = interface.ask(&sandbox, "?").await;
            assert_eq!(answer.status, 200);
            assert!(!answer.whole, "{interface:?} {events}");
            assert_eq!(
                answer.text().matches("\n\n").count(),
                events,
                "{interface:?}"
            );
        }
        // Longer than the answer: before its end all the same.
        sandbox.script(Script::fault(Fault::CutAfter { events: 1_000_000 }));
        let answer = interface.ask(&sandbox, "?").await;
        assert!(!answer.whole && !interface.is_complete(&answer));
        assert_eq!(interface.visible(&answer), MARKDOWN);
    }
}

#[tokio::test]
async fn a_stall_keeps_the_connection_open_until_the_client_goes() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.script(Script::fault(Fault::StallAfter { events: 3 }));
    let mut stream = Interface::Messages.open(&sandbox, "?").await;
    let mut text = String::new();
    while text.matches("\n\n").count() < 3 {
        let mut some = [0; 1024];
        let count = stream.read(&mut some).await.unwrap();
        assert_ne!(count, 0, "the server closed: {text}");
        text.push_str(&String::from_utf8_lossy(&some[..count]));
    }
    let mut more = [0; 1];
    let silent = tokio::time::timeout(Duration::from_millis(200), stream.read(&mut more)).await;
    assert!(silent.is_err(), "something came after the stall");
    drop(stream);
    sandbox
        .wait_until(|requests| requests[0].cancelled)
        .await
        .unwrap();
}

#[tokio::test]
async fn silence_sends_not_even_a_head() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.script(Script::fault(Fault::Silence));
    let mut stream = Interface::Gemini.open(&sandbox, "?").await;
    sandbox
        .wait_until(|requests| requests.len() == 1)
        .await
        .unwrap();
    let mut more = [0; 1];
    let silent = tokio::time::timeout(Duration::from_millis(200), stream.read(&mut more)).await;
    assert!(silent.is_err());
    assert_eq!(sandbox.requests()[0].status, 0);
    drop(stream);
    sandbox
        .wait_until(|requests| requests[0].cancelled)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_stream_without_its_terminal_event_ends_cleanly_and_incomplete() {
    let sandbox = Sandbox::start().await.unwrap();
    for interface in Interface::ALL {
        sandbox.script(Script::fault(Fault::NoTerminalEvent));
        let answer = interface.ask(&sandbox, "?").await;
        assert!(answer.whole);
        assert_eq!(interface.visible(&answer), MARKDOWN, "{interface:?}");
        assert!(!interface.is_complete(&answer), "{interface:?}");
    }
}

#[tokio::test]
async fn an_error_inside_the_stream_has_the_wires_own_shape() {
    let sandbox = Sandbox::start().await.unwrap();
    for interface in Interface::ALL {
        let situation = match interface {
            Interface::Responses => "openai/out_of_credit",
            Interface::Ollama => "openai/overloaded",
            _ => "overloaded",
        };
        sandbox.script(Script::fault(Fault::ErrorInStream {
            events: 6,
            situation: situation.into(),
        }));
        let answer = interface.ask(&sandbox, "?").await;
        assert_eq!(answer.status, 200);
        assert!(!interface.is_complete(&answer));
        let events = answer.events();
        let last = &events[events.len() - 1];
        match interface {
            Interface::Responses => {
                assert_eq!(
                    events[events.len() - 2]["error"]["code"],
                    "insufficient_quota"
                );
                assert_eq!(last["type"], "response.failed");
                assert_eq!(last["response"]["error"]["code"], "insufficient_quota");
            }
            Interface::Messages => assert_eq!(last["error"]["type"], "overloaded_error"),
            Interface::Gemini => assert_eq!(last["error"]["status"], "UNAVAILABLE"),
            Interface::OpenRouter => {
                assert_eq!(last["choices"][0]["finish_reason"], "error");
                assert_eq!(
                    last["error"]["metadata"]["error_type"],
                    "provider_unavailable"
                );
            }
            _ => assert!(last["error"]["message"].is_string(), "{last}"),
        }
    }
}

#[tokio::test]
async fn garbage_is_neither_json_nor_text() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.script(Script::fault(Fault::Garbage));
    let answer = Interface::Responses.ask(&sandbox, "?").await;
    assert_eq!(answer.status, 200);
    assert!(String::from_utf8(answer.body.clone()).is_err());
    assert!(
        answer
            .data()
            .iter()
            .any(|data| serde_json::from_str::<Value>(data).is_err())
    );
}

#[tokio::test]
async fn an_endless_answer_and_an_endless_event_go_on_past_any_limit() {
    let sandbox = Sandbox::start().await.unwrap();
    for fault in [Fault::Endless, Fault::EndlessEvent] {
        sandbox.reset();
        sandbox.script(Script::fault(fault.clone()));
        let mut stream = Interface::Compatible.open(&sandbox, "?").await;
        let mut buffer = vec![0; 64 * 1024];
        let mut read = 0;
        while read < 3 << 20 {
            let count = stream.read(&mut buffer).await.unwrap();
            assert_ne!(count, 0, "{fault:?} ended");
            read += count;
        }
        drop(stream);
        sandbox
            .wait_until(|requests| requests[0].cancelled)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn redirects_are_sent_with_their_target() {
    let sandbox = Sandbox::start().await.unwrap();
    for status in [301, 302, 303, 307, 308] {
        let to = "http://127.0.0.1:9/v1/messages".to_owned();
        sandbox.script(Script::fault(Fault::Redirect {
            status,
            to: to.clone(),
        }));
        let answer = Interface::Messages.ask(&sandbox, "?").await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers["location"], to);
    }
}

#[tokio::test]
async fn a_key_echo_repeats_the_whole_key() {
    let sandbox = Sandbox::start().await.unwrap();
    for interface in Interface::ALL {
        let key = format!("{}-canary-4711", keys::key(interface.wire()));
        sandbox.script(Script::fault(Fault::KeyEcho));
        let answer = interface
            .send(&sandbox, &key, &interface.request("?"))
            .await;
        assert!(matches!(answer.status, 401 | 403), "{interface:?}");
        assert!(answer.text().contains(&key), "{interface:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_a_success_that_the_wire_marks() {
    let sandbox = Sandbox::start().await.unwrap();
    for (interface, mark) in [
        (Interface::Responses, "\"type\":\"response.refusal.delta\""),
        (
            Interface::OpenAiChat,
            "\"finish_reason\":\"content_filter\"",
        ),
        (Interface::Messages, "\"stop_reason\":\"refusal\""),
        (Interface::Gemini, "\"blockReason\":\"PROHIBITED_CONTENT\""),
        (
            Interface::OpenRouter,
            "\"finish_reason\":\"content_filter\"",
        ),
    ] {
        sandbox.script(Script::fault(Fault::Refusal));
        let answer = interface.ask(&sandbox, "?").await;
        assert_eq!(answer.status, 200);
        assert!(
            answer.text().contains(mark),
            "{interface:?}: {}",
            answer.text()
        );
        assert!(
            interface.usage(&answer).is_object(),
            "{interface:?} bills it"
        );
    }
}

#[tokio::test]
async fn a_rate_limit_comes_once_with_its_delay_and_then_the_answer() {
    let sandbox = Sandbox::start().await.unwrap();
    for interface in Interface::ALL {
        sandbox.script(Script {
            fault: Some(Fault::RateLimitedOnce {
                retry_after: Duration::from_secs(2),
            }),
            ..Script::answer("At last.")
        });
        let answer = interface.ask(&sandbox, "?").await;
        assert_eq!(answer.status, 429, "{interface:?}");
        if interface == Interface::Gemini {
            assert!(answer.text().contains("\"retryDelay\":\"2s\""));
        } else {
            assert_eq!(answer.headers["retry-after"], "2");
        }
        let answer = interface.ask(&sandbox, "?").await;
        assert_eq!(interface.visible(&answer), "At last.", "{interface:?}");
    }
}

#[tokio::test]
async fn stream_options_may_be_refused_as_old_servers_do() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.script(Script {
        fault: Some(Fault::NoStreamOptions),
        ..Script::answer("Old.")
    });
    let answer = Interface::Compatible.ask(&sandbox, "?").await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("stream_options"));
    let mut request = Interface::Compatible.request("?");
    request.as_object_mut().unwrap().remove("stream_options");
    let answer = Interface::Compatible
        .send(&sandbox, "sk-sandbox", &request)
        .await;
    assert_eq!(Interface::Compatible.visible(&answer), "Old.");
}

#[tokio::test]
async fn a_captive_portal_answers_with_a_page() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.script(Script::fault(Fault::Html200));
    let answer = Interface::Responses.ask(&sandbox, "?").await;
    assert_eq!(answer.status, 200);
    assert!(answer.headers["content-type"].starts_with("text/html"));
}

#[tokio::test]
async fn a_provider_that_vanishes_breaks_its_open_streams() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.script(Script::fault(Fault::StallAfter { events: 1 }));
    let mut stream = Interface::Compatible.open(&sandbox, "?").await;
    let mut some = [0; 32];
    stream.read_exact(&mut some).await.unwrap();
    drop(sandbox);
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the socket stayed open");
}

#[tokio::test]
async fn the_end_of_a_key_chooses_what_every_call_with_it_meets() {
    let sandbox = Sandbox::start().await.unwrap();
    for (wire, behaviour, status, phrase) in [
        (Wire::OpenAi, "out_of_credit", 429, "insufficient_quota"),
        (Wire::OpenAi, "ip-not-allowed", 401, "ip_not_authorized"),
        (Wire::Anthropic, "key_expired", 401, "has expired"),
        (Wire::Gemini, "key_leaked", 403, "reported as leaked"),
        (Wire::OpenRouter, "overloaded", 502, "provider_unavailable"),
        (Wire::Compatible, "captive", 200, "<html>"),
        (Wire::Gemini, "redirect", 307, "Moved"),
    ] {
        let key = keys::key_that(wire, behaviour);
        let answer = models(&sandbox, wire, &key).await;
        assert_eq!(answer.status, status, "{key}");
        assert!(answer.text().contains(phrase), "{key}: {}", answer.text());
    }
    let key = keys::key_that(Wire::Anthropic, "out_of_credit");
    let answer = Interface::Messages
        .send(&sandbox, &key, &Interface::Messages.request("?"))
        .await;
    assert!(answer.text().contains("credit balance is too low"));
}
