//! Name resolution with the rules for addresses applied to what was resolved.
//!
//! It must never let a name lead where its address would be refused: link-local hosts, or `localhost` on another computer.

use std::fmt;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::endpoint::is_link_local_address;

/// Resolves through the system.
pub(crate) struct Resolver;

/// A name without an address that may be reached.
#[derive(Debug)]
pub(crate) enum Unresolved {
    /// The system does not know the name, or could not ask.
    Unknown {
        /// Asking failed for now, which is what a computer without network reports.
        temporary: bool,
    },
    /// All addresses are refused ones.
    Refused,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown { .. } => "the name has no address",
            Self::Refused => "the name leads to an address that is not reached",
        })
    }
}

impl std::error::Error for Unresolved {}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|error| Unresolved::Unknown {
                    temporary: error.to_string().contains("Temporary failure"),
                })?
                .collect();
            let allowed: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| is_allowed(name.as_str(), address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(Unresolved::Refused.into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

/// `localhost` may be spoken to in the open, so it has to be this computer whatever a resolver says.
fn is_allowed(name: &str, address: IpAddr) -> bool {
    !is_link_local_address(address) && (name != "localhost" || address.to_canonical().is_loopback())
}

/// Whether this computer has a route to anywhere else. Nothing is sent: connecting a UDP socket only asks the routing
/// table, and the addresses are those reserved for documentation.
pub(crate) fn has_route() -> bool {
    let reaches =
        |from: &str, to: &str| UdpSocket::bind(from).is_ok_and(|socket| socket.connect(to).is_ok());
    reaches("0.0.0.0:0", "192.0.2.1:443") || reaches("[::]:0", "[2001:db8::1]:443")
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn localhost_must_be_this_computer_and_no_name_may_be_link_local() {
        let allowed =
            |name: &str, address: &str| is_allowed(name, address.parse().expect("an address"));
        assert!(allowed("localhost", "127.0.0.1"));
        assert!(allowed("localhost", "::1"));
        assert!(!allowed("localhost", "203.0.113.7"));
        assert!(!allowed("metadata.example", "169.254.169.254"));
        assert!(!allowed("metadata.example", "::ffff:169.254.169.254"));
        assert!(!allowed("metadata.example", "fe80::1"));
        assert!(allowed("models.example", "10.0.0.5"));
    }
}
