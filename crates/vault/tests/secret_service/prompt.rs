//! The unlock prompt: who may cause it, and that it never outlives the wait for it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use brasskey_vault::{Deadlines, Patience, StoreState, Vault, VaultError};

use crate::fake::{Fake, Person};
use crate::world::{World, run};
use crate::{SERVICE, fifty_tries, id, key, other, state_after_get, vault};

async fn until(count: &AtomicUsize, reached: usize) {
    for _ in 0..600 {
        if count.load(Ordering::SeqCst) >= reached {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("waited in vain for the fake service");
}

#[test]
fn a_dismissed_prompt_is_not_shown_again_until_a_person_asks() {
    run(
        "prompt::a_dismissed_prompt_is_not_shown_again_until_a_person_asks",
        true,
        async |_world: World| {
            let (fake, _bus) = Fake::start(Person::Dismisses, true).await;
            let vault = vault();
            assert_eq!(
                state_after_get(&vault, Patience::Background).await,
                StoreState::Locked
            );
            assert_eq!(fake.prompts.load(Ordering::SeqCst), 0);

            assert_eq!(
                state_after_get(&vault, Patience::User).await,
                StoreState::PromptDismissed
            );
            assert_eq!(fake.prompts.load(Ordering::SeqCst), 1);
            fifty_tries(&vault, StoreState::PromptDismissed).await;
            let put = vault.put(&other(), &key(), Patience::Background).await;
            assert_eq!(
                put.unwrap_err(),
                VaultError::Store(StoreState::PromptDismissed)
            );
            assert_eq!(fake.prompts.load(Ordering::SeqCst), 1);

            assert_eq!(
                state_after_get(&vault, Patience::User).await,
                StoreState::PromptDismissed
            );
            assert_eq!(fake.prompts.load(Ordering::SeqCst), 2);
            assert_eq!(fake.secrets_read.load(Ordering::SeqCst), 0);
        },
    );
}

#[test]
fn a_prompt_that_nobody_answers_is_taken_away() {
    run(
        "prompt::a_prompt_that_nobody_answers_is_taken_away",
        true,
        async |_world: World| {
            let (fake, _bus) = Fake::start(Person::Leaves, false).await;
            let vault = vault_for_a_person(Duration::from_secs(2));
            assert_eq!(
                state_after_get(&vault, Patience::User).await,
                StoreState::Locked
            );
            until(&fake.dismissals, 1).await;
            assert_eq!(fake.prompts.load(Ordering::SeqCst), 1);
            // The thread is free again: the next call is answered, not queued behind the prompt.
            fifty_tries(&vault, StoreState::Locked).await;
            assert_eq!(fake.prompts.load(Ordering::SeqCst), 1);
        },
    );
}

fn vault_for_a_person(user: Duration) -> Vault {
    Vault::system_with(
        SERVICE,
        Deadlines {
            background: Duration::from_secs(20),
            user,
            ..Deadlines::default()
        },
    )
}

#[test]
fn cancel_takes_the_prompt_away() {
    run(
        "prompt::cancel_takes_the_prompt_away",
        true,
        async |_world: World| {
            let (fake, _bus) = Fake::start(Person::Leaves, true).await;
            let vault = vault_for_a_person(Duration::from_secs(600));
            let cancelling = async {
                until(&fake.prompts, 1).await;
                vault.cancel();
            };
            let id = id();
            let (read, ()) = tokio::join!(vault.get(&id, Patience::User), cancelling);
            assert_eq!(read.unwrap_err(), VaultError::Cancelled);
            until(&fake.dismissals, 1).await;

            // Dropping the future, or closing the vault, does the same.
            tokio::select! {
                _ = vault.get(&id, Patience::User) => panic!("nobody answered"),
                () = until(&fake.prompts, 2) => {}
            }
            until(&fake.dismissals, 2).await;
            let closing = async {
                until(&fake.prompts, 3).await;
                vault.close();
            };
            let (read, ()) = tokio::join!(vault.get(&id, Patience::User), closing);
            assert!(matches!(
                read.unwrap_err(),
                VaultError::Cancelled | VaultError::Closed
            ));
            until(&fake.dismissals, 3).await;
        },
    );
}

#[test]
fn a_background_call_does_not_wait_for_a_persons_prompt() {
    run(
        "prompt::a_background_call_does_not_wait_for_a_persons_prompt",
        true,
        async |_world: World| {
            let (fake, _bus) = Fake::start(Person::Leaves, true).await;
            let vault = Vault::system_with(
                SERVICE,
                Deadlines {
                    background: Duration::from_millis(300),
                    user: Duration::from_secs(600),
                    ..Deadlines::default()
                },
            );
            let id = id();
            let meanwhile = async {
                until(&fake.prompts, 1).await;
                for _ in 0..3 {
                    assert_eq!(
                        state_after_get(&vault, Patience::Background).await,
                        StoreState::Locked
                    );
                }
                vault.cancel();
            };
            let (read, ()) = tokio::join!(vault.get(&id, Patience::User), meanwhile);
            assert_eq!(read.unwrap_err(), VaultError::Cancelled);
            assert_eq!(fake.prompts.load(Ordering::SeqCst), 1);
        },
    );
}

#[test]
fn a_service_that_leaves_during_the_prompt_is_noticed() {
    run(
        "prompt::a_service_that_leaves_during_the_prompt_is_noticed",
        true,
        async |_world: World| {
            let (fake, bus) = Fake::start(Person::Leaves, true).await;
            let vault = vault_for_a_person(Duration::from_secs(600));
            let leaving = async {
                until(&fake.prompts, 1).await;
                bus.close().await.unwrap();
            };
            let id = id();
            let (read, ()) = tokio::join!(vault.get(&id, Patience::User), leaving);
            assert_eq!(read.unwrap_err(), VaultError::Store(StoreState::Broken));
            assert_eq!(
                state_after_get(&vault, Patience::User).await,
                StoreState::Absent
            );
        },
    );
}

#[test]
fn an_accepted_prompt_leads_to_the_entry() {
    run(
        "prompt::an_accepted_prompt_leads_to_the_entry",
        true,
        async |_world: World| {
            let (fake, _bus) = Fake::start(Person::Unlocks, true).await;
            let vault = vault();
            // The fake service refuses the entry itself, which shows that it was asked for it.
            assert_eq!(
                state_after_get(&vault, Patience::User).await,
                StoreState::Denied
            );
            assert_eq!(fake.prompts.load(Ordering::SeqCst), 1);
            assert_eq!(fake.secrets_read.load(Ordering::SeqCst), 1);
        },
    );
}

#[test]
fn a_wallet_that_hides_what_it_holds_is_unlocked_before_it_is_believed() {
    run(
        "prompt::a_wallet_that_hides_what_it_holds_is_unlocked_before_it_is_believed",
        true,
        async |_world: World| {
            let (fake, _bus) = Fake::start(Person::Unlocks, false).await;
            let vault = vault();
            assert_eq!(
                state_after_get(&vault, Patience::Background).await,
                StoreState::Locked
            );
            let read = vault.get(&id(), Patience::User).await;
            assert_eq!(read.unwrap_err(), VaultError::Missing);
            assert_eq!(fake.prompts.load(Ordering::SeqCst), 1);
        },
    );
}
