//! A computer whose rights the operator takes back: new messages wait, nothing else does, and signing in again mends it.

use brasskey_tests::desktop::Find;

use crate::accounts::{ANTHROPIC, OPENAI};
use crate::customer::Customer;
use crate::person::Person;

const DRAFT: &str = "And how long does gyokuro take?";

#[tokio::test]
async fn with_own_keys_messages_wait_and_everything_else_goes_on_until_one_signs_in_again() {
    let mut ada = Customer::with_own_key(ANTHROPIC, "accepted").await;
    ada.adds_a_model_server().await;
    ada.goes_back().await;
    ada.clicks(Find::text("How long does sencha take?")).await;
    ada.types("Your message", DRAFT).await;
    ada.is_on_disk(DRAFT).await;
    ada.shot("revoked-1-before").await;

    // The application hears of it when it asks next, which it does daily and here at once.
    ada.platform.told(&["revoke", &ada.device()]).unwrap();
    ada.opens_billing().await;
    ada.presses("Check now").await;
    ada.sees("This computer lost its seat").await;
    ada.sees("Taken back, new messages wait").await;
    ada.shot("revoked-2-billing").await;
    ada.goes_back().await;
    ada.sees("New messages wait until you sign in again; everything else works.")
        .await;
    ada.sees("The licence is not in force").await;
    ada.cannot_send("Messages wait for your licence", DRAFT)
        .await;
    ada.shot("revoked-3-conversation").await;
    ada.has_everything_else(ANTHROPIC).await;

    // It is kept over a start, and so is the draft.
    let restarted = ada.desktop.restart().await;
    ada.done(restarted).await;
    ada.sees("This computer lost its seat").await;
    ada.clicks(Find::text("How long does sencha take?")).await;
    ada.cannot_send("Messages wait for your licence", DRAFT)
        .await;
    assert_eq!(ada.keyring().len(), 1, "the key is kept");

    // A model of this computer answers; the draft is what it is asked.
    ada.is_answered_here(2).await;
    ada.sees("Free, nothing is billed").await;
    ada.shot("revoked-4-answered-here").await;

    // Signed in again the plan and the key are there.
    ada.clicks(Find::css(".notice .btn")).await;
    ada.signs_in_again().await;
    ada.no_longer_sees(Find::text("This computer lost its seat"))
        .await;
    ada.chooses_model(ANTHROPIC).await;
    ada.asks("And shincha?").await;
    ada.is_answered(3).await;
    assert_eq!(
        ada.calls().pop().unwrap().key.as_deref(),
        Some(ANTHROPIC.key())
    );
    ada.shot("revoked-5-signed-in-again").await;
}

#[tokio::test]
async fn vendor_billed_the_gateway_refuses_before_the_computer_has_heard_of_it() {
    let ada = Customer::new(Person::arrives_where_people_sign_in().await);
    ada.clicks(Find::text("Vendor-billed")).await;
    ada.clicks(Find::css("input[type='checkbox']")).await;
    ada.presses("Continue, $24 a month").await;
    ada.signs_in().await;
    ada.pays("accepted").await;
    ada.sees("Standard is yours").await;
    ada.presses("Continue").await;
    ada.sees("Brasskey bills you, $15.00 of $15 left").await;
    ada.chooses_model(OPENAI).await;
    ada.asks("How long does sencha take?").await;
    ada.is_answered(1).await;

    ada.platform.told(&["revoke", &ada.device()]).unwrap();
    ada.asks(DRAFT).await;
    ada.sees("Brasskey needs you to sign in").await;
    // The licence is asked for at once, and tells what the matter is.
    ada.sees("This computer lost its seat").await;
    ada.sees("Messages wait for your licence").await;
    ada.shot("revoked-6-by-the-gateway").await;
    assert_eq!(ada.calls().len(), 1, "nothing reached the provider");

    // Signed in again, the same question is answered.
    ada.clicks(Find::css(".notice .btn")).await;
    ada.signs_in_again().await;
    ada.no_longer_sees(Find::text("This computer lost its seat"))
        .await;
    let again = ".thread__row--last button[aria-label='Answer again']";
    ada.clicks(Find::css(again)).await;
    ada.is_answered(2).await;
    ada.shot("revoked-7-answered").await;
}
