//! Vendor-billed, which needs the platform: said plainly, nothing half-working, one press back to own keys.

use brasskey_tests::desktop::Find;

use crate::accounts::ANTHROPIC;
use crate::person::Person;

#[tokio::test]
async fn in_the_first_run_the_key_form_is_gone_and_one_press_brings_it_back() {
    let person = Person::arrives().await;
    let key_field = Find::css("input[type='password']");
    person.finds(key_field.clone()).await;
    person.clicks(Find::text("Vendor-billed")).await;
    person.no_longer_sees(key_field.clone()).await;
    person
        .sees("Vendor-billed needs the Brasskey platform")
        .await;
    person.sees("This version cannot reach it yet.").await;
    person.shot("vendor-1-first-run").await;
    person.presses("Use own keys").await;
    person.finds(key_field).await;
    person.begins_with(ANTHROPIC).await;
}

#[tokio::test]
async fn the_first_run_can_end_with_it_and_one_press_leads_back() {
    let person = Person::arrives().await;
    person.clicks(Find::text("Vendor-billed")).await;
    person.presses("Continue").await;
    person.sees("Vendor-billed waits for the platform").await;
    person.shot("vendor-1-goes-on").await;
    person.presses("Use own keys").await;
    person.sees("No keys yet").await;
}

#[tokio::test]
async fn a_switch_keeps_keys_and_conversations_and_sends_nothing() {
    let person = Person::arrives().await;
    person.begins_with(ANTHROPIC).await;
    person.asks("How long does sencha take?").await;
    person.is_answered(1).await;
    let requests = person.sandbox.requests().len();

    person.clicks(Find::text("Settings")).await;
    person.clicks(Find::text("Vendor-billed")).await;
    person.sees("Switch to vendor-billed?").await;
    person
        .sees("Until you switch back, only models on this computer answer")
        .await;
    person.shot("vendor-2-confirm").await;
    person.presses("Switch to vendor-billed").await;
    person
        .sees("Messages wait: this version cannot reach the platform")
        .await;
    assert_eq!(person.keyring().len(), 1, "keys are kept");

    person.clicks(Find::text("Back to workspace")).await;
    person.finds(Find::text("Brewing tea, measured")).await;
    person
        .types("Your message", "And how long does gyokuro take?")
        .await;
    person
        .sees("Vendor-billed waits for the platform: use own keys")
        .await;
    person.hits("Enter").await;
    person.shot("vendor-3-waits").await;
    assert_eq!(
        person.sandbox.requests().len(),
        requests,
        "no provider is asked"
    );

    person
        .clicks(Find::text(
            "Vendor-billed waits for the platform: use own keys",
        ))
        .await;
    person.presses("Use own keys").await;
    person.sees("Anthropic bills you directly").await;
    person.clicks(Find::text("Back to workspace")).await;
    person.clicks(crate::person::message_field()).await;
    person.hits("Enter").await;
    person.is_answered(2).await;
}
