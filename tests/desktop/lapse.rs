//! A licence over time: saved and offline, in grace, over; a plan that was cancelled or not paid, and paid for again.
//!
//! The days pass for the application and for the service, by libfaketime: both are the programs as they are.

use brasskey_client::views::Standing;
use brasskey_tests::desktop::Find;

use crate::accounts::ANTHROPIC;
use crate::customer::Customer;
use crate::person::Person;

const FIRST: &str = "How long does sencha take?";
const DRAFT: &str = "And how long does gyokuro take?";

#[tokio::test]
async fn without_the_service_a_licence_works_for_a_month_then_in_grace_and_then_messages_wait() {
    let mut ada = Customer::with_own_key(ANTHROPIC, "accepted").await;
    ada.adds_a_model_server().await;

    // The service is down: it is said, and nothing else changes.
    ada.platform.stop();
    ada.presses("Billing").await;
    ada.presses("Check now").await;
    ada.sees("Brasskey’s service does not answer").await;
    ada.sees("Works offline until").await;
    ada.shot("lapse-1-service-down").await;
    ada.goes_back().await;
    ada.clicks(Find::text(FIRST)).await;
    ada.asks("And bancha?").await;
    ada.is_answered(2).await;

    // In grace everything works, with a word.
    ada.opens_after(33).await;
    ada.sees("Working offline on a saved licence until").await;
    ada.clicks(Find::text(FIRST)).await;
    ada.shot("lapse-2-grace").await;
    ada.asks("And hojicha?").await;
    ada.is_answered(3).await;
    assert_eq!(
        ada.calls().pop().unwrap().key.as_deref(),
        Some(ANTHROPIC.key())
    );
    ada.opens_billing().await;
    ada.sees("Offline grace, 11 days left").await;
    ada.shot("lapse-3-grace-billing").await;

    // After it new messages wait, and nothing else does.
    ada.opens_after(45).await;
    ada.sees("The licence could not be renewed in time").await;
    ada.clicks(Find::text(FIRST)).await;
    ada.types("Your message", DRAFT).await;
    ada.cannot_send("Messages wait for your licence", DRAFT)
        .await;
    ada.shot("lapse-4-limited").await;
    ada.has_everything_else(ANTHROPIC).await;
    ada.opens_billing().await;
    ada.sees("Over, new messages wait").await;
    ada.shot("lapse-5-limited-billing").await;
    ada.goes_back().await;
    ada.clicks(Find::text(FIRST)).await;
    ada.is_answered_here(4).await;

    // Reached once, the service renews it: the plan was paid for all the time.
    ada.platform.start_again_ahead(45).unwrap();
    ada.clicks(Find::css(".notice .btn")).await;
    ada.no_longer_sees(Find::css(".notice")).await;
    ada.chooses_model(ANTHROPIC).await;
    ada.asks("And shincha?").await;
    ada.is_answered(5).await;
    ada.opens_billing().await;
    ada.sees("Works offline until").await;
    ada.shot("lapse-6-renewed").await;
}

#[tokio::test]
async fn a_licence_that_runs_out_while_the_window_is_open_refuses_the_message_and_keeps_it() {
    let mut ada = Customer::with_own_key(ANTHROPIC, "accepted").await;
    ada.platform.stop();
    let clock = ada.opens_with_a_moving_clock().await;
    ada.clicks(Find::text(FIRST)).await;
    ada.asks("And bancha?").await;
    ada.is_answered(2).await;
    ada.types("Your message", DRAFT).await;

    // Nobody has looked since: the refusal is the first to tell.
    clock.move_to(45).unwrap();
    let calls = ada.calls().len();
    ada.hits("Enter").await;
    ada.sees("Your licence has lapsed").await;
    ada.shot("lapse-16-refused").await;
    assert_eq!(ada.value(Find::label("Your message")).await, DRAFT);
    assert_eq!(ada.calls().len(), calls, "nothing was sent");
    ada.sees("The licence could not be renewed in time").await;
    ada.cannot_send("Messages wait for your licence", DRAFT)
        .await;
    ada.shot("lapse-17-told").await;

    ada.platform.start_again_ahead(45).unwrap();
    ada.clicks(Find::css(".notice .btn")).await;
    ada.no_longer_sees(Find::css(".notice")).await;
    ada.sends_the_draft().await;
    ada.is_answered(3).await;
}

