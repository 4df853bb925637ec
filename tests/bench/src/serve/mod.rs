//! The servers of the bench. Each says `listening ADDRESS` and ends when its standard input does: with its parent.

mod commits;
mod gateway;
mod intake;
mod pass_through;
mod upstream;

use std::net::Ipv4Addr;

use axum::Router;
use axum::serve::ListenerExt;
use clap::Subcommand;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::fault::Fault;

/// A server.
#[derive(Subcommand)]
pub(crate) enum Server {
    /// The provider: Chat Completions, in one piece, in a stream at once, or in a paced stream.
    Upstream,
    /// The yardstick: axum and reqwest, a token, a key, and the bytes passed on.
    PassThrough(pass_through::Options),
    /// Our gateway with an authority in memory.
    Gateway {
        /// The provider's address.
        #[arg(long)]
        upstream: String,
    },
    /// The yardstick of taking in what was used.
    Intake(intake::Options),
}

/// Runs one.
pub(crate) fn run(server: Server) -> Result<(), Fault> {
    match server {
        // Half of the cores: the other half belongs to what is measured, and to the load.
        Server::Upstream => half_of_the_cores()?.block_on(serve(upstream::router())),
        Server::PassThrough(options) => all_cores()?.block_on(async {
            let router = pass_through::router(&options).await?;
            serve(router).await
        }),
        Server::Gateway { upstream } => all_cores()?.block_on(async {
            let router = gateway::router(&upstream)?;
            serve(router).await
        }),
        Server::Intake(options) => all_cores()?.block_on(async {
            let router = intake::router(&options).await?;
            serve(router).await
        }),
    }
}

/// The runtime that `#[tokio::main]` makes, which is what the service runs on.
fn all_cores() -> Result<tokio::runtime::Runtime, Fault> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}

/// What provider and load run on.
pub(crate) fn half_of_the_cores() -> Result<tokio::runtime::Runtime, Fault> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads((cores / 2).max(1))
        .enable_all()
        .build()?)
}

async fn serve(router: Router) -> Result<(), Fault> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("listening {}", listener.local_addr()?);
    // As nginx and the service have it: a piece that waits for the last one's receipt is 40 ms late.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("no nodelay: {error}");
        }
    });
    let parent_gone = async {
        let mut nothing = [0; 16];
        let mut input = tokio::io::stdin();
        while matches!(input.read(&mut nothing).await, Ok(length) if length > 0) {}
    };
    tokio::select! {
        served = axum::serve(listener, router).into_future() => Ok(served?),
        () = parent_gone => std::process::exit(0),
    }
}
