//! Money: 64 clients spend from small wallets at once while the service's processes are killed at random, and nothing is lost,
//! overdrawn or charged twice.
//!
//! What runs is real: replicas of the program over PostgreSQL, or one over SQLite; a provider behind a socket that answers well,
//! late, in part or not; the double of Kinde that is told the use. Who looks is not the service: the books are read from the
//! database itself, by [`books`], all the while and at the end, and are compared with what the clients saw, with what the
//! provider was asked, and with what Kinde knows.
//!
//! The usual run is short. The long one, of 100,000 calls on PostgreSQL and a tenth of them on SQLite:
//!
//! ```text
//! BRASSKEY_MONEY_CALLS=100000 cargo nextest run --workspace --profile long --no-capture -E 'test(/^money::every_cent/)'
//! ```
//!
//! Every run prints its seed. With `BRASSKEY_MONEY_SEED` set to it the calls and the kills are drawn in the same way again.
#![allow(clippy::print_stdout, reason = "the seed and the figures of a run")]

mod books;
mod call;
mod chance;
mod client;
mod fleet;
mod provider;
mod verdict;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use brasskey_licence::Standing;
use jiff::SignedDuration;
use serde_json::json;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::databases::{Database, postgres, sqlite};
use crate::double::{self, Double};
use crate::service::{Instance, plan};

use books::{Books, Count};
use chance::Chance;
use client::Client;
use fleet::Fleet;
use provider::Provider;

const CLIENTS: u64 = 64;
const PLAN: &str = "standard_monthly";
/// A wallet pays for so many calls within its allowance and its plan's limit, with something to spare.
const CALLS_A_WALLET: u64 = 1_000;
/// Rounds of due work within which everything has to be done at the end.
const ROUNDS: usize = 50;

/// How much is done.
struct Load {
    replicas: usize,
    calls: u64,
    /// The clients go on until so many processes were killed.
    kills: u64,
    /// So many wallets are in use at a time.
    wallets: usize,
}

/// An account with a wallet.
struct Account {
    credential: String,
    /// What overage may come to, in cents.
    cap: Mutex<u64>,
}

/// What happened.
#[derive(Default)]
struct Figures {
    /// Calls that were made: each had a hold.
    calls: AtomicU64,
    /// Calls that their wallet could not pay for.
    refused: AtomicU64,
    kills: AtomicU64,
    looks: AtomicU64,
}

struct Scene {
    load: Load,
    kinde: Double,
    /// A replica in this process, which is never killed and whose clock can be moved. It serves Kinde's webhooks alone.
    service: Instance,
    accounts: Vec<Account>,
    provider: Provider,
    fleet: Fleet,
    books: Books,
    http: reqwest::Client,
    figures: Figures,
    turn: AtomicUsize,
    is_over: AtomicBool,
    _database: Database,
}

impl Scene {
    async fn set_up(load: Load, database: Database) -> Self {
        let kinde = Double::start();
        let service = Instance::start(&database.url, &kinde).await;
        let more = usize::try_from(load.calls / CALLS_A_WALLET).unwrap();
        let mut devices = Vec::new();
        for number in 0..load.wallets + more {
            let user = format!("kp_{number}");
            kinde.add_user(&user).await;
            devices.push(service.device_of(&user).await);
            kinde.buy(&user, PLAN).await;
        }
        kinde.idle().await;
        service.work().await;
        let mut accounts = Vec::new();
        for mut device in devices {
            let stands = service.stands(&mut device).await;
            assert_eq!(stands, plan(PLAN, Standing::Active));
            accounts.push(Account {
                credential: device.credential,
                cap: Mutex::new(0),
            });
        }
        let provider = Provider::start().await;
        let books = Books::open(&database.url).await;
        let keys = service.keys.path();
        let fleet = Fleet::start(load.replicas, &database.url, keys, &kinde, &provider.url);
        Self {
            load,
            kinde,
            service,
            accounts,
            provider,
            fleet,
            books,
            http: double::client(),
            figures: Figures::default(),
            turn: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            _database: database,
        }
    }

    fn has_enough(&self) -> bool {
        let [calls, kills] = [&self.figures.calls, &self.figures.kills];
        calls.load(Ordering::Relaxed) >= self.load.calls
            && kills.load(Ordering::Relaxed) >= self.load.kills
    }

    /// Any of the wallets that are in use: new ones come into use and others go out of it with the number of calls.
    fn account(&self, chance: &mut Chance) -> usize {
        let calls = self.figures.calls.load(Ordering::Relaxed);
        let done = usize::try_from(calls.min(self.load.calls)).unwrap();
        let of = usize::try_from(self.load.calls).unwrap();
        let first = (self.accounts.len() - self.load.wallets) * done / of;
        first + chance.index(self.load.wallets)
    }

