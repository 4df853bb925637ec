//! Where a request comes from: the socket's other end, or what a trusted proxy says of it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;

use crate::settings::{ProxyHeader, Settings};

/// The proxy in front.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    trusted: Vec<IpNet>,
    header: ProxyHeader,
}

impl Proxy {
    pub(crate) fn of(settings: &Settings) -> Option<Self> {
        settings.behind_proxy.as_ref().map(|_| Self {
            trusted: settings.trusted_proxies.clone(),
            header: settings.proxy_header,
        })
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted
            .iter()
            .any(|network| network.contains(&address))
    }

    /// The right-most hop that no trusted proxy is: what stands left of it, the client may have made up.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let name = match self.header {
            ProxyHeader::XForwardedFor => "x-forwarded-for",
            ProxyHeader::Forwarded => "forwarded",
        };
        let lines = headers.get_all(name).iter();
        let hops: Vec<Option<IpAddr>> = lines
            .flat_map(|line| line.to_str().unwrap_or("?").split(','))
            .map(|hop| match self.header {
                ProxyHeader::XForwardedFor => address(hop.trim()),
                ProxyHeader::Forwarded => forwarded_for(hop),
            })
            .collect();
        let mut last = peer;
        for hop in hops.into_iter().rev() {
            // Nothing is known of who stands left of a hop without an address.
            let Some(hop) = hop.filter(|_| self.trusts(last)) else {
                break;
            };
            last = hop;
        }
        last
    }
}

/// Where a request comes from, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The client.
    pub(crate) address: Option<IpAddr>,
    /// Whether the proxy itself sent it, so that its other words hold, too.
    pub(crate) is_proxied: bool,
}

impl Origin {
    pub(crate) fn of(proxy: Option<&Proxy>, extensions: &Extensions, headers: &HeaderMap) -> Self {
        let peer = extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(peer)| peer.ip().to_canonical());
        match (peer, proxy) {
            (Some(peer), Some(proxy)) if proxy.trusts(peer) => Self {
                address: Some(proxy.client(peer, headers)),
                is_proxied: true,
            },
            _ => Self {
                address: peer,
                is_proxied: false,
            },
        }
    }
}

/// One who has an IPv6 address has the whole network of it: it counts as one place.
pub(crate) fn place(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    }
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let found = bare.parse::<IpAddr>().ok();
    let found = found.or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    found.map(|address| address.to_canonical())
}

/// The `for` of an element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("for")
            .then(|| address(value.trim().trim_matches('"')))?
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn origin(header: ProxyHeader, peer: &str, lines: &[(&'static str, &str)]) -> String {
        let proxy = Proxy {
            trusted: vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
            header,
        };
        let mut extensions = Extensions::new();
        let peer: SocketAddr = peer.parse().unwrap();
        extensions.insert(ConnectInfo(peer));
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let found = Origin::of(Some(&proxy), &extensions, &headers);
        found.address.unwrap().to_string()
    }

    #[test]
    fn a_proxy_is_believed_and_a_client_is_not() {
        use ProxyHeader::{Forwarded, XForwardedFor};
        let said = "x-forwarded-for";
        for (header, peer, lines, found) in [
            // Nobody is in front: the header is a client's.
            (
                XForwardedFor,
                "203.0.113.9:5",
                &[(said, "192.0.2.1")][..],
                "203.0.113.9",
            ),
            (
                XForwardedFor,
                "10.0.0.1:5",
                &[(said, "192.0.2.1")],
                "192.0.2.1",
            ),
            // The client wrote the first, the proxy the second.
            (
                XForwardedFor,
                "10.0.0.1:5",
                &[(said, "192.0.2.1, 198.51.100.7")],
                "198.51.100.7",
            ),
            (
                XForwardedFor,
                "10.0.0.1:5",
                &[(said, "192.0.2.1"), (said, "198.51.100.7")],
                "198.51.100.7",
            ),
            // Two proxies of ours.
            (
                XForwardedFor,
                "10.0.0.1:5",
                &[(said, "192.0.2.1, 198.51.100.7, 10.0.0.2")],
                "198.51.100.7",
            ),
            (
                XForwardedFor,
                "10.0.0.1:5",
                &[(said, "192.0.2.1, nonsense")],
                "10.0.0.1",
            ),
            (
                XForwardedFor,
                "10.0.0.1:5",
                &[("forwarded", "for=192.0.2.1")],
                "10.0.0.1",
            ),
            (
                XForwardedFor,
                "10.0.0.1:5",
                &[(said, "198.51.100.7:4711")],
                "198.51.100.7",
            ),
            (
                Forwarded,
                "[::1]:5",
                &[("forwarded", "for=192.0.2.60;proto=https;by=203.0.113.43")],
                "192.0.2.60",
            ),
            (
                Forwarded,
                "[::1]:5",
                &[("forwarded", "for=1.2.3.4, For=\"[2001:db8:cafe::17]:4711\"")],
                "2001:db8:cafe::17",
            ),
            (Forwarded, "[::1]:5", &[("forwarded", "for=unknown")], "::1"),
            (Forwarded, "[::1]:5", &[], "::1"),
        ] {
            assert_eq!(origin(header, peer, lines), found, "{peer} {lines:?}");
        }
    }

    #[test]
    fn a_network_of_ipv6_addresses_is_one_place() {
        let place = |text: &str| place(text.parse().unwrap());
        assert_eq!(place("2001:db8:1:2::a"), place("2001:db8:1:2:ffff::b"));
        assert_ne!(place("2001:db8:1:2::a"), place("2001:db8:1:3::a"));
        assert_eq!(place("::ffff:192.0.2.1"), place("192.0.2.1"));
        assert_ne!(place("192.0.2.1"), place("192.0.2.2"));
    }
}
