//! One connection that is kept open, without a pool: what is timed is a request, not the choice of a connection.

use std::future::Future;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::fault::Fault;

/// A connection to an address.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

/// How one request went. Times in nanoseconds.
pub(super) struct Done {
    pub(super) status: u16,
    pub(super) first_ns: u64,
    pub(super) whole_ns: u64,
    pub(super) body: Vec<u8>,
}

/// Opens a connection, and uses it until the work with it is done.
pub(super) async fn with<T, F>(
    address: &str,
    work: impl FnOnce(Connection) -> F,
) -> Result<T, Fault>
where
    F: Future<Output = Result<T, Fault>>,
{
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, driver) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = Connection {
        sender,
        host: address.to_owned(),
    };
    let mut work = std::pin::pin!(work(connection));
    let mut driver = std::pin::pin!(driver);
    tokio::select! {
        done = &mut work => done,
        driven = &mut driver => {
            driven?;
            // The connection is closed; what was read before may still be at work.
            work.await
        }
    }
}

impl Connection {
    pub(super) fn request(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, Fault> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json");
        if !token.is_empty() {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        Ok(request.body(Full::new(body))?)
    }

    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Fault> {
        self.sender.ready().await?;
        Ok(self.sender.send_request(request).await?)
    }

    /// Sends a request and reads its whole answer.
    pub(super) async fn ask(&mut self, request: Request<Full<Bytes>>) -> Result<Done, Fault> {
        let started = Instant::now();
        let mut response = self.send(request).await?;
        let status = response.status().as_u16();
        let mut first_ns = None;
        let mut body = Vec::new();
        while let Some(frame) = response.frame().await {
            first_ns.get_or_insert_with(|| ns(started));
            if let Some(data) = frame?.data_ref() {
                body.extend_from_slice(data);
            }
        }
        let whole_ns = ns(started);
        Ok(Done {
            status,
            first_ns: first_ns.unwrap_or(whole_ns),
            whole_ns,
            body,
        })
    }
}

/// Nanoseconds since then.
pub(super) fn ns(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
