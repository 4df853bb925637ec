//! Events that are too large on purpose: read to a limit, with bounded memory, whatever they were packed into. A whole answer
//! that is too large is among the journeys.

use std::io::Write as _;

use axum::body::{Body, Bytes};
use axum::response::Response;
use brasskey_providers::{Cause, Provider};
use futures::{StreamExt as _, stream};

use crate::server::Server;
use crate::sockets::asked;
use crate::transcripts::{Answer, add_up};

const MIB: usize = 1024 * 1024;

/// The most memory that this process has had at a time, in MiB.
#[cfg(target_os = "linux")]
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let kib: usize = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib / 1024
}

/// What `times` repetitions of `piece` are when packed.
fn packed(piece: &[u8], times: usize) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..times {
        encoder.write_all(piece).unwrap();
    }
    encoder.finish().unwrap().into()
}

async fn of_packed(bytes: Bytes) -> Answer {
    let server = Server::start(move |_| {
        Response::builder()
            .header("content-type", "text/event-stream")
            .header("content-encoding", "gzip")
            .body(Body::from(bytes.clone()))
            .unwrap()
    })
    .await;
    add_up(asked(&server.endpoint(Provider::Ollama)).await)
}

#[tokio::test]
async fn a_bomb_of_one_line_goes_off_at_the_limit_of_an_event() {
    let piece = vec![b'a'; MIB];
    let mut line = b"data: ".to_vec();
    line.extend_from_slice(&piece);
    let answer = of_packed(packed(&line, 64)).await;
    let failure = answer.ending.result.unwrap_err();
    assert_eq!(failure.cause, Cause::StreamBroken);
    assert_eq!(answer.text, "");
    #[cfg(target_os = "linux")]
    assert!(peak() < 150, "{} MiB", peak());
}

#[tokio::test]
async fn one_event_of_fifty_megabytes_is_given_up() {
    let server = Server::start(|_| {
        let begin = stream::iter([Ok::<_, std::convert::Infallible>(Bytes::from_static(
            b"data: {\"choices\":[{\"delta\":{\"content\":\"",
        ))]);
        let block = Bytes::from(vec![b'a'; MIB]);
        let rest = stream::iter((0..50).map(move |_| Ok(block.clone())));
        Response::builder()
            .header("content-type", "text/event-stream")
            .body(Body::from_stream(begin.chain(rest)))
            .unwrap()
    })
    .await;
    let answer = add_up(asked(&server.endpoint(Provider::Ollama)).await);
    let failure = answer.ending.result.unwrap_err();
    assert_eq!(failure.cause, Cause::StreamBroken);
    assert_eq!(answer.text, "");
    #[cfg(target_os = "linux")]
    assert!(peak() < 100, "{} MiB", peak());
}
