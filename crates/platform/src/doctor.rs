//! Looks whether the service could start and go on, each thing by itself: what is wrong, and what to do about it.

use std::fmt;

use brasskey_licence::{KeySet, KeyState, PublicKey};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;

use crate::clock::Clock;
use crate::keys::KeyFolder;
use crate::settings::Settings;
use crate::store::{Difference, Store};
use crate::tls;
use crate::wallet::money;

/// A key that ends sooner is to be replaced now: a rotation may wait for whoever holds the root key.
const NEAR: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Licences, leases and periods are reckoned by each replica's clock.
const MOST_SKEW: SignedDuration = SignedDuration::from_secs(5);
/// So many figures that do not add up are named.
const NAMED: usize = 5;

/// What was found about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The thing.
    pub what: &'static str,
    /// How it is, or what is wrong and what to do.
    pub state: Result<String, Wrong>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What.
    pub reason: String,
    /// What to do about it.
    pub remedy: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            Ok(state) => write!(to, "ok     {}: {state}", self.what),
            Err(wrong) => write!(
                to,
                "wrong  {}: {}; {}",
                self.what, wrong.reason, wrong.remedy
            ),
        }
    }
}

fn wrong(reason: impl fmt::Display, remedy: &'static str) -> Wrong {
    Wrong {
        reason: reason.to_string(),
        remedy,
    }
}

/// Examines everything that settings name.
pub async fn examine(settings: &Settings, clock: &Clock) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = |what, state| findings.push(Finding { what, state });
    found("catalogue", catalogue(settings));
    found("tls", certificate(settings));
    let root = root(settings);
    found(
        "root key",
        root.as_ref()
            .map(|root| root.kid().to_owned())
            .map_err(Clone::clone),
    );
    let opened = Store::open_with(settings.database.url.expose_secret(), Some(1)).await;
    match opened {
        Err(error) => found(
            "database",
            Err(wrong(
                error,
                "see database.url, and whether it runs and lets this user in",
            )),
        ),
        Ok(store) => {
            found("database", Ok("reachable".to_owned()));
            let schema = schema(&store).await;
            let has_tables = schema.is_ok();
            found("schema", schema);
            found("clock", skew(&store, clock).await);
            if has_tables {
                found("wallets", wallets(&store).await);
            }
            if let Ok(root) = root {
                found(
                    "key set",
                    key_set(&store, settings, &root, clock.now()).await,
                );
            }
            store.close().await;
        }
    }
    findings
}

fn catalogue(settings: &Settings) -> Result<String, Wrong> {
    let read = settings.read_catalogue();
    let catalogue = read.map_err(|error| wrong(error, "see `plans check`"))?;
    Ok(format!("{} plans", catalogue.plans.len()))
}

fn certificate(settings: &Settings) -> Result<String, Wrong> {
    match (
        &settings.tls.certificate,
        &settings.tls.key,
        &settings.behind_proxy,
    ) {
        (Some(certificate), Some(key), _) => tls::load(certificate, key)
            .map(|_| "certificate and key fit".to_owned())
            .map_err(|error| wrong(error, "put a certificate and its key there, in PEM")),
        (_, _, Some(proxy)) => Ok(format!("ended by {proxy}")),
        _ => Ok("none: on this machine alone".to_owned()),
    }
}

fn root(settings: &Settings) -> Result<PublicKey, Wrong> {
    settings.root().map_err(|error| {
        wrong(
            error,
            "set keys.root to the root's public key, or make one with `keys root`",
        )
    })
}

async fn schema(store: &Store) -> Result<String, Wrong> {
    const MIGRATE: &str = "run `migrate`";
    let schema = store
        .schema()
        .await
        .map_err(|error| wrong(error, MIGRATE))?;
    let both = format!("version {} of {}", schema.found, schema.wanted);
    if schema.found < schema.wanted {
        return Err(wrong(both, MIGRATE));
    }
    if schema.found > schema.wanted {
        return Err(wrong(both, "a later program made it: run that one"));
    }
    Ok(both)
}

async fn skew(store: &Store, clock: &Clock) -> Result<String, Wrong> {
    let theirs = store.time().await;
    let theirs = theirs.map_err(|error| wrong(error, "see the database's log"))?;
    let skew = clock.now().duration_since(theirs).abs();
    if skew > MOST_SKEW {
        let reason = format!("{} seconds from the database's", skew.as_secs());
        return Err(wrong(reason, "keep both machines' time by NTP"));
    }
    Ok("as the database's".to_owned())
}

async fn wallets(store: &Store) -> Result<String, Wrong> {
    let differences = store.audit_wallets().await;
    let differences = differences.map_err(|error| wrong(error, "see the database's log"))?;
    if differences.is_empty() {
        return Ok("every balance is the sum of its lines".to_owned());
    }
    let named: Vec<String> = differences.iter().take(NAMED).map(told).collect();
    let more = match differences.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Err(wrong(
        format!("{}{more}", named.join("; ")),
        "stop vendor-billed calls, keep the database, and find the transaction",
    ))
}

fn told(difference: &Difference) -> String {
    let Difference {
        of,
        what,
        kept,
        counted,
    } = difference;
    let (kept, counted) = (money(*kept), money(*counted));
    format!("{what} of {of} is kept as {kept} and adds up to {counted}")
}

async fn key_set(
    store: &Store,
    settings: &Settings,
    root: &PublicKey,
    now: Timestamp,
) -> Result<String, Wrong> {
    const ROTATE: &str = "run `keys rotate` where the root key is";
    let signed = store
        .keyset()
        .await
        .map_err(|error| wrong(error, "run `migrate`"))?;
    let signed = signed.ok_or_else(|| wrong("there is none", ROTATE))?;
    let set = KeySet::read(&signed, std::slice::from_ref(root)).map_err(|error| {
        wrong(
            format!("not signed by the root key: {error}"),
            "see keys.root; then run `keys rotate`",
        )
    })?;
    let folder = KeyFolder::at(&settings.keys.folder);
    let key = folder.active(&set).map_err(|error| {
        wrong(
            error,
            "bring the active key's file to this machine, or run `keys rotate`",
        )
    })?;
    let active = set
        .keys()
        .iter()
        .find(|listed| listed.state == KeyState::Active);
    let Some(active) = active.filter(|active| active.not_before <= now) else {
        return Err(wrong("the active key is not valid yet", "see the clock"));
    };
    let left = active.not_after.duration_since(now);
    if left < NEAR {
        return Err(wrong(
            format!("the active key ends at {}", active.not_after),
            ROTATE,
        ));
    }
    Ok(format!(
        "{} signs until {}",
        key.public().kid(),
        active.not_after
    ))
}
