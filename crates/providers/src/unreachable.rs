//! Why no answer came: from an error of the connection to a cause.
//!
//! It must never keep or print the error itself: it holds the URL.

use std::error::Error;
use std::io;

use crate::endpoint::Endpoint;
use crate::failure::{Cause, Failure};
use crate::resolve::{Unresolved, has_route};

/// The failure when no answer came.
pub(crate) fn unreachable(error: &reqwest::Error, endpoint: &Endpoint) -> Failure {
    let host = endpoint.base_url.origin().authority();
    let local = endpoint.base_url.is_this_computer();
    let (cause, code) = reason(error, endpoint, local);
    tracing::debug!(host, %cause, code, "no answer");
    Failure::new(cause, host).with_code(code)
}

fn reason(error: &reqwest::Error, endpoint: &Endpoint, local: bool) -> (Cause, &'static str) {
    let mut source: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = source {
        if let Some(unresolved) = inner.downcast_ref::<Unresolved>() {
            return name_failure(unresolved, endpoint);
        }
        if inner.is::<rustls::Error>() {
            return (Cause::ProxyOrNetwork, "tls");
        }
        let io = inner.downcast_ref::<io::Error>();
        match io.map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) if local => {
                return (Cause::ProxyOrNetwork, "not_running");
            }
            Some(io::ErrorKind::ConnectionRefused) => return (Cause::ProxyOrNetwork, "refused"),
            Some(
                io::ErrorKind::NetworkUnreachable
                | io::ErrorKind::NetworkDown
                | io::ErrorKind::HostUnreachable,
            ) if !local && !has_route() => return (Cause::Offline, "no_route"),
            _ => {}
        }
        // An I/O error's source leaves out the error that it wraps.
        source = match io.and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => inner.source(),
        };
    }
    if error.is_timeout() && !error.is_connect() {
        return (Cause::Timeout, "no_answer");
    }
    if error.is_timeout() {
        return (Cause::ProxyOrNetwork, "connect_timeout");
    }
    (Cause::ProxyOrNetwork, "connection_lost")
}

/// A documented host that does not resolve means that nothing does; of a host of the user's own it may be a typing error.
fn name_failure(unresolved: &Unresolved, endpoint: &Endpoint) -> (Cause, &'static str) {
    let documented = endpoint.provider.default_base_url() == Some(endpoint.base_url.as_str());
    match unresolved {
        Unresolved::Refused => (Cause::ProxyOrNetwork, "address_refused"),
        Unresolved::Unknown { temporary } if *temporary || documented || !has_route() => {
            (Cause::Offline, "dns")
        }
        Unresolved::Unknown { .. } => (Cause::ProxyOrNetwork, "dns"),
    }
}
