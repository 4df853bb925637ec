//! A key goes to its own origin and nowhere else.

use std::io::ErrorKind;
use std::net::TcpListener;

use axum::response::Response;
use brasskey_providers::{
    AnswerStream, Cause, ChatRequest, Credential, Endpoint, Failure, Payer, Protocol, Provider,
    REFUSED_ORIGIN, REFUSED_PAYER, Retry, Wire, check, send,
};
use futures::StreamExt;
use serde_json::json;

use crate::server::{KEY, Server, events, json as answer, payer, question};
use crate::transcripts::add_up;

/// A socket that must stay untouched.
struct Sink(TcpListener);

impl Sink {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn root(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    fn is_untouched(&self) -> bool {
        self.0
            .accept()
            .is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}

fn all_protocols() -> [(Provider, Protocol); 5] {
    [
        (Provider::OpenAi, Protocol::OpenAiResponses),
        (Provider::OpenAi, Protocol::OpenAiChat),
        (Provider::Anthropic, Protocol::AnthropicMessages),
        (Provider::Gemini, Protocol::Gemini),
        (Provider::OpenRouter, Protocol::OpenAiChat),
    ]
}

/// Asks and checks, and returns both failures.
async fn both(endpoint: &Endpoint, payer: &Payer) -> [Failure; 2] {
    let wire = Wire::new().unwrap();
    let question: ChatRequest = question();
    let sent: Result<AnswerStream, Failure> = send(&wire, endpoint, payer, &question).await;
    let checked = check(&wire, endpoint, payer).await;
    [sent.err().unwrap(), checked.unwrap_err()]
}

#[tokio::test]
async fn a_key_of_another_origin_is_refused_and_nothing_is_sent() {
    let sink = Sink::open();
    for (provider, protocol) in all_protocols() {
        let endpoint = Endpoint {
            provider,
            protocol,
            base_url: format!("{}/v1", sink.root()).parse().unwrap(),
        };
        for origin in [
            "https://api.openai.com",
            "http://127.0.0.1",
            "http://localhost:1",
            "https://127.0.0.1:8443",
        ] {
            let payer = Payer::UserKey {
                key_id: "key_1".to_owned(),
                credential: Credential::new(KEY.to_owned().into(), origin.parse().unwrap()),
            };
            for failure in both(&endpoint, &payer).await {
                assert_eq!(failure.provider_code.as_deref(), Some(REFUSED_ORIGIN));
                assert_eq!((failure.retry, failure.status), (Retry::Never, None));
            }
        }
    }
    assert!(sink.is_untouched());
    // The sink does notice: the same call with the right origin reaches it.
    let endpoint = Endpoint {
        provider: Provider::OpenAi,
        protocol: Protocol::OpenAiResponses,
        base_url: sink.root().parse().unwrap(),
    };
    let wire = Wire::new().unwrap();
    let (payer, question) = (payer(&endpoint), question());
    let call = send(&wire, &endpoint, &payer, &question);
    let noticed = async {
        while sink.is_untouched() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = call => panic!("the sink does not answer"),
        () = noticed => {}
    }
}

#[tokio::test]
async fn nobody_pays_for_nothing_that_leaves_this_computer() {
    for (provider, protocol) in all_protocols() {
        for base_url in ["https://api.openai.com/v1", "https://192.168.1.4/v1"] {
            let endpoint = Endpoint {
                provider,
                protocol,
                base_url: base_url.parse().unwrap(),
            };
            for failure in both(&endpoint, &Payer::Nobody).await {
                assert_eq!(failure.provider_code.as_deref(), Some(REFUSED_PAYER));
                assert_eq!(failure.status, None);
            }
        }
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let sink = Sink::open();
    for status in [300, 301, 302, 303, 307, 308] {
        let target = format!("{}/v1/stolen?token=1", sink.root());
        let server = Server::start(move |_| {
            Response::builder()
                .status(status)
                .header("location", &target)
                .body("{}".into())
                .unwrap()
        })
        .await;
        for (provider, protocol) in all_protocols() {
            let endpoint = server.endpoint_with(provider, protocol);
            for failure in both(&endpoint, &payer(&endpoint)).await {
                assert_eq!(failure.cause, Cause::ProxyOrNetwork);
                assert_eq!(failure.retry, Retry::Never);
                assert_eq!(failure.provider_code.as_deref(), Some("redirected"));
                // Whereto, without the path and the query.
                assert_eq!(failure.message.as_deref(), Some("127.0.0.1"));
            }
        }
        assert_eq!(server.asked().len(), 2 * all_protocols().len());
    }
    assert!(sink.is_untouched());
}

#[tokio::test]
async fn a_next_page_elsewhere_is_not_asked_for() {
    let sink = Sink::open();
    let next = format!("{}/v1/models", sink.root());
    let server = Server::start(move |asked| {
        if asked.path.ends_with("/key") {
            answer(200, json!({"data": {"label": "k"}}))
        } else {
            answer(
                200,
                json!({"data": [{"id": "a/b"}], "links": {"next": next}}),
            )
        }
    })
    .await;
    let endpoint = server.endpoint(Provider::OpenRouter);
    let models = check(&Wire::new().unwrap(), &endpoint, &payer(&endpoint))
        .await
        .unwrap();
    assert_eq!(models.len(), 1);
    assert_eq!(server.asked().len(), 2);
    assert!(sink.is_untouched());
}

#[tokio::test]
async fn an_echoed_key_is_cut_out_before_and_inside_a_stream() {
    let fragments = |text: &str| {
        KEY.as_bytes()
            .windows(12)
            .any(|part| text.contains(std::str::from_utf8(part).unwrap()))
    };
    let error = json!({"error": {"message": format!("The key '{KEY}' is wrong, really: {}", &KEY[5..]), "code": KEY}});
    assert!(fragments(&error.to_string()), "the fixture does echo");

    let refusal = error.clone();
    let server = Server::start(move |_| answer(401, refusal.clone())).await;
    for (provider, protocol) in all_protocols() {
        let endpoint = server.endpoint_with(provider, protocol);
        for failure in both(&endpoint, &payer(&endpoint)).await {
            let kept = format!(
                "{failure:?} {failure} {}",
                serde_json::to_string(&failure).unwrap()
            );
            assert!(kept.contains("[redacted]"), "{kept}");
            assert!(!fragments(&kept), "{kept}");
        }
    }

    let server = Server::start(move |asked| {
        let kind = if asked.path.ends_with("/messages") || asked.path.ends_with("/responses") {
            r#""type":"error","#
        } else {
            ""
        };
        let inner = error["error"].to_string();
        events(format!("data: {{{kind}\"error\":{inner}}}\n\n"))
    })
    .await;
    for (provider, protocol) in all_protocols() {
        let endpoint = server.endpoint_with(provider, protocol);
        let wire = Wire::new().unwrap();
        let stream = send(&wire, &endpoint, &payer(&endpoint), &question())
            .await
            .unwrap();
        let failure = add_up(stream.collect().await).ending.result.unwrap_err();
        let kept = format!("{failure:?}");
        assert!(kept.contains("[redacted]"), "{provider}: {kept}");
        assert!(!fragments(&kept), "{kept}");
    }
}

#[tokio::test]
async fn a_key_echoed_as_a_name_is_cut_out_of_what_a_receipt_keeps() {
    let fragments = |text: &str| {
        KEY.as_bytes()
            .windows(12)
            .any(|part| text.contains(std::str::from_utf8(part).unwrap()))
    };
    let inner = json!({"id": KEY, "model": KEY, "service_tier": KEY, "status": "completed",
        "usage": {"input_tokens": 1, "output_tokens": 1, "service_tier": KEY, "inference_geo": KEY}});
    for in_header in [true, false] {
        let inner = inner.clone();
        let server = Server::start(move |asked| {
            if asked.method == "GET" {
                return answer(200, json!({"data": [{"id": KEY, "display_name": KEY, "name": KEY}]}));
            }
            let kind = if asked.path.ends_with("/messages") {
                "message_start"
            } else {
                "response.completed"
            };
            let event = json!({"type": kind, "id": KEY, "model": KEY, "modelVersion": KEY, "responseId": KEY,
                "service_tier": KEY, "response": inner, "message": inner,
                "choices": [{"delta": {"content": "Hi"}}], "promptFeedback": {"blockReason": KEY}});
            let mut response = events(format!("data: {event}\n\n"));
            if in_header {
                response
                    .headers_mut()
                    .insert("x-request-id", KEY.parse().unwrap());
            }
            response
        })
        .await;
        for (provider, protocol) in all_protocols() {
            let endpoint = server.endpoint_with(provider, protocol);
            let wire = Wire::new().unwrap();
            let stream = send(&wire, &endpoint, &payer(&endpoint), &question())
                .await
                .unwrap();
            let told = format!("{:?}", stream.collect::<Vec<_>>().await);
            assert!(told.contains("[redacted]"), "{provider}: {told}");
            assert!(!fragments(&told), "{provider}: {told}");
            let checked = format!("{:?}", check(&wire, &endpoint, &payer(&endpoint)).await);
            assert!(!fragments(&checked), "{provider}: {checked}");
        }
    }
}

#[test]
fn debug_output_of_a_payer_shows_no_key() {
    let endpoint = Endpoint::of(Provider::OpenAi).unwrap();
    let shown = format!("{:?} {:#?}", payer(&endpoint), payer(&endpoint));
    assert!(shown.contains("https://api.openai.com") || shown.contains("api.openai.com"));
    assert!(!shown.contains("CANARY"), "{shown}");
    assert!(!format!("{:?}", question()).contains("Two?"));
}

#[tokio::test]
async fn a_key_that_no_header_can_hold_is_invalid() {
    let server = Server::start(|_| events("")).await;
    let endpoint = server.endpoint(Provider::OpenAi);
    let payer = crate::server::payer_with(&endpoint, "sk-line\nbreak");
    for failure in both(&endpoint, &payer).await {
        assert_eq!(failure.cause, Cause::KeyInvalid);
        assert!(!format!("{failure:?}").contains("break"));
    }
    assert!(server.asked().is_empty());
}
