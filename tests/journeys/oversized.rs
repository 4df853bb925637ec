//! An answer of a hundred megabytes, packed into a small response: kept to the limit, said to be cut, and the application goes
//! on.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};

use brasskey_app::chat::view::MessageState;
use brasskey_app::error::ErrorCode;
use brasskey_app::keys::view::NewEndpoint;

use crate::account::COMPATIBLE;
use crate::world::World;

const MIB: usize = 1024 * 1024;
/// What the providers crate reads of one answer, its framing included.
const LIMIT: usize = 64 * MIB;

/// A server that answers everything with an event stream of a hundred megabytes, of which under one crosses the line.
fn bomb() -> String {
    let (text, padding) = ("word ".repeat(200), "-".repeat(64 * 1024));
    let event = format!(
        "data: {{\"padding\":\"{padding}\",\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n"
    );
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..100 * MIB / event.len() {
        encoder.write_all(event.as_bytes()).unwrap();
    }
    let body = encoder.finish().unwrap();
    assert!(body.len() < MIB);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let (mut connection, body) = (connection.unwrap(), body.clone());
            std::thread::spawn(move || {
                let mut request = [0; 64 * 1024];
                if !matches!(connection.read(&mut request), Ok(count) if count > 0) {
                    return;
                }
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                            content-encoding: gzip\r\nconnection: close\r\n\r\n";
                // Whoever has had enough hangs up.
                let sent = connection.write_all(head.as_bytes());
                drop(sent.and_then(|()| connection.write_all(&body)));
            });
        }
    });
    format!("http://{address}/v1")
}

#[tokio::test]
async fn a_hundred_megabytes_are_cut_at_the_limit_and_what_arrived_is_kept() {
    let world = World::with_own_keys().await;
    let endpoint = NewEndpoint {
        provider: COMPATIBLE.provider,
        base_url: Some(bomb()),
    };
    let pending = world
        .app
        .submit_key(&COMPATIBLE.key().into(), &endpoint)
        .unwrap();
    let key = world.app.save_key(&pending.id, "").await.unwrap();
    let mut turn = world.ask(&key, COMPATIBLE, "Go on for ever.").await;
    let answer = turn.ended().await;
    assert_eq!(answer.state, MessageState::Failed);
    assert_eq!(
        answer.failure.as_ref().unwrap().code,
        ErrorCode::StreamBroken
    );
    // Of each 65 KiB a thousand bytes are text.
    let read = answer.text.len() / 1_000 * 65 * 1024;
    assert!((LIMIT * 9 / 10..LIMIT * 11 / 10).contains(&read), "{read}");
    assert!(answer.text.starts_with("word word "));

    // It is what is found again, and other conversations do not suffer from it.
    let conversation = turn.conversation().to_owned();
    let kept = answer.text.len();
    drop((turn, answer));
    let world = world.restarted().await;
    assert_eq!(world.messages(&conversation).await[1].text.len(), kept);
    let other = world.add_key(crate::account::OPENAI).await;
    let answer = world
        .ask(&other, crate::account::OPENAI, "Hello")
        .await
        .ended()
        .await;
    assert_eq!(answer.state, MessageState::Done);
}
