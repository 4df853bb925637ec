//! The gateway for vendor-billed use, as it is mounted beside the service's own routes: `/v1/gateway`.
//!
//! It has no limits in common with them: its bodies are long, and its answers stream for minutes.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use brasskey_gateway::{Gateway, Settings, router};
use brasskey_providers::{Wire, WireError};
use tokio_util::task::TaskTracker;

use crate::authority::PlatformAuthority;
use crate::clock::new_id;

/// How long connecting to a provider may take.
const CONNECT: Duration = Duration::from_secs(10);

/// The gateway's routes. Calls settle on `tasks`: close it and wait for it when the server has stopped.
///
/// # Errors
/// [`WireError`] when TLS cannot be set up.
pub fn gateway(authority: PlatformAuthority, tasks: TaskTracker) -> Result<Router, WireError> {
    let service = authority.service().clone();
    Ok(router(Gateway {
        authority,
        wire: Wire::relaying(CONNECT)?,
        tasks,
        settings: Settings::default(),
        now_ms: Arc::new(move || service.now().as_millisecond()),
        new_id: || new_id("call"),
    }))
}
