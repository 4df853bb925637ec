//! Promise 1, custody, in the real window: a marked key is entered by each way, used, echoed, failed with, removed, and looked
//! for meanwhile and afterwards in every file, every process, the clipboard and all that the page was sent.

use std::io::Write;
use std::process::Stdio;

use brasskey_tests::desktop::{Find, Process};
use brasskey_tests::{Fault, Script, Search};

use crate::accounts::OPENAI;
use crate::hostile::Sink;
use crate::keys::{clipboard, copy};
use crate::person::{Person, message_field};

/// What nothing else has in common with the key. Its end is what may be shown.
const MARK: &str = "qZ7w9Xk393VbTnR5yUe8Lp2Mc6Hd4Gs";
const LAST4: &str = "d4Gs";

/// The program.
const PROGRAM: &str = "brasskey-desktop";
/// The credential store, where the key belongs: it keeps its memory of it even after the entry was deleted.
const STORE: &str = "gnome-keyring-daemon";
/// The display server, which carries what is copied from one program to another and does not wipe it afterwards.
const DISPLAY: &str = "Xvfb";
/// The process that draws the page and runs its scripts.
const PAGE: &str = "WebKitWebProcess";

/// How many copies of a key that was typed may be left in the page's process when the field is empty again. They lie in memory
/// that WebKit has freed and neither wipes nor lets a page wipe: the field's text, its undo history, the string that the
/// script handed over, and the body of that one message. They go as WebKit uses the memory again: 23 were counted right after
/// the check of a key, 3 after it was saved, 1 in the end. A key that the program pastes by itself leaves none.
const LEFT_BY_WEBKIT: usize = 40;

fn key() -> String {
    format!("sk-proj-sandbox-{MARK}")
}

/// Types at the keyboard of the person's computer: what a driver types passes through the driver's own messages.
fn strikes(person: &Person, text: &str) {
    let window =
        "search --sync --onlyvisible --name Brasskey windowfocus --sync type --delay 5 --file -";
    let mut program = person
        .desktop
        .command("xdotool")
        .args(window.split(' '))
        .stdin(Stdio::piped())
        .spawn()
        .expect("xdotool, which `cargo xtask setup` installs");
    let mut stdin = program.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    assert!(program.wait().unwrap().success());
}

/// In how many places of its memory a process holds the key.
fn copies(process: &Process) -> usize {
    let mut search = Search::of(MARK).unwrap();
    search.process(process).unwrap();
    assert!(search.looked_at() > 100_000, "{} was read", process.name);
    search.found().len()
}

/// The most copies that are in one process of each name.
struct Copies {
    program: usize,
    store: usize,
    page: usize,
}

/// Looks through the memory, the arguments and the environment of every process of this desktop. Only these three may hold the
/// key at all, and the display server one that was copied by another program.
fn memory(person: &Person, copied_by_another: bool) -> Copies {
    let mut copied = Copies {
        program: 0,
        store: 0,
        page: 0,
    };
    let processes = person.desktop.processes().unwrap();
    for process in &processes {
        let found = copies(process);
        match &*process.name {
            PROGRAM => copied.program = copied.program.max(found),
            STORE => copied.store = copied.store.max(found),
            PAGE => copied.page = copied.page.max(found),
            DISPLAY if copied_by_another => {}
            name => assert_eq!(found, 0, "{name}"),
        }
    }
    assert!(processes.len() >= 4);
    copied
}

/// Looks at every file of this desktop, and at the words with which any process of the computer was started.
fn files(person: &Person, search: &mut Search) {
    let before = search.looked_at();
    search.folder(person.desktop.folder());
    assert!(
        search.looked_at() - before > 100_000,
        "files were looked at"
    );
    for process in std::fs::read_dir("/proc").unwrap() {
        let folder = process.unwrap().path();
        for file in ["cmdline", "environ"] {
            // Processes end while they are looked at, and most folders are none.
            let words = std::fs::read(folder.join(file)).unwrap_or_default();
            search.bytes(&format!("{}/{file}", folder.display()), &words);
        }
    }
}

async fn hears(person: &Person) {
    let hooked = person.inspects(include_str!("hears.js")).await;
    assert_eq!(hooked, true, "what reaches the page is heard");
}

