//! A report of a problem: what support needs to know of this computer and this Brasskey, as text that the user reads before it
//! goes anywhere. What is saved is what was shown.
//!
//! It must never hold a key, a message, a title, an address of mail, or a path with the user's name. It is never sent from here.

mod clean;
pub mod view;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use brasskey_custody::Needle;
use brasskey_vault::Patience;
use secrecy::SecretString;
use serde::Serialize;

use crate::App;
use crate::error::{Error, FailureView};
use crate::keys::record::Key;
use crate::keys::view::{HealthView, KeyView};
use crate::settings::view::Preferences;
use crate::transfer::target::Target;
use clean::Cleaner;
use view::ReportView;

/// Where reports go.
const SUPPORT: &str = "support@brasskey.app";

/// So many failures are told, the newest first.
const MOST_FAILURES: u32 = 20;

/// What the shell knows and the application does not.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The window's preferences.
    pub preferences: Preferences,
    /// The last lines of the log.
    pub log: String,
    /// The user's home folder.
    pub home: Option<PathBuf>,
}

/// The report that was shown last.
#[derive(Debug, Default)]
pub(crate) struct Shown(Mutex<Option<String>>);

impl App {
    /// Puts a report together and keeps it for [`App::save_report`]. The credential store is asked for the keys, to look for
    /// them, and never shows a prompt for it; a key that it does not give is told as not looked for.
    ///
    /// # Errors
    /// `storage`.
    pub async fn report_problem(&self, around: Surroundings) -> Result<ReportView, Error> {
        let records = self.keys_in_use().await?;
        let mut cleaner = Cleaner::new(around.home.clone());
        let looked_for = self.ready(&mut cleaner, &records).await;
        let mut text = String::new();
        self.tell_program(&mut text, &around.preferences);
        self.tell_account(&mut text).await?;
        self.tell_keys(&mut text, (looked_for, records.len()))
            .await?;
        self.tell_failures(&mut text).await?;
        head(&mut text, "Log");
        text.push_str(around.log.trim_end());
        text.push('\n');
        let text = cleaner.clean(&text);
        *self.shown_report() = Some(text.clone());
        Ok(ReportView {
            text,
            send_to: SUPPORT.to_owned(),
        })
    }

    /// The name that the file of a report should have.
    #[must_use]
    pub fn report_name(&self) -> String {
        let today = self.clock.today().map(|day| format!(" {day}"));
        format!("Brasskey report{}.txt", today.unwrap_or_default())
    }

    /// Writes the report that was shown last, and tells the file's name.
    ///
    /// # Errors
    /// `not_found` where none was shown; `storage`.
    pub async fn save_report(&self, path: &Path) -> Result<String, Error> {
        let text = self.shown_report().clone();
        let text = text.ok_or(Error::NotFound("report"))?;
        let mut target = Target::begin(path);
        target.write(text.into_bytes()).await?;
        target.finish().await?;
        let name = path.file_name().map(|name| name.to_string_lossy());
        Ok(name.map(String::from).unwrap_or_default())
    }

    fn shown_report(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        let shown = self.report.0.lock();
        shown.unwrap_or_else(PoisonError::into_inner)
    }

    /// Readies every secret that is known, and counts the keys among them.
    async fn ready(&self, cleaner: &mut Cleaner, records: &[Key]) -> usize {
        let mut looked_for = 0;
        for key in records {
            match self.stored(key, Patience::Background).await {
                Ok(Some(stored)) => {
                    looked_for += usize::from(push(cleaner, &stored.secret));
                }
                // There is none.
                Ok(None) => looked_for += 1,
                Err(_) => {}
            }
        }
        for secret in self.pending.secrets() {
            push(cleaner, &secret);
        }
        if let Ok(secret) = self.device_credential().await {
            push(cleaner, &secret);
        }
        looked_for
    }

