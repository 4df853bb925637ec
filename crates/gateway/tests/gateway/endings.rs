//! However a call ends, it is settled exactly once, and nobody is left connected.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use brasskey_gateway::{Ending, Outcome};
use brasskey_metering::UsageStatus;
use http_body_util::BodyExt;
use tokio::sync::Semaphore;

use crate::client::{client, send};
use crate::rig::{ALL, CHAT, MESSAGES, Rig, dollars, recording, rig};
use crate::upstream::{Answer, Then};

/// Reads until these bytes arrived, and leaves.
async fn read_and_leave(rig: &Rig, at_least: usize) {
    let request = rig.request().body(Body::from(rig.line.request)).unwrap();
    let mut body = client().request(request).await.unwrap().into_body();
    let mut read = 0;
    while read < at_least {
        let frame = body.frame().await.expect("more").expect("a frame");
        read += frame.into_data().map_or(0, |data| data.len());
    }
}

#[tokio::test]
async fn when_the_client_leaves_the_provider_is_told_and_what_passed_is_settled() {
    for line in ALL {
        let recorded = line.recorded();
        let part = recorded[..recorded.len() * 3 / 5].to_vec();
        let rig = rig(line)
            .answering(Answer::events(&part, 200).then(Then::Hang))
            .await;
        read_and_leave(&rig, part.len()).await;
        rig.upstream.somebody_left().await;
        let outcome = rig.book.outcome().await;
        assert_eq!(outcome.ending, Ending::ClientLeft, "{line:?}");
        assert!(outcome.is_estimated);
        assert!(outcome.usage.tokens.input() > 0 && outcome.usage.tokens.output > 0);
        assert!(outcome.cost > dollars("0"), "{outcome:?}");
    }
}

#[tokio::test]
async fn when_the_client_leaves_before_an_answer_begins_the_provider_is_told_too() {
    let rig = rig(CHAT).answering(Answer::mute()).await;
    let request = rig.request().body(Body::from(CHAT.request)).unwrap();
    let asking = client().request(request);
    tokio::select! {
        _ = asking => panic!("an answer"),
        () = rig.upstream.was_asked(1) => {}
    }
    rig.upstream.somebody_left().await;
    let outcome = rig.book.outcome().await;
    assert_eq!(outcome.ending, Ending::ClientLeft);
    assert_eq!(outcome.usage.status, UsageStatus::Missing);
    assert!(outcome.is_estimated && outcome.usage.tokens.output == 0);
}

#[tokio::test]
async fn an_admission_that_the_client_did_not_wait_for_is_settled_as_nothing() {
    let gate = Arc::new(Semaphore::new(0));
    let shut = Arc::clone(&gate);
    let rig = rig(CHAT)
        .rules(move |rules| rules.gate = Some(shut))
        .answering(Answer::events(&CHAT.recorded(), 999))
        .await;
    let request = rig.request().body(Body::from(CHAT.request)).unwrap();
    let asking = client().request(request);
    let admitting = async {
        while rig.book.calls().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        _ = asking => panic!("an answer"),
        () = admitting => {}
    }
    // The gateway hears of it before the authority goes on.
    tokio::time::sleep(Duration::from_millis(200)).await;
    gate.add_permits(1);
    let outcome = rig.book.outcome().await;
    assert_eq!(outcome.ending, Ending::ClientLeft);
    assert_eq!((outcome.cost, outcome.is_estimated), (dollars("0"), false));
    assert!(rig.upstream.asked().is_empty());
}

#[tokio::test]
async fn a_provider_that_dies_breaks_the_clients_stream_in_the_same_place() {
    for line in ALL {
        let recorded = line.recorded();
        let part = recorded[..recorded.len() / 2].to_vec();
        let rig = rig(line)
            .answering(Answer::events(&part, 64).then(Then::Break))
            .await;
        let got = rig.ask().await;
        assert_eq!(
            (&got.body[..], got.is_broken),
            (&part[..], true),
            "{line:?}"
        );
        let outcome = rig.book.outcome().await;
        assert_eq!(outcome.ending, Ending::Broken);
        assert!(outcome.is_estimated);
    }
}

#[tokio::test]
async fn a_stream_without_its_closing_event_is_broken_even_when_its_connection_ends_well() {
    for name in [
        "openai_chat_midstream_error.txt",
        "openai_responses_midstream_error.txt",
        "anthropic_midstream_error.txt",
        "gemini_midstream_error.txt",
    ] {
        let line = *ALL
            .iter()
            .find(|line| name.starts_with(line.recording.trim_end_matches("_ok.txt")))
            .unwrap();
        let recorded = recording(name);
        let rig = rig(line).answering(Answer::events(&recorded, 999)).await;
        let got = rig.ask().await;
        assert_eq!((&got.body[..], got.is_broken), (&recorded[..], false));
        let outcome = rig.book.outcome().await;
        assert_eq!(outcome.ending, Ending::Broken, "{name}");
        assert!(outcome.is_estimated, "{name}");
    }
}

#[tokio::test]
async fn a_silent_provider_is_given_up() {
    let rig = rig(MESSAGES)
        .settings(|settings| settings.silence = Duration::from_millis(100))
        .answering(Answer::events(&MESSAGES.recorded()[..700], 700).then(Then::Hang))
        .await;
    let got = rig.ask().await;
    assert_eq!((got.body.len(), got.is_broken), (700, true));
    rig.upstream.somebody_left().await;
    let outcome = rig.book.outcome().await;
    assert_eq!(outcome.ending, Ending::Broken);
    assert!(outcome.usage.tokens.input() > 0);
}