/// Looks at all that the page was sent since it was listened to.
async fn page(person: &Person, search: &mut Search) {
    let heard = person.inspects("return window.__heard").await;
    assert!(
        heard.as_array().unwrap().len() > 10,
        "the page heard something"
    );
    search.bytes("what the page was sent", heard.to_string().as_bytes());
    let shown = person
        .inspects("return document.documentElement.outerHTML")
        .await;
    search.bytes("the page", shown.to_string().as_bytes());
    let kept = person
        .inspects("return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])")
        .await;
    search.bytes("what the page keeps", kept.to_string().as_bytes());
}

/// Has a report of a problem made, as it would be saved, and looks through it.
async fn reads_a_report(person: &Person, search: &mut Search) {
    person.presses("About").await;
    person.presses("Report a problem…").await;
    person.sees("looked for in this report: 1 of 1").await;
    person.sees("Last failures of answers").await;
    person.shot("report-1-read").await;
    let text = person
        .inspects("return document.querySelector('.report__text').textContent")
        .await;
    let text = text.as_str().unwrap();
    assert!(text.contains("brasskey_app"), "the log is in it: {text}");
    let home = person.desktop.folder().display().to_string();
    assert!(!text.contains(&home), "{text}");
    search.bytes("the report", text.as_bytes());
    person.presses("Close").await;
    person
        .no_longer_sees(Find::role("dialog", "Report a problem"))
        .await;
}

/// Asks, and waits until nothing is being answered any more.
async fn meets(person: &Person, script: Script) {
    let before = person.calls().len();
    person.sandbox.script(script);
    person.asks("How long does sencha take?").await;
    person
        .eventually("the call", async || person.calls().len() > before)
        .await;
    person.finds(Find::button("Send")).await;
}

/// As the person can make the search.
async fn looks_for_leaks(person: &Person) {
    person
        .clicks(Find::button(&format!("Actions for OpenAI ··{LAST4}")))
        .await;
    person
        .clicks(Find::role("menuitem", "Where is my key?"))
        .await;
    person.sees("and to no other host").await;
    person.presses("Check for leaks").await;
    person.sees("The key is in none of these files").await;
    person.sees("app.brasskey.desktop").await;
    person.shot("canary-3-leaks").await;
    person.presses("Close").await;
}

async fn removes(person: &Person) {
    person.clicks(Find::text("Settings")).await;
    person.presses("Keys").await;
    person.finds(Find::role("heading", "Keys")).await;
    person
        .clicks(Find::button(&format!("Actions for OpenAI ··{LAST4}")))
        .await;
    person.clicks(Find::role("menuitem", "Remove")).await;
    person.sees("No keys yet").await;
    person
        .eventually("an empty keyring", async || person.keyring().is_empty())
        .await;
}