    fn tell_program(&self, text: &mut String, preferences: &Preferences) {
        let store = self.store_view();
        head(text, "Brasskey");
        line(text, "version", env!("CARGO_PKG_VERSION"));
        let build = if cfg!(debug_assertions) {
            "development"
        } else {
            "release"
        };
        line(text, "build", build);
        line(text, "made", &self.clock.minute(self.clock.now_ms()));
        line(text, "system", std::env::consts::OS);
        line(text, "processor", std::env::consts::ARCH);
        line(
            text,
            "desktop",
            store.desktop.as_deref().unwrap_or("not known"),
        );
        line(text, "credential store", &store.name);
        line(text, "its state", &word(&store.state));
        line(
            text,
            "its detail",
            store.detail.as_deref().unwrap_or("none"),
        );
        line(text, "window", &word(preferences));
    }

    async fn tell_account(&self, text: &mut String) -> Result<(), Error> {
        let billing = self.billing().await?;
        head(text, "Billing and licence");
        line(text, "mode", &word(&billing.mode));
        line(text, "first run over", &word(&billing.set_up));
        line(text, "switch under way", &word(&billing.switching));
        for terms in &billing.terms {
            let accepted = terms.accepted_at.is_some();
            let name = format!("terms {}", terms.document);
            line(
                text,
                &name,
                &format!("{}, accepted: {accepted}", terms.version),
            );
        }
        let account = self.account();
        line(text, "last renewal failed", &word(&account.check_failed));
        let Some(licence) = account.licence else {
            line(text, "licence", "none");
            return Ok(());
        };
        line(text, "licence", &word(&licence.state));
        line(text, "account", &word(&licence.standing));
        line(text, "plan", &licence.plan);
        line(text, "checked", &self.clock.minute(licence.checked_at));
        line(text, "clock", &word(&licence.clock));
        Ok(())
    }

    async fn tell_keys(&self, text: &mut String, looked: (usize, usize)) -> Result<(), Error> {
        let keys = self.keys().await?;
        head(text, "Keys");
        let (looked_for, of) = looked;
        line(
            text,
            "looked for in this report",
            &format!("{looked_for} of {of}"),
        );
        for key in &keys.keys {
            line(text, &word(&key.provider), &standing(key));
        }
        for server in &keys.local_servers {
            line(text, &word(&server.provider), "on this computer");
        }
        Ok(())
    }

    async fn tell_failures(&self, text: &mut String) -> Result<(), Error> {
        let failures = self.ledger.messages().failures(MOST_FAILURES).await?;
        head(text, "Last failures of answers");
        for (at, failure) in &failures {
            // One of a newer version says nothing here.
            if let Ok(failure) = serde_json::from_str::<FailureView>(failure) {
                let status = failure.status.map(|status| format!(", status {status}"));
                let what = format!("{}{}", failure.code.as_str(), status.unwrap_or_default());
                line(text, &self.clock.minute(*at), &what);
            }
        }
        if failures.is_empty() {
            text.push_str("none\n");
        }
        Ok(())
    }
}

/// Whether it can be looked for: what is very short would be found everywhere.
fn push(cleaner: &mut Cleaner, secret: &SecretString) -> bool {
    match Needle::of(secret) {
        Ok(needle) => {
            cleaner.needles.push(needle);
            true
        }
        Err(_) => false,
    }
}

fn standing(key: &KeyView) -> String {
    let health = match &key.health {
        HealthView::Unchecked => "unchecked".to_owned(),
        HealthView::Working { model_count } => format!("working, {model_count} models"),
        HealthView::Failing { failure } => format!("failing, {}", failure.code.as_str()),
    };
    let address = if key.own_address { ", own address" } else { "" };
    format!("{}, {health}{address}", word(&key.place))
}

fn head(text: &mut String, title: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(title);
    text.push('\n');
}

fn line(text: &mut String, name: &str, value: &str) {
    // A string takes what it is given.
    writeln!(text, "{name}: {value}").ok();
}

/// A value by its own word, as the window gets it.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Object(fields)) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name} {}", word(value)))
                .collect();
            fields.join(", ")
        }
        Ok(serde_json::Value::Null) | Err(_) => "none".to_owned(),
        Ok(value) => value.to_string(),
    }
}