#[tokio::test]
async fn a_provider_that_does_not_begin_is_given_up_at_nobodys_cost() {
    let rig = rig(MESSAGES)
        .settings(|settings| settings.answer_within = Duration::from_millis(100))
        .answering(Answer::mute())
        .await;
    let got = rig.ask().await;
    assert_eq!(got.status, 502);
    assert_eq!(got.json()["code"], "upstream-error");
    rig.upstream.somebody_left().await;
    let outcome = rig.book.outcome().await;
    assert_eq!(
        (outcome.ending, outcome.cost),
        (Ending::Broken, dollars("0"))
    );
}

#[tokio::test]
async fn a_client_that_leaves_after_the_closing_event_had_the_whole_answer() {
    for line in ALL {
        if line.protocol == brasskey_providers::Protocol::Gemini {
            // Its end is that of the connection.
            continue;
        }
        let recorded = line.recorded();
        let rig = rig(line)
            .answering(Answer::events(&recorded, 999).then(Then::Hang))
            .await;
        read_and_leave(&rig, recorded.len()).await;
        rig.upstream.somebody_left().await;
        let outcome = rig.book.outcome().await;
        assert_eq!(outcome.ending, Ending::Complete, "{line:?}");
        assert_eq!(outcome.cost, dollars(line.cost));
        assert!(!outcome.is_estimated);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_callers_who_leave_at_any_moment_leave_one_settlement_each() {
    let recorded = MESSAGES.recorded();
    let rig = Arc::new(rig(MESSAGES).answering(Answer::events(&recorded, 11)).await);
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..64_u64 {
        let rig = Arc::clone(&rig);
        callers.spawn(async move {
            for call in 0..8_u64 {
                let patience = Duration::from_micros((caller * 131 + call * 977) % 9000);
                let asking = rig.ask();
                match caller % 4 {
                    0 => assert_eq!(asking.await.body, rig.line.recorded()),
                    _ => drop(tokio::time::timeout(patience, asking).await),
                }
            }
        });
    }
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
    // What a server does at its end: no further call, and the settlements are waited for.
    for _ in 0..3000 {
        if rig.book.settled().len() as u64 == rig.book.admitted() && rig.tasks.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    rig.tasks.close();
    rig.tasks.wait().await;
    let settled = rig.book.settled();
    let holds: BTreeSet<u64> = settled.iter().map(|(hold, _)| *hold).collect();
    assert_eq!(holds.len(), settled.len(), "a hold was settled twice");
    assert_eq!(holds.len() as u64, rig.book.admitted(), "one was forgotten");
    let is_whole = |(_, outcome): &&(u64, Outcome)| outcome.ending == Ending::Complete;
    assert!(settled.iter().filter(is_whole).count() >= 16 * 8);
    for (_, outcome) in &settled {
        assert!(matches!(
            outcome.ending,
            Ending::Complete | Ending::ClientLeft
        ));
        assert!(outcome.ending != Ending::Complete || outcome.cost == dollars(MESSAGES.cost));
    }
}

#[tokio::test]
async fn a_provider_that_is_not_there_costs_nothing() {
    let rig = rig(CHAT)
        .rules(|rules| {
            // A port that nobody listens on: bound, and given back.
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let base = format!("http://{}/v1", free.local_addr().unwrap());
            rules.endpoint.base_url = base.parse().unwrap();
        })
        .answering(Answer::mute())
        .await;
    let got = send(rig.request().body(Body::from(CHAT.request)).unwrap()).await;
    assert_eq!(got.status, 502);
    assert_eq!(got.json()["code"], "upstream-error");
    assert!(!String::from_utf8_lossy(&got.body).contains("127.0.0.1"));
    let outcome = rig.book.outcome().await;
    assert_eq!(outcome.ending, Ending::NotSent);
    assert_eq!((outcome.cost, outcome.is_estimated), (dollars("0"), false));
}

#[tokio::test]
async fn a_call_in_which_something_panics_is_settled_all_the_same() {
    let rig = rig(CHAT)
        .rules(|rules| rules.panics = true)
        .answering(Answer::json(401, "{}"))
        .await;
    let request = rig.request().body(Body::from(CHAT.request)).unwrap();
    assert!(client().request(request).await.is_err());
    let outcome = rig.book.outcome().await;
    assert_eq!(
        (outcome.ending, outcome.cost),
        (Ending::Broken, dollars("0"))
    );
}

#[tokio::test]
async fn a_client_that_stays_and_does_not_read_counts_as_gone() {
    // More than all buffers between provider and client hold.
    let event = [
        &b"data: {\"choices\":[]}\n\n: "[..],
        &[b'x'; 64 * 1024],
        b"\n\n",
    ]
    .concat();
    let mut answer = Answer::events(&event, event.len()).then(Then::Hang);
    answer.pieces = vec![event; 640];
    let rig = rig(CHAT)
        .settings(|settings| settings.unread = Duration::from_millis(200))
        .answering(answer)
        .await;
    let request = rig.request().body(Body::from(CHAT.request)).unwrap();
    let unread = client().request(request).await.unwrap();
    rig.upstream.somebody_left().await;
    let outcome = rig.book.outcome().await;
    assert_eq!(outcome.ending, Ending::ClientLeft);
    drop(unread);
}

#[tokio::test]
async fn a_server_that_stops_waits_for_settlements_and_for_nothing_else() {
    let rig = rig(CHAT)
        .answering(Answer::events(&CHAT.recorded(), 50))
        .await;
    rig.ask().await;
    rig.tasks.close();
    let waited = tokio::time::timeout(Duration::from_secs(30), rig.tasks.wait()).await;
    assert!(waited.is_ok(), "a task outlived its call");
    assert_eq!(rig.book.settled().len(), 1);
}
