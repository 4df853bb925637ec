//! The way back from the browser: a port of this computer that waits for one request (RFC 8252, 7.3).
//!
//! Whatever comes in is a stranger's until it shows what belongs to the wait; it is turned away, and the wait goes on. A browser
//! that connects in advance and says nothing holds nobody up. Dropping the wait closes the port.

use std::io;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use url::Url;

/// Whoever has not said in this time what it wants wants nothing.
const PATIENCE: Duration = Duration::from_secs(10);
/// No browser sends a longer head.
const LONGEST: usize = 16 * 1024;

/// What a person reads in the browser when it has led back. Plain text, in the person's language.
#[derive(Clone, Debug)]
pub struct Page {
    /// All went well.
    pub done: String,
    /// It did not; the application says why.
    pub failed: String,
}

/// A port that waits.
pub(crate) struct Loopback {
    listener: TcpListener,
    port: u16,
}

/// What a request comes to.
pub(crate) enum Read<T> {
    /// It is for somebody else.
    Strange,
    Done(T),
    Failed(T),
}

impl Loopback {
    /// The first of some ports that is free.
    pub(crate) async fn first_free(ports: &[u16]) -> Option<Self> {
        for port in ports {
            if let Ok(listener) = TcpListener::bind(("127.0.0.1", *port)).await {
                return Some(Self {
                    listener,
                    port: *port,
                });
            }
        }
        None
    }

    /// Any port that is free.
    pub(crate) async fn any() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// Its address, without a path.
    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Waits for a request that is meant for it.
    pub(crate) async fn wait<T>(&self, page: &Page, read: impl Fn(&Url) -> Read<T>) -> T {
        let mut visitors = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        visitors.push(timeout(PATIENCE, self.visit(stream, page, &read)));
                    }
                }
                Some(visited) = visitors.next(), if !visitors.is_empty() => {
                    if let Ok(Some(found)) = visited {
                        return found;
                    }
                }
            }
        }
    }

    async fn visit<T>(
        &self,
        mut stream: TcpStream,
        page: &Page,
        read: &impl Fn(&Url) -> Read<T>,
    ) -> Option<T> {
        let target = target(&mut stream).await?;
        let url = Url::parse(&self.origin()).ok()?.join(&target).ok()?;
        let (status, said, found) = match read(&url) {
            Read::Strange => ("404 Not Found", "", None),
            Read::Done(found) => ("200 OK", page.done.as_str(), Some(found)),
            Read::Failed(found) => ("200 OK", page.failed.as_str(), Some(found)),
        };
        let response = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
             Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{said}",
            said.len()
        );
        // A browser that does not wait for the page has told all that is needed.
        if let Err(error) = stream.write_all(response.as_bytes()).await {
            tracing::debug!(%error, "the browser did not wait");
        }
        found
    }
}

/// The path and query of a request; none when it is no `GET` or never ends.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > LONGEST {
            return None;
        }
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let target = head.strip_prefix("GET ")?.split(' ').next()?;
    // An absolute address would lead elsewhere.
    target.starts_with('/').then(|| target.to_owned())
}

/// The way back from a payment or from one of the billing provider's pages.
pub struct Return(Loopback);

/// How the browser came back. What really happened, the platform says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// What the page says came of it, where it says so.
    pub outcome: Option<String>,
}

/// The path that the browser is led back to.
const BACK: &str = "/back";

impl Return {
    /// Takes a port.
    ///
    /// # Errors
    /// When this computer has none to give.
    pub async fn open() -> io::Result<Self> {
        Ok(Self(Loopback::any().await?))
    }

    /// To be sent as `return_url`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}{BACK}", self.0.origin())
    }

    /// Waits until the browser comes back.
    pub async fn wait(&self, page: &Page) -> Returned {
        self.0
            .wait(page, |url| {
                if url.path() != BACK {
                    return Read::Strange;
                }
                let outcome = url
                    .query_pairs()
                    .find_map(|(name, value)| (name == "outcome").then(|| value.into_owned()));
                let is_done = outcome.as_deref().is_none_or(|outcome| outcome == "paid");
                let returned = Returned { outcome };
                if is_done {
                    Read::Done(returned)
                } else {
                    Read::Failed(returned)
                }
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn page() -> Page {
        Page {
            done: "Fertig – zurück zu Brasskey.".into(),
            failed: "Nichts wurde bezahlt.".into(),
        }
    }

    async fn get(url: &str, target: &str) -> String {
        let address = url.strip_prefix("http://").unwrap();
        let address = address.split('/').next().unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_browser_comes_back_behind_strangers_and_connections_that_say_nothing() {
        let back = Return::open().await.unwrap();
        let url = back.url();
        let visits = async {
            let address = url.strip_prefix("http://").unwrap();
            let silent = TcpStream::connect(address.split('/').next().unwrap()).await;
            let stranger = get(&url, "/favicon.ico").await;
            assert!(stranger.starts_with("HTTP/1.1 404"), "{stranger}");
            let elsewhere = get(&url, "/x?outcome=paid").await;
            assert!(elsewhere.starts_with("HTTP/1.1 404"), "{elsewhere}");
            let answer = get(&url, "/back?checkout=chk_1&outcome=declined").await;
            drop(silent);
            answer
        };
        let page = page();
        let (returned, answer) = tokio::join!(back.wait(&page), visits);
        assert_eq!(returned.outcome.as_deref(), Some("declined"));
        assert!(answer.ends_with("Nichts wurde bezahlt."), "{answer}");
        let (returned, answer) = tokio::join!(back.wait(&page), get(&url, "/back"));
        assert_eq!(returned.outcome, None);
        assert!(answer.ends_with("zurück zu Brasskey."), "{answer}");
    }
}
