//! Streams: how late their pieces come, how many can be open, how soon the provider hears that a client left, and whether
//! every byte is the provider's.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::Args;
use futures::future::{join_all, try_join_all};
use http_body_util::BodyExt;
use hyper::Method;
use hyper::body::Incoming;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use super::calls::{Tally, Window, sum};
use super::connection::{Connection, ns, with};
use super::{Quantiles, Seen};
use crate::clock;
use crate::fault::Fault;
use crate::wire::{self, PATH, PIECES, Pace, TOKEN};

#[derive(Args)]
pub(crate) struct Paced {
    #[arg(long)]
    to: String,
    /// Streams at a time.
    #[arg(long)]
    clients: usize,
    /// Pieces of one stream.
    #[arg(long, default_value_t = 60)]
    pieces: u32,
    #[arg(long, default_value_t = 10_000)]
    every_us: u64,
    #[arg(long, default_value_t = 1000)]
    for_ms: u64,
}

#[derive(Args)]
pub(crate) struct Open {
    #[arg(long)]
    to: String,
    #[arg(long)]
    clients: usize,
}

#[derive(Args)]
pub(crate) struct Cancel {
    #[arg(long)]
    to: String,
    /// The provider's address.
    #[arg(long)]
    upstream: String,
    #[arg(long)]
    times: u32,
}

#[derive(Args)]
pub(crate) struct Verify {
    #[arg(long)]
    to: String,
    #[arg(long)]
    answers: usize,
    #[arg(long)]
    clients: usize,
}

fn asking(every_us: u64, pieces: u32, name: &str) -> Bytes {
    let pace = Pace {
        every_us: every_us.to_string(),
        name: name.to_owned(),
    };
    wire::request(true, pieces, &pace)
}

/// Splits a body into events.
struct Events {
    body: Incoming,
    text: Vec<u8>,
}

impl Events {
    async fn begin(connection: &mut Connection, body: Bytes) -> Result<Self, Fault> {
        let request = connection.request(Method::POST, PATH, TOKEN, body)?;
        let response = connection.send(request).await?;
        if response.status() != 200 {
            return Err(Fault::Other(format!(
                "a stream was refused: {}",
                response.status()
            )));
        }
        Ok(Self {
            body: response.into_body(),
            text: Vec::new(),
        })
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        loop {
            if let Some(end) = self.text.windows(2).position(|two| two == b"\n\n") {
                let rest = self.text.split_off(end + 2);
                return Ok(Some(std::mem::replace(&mut self.text, rest)));
            }
            match self.body.frame().await {
                Some(frame) => {
                    if let Some(data) = frame?.data_ref() {
                        self.text.extend_from_slice(data);
                    }
                }
                None => return Ok(None),
            }
        }
    }
}

/// `first` is the time to the first piece, `whole` the lag of each piece, and `requests` counts pieces.
pub(super) async fn paced(options: Paced) -> Result<Seen, Fault> {
    let body = asking(options.every_us, options.pieces, "");
    let window = Window::after(options.every_us / 500, options.for_ms);
    let clients = (0..options.clients).map(|number| {
        let body = body.clone();
        // Spread over one pause: all at once would be a burst that no real crowd makes.
        let delay = Duration::from_micros(options.every_us) * u32::try_from(number).unwrap_or(0)
            / u32::try_from(options.clients).unwrap_or(1);
        with(&options.to, move |mut connection| async move {
            tokio::time::sleep(delay).await;
            let mut tally = Tally::default();
            while !window.is_over() {
                let sent = Instant::now();
                let mut events = Events::begin(&mut connection, body.clone()).await?;
                let mut pieces = 0;
                while let Some(event) = events.next().await? {
                    let Some(sent_ns) = wire::sent_ns(&event) else {
                        continue;
                    };
                    let lag = u64::try_from(clock::unix_ns() - sent_ns).unwrap_or(0);
                    if pieces == 0 {
                        tally.first.push(ns(sent));
                    }
                    pieces += 1;
                    if !window.is_over() {
                        tally.whole.push(lag);
                    }
                }
                tally.all += 1;
                tally.errors += u64::from(pieces != options.pieces);
            }
            Ok(tally)
        })
    });
    Ok(sum(try_join_all(clients).await?, window.seconds()))
}

