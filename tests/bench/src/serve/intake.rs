//! The yardstick of taking in what was used: a row for each event, once by its name, and a total; with a commit for each
//! event, or with one for all that wait.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use clap::Args;
use serde::Deserialize;
use sqlx::any::AnyPoolOptions;
use sqlx::{Any, AnyPool, Transaction};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::{Mutex, oneshot};

use crate::fault::Fault;

/// Tasks that commit, each with a connection: one alone is slower than a commit each as long as few clients wait.
const WRITERS: usize = 3;
/// Events in one commit at most.
const MOST: usize = 128;

#[derive(Args)]
pub(crate) struct Options {
    #[arg(long)]
    database: String,
    /// Commits all that wait at once.
    #[arg(long)]
    grouped: bool,
}

#[derive(Deserialize)]
struct Asked {
    events: Vec<Event>,
}

#[derive(Clone, Deserialize)]
struct Event {
    id: String,
    quantity: i64,
}

type Waiting = (Vec<Event>, oneshot::Sender<bool>);

struct Inner {
    pool: AnyPool,
    queue: Option<Sender<Waiting>>,
}

pub(super) async fn router(options: &Options) -> Result<Router, Fault> {
    sqlx::any::install_default_drivers();
    let pool = AnyPoolOptions::new()
        .max_connections(16)
        .connect(&options.database)
        .await?;
    for statement in [
        "CREATE TABLE IF NOT EXISTS yard_event (id TEXT PRIMARY KEY, quantity BIGINT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS yard_total (shard BIGINT PRIMARY KEY, total BIGINT NOT NULL)",
        "INSERT INTO yard_total (shard, total) SELECT n, 0 FROM generate_series(0, 1023) AS many(n) ON CONFLICT DO NOTHING",
    ] {
        sqlx::query(statement).execute(&pool).await?;
    }
    let queue = options.grouped.then(|| writers(&pool));
    let inner = Arc::new(Inner { pool, queue });
    Ok(Router::new()
        .route("/v1/usage", post(take))
        .with_state(inner))
}

async fn take(State(inner): State<Arc<Inner>>, Json(asked): Json<Asked>) -> StatusCode {
    let is_done = match &inner.queue {
        None => commit(&inner.pool, &[&asked.events]).await.is_ok(),
        Some(queue) => {
            let (sender, done) = oneshot::channel();
            queue.send((asked.events, sender)).await.is_ok() && done.await.unwrap_or(false)
        }
    };
    if is_done {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

fn writers(pool: &AnyPool) -> Sender<Waiting> {
    let (sender, receiver) = mpsc::channel(1024);
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..WRITERS {
        let (pool, receiver) = (pool.clone(), Arc::clone(&receiver));
        #[expect(clippy::disallowed_methods, reason = "it ends with the process")]
        tokio::spawn(write(pool, receiver));
    }
    sender
}

async fn write(pool: AnyPool, receiver: Arc<Mutex<Receiver<Waiting>>>) {
    let mut waiting: Vec<Waiting> = Vec::new();
    while receiver.lock().await.recv_many(&mut waiting, MOST).await > 0 {
        let lists: Vec<&[Event]> = waiting
            .iter()
            .map(|(events, _)| events.as_slice())
            .collect();
        let is_done = commit(&pool, &lists).await.is_ok();
        for (_, done) in waiting.drain(..) {
            // A client that left hears of nothing.
            done.send(is_done).ok();
        }
    }
}

async fn commit(pool: &AnyPool, lists: &[&[Event]]) -> Result<(), Fault> {
    let mut write = pool.begin().await?;
    // In one order, so that two commits never wait for each other.
    let mut events: Vec<&Event> = lists.iter().copied().flatten().collect();
    events.sort_unstable_by_key(|event| shard(event));
    for event in events {
        count(&mut write, event).await?;
    }
    write.commit().await?;
    Ok(())
}

async fn count(write: &mut Transaction<'static, Any>, event: &Event) -> Result<(), Fault> {
    let new = sqlx::query(
        "INSERT INTO yard_event (id, quantity) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
    )
    .bind(&event.id)
    .bind(event.quantity)
    .execute(&mut **write)
    .await?;
    if new.rows_affected() == 1 {
        sqlx::query("UPDATE yard_total SET total = total + $2 WHERE shard = $1")
            .bind(shard(event))
            .bind(event.quantity)
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}

/// Whose total it counts in: one of as many as there are accounts at work.
fn shard(event: &Event) -> i64 {
    let sum = event.id.bytes().fold(0_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    i64::from(sum % 1024)
}