    /// The next replica's address: requests need no sticky sessions.
    fn any_replica(&self) -> SocketAddr {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.fleet.address(turn % self.fleet.len())
    }

    /// Kills one process or all at once, again and again; each is started again, and what it held is found by due work, because
    /// its time is over. Kinde has its moods meanwhile.
    async fn kill_at_random(self: Arc<Self>, mut chance: Chance) {
        while !self.is_over.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(chance.between(400, 2_500))).await;
            let victims = if chance.one_in(6) {
                (0..self.fleet.len()).collect()
            } else {
                vec![chance.index(self.fleet.len())]
            };
            self.kinde
                .faults(match chance.between(0, 4) {
                    0 => json!({"lose_answers": 2}),
                    1 => json!({"server_errors": 2}),
                    _ => json!({}),
                })
                .await;
            let killed = u64::try_from(victims.len()).unwrap();
            let scene = Arc::clone(&self);
            let replaced = tokio::task::spawn_blocking(move || {
                for victim in &victims {
                    scene.fleet.kill(*victim);
                }
                for victim in victims {
                    scene.fleet.restart(victim);
                }
            });
            replaced.await.unwrap();
            let age = i64::try_from(chance.between(0, 3_000)).unwrap();
            let now = self.service.clock.now().as_millisecond();
            self.books.let_expire(now - age).await;
            self.service.work().await;
            self.figures.kills.fetch_add(killed, Ordering::Relaxed);
        }
    }

    /// Looks into the books again and again. It waits far longer than it looks, so that it does not slow down what it looks at.
    async fn watch(self: Arc<Self>) {
        while !self.is_over.load(Ordering::Relaxed) {
            let begun = std::time::Instant::now();
            self.books.look().await;
            self.figures.looks.fetch_add(1, Ordering::Relaxed);
            let pause = (begun.elapsed() * 9).max(Duration::from_millis(50));
            tokio::time::sleep(pause).await;
        }
    }

    /// Lets the time of all that is still held be over, and waits until all that is due was done: Kinde knows all use then.
    async fn close(&self) {
        self.fleet.stop();
        self.kinde.faults(json!({})).await;
        let hour = SignedDuration::from_hours(1);
        self.service.pass(&self.kinde, hour).await;
        for _ in 0..ROUNDS {
            self.service.work().await;
            let open = self.books.count(Count::OpenHolds).await;
            if open == 0 && self.books.count(Count::Unreported).await == 0 {
                return;
            }
            let pause = SignedDuration::from_mins(4);
            self.service.pass(&self.kinde, pause).await;
        }
        panic!("holds stay open, or use stays unreported");
    }
}

/// How many calls were asked for.
fn asked() -> Option<u64> {
    let text = std::env::var("BRASSKEY_MONEY_CALLS").ok()?;
    Some(text.parse().expect("BRASSKEY_MONEY_CALLS is a number"))
}

async fn run(load: Load, database: Database) {
    let seed = chance::seed();
    println!("BRASSKEY_MONEY_SEED={seed}");
    let scene = Arc::new(Scene::set_up(load, database).await);
    let mut others = JoinSet::new();
    others.spawn(scene.clone().kill_at_random(Chance::of(seed, CLIENTS)));
    others.spawn(scene.clone().watch());
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (scene, chance) = (scene.clone(), Chance::of(seed, number));
        clients.spawn(
            Client {
                scene,
                number,
                chance,
            }
            .run(),
        );
    }
    let mut calls = Vec::new();
    loop {
        tokio::select! {
            // They end by themselves only where they found something wrong.
            Some(wrong) = others.join_next() => wrong.unwrap(),
            made = clients.join_next() => match made {
                Some(made) => calls.extend(made.unwrap()),
                None => break,
            },
        }
    }
    scene.is_over.store(true, Ordering::Relaxed);
    while let Some(ended) = others.join_next().await {
        ended.unwrap();
    }
    scene.close().await;
    verdict::reach(&scene, calls).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_cent_is_accounted_for_whichever_replica_is_killed() {
    let load = Load {
        replicas: 2,
        calls: asked().unwrap_or(2_000),
        kills: 5,
        wallets: 8,
    };
    run(load, postgres()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_cent_is_accounted_for_whenever_the_one_process_is_killed() {
    let load = Load {
        replicas: 1,
        calls: asked().map_or(400, |calls| calls / 10),
        kills: 3,
        wallets: 2,
    };
    run(load, sqlite()).await;
}
