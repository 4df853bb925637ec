//! Devices at the service: they begin trials, renew their licences, and report their usage. A credential is used once and
//! replaced, so that the file that holds them is written anew at the end.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::{Args, ValueEnum};
use futures::future::try_join_all;
use hyper::Method;
use hyper::header::HeaderValue;
use serde_json::{Value, json};

use super::Seen;
use super::calls::{Tally, Window, sum};
use super::connection::{Connection, ns, with};
use crate::clock;
use crate::fault::Fault;

/// What devices ask for.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Errand {
    /// A renewed licence.
    Renew,
    /// One unit of use taken in.
    Usage,
}

#[derive(Args)]
pub(crate) struct Options {
    /// Whom to ask, an address each; clients take turns among them.
    #[arg(long, required = true)]
    to: Vec<String>,
    #[arg(long)]
    errand: Errand,
    /// The file with the devices' credentials.
    #[arg(long)]
    credentials: PathBuf,
    /// Clients at a time.
    #[arg(long)]
    clients: usize,
    #[arg(long, default_value_t = 100)]
    warm_ms: u64,
    #[arg(long, default_value_t = 1000)]
    for_ms: u64,
    /// Requests per second of all clients together, evenly spread; as many as are answered where none is given.
    #[arg(long)]
    rate: Option<f64>,
}

#[derive(Args)]
pub(crate) struct Enrol {
    /// Whom to ask.
    #[arg(long)]
    to: String,
    /// The file for the devices' credentials.
    #[arg(long)]
    credentials: PathBuf,
    /// How many devices.
    #[arg(long)]
    devices: usize,
}

const CLIENTS: usize = 16;

/// Begins the trials of new devices.
pub(super) async fn enrol(options: Enrol) -> Result<Seen, Fault> {
    let share = options.devices.div_ceil(CLIENTS);
    let run = clock::unix_ns();
    let clients = (0..CLIENTS).map(|client| {
        with(&options.to, move |mut connection| async move {
            let mut credentials = Vec::new();
            for number in 0..share {
                let name = format!("dev_bench_{run}_{client}_{number}");
                let body = json!({"device_id": name, "name": "Bench", "os": "linux", "app_version": "0.1.0"});
                let bytes = Bytes::from(body.to_string());
                let mut request = connection.request(Method::POST, "/v1/trials", "", bytes)?;
                let key = HeaderValue::from_str(&name).map_err(|error| Fault::Other(error.to_string()))?;
                request.headers_mut().insert("idempotency-key", key);
                credentials.push(token(&connection.ask(request).await?.body)?);
            }
            Ok(credentials)
        })
    });
    let credentials = try_join_all(clients).await?.concat();
    keep(&options.credentials, &credentials)?;
    Ok(Seen {
        all: credentials.len() as u64,
        ..Seen::default()
    })
}

/// The credential that an answer holds.
fn token(body: &[u8]) -> Result<String, Fault> {
    let answer: Value = serde_json::from_slice(body)?;
    answer
        .get("device_token")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| Fault::Other(format!("an answer without a credential: {answer}")))
}

fn keep(path: &Path, credentials: &[String]) -> Result<(), Fault> {
    let next = path.with_extension("next");
    File::create(&next)
        .and_then(|mut file| file.write_all(serde_json::to_string(credentials)?.as_bytes()))
        .and_then(|()| std::fs::rename(&next, path))
        .map_err(Fault::file(path))
}

pub(super) async fn run(options: Options) -> Result<Seen, Fault> {
    let path = &options.credentials;
    let text = std::fs::read_to_string(path).map_err(Fault::file(path))?;
    let credentials: Vec<String> = serde_json::from_str(&text)?;
    let share = credentials.len().div_ceil(options.clients).max(1);
    if credentials.len() < options.clients {
        return Err(Fault::Other("more clients than devices".into()));
    }
    let window = Window::after(options.warm_ms, options.for_ms);
    #[allow(clippy::cast_precision_loss, reason = "a few hundred clients")]
    let every = options
        .rate
        .map(|rate| Duration::from_secs_f64(options.clients as f64 / rate));
    let addresses = options.to.iter().cycle();
    let clients = credentials.chunks(share).zip(addresses).enumerate();
    let clients = clients.map(|(number, (own, address))| {
        let start = every.map_or(Duration::ZERO, |every| {
            every * u32::try_from(number).unwrap_or(0) / u32::try_from(options.clients).unwrap_or(1)
        });
        let client = Client {
            number,
            credentials: own.to_vec(),
            errand: options.errand,
            window,
            start: Instant::now() + start,
            every,
        };
        with(address, move |connection| client.run(connection))
    });
    let (tallies, credentials): (Vec<_>, Vec<_>) = try_join_all(clients).await?.into_iter().unzip();
    keep(path, &credentials.concat())?;
    Ok(sum(tallies, window.seconds()))
}

/// A client that stands for some devices, one after the other.
struct Client {
    number: usize,
    credentials: Vec<String>,
    errand: Errand,
    window: Window,
    start: Instant,
    every: Option<Duration>,
}

impl Client {
    async fn run(mut self, mut connection: Connection) -> Result<(Tally, Vec<String>), Fault> {
        let mut tally = Tally::default();
        let mut due = self.start;
        let run = clock::unix_ns();
        while !self.window.is_over() {
            if let Some(every) = self.every {
                tokio::time::sleep_until(due.into()).await;
                due += every;
            }
            // At a rate the time counts from when the request was due: waiting behind a slow one is part of it.
            let sent = self.every.map_or_else(Instant::now, |every| due - every);
            let turn = usize::try_from(tally.all).unwrap_or(0) % self.credentials.len();
            let Some(credential) = self.credentials.get_mut(turn) else {
                break;
            };
            let (path, body) = match self.errand {
                Errand::Renew => ("/v1/licence", json!({"app_version": "0.2.0"})),
                Errand::Usage => {
                    let id = format!("use_{run}_{}_{}", self.number, tally.all);
                    let at = jiff::Timestamp::from_nanosecond(i128::from(run)).unwrap_or_default();
                    (
                        "/v1/usage",
                        json!({"events": [{"id": id, "feature": "projects", "quantity": 1, "at": at}]}),
                    )
                }
            };
            let bytes = Bytes::from(body.to_string());
            let request = connection.request(Method::POST, path, credential, bytes)?;
            let done = connection.ask(request).await?;
            tally.all += 1;
            if done.status != 200 {
                tally.errors += 1;
                continue;
            }
            if matches!(self.errand, Errand::Renew) {
                *credential = token(&done.body)?;
            }
            if self.window.is_open() {
                tally.first.push(done.first_ns);
                tally.whole.push(ns(sent));
            }
        }
        Ok((tally, self.credentials))
    }
}
