//! A double of Kinde: what its documentation says that it answers, with the faults that its documentation and its users tell of.
//!
//! A process of its own with two ports: one speaks as Kinde does, the other is for tests, who make people pay there, move the clock
//! and switch faults on. It keeps everything in memory and ends when its standard input does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test's helper: what goes wrong in it should end it"
)]

mod account;
mod agreements;
mod control;
mod faults;
mod hosted;
mod management;
mod signing;
mod usage;
mod webhooks;
mod world;

use axum::Router;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() {
    rustls::crypto::ring::default_provider()
        .install_default()
        .unwrap();
    let kinde = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let control = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", kinde.local_addr().unwrap());
    let world = world::Shared::new(&issuer);
    println!("{issuer} http://{}", control.local_addr().unwrap());
    let public = Router::new()
        .merge(signing::routes())
        .merge(hosted::routes())
        .merge(management::routes(&world))
        .merge(account::routes(&world))
        .fallback(faults::no_route)
        .layer(axum::middleware::from_fn_with_state(
            world.clone(),
            faults::down,
        ))
        .with_state(world.clone());
    let mut input = tokio::io::stdin();
    let mut rest = Vec::new();
    tokio::select! {
        served = axum::serve(kinde, public).into_future() => served.unwrap(),
        served = axum::serve(control, control::routes(world.clone())).into_future() => served.unwrap(),
        () = webhooks::send_forever(world.clone()) => {}
        // Whoever started it is gone.
        read = input.read_to_end(&mut rest) => { read.unwrap(); }
    }
}
