//! Plans, payments and the switch of the billing mode, as the application does them over the real service.

use std::time::Duration;

use brasskey_app::account::view::StandingView;
use brasskey_app::billing::view::{BillingMode, ScheduledSwitch};
use brasskey_app::error::ErrorCode;
use brasskey_app::subscription::view::{
    PaymentOutcome, PlanChangeKind, PlanChangeState, SwitchTime,
};
use jiff::SignedDuration;

use crate::computer::Computer;
use crate::customer::Customer;
use crate::databases::both;
use crate::identity::Provider;

const ADA: &str = "ada@example.com";

#[tokio::test]
async fn plans_and_texts_are_those_of_the_service() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let computer = Computer::new(&service).await;
        let billing = computer.app.billing().await.unwrap();
        let plans: Vec<_> = billing
            .plans
            .iter()
            .map(|plan| {
                let annual = plan.annual_code.as_deref();
                (
                    plan.mode,
                    &*plan.monthly_code,
                    &*plan.monthly,
                    annual,
                    plan.trial_days,
                )
            })
            .collect();
        assert_eq!(
            plans,
            [
                (
                    BillingMode::Byok,
                    "byok_monthly",
                    "12.00",
                    Some("byok_annual"),
                    Some(14)
                ),
                (
                    BillingMode::VendorBilled,
                    "standard_monthly",
                    "24.00",
                    Some("standard_annual"),
                    None
                ),
            ]
        );
        let documents: Vec<_> = billing.terms.iter().map(|text| &*text.document).collect();
        assert_eq!(documents, ["terms", "byok", "vendor"]);
        // They are kept: without the service they can be seen all the same.
        drop(service);
        let computer = computer.restarted().await;
        assert_eq!(computer.app.billing().await.unwrap(), billing);
        let refused = computer.app.refresh_billing().await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::PlatformUnreachable);
    }
}

#[tokio::test]
async fn what_is_accepted_is_on_record_on_both_sides() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let computer = Computer::new(&service).await;
        computer.sign_in(ADA).await.unwrap();
        computer.accept("none").await;
        // The service hears of it in its own time.
        let token = provider.token_of(ADA).await;
        let due = async || {
            let account = service.call("GET", "/v1/account", &token, &[]).await;
            account.body["terms_due"].as_array().unwrap().len()
        };
        while due().await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn a_plan_is_paid_for_in_the_browser_and_its_mode_is_in_force() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let computer = Computer::new(&service).await;
        let app = &computer.app;
        // A plan belongs to a person.
        app.begin_trial().await.unwrap();
        let refused = computer.pay("standard_monthly", "accepted").await;
        assert_eq!(refused.unwrap_err().code(), ErrorCode::SignInNeeded);
        computer.sign_in(ADA).await.unwrap();
        assert_eq!(
            app.subscription().await.unwrap().standing,
            StandingView::Trial
        );

        for (card, outcome) in [
            ("declined", PaymentOutcome::Declined),
            ("leave", PaymentOutcome::Abandoned),
        ] {
            let payment = computer.pay("standard_monthly", card).await.unwrap();
            assert_eq!((payment.outcome, payment.receipt), (outcome, None));
            let billing = app.billing().await.unwrap();
            assert_eq!(billing.mode, Some(BillingMode::Byok));
            assert_eq!(
                app.subscription().await.unwrap().standing,
                StandingView::Trial
            );
        }

        let payment = computer.pay("standard_monthly", "accepted").await.unwrap();
        assert_eq!(payment.outcome, PaymentOutcome::Paid);
        assert_eq!(payment.receipt.unwrap().total, "24.00");
        assert_eq!(
            app.billing().await.unwrap().mode,
            Some(BillingMode::VendorBilled)
        );
        let licence = app.account().licence.unwrap();
        assert_eq!(
            (licence.standing, &*licence.modes),
            (StandingView::Active, &[BillingMode::VendorBilled][..])
        );
        let subscription = app.subscription().await.unwrap();
        assert_eq!(
            (
                &*subscription.plan,
                &*subscription.plan_name,
                subscription.price.as_deref()
            ),
            ("standard_monthly", "Standard", Some("24.00"))
        );
        let wallet = app.set_wallet_cap("5").await.unwrap();
        assert_eq!(
            (&*wallet.allowance, &*wallet.available, &*wallet.overage_cap),
            ("15", "20", "5")
        );
        for amount in ["", "five", "-1", "1e3"] {
            let refused = app.set_wallet_cap(amount).await.unwrap_err();
            assert_eq!(refused.code(), ErrorCode::InvalidInput, "{amount}");
        }
    }
}

