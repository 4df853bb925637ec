//! Search in the real window: over the real database, by the keyboard alone, to a message on a path that is not shown.

use brasskey_tests::Script;
use brasskey_tests::desktop::Find;

use crate::accounts::OPENAI;
use crate::person::Person;

const FIELD: &str = "Search messages, titles and projects";

#[tokio::test]
async fn a_message_is_found_as_it_is_typed_and_shown_where_it_stands() {
    let person = Person::arrives().await;
    person.begins_with(OPENAI).await;
    person
        .sandbox
        .script(Script::answer("Two minutes, at seventy degrees."));
    person.asks("How long does sencha take?").await;
    person.is_answered(1).await;
    person.hits("Control+n").await;
    person
        .no_longer_sees(Find::text("Two minutes, at seventy degrees."))
        .await;
    person
        .sandbox
        .script(Script::answer("Three minutes for 玉露 from 静岡."));
    person.asks("And gyokuro?").await;
    person.is_answered(1).await;

    person.hits("Control+k").await;
    person.types(FIELD, "seventy deg").await;
    person.finds(Find::css(".search__row--message mark")).await;
    person.shot("search-1-found").await;
    person.hits("Enter").await;
    person.sees("Two minutes, at seventy degrees.").await;
    person
        .eventually("the message to have the focus", async || {
            let focused = "return document.activeElement.textContent";
            let text = person.inspects(focused).await;
            text.as_str()
                .is_some_and(|text| text.contains("Two minutes"))
        })
        .await;
    person.shot("search-2-opened").await;

    // A word of two characters in a script without spaces.
    person.hits("Control+Shift+f").await;
    person.types(FIELD, "静岡").await;
    person.finds(Find::css(".search__row--message mark")).await;
    person.hits("Escape").await;
    person
        .no_longer_sees(Find::css(".search__row--message"))
        .await;

    person.hits("Control+k").await;
    person.types(FIELD, "oolong").await;
    person.sees("Nothing matches “oolong”").await;
    person.shot("search-3-nothing").await;
}
