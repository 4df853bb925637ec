//! `keys` (P14): how often the credential store is asked, and whether the start waits for it: with a real GNOME Keyring on a
//! session bus of the bench's own, whose calls the bus itself counts.

mod bus;
mod session;

use std::path::Path;
use std::time::Instant;

use brasskey_app::App;
use brasskey_app::account::{PlatformSettings, PlatformUrl, PublicKey};
use brasskey_app::billing::view::{BillingMode, TermsAcceptance};
use brasskey_app::keys::view::{KeyView, NewEndpoint, ProviderId};
use brasskey_app::settings::view::Preferences;
use brasskey_tests::{Platform, PlatformOptions};
use brasskey_vault::Vault;
use secrecy::SecretString;
use serde_json::json;

use crate::core::{ask, save};
use crate::fault::Fault;
use crate::process::Running;
use crate::rows::Bound::AtMost;
use crate::rows::Row;
use crate::run::{Options, Run, folder, runtime};
use crate::wire::{Clocked, KEY};
use bus::Bus;

/// Messages after the first one of a run.
const MESSAGES: u32 = 20;

/// Measures, shows, and writes.
pub(crate) fn run(options: &Options) -> Result<(), Fault> {
    if !session::is_inside() {
        return session::again_inside();
    }
    runtime()?.block_on(measure(options))
}

async fn measure(options: &Options) -> Result<(), Fault> {
    let mut run = Run::begin("keys", options);
    let folder = folder()?;
    let (_provider, address) = Running::server(&["upstream"])?;
    let platform = Platform::start(PlatformOptions::default()).map_err(Fault::Pipe)?;
    let bus = Bus::listen(folder.path())?;
    session::until_unlocked().await?;
    let app = open(folder.path(), &platform).await?;
    let key = set_up(&app, &address).await?;
    close(app).await;

    let (mut started, mut first, mut reads) = (Vec::new(), Vec::new(), Vec::new());
    let (mut steady, mut waits) = (Vec::new(), Vec::new());
    for _ in 0..run.rounds(5) {
        let before = bus.heard().await?;
        let app = open(folder.path(), &platform).await?;
        app.start_view(Preferences::default()).await?;
        app.settle_in().await;
        let ready = bus.heard().await?;
        started.push((ready - before).reads());
        let begun = Instant::now();
        message(&app, &key).await?;
        let with_read = begun.elapsed();
        let asked = bus.heard().await?;
        first.push((asked - ready).calls());
        reads.push((asked - ready).reads());
        let begun = Instant::now();
        for _ in 0..MESSAGES {
            message(&app, &key).await?;
        }
        let without = begun.elapsed() / MESSAGES;
        waits.push((with_read.as_secs_f64() * 1e3, without.as_secs_f64() * 1e3));
        let done = bus.heard().await?;
        steady.push((done - asked).calls() / f64::from(MESSAGES));
        close(app).await;
    }
    let report = &mut run.report;
    report.add(Row::plain("keys.start.reads", "", started));
    report.add(Row::plain("keys.first_message.reads", "", reads).with(AtMost(1.0), AtMost(1.0)));
    report.add(Row::plain("keys.first_message.calls", "", first));
    let row = Row::plain("keys.steady.calls_per_message", "", steady);
    report.add(row.with(AtMost(0.0), AtMost(0.0)));
    report.add(Row::paired(
        "keys.first_message",
        "ms",
        "later ones",
        &waits,
    ));

    if run.wants("start") {
        let mut starts = Vec::new();
        for _ in 0..run.rounds(5) {
            let free = start(folder.path(), &platform).await?;
            let stopped = session::stop_store()?;
            let waiting = start(folder.path(), &platform).await;
            drop(stopped);
            starts.push((waiting?, free));
        }
        let row = Row::paired("keys.start.store_hangs", "ms", "it answers", &starts);
        run.report.add(row.with(AtMost(1.3), AtMost(1.1)));
    }
    run.end(&json!({"messages": MESSAGES}))
}

async fn open(folder: &Path, platform: &Platform) -> Result<App, Fault> {
    let settings = PlatformSettings {
        url: PlatformUrl::parse(&platform.url())
            .map_err(|error| Fault::Other(error.to_string()))?,
        roots: vec![PublicKey::read(platform.roots())?],
        computer: "Bench".to_owned(),
    };
    let vault = Vault::system("brasskey-bench");
    Ok(App::open(&folder.join("brasskey.db"), vault, settings).await?)
}

/// Own keys are chosen and accepted, a trial begun, a key saved.
async fn set_up(app: &App, provider: &str) -> Result<KeyView, Fault> {
    app.refresh_billing().await?;
    app.choose_billing(BillingMode::Byok).await?;
    let terms = app.billing().await?.terms;
    let shown: Vec<_> = terms
        .into_iter()
        .filter(|text| text.document != "vendor")
        .map(|text| TermsAcceptance {
            document: text.document,
            version: text.version,
            sha256: text.sha256,
        })
        .collect();
    app.accept_terms(&shown, "first_run").await?;
    app.begin_trial().await?;
    app.finish_first_run().await?;
    let endpoint = NewEndpoint {
        provider: ProviderId::OpenAiCompatible,
        base_url: Some(format!("http://{provider}/v1")),
    };
    let pending = app.submit_key(&SecretString::from(KEY), &endpoint)?;
    save(app, &pending, &endpoint).await
}

/// A short question and its answer.
async fn message(app: &App, key: &KeyView) -> Result<(), Fault> {
    let model = Clocked {
        per_second: 1000,
        pieces: 5,
    };
    ask(app, key, &model.name()).await?.end().await
}

/// Milliseconds from opening to what the window needs for its first paint.
async fn start(folder: &Path, platform: &Platform) -> Result<f64, Fault> {
    let begun = Instant::now();
    let app = open(folder, platform).await?;
    app.start_view(Preferences::default()).await?;
    let ready = begun.elapsed();
    close(app).await;
    Ok(ready.as_secs_f64() * 1e3)
}

/// Quits. The file is released with the last handle on it.
async fn close(app: App) {
    app.quit().await;
}
