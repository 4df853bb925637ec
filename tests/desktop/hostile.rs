//! What a model says is data: a hostile answer runs nothing, loads nothing and goes nowhere.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use brasskey_tests::Script;
use brasskey_tests::desktop::Find;
use brasskey_tests::sandbox::HOSTILE;

use crate::accounts::ANTHROPIC;
use crate::person::Person;

/// Counts who comes.
struct Sink {
    address: String,
    visits: Arc<AtomicUsize>,
}

impl Sink {
    fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let visits = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&visits);
        std::thread::spawn(move || {
            for visit in listener.incoming() {
                drop(visit);
                counter.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { address, visits }
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_hostile_answer_is_text() {
    let sink = Sink::open();
    let person = Person::arrives().await;
    person.begins_with(ANTHROPIC).await;
    let page = person.inspects("return location.href").await;
    // What is on the page before the answer: its own scripts, its own icons.
    let census = "return ['script', 'img', 'image', 'iframe', 'object', 'embed', 'style', 'video', 'audio', 'base', \
                  'meta', 'a'].map((name) => document.querySelectorAll(name).length)";
    let before = person.inspects(census).await;
    let hostile = HOSTILE
        .replace("https://tracker.example", &sink.address)
        .replace("https://evil.example", &sink.address);
    assert!(hostile.contains(&sink.address));
    person.sandbox.script(Script::answer(hostile));
    person.asks("What do you say?").await;
    person.is_answered(1).await;
    person.sees("After.").await;
    person.shot("hostile-1-shown").await;

    for link in person.all(Find::css("article .prose button")).await {
        // Some are links that ask, some copy code; none may do more.
        link.click().await.unwrap();
        person.hits("Escape").await;
    }
    person
        .no_longer_sees(Find::role("dialog", "Open this link outside Brasskey?"))
        .await;
    assert_eq!(
        person.inspects("return window.__hostile ?? null").await,
        serde_json::Value::Null
    );
    assert_eq!(person.inspects("return location.href").await, page);
    assert_eq!(person.inspects(census).await, before);
    let handlers = "return [...document.querySelectorAll('.prose *')].filter((element) => element.getAttributeNames().some(\
                    (name) => name.startsWith('on') || ['src', 'href', 'action', 'style', 'srcset'].includes(name) && \
                    !(element.tagName === 'use' && element.getAttribute(name).startsWith('#')))).map((element) => element.outerHTML)";
    assert_eq!(person.inspects(handlers).await, serde_json::json!([]));
    assert!(person.browser.pages().is_empty());
    assert_eq!(sink.visits(), 0, "nothing is loaded");
    // The sink counts: one visit of our own.
    TcpStream::connect(sink.address.trim_start_matches("http://")).unwrap();
    person
        .eventually("our own visit", async || sink.visits() == 1)
        .await;
}

#[tokio::test]
async fn a_link_says_where_it_goes_and_opens_outside_after_a_press() {
    let person = Person::arrives().await;
    person.begins_with(ANTHROPIC).await;
    person.asks("How long does sencha take?").await;
    person.is_answered(1).await;
    person.shot("answer-1-markdown").await;
    let link = Find::text("the tea society");
    person.clicks(link.clone()).await;
    person
        .sees("It goes to example.org and opens in your browser.")
        .await;
    person.sees("https://example.org/tea?brew=black").await;
    person.shot("answer-2-link").await;
    person.presses("Stay here").await;
    person
        .no_longer_sees(Find::text("It goes to example.org"))
        .await;
    assert!(person.browser.pages().is_empty());

    person.clicks(link).await;
    person.presses("Open in browser").await;
    person
        .eventually("the page in the browser", async || {
            person.browser.pages() == ["https://example.org/tea?brew=black"]
        })
        .await;
}
