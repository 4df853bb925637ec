//! Both billing modes in one journey: signed in and paid for in the browser, answered by either, and switched as it was shown.

use brasskey_tests::desktop::Find;

use crate::accounts::{ANTHROPIC, OPENAI};
use crate::person::Person;
use crate::surfer::Surfer;

const ADA: &str = "ada@example.com";

#[tokio::test]
async fn a_vendor_billed_answer_then_own_keys_then_back_at_the_end_of_the_period() {
    let person = Person::arrives_where_people_sign_in().await;
    let surfer = Surfer::new();

    // The first run: the plan, the terms, an account, the payment.
    person.clicks(Find::text("Vendor-billed")).await;
    person.sees("Spending limit above the included $15").await;
    person.clicks(Find::css("input[type='checkbox']")).await;
    person.shot("switching-1-first-run").await;
    person.presses("Continue, $24 a month").await;
    person
        .sees("Brasskey opened your browser. Sign in there and come back.")
        .await;
    person.shot("switching-2-sign-in").await;
    let page = person.page(0).await;
    let led_back = surfer.fills_in(&page, &[("email", ADA)]);
    assert!(led_back.contains("go back to Brasskey"), "{led_back}");
    person.sees("Pay for Standard").await;
    let page = person.page(1).await;
    let led_back = surfer.fills_in(&page, &[("card", "accepted")]);
    assert!(led_back.contains("go back to Brasskey"), "{led_back}");
    person.sees("Standard is yours").await;
    person.shot("switching-3-paid").await;
    person.presses("Continue").await;

    // An answer that the plan pays for.
    person.sees("Brasskey bills you, $15.00 of $15 left").await;
    person.finds(Find::css(".composer__model")).await;
    person.chooses_model(OPENAI).await;
    person.asks("How long does sencha take?").await;
    person.is_answered(1).await;
    person.sees("Your plan").await;
    person.shot("switching-4-vendor-billed").await;
    let [call] = &person.calls()[..] else {
        panic!("one question, one call: {:?}", person.calls())
    };
    assert_eq!(call.key.as_deref(), Some(brasskey_tests::VENDOR_KEY));
    assert!(person.keyring().is_empty(), "no key is needed");

    // To own keys, with the figures of the platform. What was paid and not used is kept.
    person.clicks(Find::text("Settings")).await;
    person.sees("How model use is billed").await;
    person.clicks(Find::text("Bring your own keys")).await;
    person.sees("Switch to your own keys?").await;
    person
        .sees("Credit for what is not used of your plan")
        .await;
    person.shot("switching-5-confirm").await;
    person.ticks_the_terms().await;
    person.presses("Switch now").await;
    person
        .no_longer_sees(Find::text("Switch to your own keys?"))
        .await;
    person.sees("Platform fee").await;
    person.shot("switching-6-own-keys").await;

    // A key, and the next answer goes through it.
    person.clicks(Find::text("Manage keys")).await;
    person.presses("Add a key").await;
    person.chooses_provider(ANTHROPIC.provider).await;
    person.enters_address(ANTHROPIC).await;
    person.types("API key", ANTHROPIC.key()).await;
    person.presses("Check key").await;
    person.sees("Working, 4 models found").await;
    person.presses("Save key").await;
    person.no_longer_sees(Find::css(".sheet")).await;
    person.clicks(Find::text("Back to workspace")).await;
    person.chooses_model(ANTHROPIC).await;
    person.asks("And how long does gyokuro take?").await;
    person.is_answered(2).await;
    person.sees("From here your providers bill you").await;
    person.shot("switching-7-own-key-answer").await;
    let last = person.calls().pop().unwrap();
    assert_eq!(last.key.as_deref(), Some(ANTHROPIC.key()));

    // Back at the end of the period: agreed, shown, and taken back.
    person.clicks(Find::text("Settings")).await;
    person.sees("How model use is billed").await;
    person.clicks(Find::text("Vendor-billed")).await;
    person.sees("Switch to vendor-billed?").await;
    person
        .clicks(Find::css(".dialog fieldset .card:last-child .card__hit"))
        .await;
    person.sees("Until then nothing changes.").await;
    person
        .clicks(Find::css(".dialog__foot .btn--primary"))
        .await;
    person
        .sees("Until then nothing changes. You can take it back.")
        .await;
    person.shot("switching-8-scheduled").await;
    person.presses("Take it back").await;
    person.no_longer_sees(Find::button("Take it back")).await;

    // The plan is cancelled and kept after all.
    person.presses("Cancel plan").await;
    person.sees("Cancel the plan?").await;
    person.clicks(Find::css(".dialog__foot .btn--danger")).await;
    person.sees("Cancelled. Until then everything works").await;
    person.shot("switching-9-cancelled").await;
    person.presses("Keep the plan").await;
    person.sees("The next bill.").await;
}
