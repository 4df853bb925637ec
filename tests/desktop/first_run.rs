//! The first run: from the first screen to the first answer and its receipt.

use brasskey_tests::desktop::Find;
use brasskey_tests::{Counts, Fault, Script};

use crate::accounts::{ANTHROPIC, Account, COMPATIBLE, GEMINI, OPENAI};
use crate::person::{Person, StoredKey, receipts};

const QUESTION: &str = "How long does sencha take?";
const ANSWER: &str = "Two minutes at 70 °C, and **not** longer.";
/// The same as it stands on screen.
const SHOWN: &str = "Two minutes at 70 °C, and not longer.";

/// Round numbers, so that the cost needs no rounding.
const COUNTS: Counts = Counts {
    input_uncached: 20_000,
    cache_read: 0,
    cache_write: 0,
    output: 2_000,
    reasoning: 0,
};

async fn first_answer(account: Account, name: &str) {
    let person = Person::arrives().await;
    person.fills_the_first_run(account).await;
    person.sees(&format!("Key ··{}", account.last4())).await;
    person.shot(&format!("{name}-1-checked")).await;
    assert!(
        person.keyring().is_empty(),
        "nothing is saved before it is said"
    );
    person.presses("Continue, $12 a month").await;
    person.sees("Your key works. Ask it something.").await;

    let address = person.sandbox.addr();
    let expected = StoredKey {
        key: account.key().to_owned(),
        origin: format!("http://{address}"),
    };
    assert_eq!(
        person.keyring(),
        [expected],
        "saved is said when it is saved"
    );

    person.chooses_model(account).await;
    person.sandbox.script(Script {
        usage: Some(COUNTS),
        ..Script::answer(ANSWER)
    });
    person.asks(QUESTION).await;
    person.is_answered(1).await;
    person.sees(SHOWN).await;
    let cost = account.model.cost(&COUNTS);
    let note = person.finds(receipts()).await;
    let note = note.text().await.unwrap();
    for part in [
        account.model.name,
        &cost,
        "20,000 in, 2,000 out",
        &format!("Your key ··{}", account.last4()),
    ] {
        assert!(note.contains(part), "{part:?} is missing in {note:?}");
    }

    person.clicks(receipts()).await;
    let [call] = &person.calls()[..] else {
        panic!("one question, one call: {:?}", person.calls())
    };
    assert_eq!(call.key.as_deref(), Some(account.key()));
    let request_id = call
        .request_id
        .as_deref()
        .expect("the provider names each request");
    person.sees(request_id).await;
    person
        .sees(&format!("{} bills you, key", account.provider))
        .await;
    person.shot(&format!("{name}-2-receipt")).await;
    person.hits("Escape").await;
    person.no_longer_sees(Find::text(request_id)).await;

    person.finds(Find::role("region", "Status")).await;
    let plate = format!("Your key {} ··{}", account.provider, account.last4());
    let bills = format!("{} bills you directly", account.provider);
    let total = match cost.strip_prefix('$') {
        Some(_) => format!("This conversation {cost}"),
        None => "This conversation $0.0000 and 1 unknown cost".to_owned(),
    };
    for words in [plate, bills, total] {
        person.sees(&words).await;
    }
    person.finds_the_key_in_no_file(account);
    person.shot(&format!("{name}-3-answered")).await;

    // An answer is on screen while it is being written: this one would never end.
    person.sandbox.script(Script {
        tokens_per_second: Some(40),
        fault: Some(Fault::Endless),
        ..Script::default()
    });
    person.asks("And gyokuro?").await;
    person.sees("Brewing tea, measured").await;
    person.presses("Stop").await;
    person.sees("Stopped. What arrived is kept.").await;
}

#[tokio::test]
async fn the_first_answer_comes_from_openai() {
    first_answer(OPENAI, "first-run-openai").await;
}

#[tokio::test]
async fn the_first_answer_comes_from_anthropic() {
    first_answer(ANTHROPIC, "first-run-anthropic").await;
}

#[tokio::test]
async fn the_first_answer_comes_from_gemini() {
    first_answer(GEMINI, "first-run-gemini").await;
}

#[tokio::test]
async fn the_first_answer_comes_from_a_compatible_endpoint() {
    first_answer(COMPATIBLE, "first-run-compatible").await;
}
