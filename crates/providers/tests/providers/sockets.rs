//! Real connections: compressed, cut, dripped, cancelled, refused.

use std::convert::Infallible;
use std::io::Write;

use axum::body::{Body, Bytes};
use axum::response::Response;
use brasskey_providers::{Cause, Endpoint, Event, Provider, Retry, Wire, check, send};
use futures::channel::{mpsc, oneshot};
use futures::{SinkExt, StreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::server::{KEY, Server, events, payer, question, reply};
use crate::transcripts::{add_up, all, assert_expected};

pub(crate) async fn asked(endpoint: &Endpoint) -> Vec<Event> {
    let wire = Wire::new().unwrap();
    let stream = send(&wire, endpoint, &payer(endpoint), &question())
        .await
        .unwrap();
    stream.collect().await
}

fn dripped(bytes: Vec<u8>) -> Body {
    let chunks: Vec<Result<Bytes, Infallible>> = bytes
        .chunks(13)
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
        .collect();
    Body::from_stream(stream::iter(chunks))
}

#[tokio::test]
async fn transcripts_arrive_plain_and_compressed_and_under_a_wrong_label() {
    for transcript in all() {
        for (compressed, kind) in [
            (false, "text/event-stream; charset=utf-8"),
            (true, "text/event-stream"),
            (false, "application/octet-stream"),
        ] {
            let mut bytes = transcript.bytes.clone();
            if compressed {
                let mut encoder =
                    flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(&bytes).unwrap();
                bytes = encoder.finish().unwrap();
            }
            let server = Server::start(move |_| {
                let response = Response::builder().header("content-type", kind);
                let response = if compressed {
                    response.header("content-encoding", "gzip")
                } else {
                    response
                };
                response.body(dripped(bytes.clone())).unwrap()
            })
            .await;
            let format = transcript.endpoint();
            let endpoint = server.endpoint_with(format.provider, format.protocol);
            assert_expected(&add_up(asked(&endpoint).await), &transcript);
        }
    }
}

#[tokio::test]
async fn a_request_identifier_comes_from_the_headers_first() {
    let transcript = &all()[0];
    let bytes = transcript.bytes.clone();
    let server = Server::start(move |_| {
        Response::builder()
            .header("content-type", "text/event-stream")
            .header("request-id", "req_header")
            .body(bytes.clone().into())
            .unwrap()
    })
    .await;
    let endpoint = server.endpoint(Provider::Anthropic);
    let answer = add_up(asked(&endpoint).await);
    assert_eq!(answer.ending.request_id.as_deref(), Some("req_header"));
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_keeps_what_arrived() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let endpoint = Endpoint {
        base_url: root.parse().unwrap(),
        ..Endpoint::of(Provider::Ollama).unwrap()
    };
    let serve = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut buffer = vec![0; 4096];
        assert!(socket.read(&mut buffer).await.unwrap() > 0);
        let event = "data: {\"choices\":[{\"delta\":{\"content\":\"Half\"}}]}\n\n";
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 100000\r\n\r\n";
        socket
            .write_all(format!("{head}{event}").as_bytes())
            .await
            .unwrap();
    };
    let (events, ()) = futures::join!(asked(&endpoint), serve);
    let answer = add_up(events);
    assert_eq!(answer.text, "Half");
    let failure = answer.ending.result.unwrap_err();
    assert_eq!(
        (failure.cause, failure.retry),
        (Cause::StreamBroken, Retry::Never)
    );
    assert_eq!(failure.provider_code.as_deref(), Some("connection_lost"));
}

#[tokio::test]
async fn dropping_the_stream_cancels_the_request() {
    /// Tells when the server's side of the body is dropped.
    struct Dropped(Option<oneshot::Sender<()>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            if let Some(told) = self.0.take() {
                told.send(()).unwrap();
            }
        }
    }
    let (told, dropped) = oneshot::channel();
    let guard = std::sync::Mutex::new(Some(Dropped(Some(told))));
    let server = Server::start(move |_| {
        let guard = guard.lock().unwrap().take();
        let first = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";
        let first = stream::iter([Ok::<_, Infallible>(Bytes::from(first))]);
        let endless = stream::pending().map(move |item| {
            assert!(guard.is_some());
            item
        });
        events(Body::from_stream(first.chain(endless)))
    })
    .await;
    let endpoint = server.endpoint(Provider::Ollama);
    let wire = Wire::new().unwrap();
    let mut stream = send(&wire, &endpoint, &payer(&endpoint), &question())
        .await
        .unwrap();
    while !matches!(stream.next().await, Some(Event::Text(_))) {}
    drop(stream);
    dropped.await.unwrap();
}