#[tokio::test]
async fn who_pays_after_brasskey_stopped_waiting_has_the_plan_all_the_same() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let computer = Computer::new(&service).await;
        computer.sign_in(ADA).await.unwrap();
        let (told, address) = tokio::sync::oneshot::channel();
        let paying = computer
            .app
            .pay_plan("standard_monthly", async move |address| {
                told.send(address).unwrap();
                Ok(())
            });
        let (stopped, address) = tokio::join!(paying, async {
            let address = address.await.unwrap();
            computer.app.stop_paying();
            address
        });
        assert_eq!(stopped.unwrap_err().code(), ErrorCode::Stopped);
        let browser = Customer::with(&service, "dev_1", "none");
        browser.submit(&address, &[("card", "accepted")]).await;
        let computer = computer.restarted().await;
        computer.app.settle_in().await;
        computer.mode_is(BillingMode::VendorBilled).await;
    }
}

#[tokio::test]
async fn a_switch_is_made_as_it_was_shown_and_the_mode_follows() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let computer = Computer::new(&service).await;
        let app = &computer.app;
        computer.sign_in(ADA).await.unwrap();
        computer.pay("byok_monthly", "accepted").await.unwrap();
        assert_eq!(app.billing().await.unwrap().mode, Some(BillingMode::Byok));

        let shown = app
            .preview_plan("standard_monthly", Some(SwitchTime::Now))
            .await
            .unwrap();
        assert_eq!(
            (shown.kind, shown.mode, shown.exact),
            (
                PlanChangeKind::Switch,
                Some(BillingMode::VendorBilled),
                true
            )
        );
        assert_eq!(shown.allowance_to.as_deref(), Some("15.00"));
        // What was never shown is not made.
        let refused = app.change_plan("another").await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::PreviewChanged);
        // Nor is what would be charged otherwise by now.
        service.clock.advance(SignedDuration::from_hours(24 * 9));
        let refused = app.change_plan(&shown.preview).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::PreviewChanged);
        let billing = app.billing().await.unwrap();
        assert_eq!(
            (billing.mode, billing.switching),
            (Some(BillingMode::Byok), None)
        );

        let shown = app
            .preview_plan("standard_monthly", Some(SwitchTime::Now))
            .await
            .unwrap();
        let subscription = app.change_plan(&shown.preview).await.unwrap();
        assert_eq!(&*subscription.plan, "standard_monthly");
        let billing = app.billing().await.unwrap();
        assert_eq!(
            (billing.mode, billing.switching),
            (Some(BillingMode::VendorBilled), None)
        );
        assert_eq!(
            app.account().licence.unwrap().modes,
            [BillingMode::VendorBilled]
        );
    }
}

