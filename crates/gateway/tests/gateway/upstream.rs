//! A provider on a raw socket: it remembers what it was asked, answers as told to the byte, and notices who leaves.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Request line and headers, as they came.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// How an answer goes on after its pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    End,
    /// The connection closes within the body.
    Break,
    /// Nothing more comes until the other side leaves.
    Hang,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) pieces: Vec<Vec<u8>>,
    /// The length is told, instead of chunks.
    pub(crate) is_sized: bool,
    pub(crate) then: Then,
    /// Nothing is answered at all until the other side leaves.
    pub(crate) is_mute: bool,
}

impl Answer {
    pub(crate) fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            pieces: vec![body.into()],
            is_sized: true,
            then: Then::End,
            is_mute: false,
        }
    }

    /// Server-sent events in pieces of this size.
    pub(crate) fn events(body: &[u8], size: usize) -> Self {
        Self {
            headers: vec![("content-type", "text/event-stream".to_owned())],
            pieces: body.chunks(size).map(<[u8]>::to_vec).collect(),
            is_sized: false,
            ..Self::json(200, "")
        }
    }

    pub(crate) fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }

    pub(crate) fn mute() -> Self {
        Self {
            is_mute: true,
            ..Self::json(200, "")
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

type Script = dyn Fn(&Asked) -> Answer + Send + Sync;

pub(crate) struct Upstream {
    pub(crate) root: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    left: Arc<Semaphore>,
}

impl Upstream {
    pub(crate) async fn start(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let left = Arc::new(Semaphore::new(0));
        let script: Arc<Script> = Arc::new(script);
        let (remembered, leaving) = (Arc::clone(&asked), Arc::clone(&left));
        #[expect(clippy::disallowed_methods, reason = "the runtime of the test ends it")]
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serve(
                    stream,
                    Arc::clone(&script),
                    Arc::clone(&remembered),
                    Arc::clone(&leaving),
                );
                #[expect(clippy::disallowed_methods, reason = "the runtime of the test ends it")]
                tokio::spawn(serving);
            }
        });
        Self { root, asked, left }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Waits until somebody left while an answer was hanging.
    pub(crate) async fn somebody_left(&self) {
        let waiting = self.left.acquire();
        let permit = tokio::time::timeout(Duration::from_secs(30), waiting).await;
        permit.expect("nobody left").unwrap().forget();
    }

    /// Waits until this many requests arrived.
    pub(crate) async fn was_asked(&self, times: usize) {
        for _ in 0..3000 {
            if self.asked.lock().unwrap().len() >= times {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the provider was not asked {times} times");
    }
}

async fn serve(
    mut stream: TcpStream,
    script: Arc<Script>,
    remembered: Arc<Mutex<Vec<Asked>>>,
    left: Arc<Semaphore>,
) {
    stream.set_nodelay(true).unwrap();
    let Some(asked) = read(&mut stream).await else {
        return;
    };
    let answer = script(&asked);
    remembered.lock().unwrap().push(asked);
    let written = if answer.is_mute {
        Ok(())
    } else {
        write(&mut stream, &answer).await
    };
    if written.is_err() || answer.then == Then::Hang || answer.is_mute {
        let mut rest = [0; 64];
        while matches!(stream.read(&mut rest).await, Ok(count) if count > 0) {}
        left.add_permits(1);
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut part = [0; 16 * 1024];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let mut asked = Asked {
                head,
                body: bytes.split_off(end + 4),
            };
            let length: usize = asked
                .header("content-length")
                .map_or(0, |length| length.parse().unwrap());
            while asked.body.len() < length {
                let count = stream
                    .read(&mut part)
                    .await
                    .ok()
                    .filter(|count| *count > 0)?;
                asked.body.extend_from_slice(&part[..count]);
            }
            return Some(asked);
        }
        let count = stream
            .read(&mut part)
            .await
            .ok()
            .filter(|count| *count > 0)?;
        bytes.extend_from_slice(&part[..count]);
    }
}

async fn write(stream: &mut TcpStream, answer: &Answer) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} Said\r\nconnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let length: usize = answer.pieces.iter().map(Vec::len).sum();
    head.push_str(&if answer.is_sized {
        format!("content-length: {length}\r\n\r\n")
    } else {
        "transfer-encoding: chunked\r\n\r\n".to_owned()
    });
    stream.write_all(head.as_bytes()).await?;
    for piece in &answer.pieces {
        if !answer.is_sized {
            let size = format!("{:x}\r\n", piece.len());
            stream.write_all(size.as_bytes()).await?;
        }
        stream.write_all(piece).await?;
        if !answer.is_sized {
            stream.write_all(b"\r\n").await?;
        }
        stream.flush().await?;
        tokio::task::yield_now().await;
    }
    if answer.then == Then::End && !answer.is_sized {
        stream.write_all(b"0\r\n\r\n").await?;
    }
    stream.flush().await
}
