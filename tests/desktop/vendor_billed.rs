//! Vendor-billed without a plan: said plainly, nothing half-working, one press back to own keys.

use brasskey_tests::desktop::Find;

use crate::accounts::ANTHROPIC;
use crate::person::Person;

#[tokio::test]
async fn in_the_first_run_the_key_form_is_gone_and_the_other_card_brings_it_back() {
    let person = Person::arrives().await;
    let key_field = Find::css("input[type='password']");
    person.finds(key_field.clone()).await;
    person.clicks(Find::text("Vendor-billed")).await;
    person.no_longer_sees(key_field.clone()).await;
    person.sees("Spending limit above the included $15").await;
    person.shot("vendor-1-first-run").await;
    person.clicks(Find::text("Bring your own keys")).await;
    person.finds(key_field).await;
    person.begins_with(ANTHROPIC).await;
}

#[tokio::test]
async fn the_first_run_can_end_without_a_plan_and_one_press_leads_back() {
    let person = Person::arrives().await;
    person.clicks(Find::text("Vendor-billed")).await;
    person.clicks(Find::css("input[type='checkbox']")).await;
    person.presses("Continue without a plan").await;
    person.sees("Vendor-billed waits for a plan").await;
    person.shot("vendor-1-goes-on").await;
    person.presses("Use own keys").await;
    person.sees("No keys yet").await;
}

#[tokio::test]
async fn what_is_not_bought_changes_nothing() {
    let person = Person::arrives().await;
    person.begins_with(ANTHROPIC).await;
    person.asks("How long does sencha take?").await;
    person.is_answered(1).await;

    person.clicks(Find::text("Settings")).await;
    person.sees("You are trying it until").await;
    person.clicks(Find::text("Vendor-billed")).await;
    person.sees("Choose Standard").await;
    person.shot("vendor-2-purchase").await;
    person.presses("Not now").await;
    person.sees("Anthropic bills you directly").await;
    assert_eq!(person.keyring().len(), 1, "keys are kept");

    person.clicks(Find::text("Back to workspace")).await;
    person.asks("And how long does gyokuro take?").await;
    person.is_answered(2).await;
}
