//! A credential store that locks itself anywhere in a switch or a renewal: what was not done is told, nothing is lost, and when it is
//! unlocked the application and the platform agree.

use brasskey_app::billing::view::BillingMode;
use brasskey_app::error::ErrorCode;
use brasskey_app::subscription::view::SwitchTime;

use crate::computer::Computer;
use crate::databases::both;
use crate::identity::Provider;

#[tokio::test]
async fn a_store_that_locks_anywhere_in_a_switch_leaves_both_sides_agreed_when_it_is_open() {
    let provider = Provider::start();
    let (own_keys, plan) = (BillingMode::Byok, BillingMode::VendorBilled);
    for database in both() {
        let service = provider.service(&database).await;
        for uses in 0.. {
            let computer = Computer::new(&service).await;
            computer
                .sign_in(&format!("{uses}@example.com"))
                .await
                .unwrap();
            computer.pay("byok_monthly", "accepted").await.unwrap();
            // Nothing else is asked after a start.
            let computer = computer.restarted().await;
            let app = &computer.app;
            let mut changes = app.changes();
            let now = Some(SwitchTime::Now);
            let shown = app.preview_plan("standard_monthly", now).await.unwrap();

            computer.drawer.lock_after(uses);
            let changed = app.change_plan(&shown.preview).await;
            let billing = app.billing().await.unwrap();
            match &changed {
                Ok(_) => assert_eq!(billing.switching, None),
                Err(error) => {
                    assert_eq!(error.code(), ErrorCode::CredentialStore);
                    // Either nothing was sent, or the window says that it does not know.
                    let known = app.billing().await.unwrap();
                    assert!(known.mode == Some(own_keys), "{known:?}");
                }
            }
            let was_locked = computer.drawer.is_locked();

            computer.drawer.lock(false);
            // A person who is told of the store unlocks it and looks again.
            app.settle_in().await;
            app.check_licence().await.unwrap();
            while app.billing().await.unwrap().switching.is_some() {
                changes.recv().await.unwrap();
            }
            let subscription = app.subscription().await.unwrap();
            let mode = app.billing().await.unwrap().mode;
            assert_eq!(subscription.mode, mode, "after {uses} uses: {changed:?}");
            if changed.is_ok() {
                assert_eq!(mode, Some(plan));
            }
            assert_eq!(app.account().licence.unwrap().modes, [mode.unwrap()]);
            assert_eq!(computer.drawer.credentials(), 1);
            if !was_locked {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_store_that_locks_anywhere_in_a_renewal_loses_no_credential() {
    for database in both() {
        let service = crate::instance::Instance::start(&database.url).await;
        for uses in 0.. {
            let computer = Computer::new(&service).await;
            computer.app.begin_trial().await.unwrap();
            let computer = computer.restarted().await;
            computer.drawer.lock_after(uses);
            let renewed = computer.app.check_licence().await;
            if let Err(error) = &renewed {
                assert_eq!(error.code(), ErrorCode::CredentialStore);
            }
            let was_locked = computer.drawer.is_locked();
            let computer = computer.restarted().await;
            computer.drawer.lock(false);
            computer.app.check_licence().await.unwrap();
            computer.app.check_licence().await.unwrap();
            assert_eq!(computer.drawer.credentials(), 1);
            if renewed.is_ok() && !was_locked {
                break;
            }
        }
    }
}