#[tokio::test]
async fn text_is_passed_on_as_it_arrives() {
    let (mut feed, body) = mpsc::channel::<Result<Bytes, Infallible>>(1);
    let body = std::sync::Mutex::new(Some(body));
    let server =
        Server::start(move |_| events(Body::from_stream(body.lock().unwrap().take().unwrap())))
            .await;
    let endpoint = server.endpoint(Provider::Ollama);
    let wire = Wire::new().unwrap();
    let mut answer = send(&wire, &endpoint, &payer(&endpoint), &question())
        .await
        .unwrap();
    for word in ["one ", "two ", "three"] {
        // The next word is only sent once the last one was seen.
        let event = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{word}\"}}}}]}}\n\n");
        feed.send(Ok(event.into())).await.unwrap();
        loop {
            match answer.next().await.unwrap() {
                Event::Text(text) => break assert_eq!(text, word),
                Event::Started { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }
    drop(feed);
    assert!(matches!(answer.next().await, Some(Event::End(_))));
    assert!(answer.next().await.is_none());
}

#[tokio::test]
async fn an_answer_is_over_although_the_connection_stays_open() {
    for name in [
        "gemini_ok.txt",
        "openai_responses_midstream_error.txt",
        "anthropic_ok.txt",
        "groq_chat_ok.txt",
    ] {
        let transcript = all()
            .into_iter()
            .find(|transcript| transcript.name == name)
            .unwrap();
        let mut bytes = transcript.bytes.clone();
        if name.starts_with("openai_responses") {
            // The error came, the event that should follow does not.
            let text = String::from_utf8(bytes).unwrap();
            let end = text.find("event: response.failed").unwrap();
            bytes = text.as_bytes()[..end].to_vec();
        }
        let server = Server::start(move |_| {
            let bytes = stream::iter([Ok::<_, Infallible>(Bytes::from(bytes.clone()))]);
            events(Body::from_stream(bytes.chain(stream::pending())))
        })
        .await;
        let format = transcript.endpoint();
        let endpoint = server.endpoint_with(format.provider, format.protocol);
        let answer = add_up(asked(&endpoint).await);
        assert_eq!(answer.text, transcript.expected.text);
        let cause = answer
            .ending
            .result
            .err()
            .map(|failure| failure.cause.as_str());
        assert_eq!(cause, transcript.expected.error_class.as_deref(), "{name}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_from_a_broken_one() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let endpoint = Endpoint {
        base_url: format!("http://127.0.0.1:{port}/v1").parse().unwrap(),
        ..Endpoint::of(Provider::Ollama).unwrap()
    };
    let wire = Wire::new().unwrap();
    let failure = check(&wire, &endpoint, &payer(&endpoint))
        .await
        .unwrap_err();
    assert_eq!(failure.cause, Cause::ProxyOrNetwork);
    assert_eq!(failure.provider_code.as_deref(), Some("not_running"));
    assert_eq!(failure.host, format!("127.0.0.1:{port}"));
}

#[tokio::test]
async fn without_tls_on_the_other_side_no_key_is_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint {
        base_url: format!("https://{}/v1", listener.local_addr().unwrap())
            .parse()
            .unwrap(),
        ..Endpoint::of(Provider::OpenAi).unwrap()
    };
    let serve = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut received = vec![0; 4096];
        let length = socket.read(&mut received).await.unwrap();
        socket
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            .await
            .unwrap();
        socket.shutdown().await.unwrap();
        socket.read_to_end(&mut received).await.unwrap();
        assert!(length > 0);
        received
    };
    let wire = Wire::new().unwrap();
    let payer = payer(&endpoint);
    let (result, received) = futures::join!(check(&wire, &endpoint, &payer), serve);
    let failure = result.unwrap_err();
    assert_eq!(failure.cause, Cause::ProxyOrNetwork);
    assert_eq!(failure.provider_code.as_deref(), Some("tls"));
    let key = KEY.as_bytes();
    assert!(!received.windows(key.len()).any(|part| part == key));
}

#[tokio::test]
async fn a_name_without_an_address_is_a_network_matter_and_no_key_fault() {
    let endpoint = Endpoint {
        base_url: "https://models.invalid/v1".parse().unwrap(),
        provider: Provider::OpenAiCompatible,
        ..Endpoint::of(Provider::Ollama).unwrap()
    };
    let wire = Wire::new().unwrap();
    let failure = check(&wire, &endpoint, &payer(&endpoint))
        .await
        .unwrap_err();
    assert!(matches!(
        failure.cause,
        Cause::Offline | Cause::ProxyOrNetwork
    ));
    assert_eq!(failure.provider_code.as_deref(), Some("dns"));
}

#[tokio::test]
async fn an_endless_refusal_is_read_to_a_limit() {
    let server = Server::start(|_| {
        let endless =
            stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 8192])));
        reply(500, "text/plain", Body::from_stream(endless))
    })
    .await;
    let endpoint = server.endpoint(Provider::OpenAi);
    let wire = Wire::new().unwrap();
    let failure = check(&wire, &endpoint, &payer(&endpoint))
        .await
        .unwrap_err();
    assert_eq!(failure.cause, Cause::ServerError);
    assert_eq!(failure.message.unwrap().len(), 500);
}