#[tokio::test]
async fn a_typed_key_is_nowhere_but_in_its_store_and_in_the_calls_to_its_provider() {
    let mut search = Search::of(MARK).unwrap();
    let sink = Sink::open();
    let mut person = Person::arrives().await;
    person.sees("How should model use be billed?").await;
    hears(&person).await;
    person.chooses_provider(OPENAI.provider).await;
    person.enters_address(OPENAI).await;
    // As a provider refuses it that repeats it, and as it is accepted.
    for (fault, said) in [
        (Some(Fault::KeyEcho), "OpenAI does not know this key"),
        (Some(Fault::KeyEchoEncoded), "OpenAI does not know this key"),
        (None, "It is saved when you continue."),
    ] {
        if let Some(fault) = fault {
            person.sandbox.script_check(fault);
        }
        let field = || Find::label("OpenAI API key");
        person.clicks(field()).await;
        strikes(&person, &key());
        // The keyboard is faster than the page.
        person
            .eventually("all of the key", async || {
                // Its length alone: what is read of it would pass through the driver.
                let typed = person.inspects("return document.activeElement.value.length");
                typed.await == key().len()
            })
            .await;
        person.presses("Check key").await;
        person.sees(said).await;
    }
    assert_eq!(person.value(Find::label("OpenAI API key")).await, "");
    files(&person, &mut search);
    person.ticks_the_terms().await;
    person.presses("Continue, $12 a month").await;
    person.sees("Your key works. Ask it something.").await;
    // It is seen where it must be: else the rest would prove nothing.
    assert_eq!(person.keyring()[0].key, key());

    // What a provider can do with it: say it, send it elsewhere, answer with half of a refusal.
    let said = format!("Your key is {0}, is it not? Or {0}.", key());
    meets(&person, Script::answer(said)).await;
    person.sees("[redacted], is it not?").await;
    person.shot("canary-1-said").await;
    let redirect = Fault::Redirect {
        status: 307,
        to: format!("{}/v1/responses", sink.address),
    };
    meets(&person, Script::fault(redirect)).await;
    meets(&person, Script::fault(Fault::KeyEchoMalformed)).await;
    person.shot("canary-2-refused").await;
    let in_use = memory(&person, false);
    assert!(in_use.program > 0, "it is in use");
    assert!(in_use.store > 0, "it is in its store");
    assert!(in_use.page <= LEFT_BY_WEBKIT, "{}", in_use.page);
    page(&person, &mut search).await;
    files(&person, &mut search);
    assert_eq!(sink.visits(), 0, "nobody else was asked");

    // A crash, a new start, a last question.
    let killed = person.desktop.kill().await;
    killed.unwrap();
    files(&person, &mut search);
    let opened = person.desktop.open().await;
    opened.unwrap();
    person.finds(message_field()).await;
    hears(&person).await;
    // The half of a refusal stopped the key; it works all the same.
    person.clicks(Find::text("Settings")).await;
    person.presses("Keys").await;
    person.presses("Check all").await;
    person.sees("Working").await;
    looks_for_leaks(&person).await;
    reads_a_report(&person, &mut search).await;
    person.clicks(Find::text("Back to workspace")).await;
    person.chooses_model(OPENAI).await;
    person.sandbox.script(Script::answer("Two minutes."));
    person.asks("And now?").await;
    person.sees("Two minutes.").await;
    assert_eq!(
        memory(&person, false).page,
        0,
        "a saved key never reaches the page"
    );

    removes(&person).await;
    person
        .eventually("a program without the key", async || {
            memory(&person, false).program == 0
        })
        .await;
    assert_eq!(memory(&person, false).page, 0);
    page(&person, &mut search).await;
    files(&person, &mut search);
    let quit = person.desktop.quit().await;
    person.done(quit).await;
    files(&person, &mut search);

    // Its own provider got it, in the header and nowhere else.
    let requests = person.sandbox.requests();
    let with_key = requests
        .iter()
        .filter(|request| request.key.as_deref() == Some(&key()));
    assert!(with_key.count() >= 6);
    for request in &requests {
        let rest = format!("{} {:?} {}", request.path, request.headers, request.body);
        search.bytes("the rest of a request", rest.as_bytes());
    }
    assert_eq!(search.found(), [""; 0]);
}

#[tokio::test]
async fn a_key_that_the_program_pastes_never_reaches_the_page() {
    let mut search = Search::of(MARK).unwrap();
    let mut person = Person::arrives().await;
    person.sees("How should model use be billed?").await;
    hears(&person).await;
    person.chooses_provider(OPENAI.provider).await;
    person.enters_address(OPENAI).await;
    copy(&person, &key());
    person.presses("Paste from clipboard").await;
    person.sees("It is saved when you continue.").await;
    assert_eq!(clipboard(&person), "");
    person.ticks_the_terms().await;
    person.presses("Continue, $12 a month").await;
    person.sees("Your key works. Ask it something.").await;
    person.asks("How long does sencha take?").await;
    person.is_answered(1).await;
    let in_use = memory(&person, true);
    assert!(in_use.program > 0 && in_use.store > 0);
    assert_eq!(in_use.page, 0);
    removes(&person).await;
    person
        .eventually("a program without the key", async || {
            memory(&person, true).program == 0
        })
        .await;
    page(&person, &mut search).await;
    let quit = person.desktop.quit().await;
    person.done(quit).await;
    files(&person, &mut search);
    assert_eq!(search.found(), [""; 0]);
}

#[tokio::test]
async fn a_crash_writes_no_core_file() {
    let person = Person::arrives().await;
    person.sees("How should model use be billed?").await;
    let processes = person.desktop.processes().unwrap();
    let of_ours =
        |process: &&Process| [PROGRAM, PAGE, "WebKitNetworkProcess"].contains(&&*process.name);
    let ours: Vec<_> = processes.iter().filter(of_ours).collect();
    assert!(ours.len() >= 3, "{processes:?}");
    for process in ours {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", process.id)).unwrap();
        let core = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let words: Vec<&str> = core.unwrap().split_whitespace().collect();
        assert_eq!(words[4..6], ["0", "0"], "{}", process.name);
    }
}
