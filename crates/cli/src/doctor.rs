//! `brasskey doctor`: looks at everything that a call needs, and says what to do about what is wrong.

use std::collections::BTreeMap;
use std::time::SystemTime;

use brasskey_app::App;
use brasskey_app::clock::Clock;
use brasskey_app::error::StoreStateView;
use brasskey_app::home;
use brasskey_providers::{BaseUrl, Cause, Endpoint, Provider, Wire};

use crate::exit::Exit;
use crate::open::open;

/// A clock that is wrong by more is worth a word: certificates and limits go by it.
const WRONG_BY_S: u64 = 300;
/// Where to look when there is no key yet.
const USUAL: [Provider; 3] = [Provider::OpenAi, Provider::Anthropic, Provider::Gemini];

/// What was found; the first trouble decides how the command ends.
struct Findings {
    trouble: Option<Exit>,
}

impl Findings {
    fn good(&self, what: &str, found: &str) {
        anstream::println!("\u{1b}[32mok\u{1b}[0m    {what}: {found}");
    }

    fn note(&self, what: &str, found: &str) {
        anstream::println!("\u{1b}[33mnote\u{1b}[0m  {what}: {found}");
    }

    fn bad(&mut self, what: &str, found: &str, advice: &str, exit: Exit) {
        anstream::println!("\u{1b}[31mbad\u{1b}[0m   {what}: {found}");
        println!("      {advice}");
        self.trouble.get_or_insert(exit);
    }
}

pub(crate) async fn run() -> Exit {
    let mut findings = Findings { trouble: None };
    findings.good(
        "version",
        &format!(
            "{} on {} {}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
    );
    let app = match open().await {
        Ok(app) => {
            let folder = home::data_folder().unwrap_or_default();
            findings.good("database", &folder.display().to_string());
            Some(app)
        }
        Err(exit) => {
            findings.trouble = Some(exit);
            None
        }
    };
    if let Some(app) = &app {
        store(app, &mut findings).await;
    }
    proxies(&findings);
    network(app.as_ref(), &mut findings).await;
    if let Some(app) = &app {
        app.quit().await;
    }
    findings.trouble.unwrap_or(Exit::Done)
}

async fn store(app: &App, findings: &mut Findings) {
    let what = "credential store";
    let view = match app.probe_store(None).await {
        Ok(view) => view,
        Err(error) => {
            findings.bad(
                what,
                &error.to_string(),
                "Look whether the disk is full.",
                Exit::Failed,
            );
            return;
        }
    };
    let advice = match view.state {
        StoreStateView::Ready | StoreStateView::VaultOpen => {
            return findings.good(
                what,
                &format!("{}: a key was written, read back and deleted", view.name),
            );
        }
        StoreStateView::Session => {
            return findings.note(what, "keys are kept in memory only");
        }
        StoreStateView::VaultLocked => {
            return findings.note(
                what,
                "the passphrase vault is locked; commands ask for its passphrase",
            );
        }
        StoreStateView::Absent | StoreStateView::NoCollection => match &view.install_command {
            Some(command) => format!("Install one: {command}"),
            None => {
                "Install GNOME Keyring or KWallet, or use the passphrase vault (Settings > Keys)."
                    .to_owned()
            }
        },
        StoreStateView::Locked | StoreStateView::PromptDismissed => {
            "Unlock it: log in to the desktop, or unlock the keyring.".to_owned()
        }
        _ => "Look at the system's own keyring program; Brasskey changes nothing in it.".to_owned(),
    };
    findings.bad(what, view.state.as_str(), &advice, Exit::Store);
}

/// Brasskey takes no proxy from the environment, which any program can set: it would see which hosts are called.
fn proxies(findings: &Findings) {
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        if std::env::var_os(name).is_some_and(|value| !value.is_empty()) {
            findings.note(
                "proxy",
                &format!("{name} is set and not used: Brasskey takes none from the environment"),
            );
        }
    }
}

async fn network(app: Option<&App>, findings: &mut Findings) {
    let Ok(wire) = Wire::new() else {
        return findings.bad(
            "TLS",
            "cannot be set up",
            "Install the system's certificates (ca-certificates).",
            Exit::Network,
        );
    };
    for (origin, endpoint) in endpoints(app).await {
        match wire.reach(&endpoint).await {
            Ok(date) => {
                findings.good("network", &format!("{origin} answers"));
                clock(date, &origin, findings);
            }
            Err(failure) => {
                let code = failure.provider_code.unwrap_or_default();
                let advice = match failure.cause {
                    Cause::Offline => "This computer has no connection.",
                    _ if endpoint.base_url.is_this_computer() => {
                        "Start the server, or remove its endpoint."
                    }
                    _ => "Look at the address, a firewall, and a proxy that stands in between.",
                };
                findings.bad(
                    "network",
                    &format!("{origin}: {} ({code})", failure.cause),
                    advice,
                    Exit::Network,
                );
            }
        }
    }
}

/// Those of the saved keys; where there is none, the usual ones.
async fn endpoints(app: Option<&App>) -> BTreeMap<String, Endpoint> {
    let mut endpoints = BTreeMap::new();
    if let Some(app) = app
        && let Ok(keys) = app.keys().await
    {
        for key in keys.keys {
            if let Ok(base_url) = BaseUrl::parse(&key.base_url) {
                let endpoint = Endpoint {
                    provider: key.provider,
                    protocol: key.provider.protocol(),
                    base_url,
                };
                endpoints.insert(endpoint.base_url.origin().to_string(), endpoint);
            }
        }
    }
    if endpoints.is_empty() {
        let usual = USUAL.into_iter().filter_map(Endpoint::of);
        endpoints.extend(usual.map(|it| (it.base_url.origin().to_string(), it)));
    }
    endpoints
}

fn clock(date: Option<SystemTime>, origin: &str, findings: &mut Findings) {
    let Some(there) = date.and_then(|date| date.duration_since(SystemTime::UNIX_EPOCH).ok()) else {
        return;
    };
    let here = u64::try_from(Clock::default().now_ms() / 1000).unwrap_or(0);
    let apart = here.abs_diff(there.as_secs());
    if apart > WRONG_BY_S {
        findings.bad(
            "clock",
            &format!("it is {apart} s from that of {origin}"),
            "Let the system set its clock by the network.",
            Exit::Failed,
        );
    }
}
