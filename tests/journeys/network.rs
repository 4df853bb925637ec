//! A network of a test's own in which every address of the world is this computer: whatever a program connects to, asks for
//! or sends is seen, whether somebody listens there or not.
//!
//! It is a network namespace with one interface. A tap on that interface reads every packet; a resolver answers every name,
//! each with an address of its own; the usual ports are open and take what they are given.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::net::{
    AddressFamily, RecvFlags, SocketFlags, SocketType, eth, recv, socket_with, sockopt,
};

/// What runs a program in a network namespace of its own.
pub(crate) const OWN_NETWORK: [&str; 3] = ["unshare", "--net", "--"];

/// Where names lead: addresses reserved for documentation.
const FIRST_NAMED: u32 = u32::from_be_bytes([198, 51, 100, 1]);

/// Discard port of an address reserved for documentation: where the tap is told to catch up.
const MARKER: &str = "192.0.2.1:9";

/// Everything that was seen so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Connections that were begun: from where, and to where.
    pub(crate) connections: BTreeSet<(SocketAddr, SocketAddr)>,
    /// What was sent over them, by receiver.
    pub(crate) sent: BTreeMap<SocketAddr, Vec<u8>>,
    /// Names that were asked for, and the addresses that they got.
    pub(crate) names: BTreeMap<String, Ipv4Addr>,
    markers: BTreeSet<Vec<u8>>,
}

impl Seen {
    /// Where connections went.
    pub(crate) fn receivers(&self) -> BTreeSet<SocketAddr> {
        self.connections.iter().map(|(_, to)| *to).collect()
    }
}

/// The network of this process.
pub(crate) struct Network {
    seen: Arc<Mutex<Seen>>,
    markers: Mutex<u64>,
}

impl Network {
    /// Takes over the network namespace of this process, which must be a fresh one.
    pub(crate) fn take() -> Self {
        ip(&["link", "set", "lo", "up"]);
        routes("add");
        let seen = Arc::new(Mutex::new(Seen::default()));
        let tap = tap();
        std::thread::spawn({
            let seen = seen.clone();
            move || watch(&tap, &seen)
        });
        let names = UdpSocket::bind("0.0.0.0:53").unwrap();
        std::thread::spawn({
            let seen = seen.clone();
            move || answer_names(&names, &seen)
        });
        for port in [80, 443, 8080] {
            let listener = TcpListener::bind(("0.0.0.0", port)).unwrap();
            std::thread::spawn(move || swallow(&listener));
        }
        Self {
            seen,
            markers: Mutex::new(0),
        }
    }

    /// Takes away every way out of this computer.
    pub(crate) fn cut(&self) {
        routes("del");
    }

    /// Gives the ways out back.
    pub(crate) fn mend(&self) {
        routes("add");
    }