#[tokio::test]
async fn a_switch_at_the_end_of_the_period_is_followed_when_it_has_taken_place() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let computer = Computer::new(&service).await;
        let app = &computer.app;
        computer.sign_in(ADA).await.unwrap();
        computer.pay("standard_monthly", "accepted").await.unwrap();
        let later = Some(SwitchTime::PeriodEnd);
        let shown = app.preview_plan("byok_monthly", later).await.unwrap();
        let subscription = app.change_plan(&shown.preview).await.unwrap();
        assert_eq!(
            subscription.change.unwrap().state,
            PlanChangeState::Scheduled
        );
        let waits = ScheduledSwitch {
            mode: BillingMode::Byok,
            plan_name: "BYOK".to_owned(),
            at: shown.effective_at,
        };
        let billing = app.billing().await.unwrap();
        assert_eq!(
            (billing.mode, billing.scheduled),
            (Some(BillingMode::VendorBilled), Some(waits.clone()))
        );
        // Until then another change is refused, and it can be taken back.
        let refused = app.preview_plan("standard_annual", None).await;
        assert!(refused.is_err() || app.change_plan(&refused.unwrap().preview).await.is_err());
        app.withdraw_plan_change().await.unwrap();
        assert_eq!(app.billing().await.unwrap().scheduled, None);
        let refused = app.withdraw_plan_change().await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::NotFound);

        let shown = app.preview_plan("byok_monthly", later).await.unwrap();
        app.change_plan(&shown.preview).await.unwrap();
        app.check_licence().await.unwrap();
        assert_eq!(
            app.billing().await.unwrap().mode,
            Some(BillingMode::VendorBilled)
        );
        let computer = computer.restarted().await;
        service.clock.advance(SignedDuration::from_hours(24 * 32));
        service.work().await;
        computer.app.check_licence().await.unwrap();
        let billing = computer.app.billing().await.unwrap();
        assert_eq!(
            (billing.mode, billing.scheduled),
            (Some(BillingMode::Byok), None)
        );
    }
}

#[tokio::test]
async fn a_plan_is_ended_with_its_period_and_taken_up_again() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let computer = Computer::new(&service).await;
        let app = &computer.app;
        computer.sign_in(ADA).await.unwrap();
        let refused = app.cancel_plan().await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::PlanDenied);
        computer.pay("byok_monthly", "accepted").await.unwrap();
        let ended = app.cancel_plan().await.unwrap();
        assert_eq!(
            (ended.standing, ended.ends_at),
            (StandingView::Ending, ended.period_end)
        );
        assert_eq!(
            app.account().licence.unwrap().standing,
            StandingView::Ending
        );
        let on = app.reactivate_plan().await.unwrap();
        assert_eq!((on.standing, on.ends_at), (StandingView::Active, None));
        assert_eq!(
            app.account().licence.unwrap().standing,
            StandingView::Active
        );
    }
}

#[tokio::test]
async fn another_person_has_neither_the_switch_nor_the_payment_of_the_one_before() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let computer = Computer::new(&service).await;
        let app = &computer.app;
        computer.sign_in(ADA).await.unwrap();
        computer.pay("standard_monthly", "accepted").await.unwrap();
        let shown = app
            .preview_plan("byok_monthly", Some(SwitchTime::PeriodEnd))
            .await
            .unwrap();
        app.change_plan(&shown.preview).await.unwrap();
        assert!(app.billing().await.unwrap().scheduled.is_some());
        app.sign_out().await.unwrap();
        computer.sign_in("bob@example.com").await.unwrap();
        assert_eq!(app.billing().await.unwrap().scheduled, None);
        assert_eq!(app.subscription().await.unwrap().change, None);
        app.sign_out().await.unwrap();
        computer.sign_in(ADA).await.unwrap();
        assert!(app.billing().await.unwrap().scheduled.is_some());
    }
}

#[tokio::test]
async fn an_account_is_closed_by_its_person_alone_and_its_keys_go_if_they_wish() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let computer = Computer::new(&service).await;
        computer.sign_in(ADA).await.unwrap();
        computer.add_key("sk-proj-0123456789abcdefghij-Ada1").await;
        let refused = computer
            .close_account("bob@example.com", true)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), ErrorCode::SignInFailed);
        assert_eq!(computer.keys().await, ["Ada1"]);
        let account = computer.close_account(ADA, true).await.unwrap();
        assert_eq!(account.licence, None);
        assert!(computer.keys().await.is_empty());
        // Whoever comes back begins anew, and no key comes back.
        computer.sign_in(ADA).await.unwrap();
        assert!(computer.keys().await.is_empty());
    }
}
