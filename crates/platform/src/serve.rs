//! The service at work: its door, its metrics' door, its due work, until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use brasskey_providers::WireError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use utoipa_axum::router::OpenApiRouter;

use crate::authority::PlatformAuthority;
use crate::gateway::gateway;
use crate::http::Edge;
use crate::server::Door;
use crate::service::Service;
use crate::settings::Settings;
use crate::tls::{Tls, TlsError};
use crate::vendor_keys::VendorKeys;

/// A service that cannot open its door.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address cannot be listened on.
    #[error("{address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The way to the providers.
    #[error("the way to the providers: {0}")]
    Wire(#[from] WireError),
}

/// How often the source of the vendor's keys is tended.
const TEND: Duration = Duration::from_secs(60);

impl Service {
    /// Serves until it is told to stop, and returns in good order.
    ///
    /// # Errors
    /// [`ServeError`], before anything is served.
    pub async fn serve(
        self,
        settings: &Settings,
        vendor: Option<VendorKeys>,
        stop: CancellationToken,
    ) -> Result<(), ServeError> {
        let tls = match (&settings.tls.certificate, &settings.tls.key) {
            (Some(certificate), Some(key)) => Some(Arc::new(Tls::open(certificate, key)?)),
            _ => None,
        };
        let limits = &settings.limits;
        let listen = |address| move |source| ServeError::Listen { address, source };
        let door = Door::open(settings.listen, tls.clone(), limits)
            .await
            .map_err(listen(settings.listen))?;
        let metrics = match settings.telemetry.metrics_listen {
            Some(address) => {
                let door = Door::open(address, None, limits).await;
                let door = door.map_err(listen(address))?;
                let address = door.address().map_err(listen(address))?;
                tracing::info!(%address, "metrics");
                Some(door)
            }
            None => None,
        };
        let address = door.address().map_err(listen(settings.listen))?;
        tracing::info!(%address, tls = tls.is_some(), proxy = settings.behind_proxy, "serving");
        let calls = TaskTracker::new();
        let gateway = vendor
            .clone()
            .map(|keys| gateway(PlatformAuthority::new(self.clone(), keys), calls.clone()))
            .transpose()?;
        let edge = Edge::new(settings);
        let routes = self
            .clone()
            .router_with(&edge, OpenApiRouter::new(), gateway);
        let follow = async {
            if let Some(tls) = &tls {
                tls.follow(&stop).await;
            }
        };
        let counted = async {
            if let Some(door) = metrics {
                let routes = Router::new()
                    .route("/metrics", get(text))
                    .with_state(self.clone());
                door.serve(routes, &TaskTracker::new(), &stop).await;
            }
        };
        // A manager's token dies in a night without calls.
        let tended = async {
            while let Some(keys) = &vendor {
                let pause = tokio::time::sleep(TEND);
                if stop.run_until_cancelled(pause).await.is_none() {
                    break;
                }
                keys.tend().await;
            }
        };
        tokio::join!(
            tended,
            door.serve(routes, self.tasks(), &stop),
            counted,
            follow,
            self.work_until(stop.clone()),
            // It only saves the first sign-in a wait.
            stop.run_until_cancelled(self.get_ready()),
        );
        // What was used until now is still to be charged.
        calls.close();
        calls.wait().await;
        Ok(())
    }
}

/// The media type of Prometheus' text with OpenMetrics' words.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

async fn text(State(service): State<Service>) -> Response {
    match service.metrics().text(service.store().pool_state()) {
        Ok(text) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
