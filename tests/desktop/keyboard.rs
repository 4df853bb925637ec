//! The keyboard alone: from the first screen to the first answer without a pointer.

use brasskey_tests::desktop::Find;

use crate::accounts::ANTHROPIC;
use crate::person::{Person, TERMS, message_field, receipts};

/// More stops than any screen has.
const STOPS: usize = 80;

/// Whether the focus is on what is looked for.
async fn has_focus(person: &Person, find: Find) -> bool {
    let focused = person.done(person.window().focused().await).await;
    let wanted = person.all(find).await;
    wanted
        .iter()
        .any(|one| one.element_id() == focused.element_id())
}

/// Goes on with `key` until the focus is on what is looked for.
async fn goes_to(person: &Person, key: &str, find: Find) {
    for _ in 0..STOPS {
        if has_focus(person, find.clone()).await {
            return;
        }
        person.hits(key).await;
    }
    person.shot("failed").await;
    panic!("{key} never reaches {find:?}");
}

/// Goes on with Tab until the focus is on what is looked for.
async fn tabs_to(person: &Person, find: Find) {
    goes_to(person, "Tab", find).await;
}

async fn types(person: &Person, text: &str) {
    person.done(person.window().type_text(text).await).await;
}

#[tokio::test]
async fn the_first_run_and_a_question_need_no_pointer() {
    let person = Person::arrives().await;
    person.sees("How should model use be billed?").await;

    // The mode: arrows choose, and come back.
    tabs_to(&person, Find::role("radio", "Bring your own keys")).await;
    person.hits("ArrowDown").await;
    person.sees("Spending limit above the included $15").await;
    person.hits("ArrowUp").await;
    person
        .no_longer_sees(Find::text("Spending limit above the included $15"))
        .await;

    // The provider: the list opens, finds by letters, and closes.
    let list = Find::role("combobox", "Provider");
    tabs_to(&person, list.clone()).await;
    person.hits("Enter").await;
    person.finds(Find::role("option", "OpenAI")).await;
    person
        .eventually("the focus in the list", async || {
            let inside = "return document.activeElement.closest('[role=listbox]') !== null";
            person.inspects(inside).await == true
        })
        .await;
    types(&person, "Anth").await;
    person.hits("Enter").await;
    person
        .no_longer_sees(Find::role("option", "Anthropic"))
        .await;
    person
        .eventually("Anthropic to be chosen", async || {
            let chosen = person.finds(list.clone()).await;
            chosen.prop("textContent").await.unwrap().as_deref() == Some("Anthropic")
        })
        .await;

    tabs_to(&person, Find::button("Use another address")).await;
    person.hits("Enter").await;
    let address = person.sandbox.base_url(ANTHROPIC.wire);
    let base_url = Find::label("Base URL");
    person.finds(base_url.clone()).await;
    person
        .eventually("the focus in the base URL field", async || {
            has_focus(&person, base_url.clone()).await
        })
        .await;
    types(&person, &address).await;

    // The key field stands before the address.
    let key = Find::label("Anthropic API key");
    goes_to(&person, "Shift+Tab", key.clone()).await;
    types(&person, ANTHROPIC.key()).await;
    person.hits("Enter").await;
    person.sees("It is saved when you continue.").await;
    assert_eq!(person.value(key).await, "");

    tabs_to(&person, Find::role("checkbox", TERMS)).await;
    person.hits("Space").await;
    person.shot("keyboard-1-filled").await;
    tabs_to(&person, Find::button("Continue, $12 a month")).await;
    person.hits("Enter").await;
    person.sees("Your key works. Ask it something.").await;

    // The message field has the focus; the list of models opens with its shortcut.
    tabs_to(&person, message_field()).await;
    person.hits("Control+Shift+m").await;
    let filter = Find::label("Filter models");
    person.finds(filter.clone()).await;
    person
        .eventually("the focus in the list of models", async || {
            has_focus(&person, filter.clone()).await
        })
        .await;
    types(&person, "haiku 4").await;
    person.hits("Enter").await;
    person
        .finds(Find::css(
            ".composer__model[aria-label='Model: Claude Haiku 4.5']",
        ))
        .await;
    // And the message field has it again.
    person
        .eventually("the focus in the message field", async || {
            has_focus(&person, message_field()).await
        })
        .await;
    types(&person, "How long does sencha take?").await;
    person.hits("Enter").await;
    person.is_answered(1).await;

    // The receipt is read and left.
    tabs_to(&person, receipts()).await;
    person.hits("Enter").await;
    person.sees("Request id").await;
    person.shot("keyboard-2-receipt").await;
    person.hits("Escape").await;
    person.no_longer_sees(Find::text("Request id")).await;

    // Esc takes one layer at a time: the question first, then the settings.
    person.hits("Control+,").await;
    person.sees("How model use is billed").await;
    tabs_to(&person, Find::role("radio", "Bring your own keys")).await;
    person.hits("ArrowDown").await;
    person.sees("Choose Standard").await;
    person.hits("Escape").await;
    person.no_longer_sees(Find::text("Choose Standard")).await;
    person.sees("How model use is billed").await;
    person.hits("Escape").await;
    person
        .no_longer_sees(Find::text("How model use is billed"))
        .await;
    assert_eq!(person.calls()[0].body["model"], "claude-haiku-4-5");
}
