//! The practice provider of builds for development, at its own port.

use brasskey_tests::desktop::{Find, Keyring};
use brasskey_tests::sandbox::StartError;
use brasskey_tests::{SANDBOX_PORT, Sandbox};

use crate::person::{Person, TERMS};

#[tokio::test]
async fn the_sandbox_is_offered_while_it_runs_and_one_press_takes_it() {
    // One that a developer has started already is as good.
    let _offered = match Sandbox::start_on(SANDBOX_PORT).await {
        Ok(sandbox) => Some(sandbox),
        Err(StartError::Listen { .. }) => None,
        Err(error) => panic!("{error}"),
    };
    let person = Person::arrives_with(Keyring::Unlocked).await;
    person
        .sees("The sandbox is a practice provider on this computer")
        .await;
    person.presses("Try the sandbox").await;
    person.sees("It is saved when you continue.").await;
    person.clicks(Find::role("checkbox", TERMS)).await;
    person.shot("sandbox-1-offer").await;
    person.presses("Continue, $12 a month").await;
    person.sees("Your key works. Ask it something.").await;
    assert_eq!(person.keyring().len(), 1);
    person.asks("/help").await;
    person.is_answered(1).await;
    person
        .sees("The sandbox provider answers a question that begins with")
        .await;
    person.shot("sandbox-2-answered").await;
}