/// Says `open` when every stream gave its first piece.
pub(super) async fn open(options: Open) -> Result<Seen, Fault> {
    let (sender, mut opened) = tokio::sync::mpsc::unbounded_channel();
    let body = asking(1_000_000, 1_000_000, "");
    let clients = (0..options.clients).map(|_| {
        let (body, sender) = (body.clone(), sender.clone());
        with(&options.to, move |mut connection| async move {
            let mut events = Events::begin(&mut connection, body).await?;
            events.next().await?;
            // Nobody listens any more when the streams are to end.
            sender.send(()).ok();
            while events.next().await?.is_some() {}
            Err::<(), _>(Fault::Other("a stream ended".into()))
        })
    });
    let clients = try_join_all(clients);
    let waiting = async {
        for _ in 0..options.clients {
            opened.recv().await;
        }
        println!("open");
        let mut nothing = [0; 16];
        tokio::io::stdin()
            .read(&mut nothing)
            .await
            .map_err(Fault::Pipe)
    };
    tokio::select! {
        broken = clients => broken.map(|_| Seen::default()),
        waited = waiting => waited.map(|_| Seen { all: options.clients as u64, ..Seen::default() }),
    }
}

/// `whole` is the time from dropping the connection until the provider's word that the stream's reader is gone is here.
pub(super) async fn cancel(options: Cancel) -> Result<Seen, Fault> {
    let mut times = Vec::new();
    let run = clock::unix_ns();
    for number in 0..options.times {
        let name = format!("{run}-{number}");
        let body = asking(2_000, 1_000_000, &name);
        // The connection ends with this block, in the middle of the stream.
        with(&options.to, move |mut connection| async move {
            let mut events = Events::begin(&mut connection, body).await?;
            for _ in 0..3 {
                events.next().await?;
            }
            Ok(())
        })
        .await?;
        let left = Instant::now();
        with(&options.upstream, |mut connection| async move {
            let request =
                connection.request(Method::GET, &format!("/left/{name}"), "", Bytes::new())?;
            connection.ask(request).await
        })
        .await?;
        times.push(ns(left));
    }
    Ok(Seen {
        all: u64::from(options.times),
        whole: Quantiles::of(times),
        ..Seen::default()
    })
}

/// Every different hash of answers of both kinds, with the kind before it.
pub(super) async fn verify(options: Verify) -> Result<Seen, Fault> {
    let share = options.answers.div_ceil(options.clients);
    let clients = (0..options.clients).map(|number| {
        with(&options.to, move |mut connection| async move {
            let mut hashes = BTreeSet::new();
            for turn in 0..share {
                let stream = (turn + number) % 2 == 0;
                let body = wire::request(stream, PIECES, &Pace::default());
                let done = connection
                    .ask(connection.request(Method::POST, PATH, TOKEN, body)?)
                    .await?;
                let hash: Vec<String> = Sha256::digest(&done.body)
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                hashes.insert(format!(
                    "{} {} {}",
                    done.status,
                    if stream { "stream" } else { "json" },
                    hash.concat()
                ));
            }
            Ok(hashes)
        })
    });
    let mut hashes = BTreeSet::new();
    let mut errors = 0;
    for client in join_all(clients).await {
        match client {
            Ok(more) => hashes.extend(more),
            Err(fault) => {
                eprintln!("{fault}");
                errors += 1;
            }
        }
    }
    Ok(Seen {
        all: (share * options.clients) as u64,
        errors,
        hashes: hashes.into_iter().collect(),
        ..Seen::default()
    })
}
