//! What is there after the program ended: by quitting, and by `kill -9` in the middle of an answer.

use brasskey_tests::Script;
use brasskey_tests::desktop::Find;

use crate::accounts::{GEMINI, OPENAI};
use crate::person::{Person, message_field, receipts};

#[tokio::test]
async fn everything_is_found_again_after_a_restart() {
    let mut person = Person::arrives().await;
    person.begins_with(OPENAI).await;
    person
        .sandbox
        .script(Script::answer("Two minutes, at 70 degrees."));
    person.asks("How long does sencha take?").await;
    person.is_answered(1).await;
    person
        .types("Your message", "And how long does gyokuro")
        .await;
    person.is_on_disk("And how long does gyokuro").await;
    person.clicks(Find::text("Settings")).await;
    person.presses("General").await;
    person.clicks(Find::text("Dark")).await;
    person
        .eventually("a dark window", async || is_dark(&person).await)
        .await;
    person.is_on_disk("\"dark\"").await;
    person.shot("restart-1-dark").await;

    let restarted = person.desktop.restart().await;
    person.done(restarted).await;
    assert!(!person.reads("How should model use be billed?").await);
    person
        .clicks(Find::text("How long does sencha take?"))
        .await;
    person.sees("Two minutes, at 70 degrees.").await;
    person.finds(receipts()).await;
    assert_eq!(
        person.value(message_field()).await,
        "And how long does gyokuro"
    );
    assert!(is_dark(&person).await);
    person.shot("restart-2-found").await;

    // The key is used as it lies in the keyring; nobody asks for it again.
    person
        .sandbox
        .script(Script::answer("Three minutes, at 50."));
    person.types("Your message", " take?").await;
    person.hits("Enter").await;
    person.is_answered(2).await;
    person.sees("Three minutes, at 50.").await;
    let calls = person.calls();
    assert_eq!(calls.len(), 2);
    assert!(
        calls
            .iter()
            .all(|call| call.key.as_deref() == Some(OPENAI.key()))
    );
    assert_eq!(
        calls[1].body.to_string().matches("gyokuro take?").count(),
        1
    );
}

/// How the long answer begins.
const BEGINNING: &str = "🍵🫖🍵🫖";

#[tokio::test]
async fn what_arrived_before_a_kill_is_kept_and_marked() {
    let mut person = Person::arrives().await;
    person.begins_with(GEMINI).await;
    person.sandbox.script(Script {
        tokens_per_second: Some(10),
        // Four characters are a token: the first of them are stored alone or with others, never in two parts.
        ..Script::answer(format!(
            "{BEGINNING} {}",
            "Once upon a time there was a kettle. ".repeat(200)
        ))
    });
    person.asks("Tell me a long story").await;
    person.sees("Once upon a time").await;
    person.is_on_disk(BEGINNING).await;
    let killed = person.desktop.kill().await;
    killed.unwrap();

    let opened = person.desktop.open().await;
    opened.unwrap();
    person.clicks(Find::text("Tell me a long story")).await;
    person.sees(BEGINNING).await;
    person.sees("Brasskey closed while this was written").await;
    person.shot("restart-3-killed").await;
    assert_eq!(person.calls().len(), 1, "nothing is sent again by itself");

    // The interrupted answer can be asked for again.
    person.sandbox.script(Script::answer("The end."));
    person.presses("Answer again").await;
    person.sees("The end.").await;
    person.finds(Find::text("2 of 2")).await;
}

async fn is_dark(person: &Person) -> bool {
    let scheme = person
        .inspects("return getComputedStyle(document.documentElement).colorScheme")
        .await;
    scheme == "dark"
}
