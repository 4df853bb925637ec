//! A network that breaks off anywhere in a sign-in: nothing is half done, and the next try goes through.

use brasskey_app::account::view::{AccountKind, SignInOutcome};
use brasskey_app::error::ErrorCode;

use crate::cable::{Cable, Moment};
use crate::computer::{Computer, Where};
use crate::databases::both;
use crate::identity::Provider;

#[tokio::test]
async fn a_sign_in_that_the_network_breaks_off_anywhere_can_be_made_again() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let platform = Where::of(&service);
        for moment in [Moment::Sending, Moment::Answering] {
            let mut broken_off = 0;
            loop {
                let cable = Cable::to(&platform).await;
                let computer = Computer::at(cable.end(&platform)).await;
                computer.add_key("sk-proj-0123456789abcdefghij-Key1").await;
                // Nothing else is asked after a start.
                let computer = computer.restarted().await;
                let email = format!("{moment:?}-{broken_off}@example.com").to_lowercase();
                cable.pull_at(broken_off, moment);
                let outcome = computer.sign_in(&email).await;
                let account = computer.app.account();
                assert_eq!(account.sign_in, None);
                let is_through = match outcome {
                    Ok(outcome) => {
                        assert_eq!(outcome, SignInOutcome::SignedIn);
                        assert_eq!(account.kind, AccountKind::SignedIn);
                        true
                    }
                    Err(error) => {
                        assert_eq!(error.code(), ErrorCode::PlatformUnreachable);
                        assert_eq!(account.kind, AccountKind::None);
                        assert_eq!(computer.keys().await, ["Key1"]);
                        false
                    }
                };

                cable.mend();
                if !is_through {
                    let again = computer.sign_in(&email).await.unwrap();
                    assert_eq!(again, SignInOutcome::SignedIn);
                    broken_off += 1;
                }
                computer.app.check_licence().await.unwrap();
                let account = computer.app.account();
                assert_eq!(account.email, Some(email));
                assert_eq!(computer.keys().await, ["Key1"]);
                assert_eq!(computer.app.seats().await.unwrap().seats.len(), 1);
                assert_eq!(computer.drawer.credentials(), 1);
                if is_through {
                    break;
                }
            }
            assert!(broken_off >= 2, "a sign-in is more than one request");
        }
    }
}
