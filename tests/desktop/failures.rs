//! Failures where they happen: the cause in words, the one action that mends it, and nothing lost.

use std::time::Duration;

use brasskey_tests::desktop::Find;
use brasskey_tests::{Fault, Sandbox, Script};

use crate::accounts::OPENAI;
use crate::person::{Person, message_field};

const QUESTION: &str = "How long does sencha take?";

/// Asks a question that meets `script`, and sees why it failed while the next message is being written.
async fn fails(person: &Person, question: &str, script: Script, title: &str, code: &str) {
    person.sandbox.script(script);
    person.asks(question).await;
    person.finds(Find::role("article", "You")).await;
    person.types("Your message", "Half a thought").await;
    person.sees(title).await;
    person.finds(Find::text(code)).await;
    person.sees(question).await;
    assert_eq!(
        person.value(message_field()).await,
        "Half a thought",
        "the draft is kept"
    );
    person
        .shot(&format!(
            "failure-{}",
            code.split(' ').next().unwrap_or(code)
        ))
        .await;
    person.clicks(message_field()).await;
    person.hits("Control+a").await;
    person.hits("Delete").await;
}

#[tokio::test]
async fn a_refused_key_is_replaced_from_where_it_failed() {
    let person = Person::arrives().await;
    person.begins_with(OPENAI).await;
    let script = Script::error("key_malformed");
    fails(
        &person,
        QUESTION,
        script,
        "OpenAI does not know this key",
        "key_invalid 401",
    )
    .await;
    person.sees("Key stopped").await;

    person.presses("Replace key").await;
    person.sees("Replace OpenAI ··OA01").await;
    person.shot("failure-key_invalid-replace").await;
    person.types("API key", OPENAI.key()).await;
    person.presses("Check key").await;
    person.sees("Working, 6 models found").await;
    person.presses("Save key").await;
    person
        .no_longer_sees(Find::text("Replace OpenAI ··OA01"))
        .await;
    person
        .eventually("the old key to leave the keyring", async || {
            person.keyring().len() == 1
        })
        .await;

    person.clicks(Find::text("Back to workspace")).await;
    person.sees("OpenAI bills you directly").await;
    person.presses("Answer again").await;
    person.is_answered(1).await;
}

#[tokio::test]
async fn money_and_content_are_told_apart_and_never_tried_again_by_themselves() {
    let person = Person::arrives().await;
    person.begins_with(OPENAI).await;
    let script = Script::error("out_of_credit");
    fails(
        &person,
        QUESTION,
        script,
        "Your OpenAI account is out of funds",
        "out_of_credit 429",
    )
    .await;
    assert_eq!(person.calls().len(), 1);
    person.presses("Add credit at OpenAI").await;
    person
        .eventually("the provider's page", async || {
            !person.browser.pages().is_empty()
        })
        .await;
    let page = person.browser.pages().remove(0);
    assert!(page.starts_with("https://platform.openai.com/"), "{page}");
    person.presses("Try again").await;
    person.is_answered(1).await;

    let script = Script::error("content_blocked");
    fails(
        &person,
        "Something rude",
        script,
        "OpenAI declined to answer",
        "content_blocked 400",
    )
    .await;
    assert_eq!(person.calls().len(), 3);
    person.presses("Edit message").await;
    let editor = Find::label("Edit your message");
    // The view may still be moving to the editor, which takes the focus when it is there.
    person
        .eventually("the message in other words", async || {
            person.clicks(editor.clone()).await;
            person.hits("Control+a").await;
            let typed = person.window().type_text("Something polite").await;
            person.done(typed).await;
            person.value(editor.clone()).await == "Something polite"
        })
        .await;
    person.presses("Send again").await;
    person.is_answered(2).await;
    person.no_longer_sees(Find::text("Something rude")).await;
    person.sees("Something polite").await;
}

#[tokio::test]
async fn a_wait_is_counted_down_and_ends_by_itself_or_at_a_press() {
    let person = Person::arrives().await;
    person.begins_with(OPENAI).await;
    let limited = |seconds| {
        Script::fault(Fault::RateLimitedOnce {
            retry_after: Duration::from_secs(seconds),
        })
    };
    person.sandbox.script(limited(8));
    person.asks(QUESTION).await;
    person.sees("OpenAI asks us to slow down").await;
    person.sees("Sending again by itself in 0:0").await;
    person.shot("failure-rate_limited").await;
    person.is_answered(1).await;
    assert_eq!(person.calls().len(), 2);

    person.sandbox.script(limited(280));
    person.asks("And gyokuro?").await;
    person.sees("Sending again by itself in 4:").await;
    person.presses("Try now").await;
    person.is_answered(2).await;
    assert_eq!(person.calls().len(), 4);

    person.sandbox.script(Script::error("rate_limited_ramp"));
    person.asks("And matcha?").await;
    person.sees("Sending again by itself in 0:").await;
    person.presses("Cancel").await;
    person
        .no_longer_sees(Find::text("Sending again by itself"))
        .await;
    person.finds(Find::button("Send")).await;
    assert_eq!(person.calls().len(), 5, "a cancelled wait sends nothing");

    for _ in 0..3 {
        person.sandbox.script(Script::error("overloaded"));
    }
    person.asks("And houjicha?").await;
    person.sees("Try 2 of 3").await;
    person.presses("Try now").await;
    person.sees("Try 3 of 3").await;
    person.presses("Try now").await;
    person.finds(Find::text("overloaded 503")).await;
    person.shot("failure-overloaded").await;
    assert_eq!(person.calls().len(), 8);
    person.presses("Try again").await;
    person.is_answered(4).await;
}

#[tokio::test]
async fn a_lost_connection_keeps_the_question_and_what_arrived() {
    let mut person = Person::arrives().await;
    person.begins_with(OPENAI).await;
    let port = person.sandbox.addr().port();
    person
        .sandbox
        .script(Script::fault(Fault::CutAfter { events: 40 }));
    person.asks(QUESTION).await;
    person.sees("The answer stopped part way").await;
    person.sees("Brewing tea, measured").await;
    person.finds(Find::text("stream_broken")).await;
    person.shot("failure-stream_broken").await;
    assert_eq!(
        person.calls().len(),
        1,
        "nothing is sent again after visible output"
    );
    person.sandbox.script(Script::answer("Two minutes, then."));
    person.presses("Start over").await;
    person.sees("Two minutes, then.").await;
    person.is_answered(1).await;

    // The provider is gone.
    drop(std::mem::replace(
        &mut person.sandbox,
        Sandbox::start().await.unwrap(),
    ));
    person.asks("And gyokuro?").await;
    person.sees("A secure connection could not be made").await;
    person.sees("Nothing was sent.").await;
    person
        .finds(Find::text("proxy_or_network not_running"))
        .await;
    person.shot("failure-network").await;
    person.sandbox = Sandbox::start_on(port).await.unwrap();
    person.presses("Try again").await;
    person.is_answered(2).await;
    person.sees("And gyokuro?").await;
}
