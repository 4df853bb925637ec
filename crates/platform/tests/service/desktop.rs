//! The desktop application over the real service: its trial, its sign-in, its licence, and whose keys are whose.

use brasskey_app::account::view::{
    AccountKind, LicenceState, SignInOutcome, SignInProgress, SignInWay, StandingView,
};
use brasskey_app::billing::view::BillingMode;
use brasskey_app::error::{Error, ErrorCode};
use serde_json::json;

use crate::computer::Computer;
use crate::databases::both;
use crate::identity::Provider;
use crate::instance::Instance;
use crate::sign_in::approve;

#[tokio::test]
async fn a_trial_begins_once_is_renewed_and_outlives_the_service() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let computer = Computer::new(&service).await;
        assert_eq!(computer.app.account().kind, AccountKind::None);
        let key = computer.add_key("sk-proj-0123456789abcdefghij-Tria").await;

        let account = computer.app.begin_trial().await.unwrap();
        assert_eq!(account.kind, AccountKind::Trial);
        let licence = account.licence.unwrap();
        assert_eq!(
            (licence.state, licence.standing, &*licence.modes),
            (
                LicenceState::Active,
                StandingView::Trial,
                &[BillingMode::Byok][..]
            )
        );
        assert_eq!(computer.keys().await, ["Tria"]);
        let again = computer.app.begin_trial().await.unwrap_err();
        assert_eq!(again.code(), ErrorCode::TrialUsed);

        // Each renewal replaces the credential, and the one that is kept is always the good one.
        for _ in 0..3 {
            let renewed = computer.app.check_licence().await.unwrap();
            assert_eq!((renewed.checking, renewed.check_failed), (false, None));
        }
        assert_eq!(computer.refusal(&key).await, None);

        // The service is gone: what is signed goes on.
        drop(service);
        let failed = computer.app.check_licence().await.unwrap_err();
        assert_eq!(failed.code(), ErrorCode::PlatformUnreachable);
        let account = computer.app.account();
        assert_eq!(account.check_failed, Some(ErrorCode::PlatformUnreachable));
        assert_eq!(account.licence.unwrap().state, LicenceState::Active);
        assert_eq!(computer.refusal(&key).await, None);

        // And is read again after a restart.
        let computer = computer.restarted().await;
        let account = computer.app.account();
        assert_eq!(account.kind, AccountKind::Trial);
        assert_eq!(account.licence.unwrap().state, LicenceState::Active);
        assert_eq!(computer.refusal(&key).await, None);
        let failed = computer.app.check_licence().await.unwrap_err();
        assert_eq!(failed.code(), ErrorCode::PlatformUnreachable);
    }
}

#[tokio::test]
async fn a_credential_in_memory_ends_with_the_run_and_the_licence_does_not() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let computer = Computer::new(&service).await;
        computer.app.use_session_store();
        computer.app.begin_trial().await.unwrap();
        computer.app.check_licence().await.unwrap();
        let computer = computer.restarted().await;
        let licence = computer.app.account().licence.unwrap();
        assert_eq!(licence.state, LicenceState::Active);
        let failed = computer.app.check_licence().await.unwrap_err();
        assert_eq!(failed.code(), ErrorCode::SignInNeeded);
    }
}

#[tokio::test]
async fn keys_are_of_the_account_that_added_them() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let computer = Computer::new(&service).await;
        computer.app.begin_trial().await.unwrap();
        computer.add_key("sk-proj-0123456789abcdefghij-Ada1").await;

        // The trial's keys pass to the first who signs in.
        let outcome = computer.sign_in("ada@example.com").await.unwrap();
        assert_eq!(outcome, SignInOutcome::SignedIn);
        let account = computer.app.account();
        assert_eq!(
            (account.kind, account.email.as_deref(), account.sign_in),
            (AccountKind::SignedIn, Some("ada@example.com"), None)
        );
        let adas = computer.add_key("sk-proj-0123456789abcdefghij-Ada2").await;
        assert_eq!(computer.keys().await, ["Ada1", "Ada2"]);
        assert_eq!(computer.app.seats().await.unwrap().seats.len(), 1);

        // Signed out they are neither listed nor usable, and another person does not see them.
        let account = computer.app.sign_out().await.unwrap();
        assert_eq!((account.kind, account.licence), (AccountKind::None, None));
        assert!(computer.keys().await.is_empty());
        assert_eq!(computer.refusal(&adas).await, Some(ErrorCode::NotFound));
        computer.sign_in("bob@example.com").await.unwrap();
        assert!(computer.keys().await.is_empty());
        assert_eq!(computer.refusal(&adas).await, Some(ErrorCode::NotFound));
        // What another has accepted binds nobody else.
        let terms = computer.app.billing().await.unwrap().terms;
        assert!(terms.iter().all(|text| text.accepted_at.is_none()));
        computer.accept("vendor").await;
        computer.add_key("sk-proj-0123456789abcdefghij-Bob1").await;

        computer.app.sign_out().await.unwrap();
        computer.sign_in("ada@example.com").await.unwrap();
        assert_eq!(computer.keys().await, ["Ada1", "Ada2"]);
    }
}

