//! A TCP proxy between the program under test and a provider: the network with its faults. It passes bytes on unchanged and
//! never looks into them.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What becomes of what the provider sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// It arrives.
    Whole,
    /// After so many bytes the connection ends.
    CutAfter(usize),
    /// After so many bytes nothing arrives any more on the connection, and nobody is told.
    DeadAfter(usize),
    /// It arrives byte by byte, this long after one another.
    Drip(Duration),
}

/// The line now, and how often it was set: each time bytes count from nothing, also on connections that are open.
#[derive(Clone, Copy)]
struct Current {
    line: Line,
    set: usize,
}

/// A proxy in front of one address. It ends when dropped.
pub struct Proxy {
    address: SocketAddr,
    current: Arc<Mutex<Current>>,
    _accepting: JoinSet<()>,
}

impl Proxy {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn to(behind: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let current = Arc::new(Mutex::new(Current {
            line: Line::Whole,
            set: 0,
        }));
        let shared = current.clone();
        let mut accepting = JoinSet::new();
        accepting.spawn(async move {
            // They end with whoever accepts them.
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let current = shared.clone();
                connections.spawn(async move {
                    // A side that goes away ends the connection, as on any network.
                    pass(client, behind, &current).await.ok();
                });
            }
        });
        Ok(Self {
            address,
            current,
            _accepting: accepting,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From the next byte on.
    pub fn set(&self, line: Line) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.line = line;
        current.set += 1;
    }
}

async fn pass(
    client: TcpStream,
    behind: SocketAddr,
    current: &Mutex<Current>,
) -> std::io::Result<()> {
    let provider = TcpStream::connect(behind).await?;
    provider.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_provider, mut to_provider) = provider.into_split();
    let asking = async { tokio::io::copy(&mut from_client, &mut to_provider).await };
    let answering = async {
        let mut bytes = [0; 16 * 1024];
        let (mut since, mut passed) = (0, 0);
        loop {
            let count = from_provider.read(&mut bytes).await?;
            if count == 0 {
                return to_client.shutdown().await;
            }
            let bytes = &bytes[..count];
            let Current { line, set } = *current.lock().unwrap_or_else(PoisonError::into_inner);
            if set != since {
                (since, passed) = (set, 0);
            }
            match line {
                Line::Whole => to_client.write_all(bytes).await?,
                Line::Drip(pause) => {
                    for byte in bytes {
                        to_client.write_all(std::slice::from_ref(byte)).await?;
                        tokio::time::sleep(pause).await;
                    }
                }
                Line::CutAfter(limit) | Line::DeadAfter(limit) => {
                    let rest = count.min(limit.saturating_sub(passed));
                    to_client.write_all(&bytes[..rest]).await?;
                    if rest < count {
                        if line == Line::CutAfter(limit) {
                            return Ok(());
                        }
                        return std::future::pending().await;
                    }
                }
            }
            passed += count;
        }
    };
    tokio::select! {
        asked = asking => asked.map(drop),
        answered = answering => answered,
    }
}
