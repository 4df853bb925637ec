//! The sandbox provider: a provider of our own on 127.0.0.1 that speaks the protocols of OpenAI, Anthropic, Gemini,
//! OpenRouter, an OpenAI-compatible server and Ollama.
//!
//! It is used in two ways. A test starts one of its own, says with [`Script`] what the next call shall meet, and reads in
//! [`Recorded`] what arrived. A person starts `brasskey-sandbox` and chooses a behaviour with the end of the key
//! ([`keys`]) or with a question that begins with `/` ([`commands`]).
//!
//! It must be as strict as the real thing (a request that a provider would refuse is refused here), must never listen on
//! anything but the loopback address, and must never send anything anywhere.

mod answers;
mod asked;
mod catalogue;
mod checks;
pub mod commands;
mod counts;
mod dialect;
mod exchange;
mod fields;
mod hostile;
pub mod keys;
mod play;
mod record;
mod reply;
mod route;
mod script;
mod serve;
mod situations;
mod wire;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

pub use answers::MARKDOWN;
pub use counts::{Counts, count_tokens};
pub use hostile::{HOSTILE, Hostile, hostile, hostile_page};
pub use record::Recorded;
pub use script::{Fault, Script, Situation};
pub use wire::Wire;

use serve::Provider;

/// The port on which `brasskey-sandbox` serves when none is given, and where a debug build of the app looks for it.
pub const SANDBOX_PORT: u16 = 41990;

/// How long [`Sandbox::wait_until`] waits before it gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why the sandbox provider did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or the system has no loopback address.
    #[error("the sandbox provider cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port that was asked for; 0 asks for any.
        port: u16,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The thread that serves could not be started.
    #[error("the sandbox provider has no thread to serve on: {0}")]
    Thread(std::io::Error),
    /// `fixtures/errors.json` or `fixtures/errors_notes.json` does not have the expected shape.
    #[error("the sandbox provider's error fixtures cannot be read: {0}")]
    Fixtures(#[from] serde_json::Error),
}

/// [`Sandbox::wait_until`] gave up.
#[derive(Debug, thiserror::Error)]
#[error("the awaited requests did not come; the sandbox provider saw: {seen:?}")]
pub struct NeverCame {
    /// Method and path of each request that did come.
    pub seen: Vec<String>,
}

/// A running sandbox provider. It serves on a thread of its own, so a test that blocks does not stall it, and it stops,
/// open streams included, when dropped.
#[derive(Debug)]
pub struct Sandbox {
    addr: SocketAddr,
    provider: Arc<Provider>,
    runtime: Option<Runtime>,
}

impl Sandbox {
    /// Starts on a free port.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start() -> Result<Self, StartError> {
        Self::start_on(0).await
    }

    /// Starts on `port` of 127.0.0.1.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start_on(port: u16) -> Result<Self, StartError> {
        let listen = |source| StartError::Listen { port, source };
        // First all that can fail by itself: a runtime may not be dropped inside another one.
        let socket = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(listen)?;
        socket.set_nonblocking(true).map_err(listen)?;
        let addr = socket.local_addr().map_err(listen)?;
        let provider = Arc::new(Provider::new(Instant::now())?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sandbox-provider")
            .enable_all()
            .build()
            .map_err(StartError::Thread)?;
        let listener = {
            let _entered = runtime.enter();
            TcpListener::from_std(socket).map_err(listen)?
        };
        // Tokens must leave one by one, not when the kernel has a full packet. A socket that refuses the option still works.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let router = Router::new()
            .fallback(serve::serve)
            .with_state(Arc::clone(&provider));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            addr,
            provider,
            runtime: Some(runtime),
        })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What a user enters as base URL to reach `wire` here, without a slash at the end.
    pub fn base_url(&self, wire: Wire) -> String {
        format!("http://{}{}", self.addr, wire.path())
    }

    /// Queues what the next model call meets; each queued script serves one call, in order.
    pub fn script(&self, script: Script) {
        self.provider.scripts().queue.push_back(script);
    }

    /// Forgets what was queued for model calls.
    pub fn forget_scripts(&self) {
        self.provider.scripts().queue.clear();
    }

    /// Sets what every model call meets for which nothing is queued.
    pub fn always(&self, script: Script) {
        self.provider.scripts().standing = script;
    }

    /// Queues what the next call that checks a key meets (model lists, OpenRouter's `/key`, token counting).
    pub fn script_check(&self, fault: Fault) {
        self.provider.scripts().checks.push_back(fault);
    }

    /// Every request so far, oldest first.
    pub fn requests(&self) -> Vec<Recorded> {
        self.provider.journal.all()
    }

    /// Waits until `condition` holds for the requests so far and returns them.
    ///
    /// # Errors
    /// [`NeverCame`] when it does not hold within twenty seconds.
    pub async fn wait_until(
        &self,
        condition: impl Fn(&[Recorded]) -> bool,
    ) -> Result<Vec<Recorded>, NeverCame> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let requests = self.requests();
            if condition(&requests) {
                return Ok(requests);
            }
            if tokio::time::Instant::now() >= deadline {
                let seen = requests
                    .iter()
                    .map(|request| format!("{} {}", request.method, request.path))
                    .collect();
                return Err(NeverCame { seen });
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Forgets every request, every queued script and the standing one. Answers that are running go on.
    pub fn reset(&self) {
        self.provider.journal.clear();
        *self.provider.scripts() = serve::Scripts::default();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A runtime may not be waited for inside another one; its tasks and sockets are dropped all the same.
            runtime.shutdown_background();
        }
    }
}