#[tokio::test]
async fn a_trial_that_is_over_goes_on_with_a_plan() {
    let mut ada = Customer::new(Person::arrives_where_people_sign_in().await);
    ada.begins_with(ANTHROPIC).await;
    ada.asks(FIRST).await;
    ada.is_answered(1).await;

    // Its last days are told, and nothing else.
    ada.identity
        .as_mut()
        .unwrap()
        .start_again_ahead(15)
        .unwrap();
    ada.passes(12, Standing::Trial).await;
    ada.sees("The trial ends in 2 days").await;
    ada.shot("lapse-13-trial-ends").await;
    ada.passes(15, Standing::Free).await;
    ada.sees("The trial is over").await;
    ada.clicks(Find::text(FIRST)).await;
    ada.types("Your message", DRAFT).await;
    ada.cannot_send("Messages wait for your licence", DRAFT)
        .await;
    ada.shot("lapse-14-trial-over").await;
    ada.has_everything_else(ANTHROPIC).await;

    ada.clicks(Find::css(".notice .btn")).await;
    ada.presses("Choose a plan").await;
    ada.presses("Sign in and pay").await;
    ada.signs_in().await;
    ada.pays("accepted").await;
    ada.sees("BYOK is yours").await;
    ada.presses("Continue").await;
    ada.sees("The next bill.").await;
    ada.shot("lapse-15-trial-paid").await;
    ada.goes_back().await;
    ada.clicks(Find::text(FIRST)).await;
    ada.sends_the_draft().await;
    ada.is_answered(2).await;
}

#[tokio::test]
async fn a_cancelled_plan_ends_with_its_period_and_is_paid_for_again() {
    let mut ada = Customer::with_own_key(ANTHROPIC, "accepted").await;
    ada.presses("Cancel plan").await;
    ada.clicks(Find::css(".dialog__foot .btn--danger")).await;
    ada.sees("Cancelled. Until then everything works").await;

    ada.passes(32, Standing::Free).await;
    ada.sees("You have no plan").await;
    ada.clicks(Find::text(FIRST)).await;
    ada.types("Your message", DRAFT).await;
    ada.cannot_send("Messages wait for your licence", DRAFT)
        .await;
    ada.shot("lapse-7-ended").await;
    ada.has_everything_else(ANTHROPIC).await;
    ada.opens_billing().await;
    ada.sees("No plan yet").await;
    ada.shot("lapse-8-ended-billing").await;

    ada.presses("Choose a plan").await;
    ada.presses("Pay in the browser").await;
    ada.pays("accepted").await;
    ada.sees("BYOK is yours").await;
    ada.shot("lapse-9-paid-again").await;
    ada.presses("Continue").await;
    ada.sees("The next bill.").await;
    ada.goes_back().await;
    ada.clicks(Find::text(FIRST)).await;
    assert_eq!(ada.value(Find::label("Your message")).await, DRAFT);
    ada.sends_the_draft().await;
    ada.is_answered(2).await;
}

#[tokio::test]
async fn a_payment_that_fails_is_told_while_everything_works_and_made_good_by_another_card() {
    let mut ada = Customer::with_own_key(ANTHROPIC, "fails_at_renewal").await;
    ada.passes(32, Standing::PastDue).await;
    ada.sees("The last payment failed").await;
    ada.clicks(Find::text(FIRST)).await;
    ada.shot("lapse-10-past-due").await;
    ada.asks(DRAFT).await;
    ada.is_answered(2).await;
    ada.opens_billing().await;
    ada.sees("The last payment failed and is tried again.")
        .await;
    ada.shot("lapse-11-past-due-billing").await;

    // Another card, on the billing provider's page: once the person is back, the window hears of it by itself.
    ada.presses("Open card and invoices").await;
    let page = ada.next_page().await;
    let said = ada.sends(&page, &[("do", "card"), ("card", "accepted")]);
    assert!(said.contains("The card was changed."), "{said}");
    let led_back = ada.follows(&said, "Back to Brasskey");
    assert!(led_back.contains("go back to Brasskey"), "{led_back}");
    ada.no_longer_sees(Find::text("The last payment failed"))
        .await;
    ada.sees("The next bill.").await;
}

#[tokio::test]
async fn a_plan_that_is_never_paid_ends_and_the_operator_can_give_it_back() {
    let mut ada = Customer::with_own_key(ANTHROPIC, "fails_at_renewal").await;
    let account = ada.account().await.account.id;
    ada.passes(32, Standing::PastDue).await;
    ada.sees("The last payment failed").await;
    ada.passes(50, Standing::Free).await;
    ada.sees("You have no plan").await;
    ada.clicks(Find::text(FIRST)).await;
    ada.types("Your message", DRAFT).await;
    ada.cannot_send("Messages wait for your licence", DRAFT)
        .await;

    let grant = ["grant", "--account", &account, "--plan", "byok_monthly"];
    ada.platform.told(&grant).unwrap();
    ada.opens_billing().await;
    ada.presses("Check now").await;
    ada.no_longer_sees(Find::text("You have no plan")).await;
    ada.shot("lapse-12-granted").await;
    ada.goes_back().await;
    ada.clicks(Find::text(FIRST)).await;
    ada.sends_the_draft().await;
    ada.is_answered(2).await;
}
