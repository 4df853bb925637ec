//! Calls in a closed loop.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::{Args, ValueEnum};
use futures::future::try_join_all;
use hyper::Method;

use super::connection::{Connection, with};
use super::{Quantiles, Seen};
use crate::fault::Fault;
use crate::wire::{self, PATH, PIECES, Pace, TOKEN};

/// What is asked for.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum What {
    /// An answer in one piece.
    Json,
    /// An answer as a stream that comes at once.
    Stream,
    /// Whether the service lives: no database, no body.
    Health,
}

#[derive(Args)]
pub(crate) struct Options {
    /// Whom to ask, an address each; clients take turns among them.
    #[arg(long, required = true)]
    to: Vec<String>,
    #[arg(long)]
    what: What,
    /// Clients at a time.
    #[arg(long)]
    clients: usize,
    /// How long to ask before it is measured.
    #[arg(long, default_value_t = 100)]
    warm_ms: u64,
    /// How long it is measured.
    #[arg(long, default_value_t = 1000)]
    for_ms: u64,
    /// Where calls are made.
    #[arg(long, default_value = PATH)]
    path: String,
    /// A file with the devices' credentials: each client uses its own. The bench's one token where none is given.
    #[arg(long)]
    credentials: Option<PathBuf>,
    /// This many requests instead, all together.
    #[arg(long)]
    requests: Option<u64>,
}

/// When a loop measures and when it ends.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) opens: Instant,
    pub(super) closes: Instant,
}

impl Window {
    pub(super) fn after(warm_ms: u64, for_ms: u64) -> Self {
        let opens = Instant::now() + Duration::from_millis(warm_ms);
        Self {
            opens,
            closes: opens + Duration::from_millis(for_ms),
        }
    }

    /// Whether a request that is answered now counts: by its end, so that slow ones count as often as quick ones.
    pub(super) fn is_open(&self) -> bool {
        let now = Instant::now();
        now >= self.opens && now <= self.closes
    }

    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.closes
    }

    pub(super) fn seconds(&self) -> f64 {
        (self.closes - self.opens).as_secs_f64()
    }
}

/// What one client saw.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) first: Vec<u64>,
    pub(super) whole: Vec<u64>,
    pub(super) all: u64,
    pub(super) errors: u64,
}

/// Adds up what all clients saw.
pub(super) fn sum(tallies: Vec<Tally>, seconds: f64) -> Seen {
    let mut total = Tally::default();
    for tally in tallies {
        total.first.extend(tally.first);
        total.whole.extend(tally.whole);
        total.all += tally.all;
        total.errors += tally.errors;
    }
    Seen {
        requests: total.whole.len() as u64,
        seconds,
        all: total.all,
        errors: total.errors,
        first: Quantiles::of(total.first),
        whole: Quantiles::of(total.whole),
        hashes: Vec::new(),
    }
}

pub(super) async fn run(options: Options) -> Result<Seen, Fault> {
    let Options { to, what, path, .. } = &options;
    let body = match what {
        What::Json => wire::request(false, PIECES, &Pace::default()),
        What::Stream => wire::request(true, PIECES, &Pace::default()),
        What::Health => Bytes::new(),
    };
    let window = Window::after(options.warm_ms, options.for_ms);
    let started = Instant::now();
    let share = options
        .requests
        .map(|requests| requests.div_ceil(options.clients as u64));
    let tokens: Vec<String> = match &options.credentials {
        Some(path) => {
            serde_json::from_str(&std::fs::read_to_string(path).map_err(Fault::file(path))?)?
        }
        None => vec![TOKEN.to_owned()],
    };
    let clients = to
        .iter()
        .cycle()
        .zip(tokens.iter().cycle())
        .take(options.clients);
    let clients = clients.map(|(address, token)| {
        let body = body.clone();
        with(address, move |connection| {
            client(connection, (*what, path, token), body, window, share)
        })
    });
    let tallies = try_join_all(clients).await?;
    let seconds = if share.is_some() {
        started.elapsed().as_secs_f64()
    } else {
        window.seconds()
    };
    Ok(sum(tallies, seconds))
}

async fn client(
    mut connection: Connection,
    (what, path, token): (What, &str, &str),
    body: Bytes,
    window: Window,
    share: Option<u64>,
) -> Result<Tally, Fault> {
    let (method, path, token, status) = match what {
        What::Json | What::Stream => (Method::POST, path, token, 200),
        What::Health => (Method::GET, "/healthz", "", 204),
    };
    let mut tally = Tally::default();
    let mut length = None;
    while share.map_or(!window.is_over(), |share| tally.all < share) {
        let request = connection.request(method.clone(), path, token, body.clone())?;
        let done = connection.ask(request).await?;
        tally.all += 1;
        if done.status != status || *length.get_or_insert(done.body.len()) != done.body.len() {
            tally.errors += 1;
        } else if share.is_none() && window.is_open() {
            tally.first.push(done.first_ns);
            tally.whole.push(done.whole_ns);
        }
    }
    Ok(tally)
}
