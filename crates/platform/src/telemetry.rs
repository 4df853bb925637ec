//! What the service tells about itself while it runs: its log, and traces where a collector is named. Neither holds what was in
//! a request: routes by their template, no query, no header, no id of a customer.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};
use url::Url;

use crate::settings::{LogForm, TelemetrySettings};
use crate::tls;

/// What is told under in traces.
const NAME: &str = "brasskey-platform";
/// How long a collector may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Telemetry that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not of the form that is meant.
    #[error("telemetry.filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// There is a log already.
    #[error(transparent)]
    Twice(#[from] tracing_subscriber::util::TryInitError),
    /// No client for the collector.
    #[error("telemetry.traces: {0}")]
    Client(#[from] reqwest::Error),
    /// No exporter for the collector.
    #[error("telemetry.traces: {0}")]
    Exporter(#[from] ExporterBuildError),
}

/// Telemetry that runs.
#[must_use]
#[derive(Debug)]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Begins the log on standard error, and the traces. Once a process, within its runtime.
    ///
    /// # Errors
    /// [`TelemetryError`].
    pub fn begin(settings: &TelemetrySettings) -> Result<Self, TelemetryError> {
        let filter = match std::env::var(EnvFilter::DEFAULT_ENV) {
            Ok(filter) => EnvFilter::try_new(filter)?,
            Err(_) => EnvFilter::try_new(&settings.filter)?,
        };
        let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
        let log: Box<dyn Layer<Registry> + Send + Sync> = match settings.log {
            LogForm::Text => lines.with_filter(filter).boxed(),
            LogForm::Json => lines
                .json()
                .flatten_event(true)
                .with_span_list(false)
                .with_filter(filter)
                .boxed(),
        };
        // By its place alone: its message may hold what a request held.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            tracing::error!(alarm = true, place, "a panic");
        }));
        let traces = settings.traces.as_ref().map(traces).transpose()?;
        // Only spans of ours: a library's may hold what a request held.
        let spans = traces.as_ref().map(|traces| {
            tracing_opentelemetry::layer()
                .with_tracer(traces.tracer(NAME))
                .with_location(false)
                .with_threads(false)
                .with_filter(Targets::new().with_target("brasskey_platform", LevelFilter::INFO))
        });
        tracing_subscriber::registry()
            .with(log)
            .with(spans)
            .try_init()?;
        Ok(Self { traces })
    }

    /// Sends what is not sent yet.
    pub async fn end(self) {
        let Some(traces) = self.traces else {
            return;
        };
        // It waits for its own thread, which sends on this runtime.
        let ended = tokio::task::spawn_blocking(move || traces.shutdown()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the last traces could not be sent");
        }
    }
}

fn traces(collector: &Url) -> Result<SdkTracerProvider, TelemetryError> {
    tls::provide();
    #[expect(
        clippy::disallowed_methods,
        reason = "it speaks to the collector alone, and makes no model call"
    )]
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .build()?;
    let endpoint = format!("{}/v1/traces", collector.as_str().trim_end_matches('/'));
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Collector {
            client,
            runtime: Handle::current(),
        })
        .with_endpoint(endpoint)
        .build()?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name(NAME).build())
        .build())
}

/// The way to the collector, through the workspace's own HTTP client. Traces are sent from a thread of their own, without a
/// runtime, so that each request is carried over to ours.
struct Collector {
    client: reqwest::Client,
    runtime: Handle,
}

impl fmt::Debug for Collector {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Collector")
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move {
            let response = client.execute(request).await?;
            let status = response.status();
            Ok::<_, reqwest::Error>((status, response.bytes().await?))
        });
        let (status, body) = sent.await??;
        Ok(Response::builder().status(status).body(body)?)
    }
}
