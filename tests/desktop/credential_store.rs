//! A computer without a credential store, and one whose store is locked.

use brasskey_tests::desktop::{Find, Keyring};

use crate::accounts::{ANTHROPIC, OPENAI};
use crate::person::{Person, message_field};

#[tokio::test]
async fn without_a_store_keys_stay_in_memory_when_the_user_chooses_so() {
    let mut person = Person::arrives_with(Keyring::None).await;
    person.fills_the_first_run(OPENAI).await;
    person.presses("Continue, $12 a month").await;
    person.sees("This desktop has no place for keys yet").await;
    person.shot("store-1-absent").await;
    assert!(person.calls().is_empty());
    person
        .clicks(Find::text("Keep keys in memory until I quit"))
        .await;
    person.presses("Continue").await;
    person.sees("Your key works. Ask it something.").await;
    person.asks("How long does sencha take?").await;
    person.is_answered(1).await;
    person.finds_the_key_in_no_file(OPENAI);

    person.clicks(Find::text("Settings")).await;
    person.clicks(Find::text("Manage keys")).await;
    person.sees("Keys stay in memory until you quit").await;
    person.sees("In memory until you quit").await;
    person.shot("store-2-memory").await;

    let restarted = person.desktop.restart().await;
    person.done(restarted).await;
    person
        .clicks(Find::text("How long does sencha take?"))
        .await;
    person.sees("Brewing tea, measured").await;
    person.finds_the_key_in_no_file(OPENAI);
    person.types("Your message", "And gyokuro?").await;
    person.hits("Enter").await;
    person
        .clicks(Find::text("Your keys are out of reach"))
        .await;
    // The key of the last session is known by its name, and asked for again.
    person.sees("It was kept in memory until you quit").await;
    assert_eq!(person.calls().len(), 1, "nothing is sent without its key");
    person.shot("store-3-restarted").await;
    person.presses("Add it again").await;
    person.sees("Replace OpenAI ··OA01").await;
    person.types("API key", OPENAI.key()).await;
    person.presses("Check key").await;
    person.sees("Working, 6 models found").await;
    person.presses("Save key").await;
    person.sees("This desktop has no place for keys yet").await;
    person
        .clicks(Find::text("Keep keys in memory until I quit"))
        .await;
    person.presses("Continue").await;
    person
        .no_longer_sees(Find::text("Replace OpenAI ··OA01"))
        .await;
    person.clicks(Find::text("Back to workspace")).await;
    assert_eq!(person.value(message_field()).await, "And gyokuro?");
    person.clicks(message_field()).await;
    person.hits("Enter").await;
    person.is_answered(2).await;
    person.finds_the_key_in_no_file(OPENAI);
}

#[tokio::test]
async fn without_a_store_a_passphrase_vault_keeps_keys_over_a_restart() {
    const PASSPHRASE: &str = "a kettle and two cups";
    let mut person = Person::arrives_with(Keyring::None).await;
    person.fills_the_first_run(OPENAI).await;
    person.presses("Continue, $12 a month").await;
    person.sees("This desktop has no place for keys yet").await;
    person
        .clicks(Find::text("Keep keys in a passphrase vault"))
        .await;
    person.types("Passphrase", PASSPHRASE).await;
    person.types("The same once more", PASSPHRASE).await;
    person.shot("vault-1-made").await;
    person.presses("Make the vault").await;
    person.sees("Your key works. Ask it something.").await;
    person.asks("How long does sencha take?").await;
    person.is_answered(1).await;
    person.finds_the_key_in_no_file(OPENAI);
    person.finds_in_no_file(PASSPHRASE);

    let restarted = person.desktop.restart().await;
    person.done(restarted).await;
    person
        .clicks(Find::text("How long does sencha take?"))
        .await;
    person.sees("Brewing tea, measured").await;
    person.sees("Keys locked").await;
    person.types("Your message", "And gyokuro?").await;
    person.hits("Enter").await;
    person.sees("Your passphrase vault is locked").await;
    person.shot("vault-2-locked").await;
    person.types("Passphrase", "two kettles and a cup").await;
    person.hits("Enter").await;
    person.sees("This is not the passphrase").await;
    assert_eq!(person.calls().len(), 1, "nothing is sent without its key");
    person.types("Passphrase", PASSPHRASE).await;
    person.hits("Enter").await;
    person
        .no_longer_sees(Find::text("Your passphrase vault is locked"))
        .await;
    // The message waited in its field.
    assert_eq!(person.value(message_field()).await, "And gyokuro?");
    person.clicks(message_field()).await;
    person.hits("Enter").await;
    person.is_answered(2).await;

    person.clicks(Find::text("Settings")).await;
    person.clicks(Find::text("Manage keys")).await;
    person.sees("Keys are in your passphrase vault").await;
    person.shot("vault-3-open").await;
    person.presses("Lock now").await;
    person.sees("Your passphrase vault is locked").await;
    person.finds_the_key_in_no_file(OPENAI);
    person.finds_in_no_file(PASSPHRASE);
}

#[tokio::test]
async fn a_locked_store_is_said_with_its_advice_and_nothing_is_kept_elsewhere() {
    let mut person = Person::arrives_with(Keyring::Locked).await;
    person.fills_the_first_run(ANTHROPIC).await;
    person.presses("Continue, $12 a month").await;
    person.finds(Find::css(".storepanel")).await;
    person.shot("store-5-locked").await;
    person.sees("stays locked").await;
    assert!(
        !person.reads("Keep keys in memory until I quit").await,
        "a locked store is to be unlocked"
    );
    person.finds_the_key_in_no_file(ANTHROPIC);

    // The user unlocks it, and the key that was entered is saved.
    let unlocked = person.desktop.start_keyring(Keyring::Unlocked).await;
    person.done(unlocked).await;
    person.presses("Ask again").await;
    person.sees("Your key works. Ask it something.").await;
    assert_eq!(person.keyring()[0].key, ANTHROPIC.key());
}
