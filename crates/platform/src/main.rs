//! The command line of the service. It parses, calls the library and says what came of it.

mod flags;

use std::process::ExitCode;
use std::sync::Arc;

use brasskey_licence::KeySet;
use brasskey_platform::billing::embedded::Embedded;
use brasskey_platform::billing::kinde::{Kinde, KindeConfigurationError};
use brasskey_platform::billing::{Billing, BillingError};
use brasskey_platform::settings::{Settings, SettingsError};
use brasskey_platform::{
    Catalogue, Clock, KeyFolder, KeyFolderError, Outbound, OutboundError, Parts, ServeError,
    Service, ServiceError, Store, StoreError, Telemetry, TelemetryError, TermsError, examine,
};
use clap::{Parser, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use flags::Flags;

/// Brasskey's hosted service.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves until it is stopped.
    Serve {
        /// First makes what is missing: the schema, a root key, a signing key. For one machine.
        #[arg(long)]
        embedded: bool,
        /// Says what is wrong with the settings, or shows those in force without secrets, and serves nothing.
        #[arg(long)]
        check: bool,
    },
    /// Brings the database's schema up to date.
    Migrate,
    /// The signing keys.
    #[command(subcommand)]
    Keys(Keys),
    /// Takes a device's rights back.
    Revoke {
        /// The device's id.
        device: String,
    },
    /// Gives an account a plan by hand, without a payment.
    Grant {
        /// The account's id.
        #[arg(long)]
        account: String,
        /// The plan's code.
        #[arg(long)]
        plan: String,
        /// The last day of it (UTC), as 2027-12-31; for good where none is given.
        #[arg(long)]
        until: Option<Date>,
    },
    /// Plans.
    #[command(subcommand)]
    Plans(Plans),
    /// Looks whether the service could start and go on.
    Doctor,
}

#[derive(Subcommand)]
enum Keys {
    /// Makes the root key, which belongs offline, and prints its public half.
    Root,
    /// Makes a signing key, and signs a key set with the root in which it is the active one. Running services take it up
    /// within a minute.
    Rotate,
}