    /// Everything that was seen until now. That nothing was missed is checked against the kernel's own count.
    pub(crate) fn seen(&self) -> Seen {
        let marker = {
            let mut markers = self.markers.lock().unwrap();
            *markers += 1;
            format!("marker {markers}").into_bytes()
        };
        let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
        // Nobody listens there; the packet itself is all that counts.
        socket.send_to(&marker, MARKER).unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let seen = self.seen.lock().unwrap().clone();
            if seen.markers.contains(&marker) {
                let opened = active_opens();
                assert_eq!(
                    seen.connections.len() as u64,
                    opened,
                    "the tap missed connections"
                );
                return seen;
            }
            assert!(Instant::now() < deadline, "the tap sees nothing");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Adds or deletes the routes by which every address of the world is this computer.
fn routes(act: &str) {
    ip(&["route", act, "local", "0.0.0.0/0", "dev", "lo"]);
    if std::path::Path::new("/proc/net/if_inet6").exists() {
        ip(&["-6", "route", act, "local", "::/0", "dev", "lo"]);
    }
}

/// Runs `ip`.
pub(crate) fn ip(arguments: &[&str]) {
    let status = Command::new("ip")
        .args(arguments)
        .status()
        .expect("iproute2 is installed by `cargo xtask setup`");
    assert!(
        status.success(),
        "ip {arguments:?} in the network namespace: {status}"
    );
}

/// Connections that this namespace has begun, by the kernel's count.
fn active_opens() -> u64 {
    let snmp = std::fs::read_to_string("/proc/self/net/snmp").unwrap();
    let mut lines = snmp.lines().filter(|line| line.starts_with("Tcp:"));
    let (names, values) = (lines.next().unwrap(), lines.next().unwrap());
    let at = names
        .split(' ')
        .position(|name| name == "ActiveOpens")
        .unwrap();
    values.split(' ').nth(at).unwrap().parse().unwrap()
}

/// A socket that gets every packet of every interface, from the IP header on.
fn tap() -> OwnedFd {
    let tap = socket_with(
        AddressFamily::PACKET,
        SocketType::DGRAM,
        SocketFlags::CLOEXEC,
        Some(eth::ALL),
    )
    .expect("reading packets needs the right to (run as root, or with CAP_NET_RAW)");
    sockopt::set_socket_recv_buffer_size_force(&tap, 64 << 20).unwrap();
    tap
}

fn watch(tap: &OwnedFd, seen: &Mutex<Seen>) {
    let mut buffer = vec![0; 1 << 17];
    loop {
        let Ok((_, length)) = recv(tap, &mut buffer[..], RecvFlags::empty()) else {
            return;
        };
        if let Some(packet) = Packet::read(&buffer[..length]) {
            seen.lock().unwrap().take(&packet);
        }
    }
}

impl Seen {
    fn take(&mut self, packet: &Packet<'_>) {
        match packet.kind {
            Kind::Udp if packet.to.to_string() == MARKER => {
                self.markers.insert(packet.payload.to_vec());
            }
            Kind::Udp => {}
            Kind::Tcp { begins: true, .. } => {
                self.connections.insert((packet.from, packet.to));
            }
            // What a listener sends goes to the one who connected; only the other direction matters. On this interface every
            // packet is seen twice, going out and coming in, which does no harm.
            Kind::Tcp { begins: false } => {
                if self.connections.contains(&(packet.from, packet.to)) {
                    self.sent
                        .entry(packet.to)
                        .or_default()
                        .extend_from_slice(packet.payload);
                }
            }
        }
    }
}

enum Kind {
    Udp,
    Tcp {
        /// A connection's first packet.
        begins: bool,
    },
}

struct Packet<'a> {
    kind: Kind,
    from: SocketAddr,
    to: SocketAddr,
    payload: &'a [u8],
}

impl<'a> Packet<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (protocol, from, to, rest) = match bytes.first()? >> 4 {
            4 => {
                let header = usize::from(bytes[0] & 0xf) * 4;
                let address = |at: usize| -> Option<IpAddr> {
                    let octets: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
                    Some(Ipv4Addr::from(octets).into())
                };
                (
                    *bytes.get(9)?,
                    address(12)?,
                    address(16)?,
                    bytes.get(header..)?,
                )
            }
            6 => {
                let address = |at: usize| -> Option<IpAddr> {
                    let octets: [u8; 16] = bytes.get(at..at + 16)?.try_into().ok()?;
                    Some(Ipv6Addr::from(octets).into())
                };
                (*bytes.get(6)?, address(8)?, address(24)?, bytes.get(40..)?)
            }
            _ => return None,
        };
        let port = |at: usize| Some(u16::from_be_bytes([*rest.get(at)?, *rest.get(at + 1)?]));
        let (from, to) = (
            SocketAddr::new(from, port(0)?),
            SocketAddr::new(to, port(2)?),
        );
        let (kind, header) = match protocol {
            6 => {
                let flags = *rest.get(13)?;
                let (syn, ack) = (flags & 0b10 != 0, flags & 0b1_0000 != 0);
                (
                    Kind::Tcp {
                        begins: syn && !ack,
                    },
                    usize::from(rest.get(12)? >> 4) * 4,
                )
            }
            17 => (Kind::Udp, 8),
            _ => return None,
        };
        Some(Self {
            kind,
            from,
            to,
            payload: rest.get(header..)?,
        })
    }
}

/// Answers every question for an IPv4 address, and says of every other that there is nothing.
fn answer_names(socket: &UdpSocket, seen: &Mutex<Seen>) {
    let mut query = [0; 512];
    while let Ok((length, asker)) = socket.recv_from(&mut query) {
        let Some((name, end)) = asked_name(&query[..length]) else {
            continue;
        };
        let address = {
            let mut seen = seen.lock().unwrap();
            let next = Ipv4Addr::from(FIRST_NAMED + u32::try_from(seen.names.len()).unwrap());
            *seen.names.entry(name).or_insert(next)
        };
        let is_ipv4 = query[end..end + 2] == [0, 1];
        // The question again, as an answer without error; then the name by reference, type A, class IN, 60 seconds.
        let mut answer = query[..end + 4].to_vec();
        answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, u8::from(is_ipv4), 0, 0, 0, 0]);
        if is_ipv4 {
            answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
            answer.extend(address.octets());
        }
        if socket.send_to(&answer, asker).is_err() {
            return;
        }
    }
}

/// The name that a DNS query asks for, and where it ends.
fn asked_name(query: &[u8]) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    let mut at = 12;
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(query.get(at..at + length)?).to_lowercase());
        at += length;
    }
    query.get(at..at + 4)?;
    Some((labels.join("."), at))
}

/// Takes what comes and hangs up.
fn swallow(listener: &TcpListener) {
    for connection in listener.incoming() {
        let Ok(mut connection) = connection else {
            return;
        };
        std::thread::spawn(move || {
            connection
                .set_read_timeout(Some(Duration::from_millis(100)))
                .ok();
            connection.read_to_end(&mut Vec::new()).ok();
        });
    }
}
