//! The service's own door: it takes connections, by TLS where there is a certificate, a bounded number at once, gives each a
//! bounded time for the head of a request, and when it is told to stop lets running requests end, for a bounded time, too.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::settings::Limits;
use crate::tls::Tls;

/// A request has no more headers.
const MOST_HEADERS: usize = 64;
/// How long nothing is taken after the system had no more file handles to give.
const BREATH: Duration = Duration::from_millis(100);

/// The door, open: connections wait until [`Door::serve`].
pub(crate) struct Door {
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    limits: Limits,
}

impl Door {
    pub(crate) async fn open(
        listen: SocketAddr,
        tls: Option<Arc<Tls>>,
        limits: &Limits,
    ) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(listen).await?,
            tls,
            limits: limits.clone(),
        })
    }

    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until it is told to stop, and returns when no request runs any more. `tasks` are waited for like requests.
    pub(crate) async fn serve(self, routes: Router, tasks: &TaskTracker, stop: &CancellationToken) {
        let slots = Arc::new(Semaphore::new(self.limits.connections));
        let cut = CancellationToken::new();
        // Whoever comes while all slots are taken waits in the system's queue.
        while let Some(Ok(slot)) = stop
            .run_until_cancelled(slots.clone().acquire_owned())
            .await
        {
            let Some(taken) = stop.run_until_cancelled(self.listener.accept()).await else {
                break;
            };
            let (stream, peer) = match taken {
                Ok(taken) => taken,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
            };
            let connection = Connection {
                routes: routes.clone(),
                peer,
                limits: self.limits.clone(),
                stop: stop.clone(),
            };
            let tls = self
                .tls
                .as_ref()
                .map(|tls| TlsAcceptor::from(tls.current()));
            let cut = cut.clone();
            tasks.spawn(async move {
                cut.run_until_cancelled(connection.run(stream, tls)).await;
                drop(slot);
            });
        }
        drop(self.listener);
        tasks.close();
        let grace = Duration::from_secs(self.limits.grace_seconds);
        if tokio::time::timeout(grace, tasks.wait()).await.is_err() {
            tracing::warn!(open = tasks.len(), "cutting what still runs");
            cut.cancel();
            // What is cut ends at its next turn; work that outlives its connection gets no more time.
            tokio::time::timeout(BREATH, tasks.wait()).await.ok();
        }
    }
}

struct Connection {
    routes: Router,
    peer: SocketAddr,
    limits: Limits,
    stop: CancellationToken,
}

impl Connection {
    async fn run(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        // Answers are whole: waiting for more to send with them only delays them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no nodelay");
        }
        let Some(tls) = tls else {
            return self.speak(stream).await;
        };
        let head = Duration::from_secs(self.limits.head_seconds);
        match tokio::time::timeout(head, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.speak(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
            Err(_) => tracing::debug!("no TLS in time"),
        }
    }

    async fn speak(self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let routes = TowerToHyperService::new(self.routes);
        let peer = ConnectInfo(self.peer);
        let answer = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            routes.call(request)
        });
        let mut connection = std::pin::pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(self.limits.head_seconds))
                .max_buf_size(self.limits.head_bytes)
                .max_headers(MOST_HEADERS)
                .serve_connection(TokioIo::new(stream), answer)
        );
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke");
        }
    }
}
