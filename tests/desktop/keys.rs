//! Keys after the first run: by way of the clipboard, with a name, removed, taken back and removed for good.

use std::io::Write;
use std::process::Stdio;

use brasskey_tests::desktop::Find;

use crate::accounts::{ANTHROPIC, OPENAI};
use crate::person::Person;

/// Puts text on the clipboard of the person's desktop, as another program does.
pub(crate) fn copy(person: &Person, text: &str) {
    let mut program = person
        .desktop
        .command("xclip")
        .args(["-selection", "clipboard"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("xclip, which `cargo xtask setup` installs");
    program
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    // It stays in the background and holds the text until another program takes the clipboard.
    assert!(program.wait().unwrap().success());
    assert_eq!(clipboard(person), text);
}

/// What another program would paste.
pub(crate) fn clipboard(person: &Person) -> String {
    let output = person
        .desktop
        .command("xclip")
        .args(["-selection", "clipboard", "-out"])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_key_is_pasted_by_the_program_and_leaves_the_clipboard() {
    let person = Person::arrives().await;
    person.sees("How should model use be billed?").await;
    person.chooses_provider(ANTHROPIC.provider).await;
    person.enters_address(ANTHROPIC).await;
    copy(&person, ANTHROPIC.key());
    person.presses("Paste from clipboard").await;
    person.sees("It is saved when you continue.").await;
    assert_eq!(clipboard(&person), "");
    person.ticks_the_terms().await;
    person.shot("keys-1-pasted").await;
    person.presses("Continue, $12 a month").await;
    person.sees("Your key works. Ask it something.").await;
    assert_eq!(person.keyring()[0].key, ANTHROPIC.key());
    person.finds_the_key_in_no_file(ANTHROPIC);
}

#[tokio::test]
async fn a_removed_key_can_be_taken_back_and_then_leaves_the_keyring() {
    let person = Person::arrives().await;
    person.begins_with(OPENAI).await;
    person.clicks(Find::text("Settings")).await;
    person.presses("Keys").await;
    person.finds(Find::role("heading", "Keys")).await;

    let actions = Find::button("Actions for OpenAI ··OA01");
    // The offer stands for eight seconds: it is taken before anything else is looked at.
    remove(&person, &actions).await;
    person.presses("Undo").await;
    person.finds(actions.clone()).await;
    assert_eq!(person.keyring().len(), 1, "it was still there");

    remove(&person, &actions).await;
    person.sees("The key itself keeps working at OpenAI").await;
    person.shot("keys-2-removed").await;
    person.no_longer_sees(actions).await;
    person.sees("No keys yet").await;
    person
        .eventually("an empty keyring", async || person.keyring().is_empty())
        .await;
    person.shot("keys-3-none").await;
    person.finds_the_key_in_no_file(OPENAI);
}

async fn remove(person: &Person, actions: &Find) {
    person.clicks(actions.clone()).await;
    person.clicks(Find::role("menuitem", "Remove")).await;
}