#[derive(Subcommand)]
enum Plans {
    /// Reads the catalogue, compares it with what the billing provider offers, and says what is wrong.
    Check,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("{0}")]
    Text(String),
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Keys(#[from] KeyFolderError),
    #[error(transparent)]
    Terms(#[from] TermsError),
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    #[error("the billing provider offers something else: {0}")]
    Offer(String),
    #[cfg(unix)]
    #[error("signals: {0}")]
    Signal(std::io::Error),
    #[error("there is no such device: {0}")]
    NoDevice(String),
    #[error(transparent)]
    Kinde(#[from] KindeConfigurationError),
    #[error(transparent)]
    Billing(#[from] BillingError),
    #[error("something is wrong")]
    Unwell,
    #[error("there is no such account: {0}")]
    NoAccount(String),
    #[error("there is no such plan: {0}")]
    NoPlan(String),
    #[error("that day is over: {0}")]
    DayIsOver(Date),
}

#[tokio::main]
async fn main() -> ExitCode {
    match start(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure);
            ExitCode::FAILURE
        }
    }
}

async fn start(arguments: Arguments) -> Result<(), Failure> {
    let settings = arguments.flags.settings()?;
    let telemetry = Telemetry::begin(&settings.telemetry)?;
    let done = run(arguments.command, &settings).await;
    telemetry.end().await;
    done
}

async fn run(command: Command, settings: &Settings) -> Result<(), Failure> {
    let keys = KeyFolder::at(&settings.keys.folder);
    let clock = Clock::default();
    let open = || {
        Store::open_with(
            settings.database.url.expose_secret(),
            settings.database.connections,
        )
    };
    match command {
        Command::Serve { check: true, .. } => say(&settings.shown().map_err(Failure::Text)?),
        Command::Serve { embedded, .. } => {
            // Before the first request: whoever asks while it starts is heard, too.
            let asked = asked_to_stop()?;
            let stop = CancellationToken::new();
            let store = open().await?;
            if embedded {
                store.migrate().await?;
                keys.make_root()?;
                if store.keyset().await?.is_none() {
                    rotate(&store, settings, &keys).await?;
                }
            }
            let catalogue = settings.read_catalogue().map_err(Failure::Text)?;
            let vendor = settings.vendor_keys(&clock).await.map_err(Failure::Text)?;
            let service = Service::new(Parts {
                store: store.clone(),
                keys: &keys,
                root: &settings.root()?,
                issuer: settings.issuer(),
                billing: billing(&store, &catalogue, &clock, settings)?,
                catalogue,
                clock,
                identity: settings.identity()?,
                terms: settings.read_terms()?,
                oldest_app: settings.oldest_app.clone(),
            })
            .await?;
            let serving = service.serve(settings, vendor, stop.clone());
            let stopping = async {
                stop.run_until_cancelled(asked).await;
                stop.cancel();
            };
            let (served, ()) = tokio::join!(
                async {
                    let served = serving.await;
                    stop.cancel();
                    served
                },
                stopping
            );
            served?;
            store.close().await;
        }
        Command::Migrate => open().await?.migrate().await?,
        Command::Keys(Keys::Root) => say(keys.make_root()?.paserk()),
        Command::Keys(Keys::Rotate) => rotate(&open().await?, settings, &keys).await?,
        Command::Revoke { device } => {
            if !open().await?.revoke_device(&device).await? {
                return Err(Failure::NoDevice(device));
            }
        }
        Command::Grant {
            account,
            plan,
            until,
        } => {
            let catalogue = settings.read_catalogue().map_err(Failure::Text)?;
            if catalogue.plan(&plan).is_none() {
                return Err(Failure::NoPlan(plan));
            }
            let now = clock.now();
            let until = until.map(|day| end_of(day, now)).transpose()?;
            let store = open().await?;
            if !store.grant(&account, &plan, until, now).await? {
                return Err(Failure::NoAccount(account));
            }
        }
        Command::Plans(Plans::Check) => {
            let catalogue = settings.read_catalogue().map_err(Failure::Text)?;
            let offered = match &settings.billing.kinde {
                Some(_) => {
                    let store = open().await?;
                    billing(&store, &catalogue, &clock, settings)?
                        .plans()
                        .await?
                }
                None => Embedded::offers(&catalogue, clock.now()),
            };
            let differences = catalogue.differences(&offered, clock.now());
            if !differences.is_empty() {
                return Err(Failure::Offer(differences.join("; ")));
            }
            say(&format!("{} plans", catalogue.plans.len()));
        }
        Command::Doctor => {
            let findings = examine(settings, &clock).await;
            for finding in &findings {
                say(&finding.to_string());
            }
            if findings.iter().any(|finding| finding.state.is_err()) {
                return Err(Failure::Unwell);
            }
        }
    }
    Ok(())
}

/// Who sells the plans.
fn billing(
    store: &Store,
    catalogue: &Catalogue,
    clock: &Clock,
    settings: &Settings,
) -> Result<Arc<dyn Billing>, Failure> {
    let (catalogue, clock) = (catalogue.clone(), clock.clone());
    Ok(match &settings.billing.kinde {
        Some(kinde) => {
            let outbound = Outbound::new(settings.outbound_proxy.as_ref())?;
            let secret = kinde.secret()?;
            Arc::new(Kinde::new(
                kinde.clone(),
                secret,
                &outbound,
                catalogue,
                clock,
            ))
        }
        None => {
            let url = settings.url.clone();
            Arc::new(Embedded::new(store.clone(), catalogue, clock, url))
        }
    })
}

/// The end of a day that is not over.
fn end_of(day: Date, now: Timestamp) -> Result<Timestamp, Failure> {
    let end = day
        .tomorrow()
        .and_then(|next| next.to_zoned(TimeZone::UTC))
        .map(|next| next.timestamp());
    end.ok()
        .filter(|end| *end > now)
        .ok_or(Failure::DayIsOver(day))
}

async fn rotate(store: &Store, settings: &Settings, keys: &KeyFolder) -> Result<(), Failure> {
    let root = settings.root()?;
    let before = match store.keyset().await? {
        Some(signed) => {
            Some(KeySet::read(&signed, std::slice::from_ref(&root)).map_err(ServiceError::KeySet)?)
        }
        None => None,
    };
    let now = Clock::default().now();
    let signed = keys.rotate(before.as_ref(), now)?;
    Ok(store.keep_keyset(&signed, now).await?)
}

/// Listens for being asked to stop, from now on; what it gives returns when that happens.
#[cfg(unix)]
fn asked_to_stop() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupted = signal(SignalKind::interrupt()).map_err(Failure::Signal)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(Failure::Signal)?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Listens for being asked to stop.
#[cfg(not(unix))]
fn asked_to_stop() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// Says what a command was asked for.
#[allow(clippy::print_stdout, reason = "a command answers on standard output")]
fn say(text: &str) {
    println!("{text}");
}

/// Says why a command failed: before there is a log, too.
#[allow(clippy::print_stderr, reason = "a command complains on standard error")]
fn complain(failure: &Failure) {
    eprintln!("{failure}");
}
