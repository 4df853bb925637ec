//! The service and Kinde, who is a process of its own here: billing by its interface, and what its webhooks lead to.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod agreements;
mod any_order;
#[path = "../../service/cluster.rs"]
mod cluster;
#[path = "../../service/databases.rs"]
mod databases;
mod double;
mod money;
mod paying;
mod periods;
mod secrets;
mod service;
mod trust;
mod usage;
mod webhooks;
