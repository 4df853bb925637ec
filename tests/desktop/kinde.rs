//! Both billing modes in one journey, with plans that are sold at Kinde: a double of it has the pages on which people pay.

use brasskey_tests::desktop::Find;

use crate::accounts::{ANTHROPIC, OPENAI};
use crate::customer::{ADA, Customer};
use crate::person::Person;

#[tokio::test]
async fn paid_at_kinde_answered_by_the_plan_then_by_own_keys_and_back_when_the_period_ends() {
    let mut ada = Customer::new(Person::arrives_where_kinde_sells(ADA).await);

    // The first run: the plan is chosen and paid for on Kinde's pages.
    ada.clicks(Find::text("Vendor-billed")).await;
    ada.clicks(Find::css("input[type='checkbox']")).await;
    ada.presses("Continue, $24 a month").await;
    ada.signs_in().await;
    ada.sees("Pay there and come back.").await;
    let page = ada.next_page().await;
    let form = [("plan", "standard_monthly"), ("card", "accepted")];
    let led_back = ada.sends(&page, &form);
    assert!(led_back.contains("go back to Brasskey"), "{led_back}");
    ada.sees("Standard is yours").await;
    ada.shot("kinde-1-paid").await;
    ada.presses("Continue").await;

    // An answer that the plan pays for.
    ada.sees("Brasskey bills you, $15.00 of $15 left").await;
    ada.chooses_model(OPENAI).await;
    ada.asks("How long does sencha take?").await;
    ada.is_answered(1).await;
    let [call] = &ada.calls()[..] else {
        panic!("one question, one call: {:?}", ada.calls())
    };
    assert_eq!(call.key.as_deref(), Some(brasskey_tests::VENDOR_KEY));

    // To own keys. Kinde has no preview of its own: the figures are the platform's, and say that they are about.
    ada.opens_billing().await;
    ada.clicks(Find::text("Bring your own keys")).await;
    ada.sees("Credit for what is not used of your plan").await;
    ada.sees("About; the invoice has the exact amount").await;
    ada.shot("kinde-2-confirm").await;
    ada.ticks_the_terms().await;
    ada.presses("Switch now").await;
    ada.no_longer_sees(Find::text("Switch to your own keys?"))
        .await;
    ada.sees("Platform fee").await;
    ada.shot("kinde-3-own-keys").await;

    // A key, and the next answer goes through it.
    ada.clicks(Find::text("Manage keys")).await;
    ada.presses("Add a key").await;
    ada.chooses_provider(ANTHROPIC.provider).await;
    ada.enters_address(ANTHROPIC).await;
    ada.types("API key", ANTHROPIC.key()).await;
    ada.presses("Check key").await;
    ada.sees("Working, 4 models found").await;
    ada.presses("Save key").await;
    ada.no_longer_sees(Find::css(".sheet")).await;
    ada.goes_back().await;
    ada.chooses_model(ANTHROPIC).await;
    ada.asks("And how long does gyokuro take?").await;
    ada.is_answered(2).await;
    let last = ada.calls().pop().unwrap();
    assert_eq!(last.key.as_deref(), Some(ANTHROPIC.key()));

    // Cancelled and kept after all, which Kinde does on its own page.
    ada.opens_billing().await;
    ada.presses("Cancel plan").await;
    ada.clicks(Find::css(".dialog__foot .btn--danger")).await;
    ada.sees("Cancelled. Until then everything works").await;
    ada.shot("kinde-4-cancelled").await;
    ada.presses("Keep the plan").await;
    ada.sees("This is done on the billing page").await;
    ada.shot("kinde-5-kept-there").await;
    ada.clicks(Find::text("Open the billing page")).await;
    let page = ada.next_page().await;
    let led_back = ada.sends(&page, &[]);
    assert!(led_back.contains("go back to Brasskey"), "{led_back}");
    ada.sees("The next bill.").await;
    ada.no_longer_sees(Find::text("This is done on the billing page"))
        .await;

    // Back at the end of the period: agreed, and done when that time has come.
    ada.clicks(Find::text("Vendor-billed")).await;
    ada.clicks(Find::css(".dialog fieldset .card:last-child .card__hit"))
        .await;
    ada.sees("Until then nothing changes.").await;
    ada.shot("kinde-6-confirm-later").await;
    ada.clicks(Find::css(".dialog__foot .btn--primary")).await;
    ada.sees("Until then nothing changes. You can take it back.")
        .await;
    ada.shot("kinde-7-scheduled").await;
    ada.platform.stop();
    ada.kinde.as_ref().unwrap().passes(32).unwrap();
    ada.platform.start_again_ahead(32).unwrap();
    ada.opens_after(32).await;
    ada.sees("Brasskey bills you").await;
    ada.clicks(Find::text("How long does sencha take?")).await;
    ada.chooses_model(OPENAI).await;
    ada.asks("And shincha?").await;
    ada.is_answered(3).await;
    let last = ada.calls().pop().unwrap();
    assert_eq!(last.key.as_deref(), Some(brasskey_tests::VENDOR_KEY));
    ada.shot("kinde-8-back").await;
}
