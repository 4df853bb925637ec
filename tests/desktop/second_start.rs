//! Starting Brasskey while it runs.

use std::process::Stdio;

use brasskey_tests::desktop::Find;

use crate::person::Person;

#[tokio::test]
async fn a_second_start_shows_the_first_window_and_ends() {
    let person = Person::arrives().await;
    person
        .finds(Find::role("heading", "How should model use be billed?"))
        .await;
    person.inspects("window.__first = true; return null").await;
    let mut second = person
        .desktop
        .command(person.desktop.binary())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut ended = None;
    person
        .eventually("the second start to end", async || {
            ended = second.try_wait().unwrap();
            ended.is_some()
        })
        .await;
    assert!(ended.unwrap().success());
    person
        .eventually("the first window to have the focus", async || {
            person.inspects("return document.hasFocus()").await == true
        })
        .await;
    assert_eq!(
        person.inspects("return window.__first").await,
        true,
        "it is the window that was there, not a new one"
    );
}

#[tokio::test]
async fn of_twenty_starts_at_once_the_first_window_alone_remains() {
    let person = Person::arrives().await;
    person
        .finds(Find::role("heading", "How should model use be billed?"))
        .await;
    person.inspects("window.__first = true; return null").await;
    let start = || {
        person
            .desktop
            .command(person.desktop.binary())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut others: Vec<_> = (0..20).map(|_| start()).collect();
    person
        .eventually("all the other starts to end", async || {
            // How they end is the plug-in's: it leaves in the middle of the web view's start, which now and then costs a process
            // its life on the way out.
            others.retain_mut(|other| other.try_wait().unwrap().is_none());
            others.is_empty()
        })
        .await;
    assert_eq!(person.inspects("return window.__first").await, true);
    person
        .finds(Find::role("heading", "How should model use be billed?"))
        .await;
}
