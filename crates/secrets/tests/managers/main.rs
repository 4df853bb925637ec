//! The secrets managers, each as its own process: OpenBao itself, moto for AWS, and a double of one route for Google.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[cfg(feature = "aws")]
mod aws;
mod cache;
#[cfg(feature = "google")]
mod google;
mod local;
mod logins;
mod openbao;
mod policy;
mod programs;
mod references;
mod vault;
mod world;