#[tokio::test]
async fn a_computer_whose_seat_was_taken_back_makes_no_call_and_keeps_everything_else() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let (first, second) = (Computer::new(&service).await, Computer::new(&service).await);
        first.app.begin_trial().await.unwrap();
        let key = first.add_key("sk-proj-0123456789abcdefghij-Key1").await;
        for computer in [&first, &second] {
            computer.sign_in("ada@example.com").await.unwrap();
        }
        let seats = second.app.seats().await.unwrap();
        let other = seats.seats.iter().find(|seat| !seat.is_this).unwrap();
        let left = second.app.release_seat(&other.id).await.unwrap().seats;
        assert!(left.len() == 1 && left[0].is_this, "{left:?}");

        let refused = first.app.check_licence().await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::LicenceRevoked);
        let licence = first.app.account().licence.unwrap();
        assert_eq!(licence.state, LicenceState::Revoked);
        assert_eq!(first.refusal(&key).await, Some(ErrorCode::LicenceRevoked));
        assert_eq!(first.keys().await, ["Key1"]);
        first.app.rename_key(&key.id, "Still mine").await.unwrap();
    }
}

#[tokio::test]
async fn a_sign_in_that_is_stopped_changes_nothing_and_a_code_stands_in_for_the_browser() {
    let provider = Provider::start();
    provider.set(json!({"deviceInterval": 1})).await;
    for database in both() {
        let service = provider.service(&database).await;
        let computer = Computer::new(&service).await;
        let app = &computer.app;
        let never = |_| async { Ok(()) };
        let (stopped, ()) = tokio::join!(app.sign_in(SignInWay::Browser, never), async {
            while app.account().sign_in.is_none() {
                tokio::task::yield_now().await;
            }
            app.cancel_sign_in();
        });
        assert_eq!(stopped.unwrap_err().code(), ErrorCode::Stopped);
        let account = app.account();
        assert_eq!((account.kind, account.sign_in), (AccountKind::None, None));

        // No browser opens here: the person confirms a code in another one.
        let no_browser = |_| async { Err(Error::LinkRefused("there is none")) };
        let (signed_in, ()) = tokio::join!(app.sign_in(SignInWay::Browser, no_browser), async {
            let (code, mut address, qr) = loop {
                match app.account().sign_in {
                    Some(SignInProgress::Code {
                        code, address, qr, ..
                    }) => break (code, address.parse::<url::Url>().unwrap(), qr),
                    _ => tokio::task::yield_now().await,
                }
            };
            assert!(qr.len() > 20 && qr.iter().all(|row| row.len() == qr.len()));
            address.query_pairs_mut().append_pair("user_code", &code);
            assert_eq!(approve(&address, "ada@example.com").await, 200);
        });
        assert_eq!(signed_in.unwrap(), SignInOutcome::SignedIn);
        assert_eq!(app.account().kind, AccountKind::SignedIn);
    }
}

#[tokio::test]
async fn where_all_computers_are_taken_one_of_them_gives_its_seat() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let mut taken = Vec::new();
        for _ in 0..5 {
            let computer = Computer::new(&service).await;
            let outcome = computer.sign_in("ada@example.com").await.unwrap();
            assert_eq!(outcome, SignInOutcome::SignedIn);
            taken.push(computer);
        }
        let sixth = Computer::new(&service).await;
        let SignInOutcome::SeatsTaken { seats } = sixth.sign_in("ada@example.com").await.unwrap()
        else {
            panic!("there are five seats");
        };
        assert_eq!(seats.len(), 5);
        assert_eq!(sixth.app.account().kind, AccountKind::None);

        let outcome = sixth.app.sign_in_in_place_of(&seats[0].id).await.unwrap();
        assert_eq!(outcome, SignInOutcome::SignedIn);
        assert_eq!(sixth.app.seats().await.unwrap().seats.len(), 5);
        let mut signed_out = 0;
        for computer in &taken {
            let checked = computer.app.check_licence().await;
            signed_out +=
                usize::from(checked.is_err_and(|error| error.code() == ErrorCode::LicenceRevoked));
        }
        assert_eq!(signed_out, 1);
        // What was proved is good once.
        let again = sixth.app.sign_in_in_place_of(&seats[1].id).await;
        assert_eq!(again.unwrap_err().code(), ErrorCode::SignInFailed);
    }
}
