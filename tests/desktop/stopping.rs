//! Stopping an answer: by the button, by Escape, and what is kept of it.

use brasskey_tests::desktop::Find;
use brasskey_tests::{Fault, Recorded, Script};

use crate::accounts::ANTHROPIC;
use crate::person::{Person, message_field};

/// An answer that nobody can wait for.
fn endless() -> Script {
    Script {
        tokens_per_second: Some(40),
        fault: Some(Fault::Endless),
        ..Script::default()
    }
}

fn cancelled(requests: &[Recorded]) -> usize {
    requests.iter().filter(|request| request.cancelled).count()
}

/// The text of the answers on screen.
async fn answers(person: &Person) -> String {
    let answer = person.finds(Find::css("article .prose")).await;
    answer.text().await.unwrap()
}

#[tokio::test]
async fn an_answer_is_stopped_by_the_button_and_by_escape_and_what_arrived_is_kept() {
    let mut person = Person::arrives().await;
    person.begins_with(ANTHROPIC).await;

    person.sandbox.script(endless());
    person.asks("Tell me everything").await;
    person.sees("Brewing tea, measured").await;
    // The next message can be written meanwhile.
    person.types("Your message", "And then?").await;
    person.shot("stopping-1-running").await;
    person.presses("Stop").await;
    person.sees("Stopped. What arrived is kept.").await;
    person.finds(Find::button("Send")).await;
    person
        .sandbox
        .wait_until(|requests| cancelled(requests) == 1)
        .await
        .unwrap();
    assert_eq!(person.value(message_field()).await, "And then?");
    let kept = answers(&person).await;
    assert!(kept.starts_with("Brewing tea, measured"), "{kept}");
    person.shot("stopping-2-stopped").await;

    person.sandbox.script(endless());
    person.hits("Enter").await;
    person.finds(Find::button("Stop")).await;
    person
        .eventually("text of the second answer", async || {
            person.all(Find::text("Brewing tea, measured")).await.len() == 2
        })
        .await;
    person.hits("Escape").await;
    person.no_longer_sees(Find::button("Stop")).await;
    person
        .sandbox
        .wait_until(|requests| cancelled(requests) == 2)
        .await
        .unwrap();
    let stopped = person
        .all(Find::text("Stopped. What arrived is kept."))
        .await;
    assert_eq!(stopped.len(), 2);

    let restarted = person.desktop.restart().await;
    person.done(restarted).await;
    person.clicks(Find::text("Tell me everything")).await;
    person.sees("Stopped. What arrived is kept.").await;
    person.sees("Brewing tea, measured").await;
}
