//! The cable between a computer and the service: it can be pulled, also at a chosen request, before it has gone out or after it
//! was answered.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::computer::Where;

/// Which part of a request the cable is pulled at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The service never hears of it.
    Sending,
    /// The service has done it, and its answer does not come back.
    Answering,
}

pub(crate) struct Cable {
    address: String,
    state: Arc<State>,
}

struct State {
    /// How often it was pulled and mended: it is whole at even numbers.
    turns: watch::Sender<u64>,
    /// How many requests go through before it is pulled, and when then.
    left: Mutex<Option<(usize, Moment)>>,
    service: Mutex<SocketAddr>,
}

impl Cable {
    pub(crate) async fn to(platform: &Where) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            turns: watch::Sender::new(0),
            left: Mutex::default(),
            service: Mutex::new(socket(platform)),
        });
        run(listener, Arc::clone(&state));
        Self { address, state }
    }

    /// Where the platform is for a computer at this cable.
    pub(crate) fn end(&self, platform: &Where) -> Where {
        Where {
            address: self.address.clone(),
            ..platform.clone()
        }
    }

    /// Plugs the far end in elsewhere.
    pub(crate) fn plug_into(&self, platform: &Where) {
        self.pull();
        *self.state.service.lock().unwrap() = socket(platform);
        self.mend();
    }

    /// Pulls it, until [`Cable::mend`].
    pub(crate) fn pull(&self) {
        self.state.pull();
    }

    /// Pulls it at a request, counted from 0.
    pub(crate) fn pull_at(&self, request: usize, moment: Moment) {
        *self.state.left.lock().unwrap() = Some((request, moment));
    }

    pub(crate) fn mend(&self) {
        *self.state.left.lock().unwrap() = None;
        self.state.turn(true);
    }
}

fn socket(platform: &Where) -> SocketAddr {
    let address = platform.address.strip_prefix("http://").unwrap();
    address.parse().unwrap()
}

impl State {
    fn pull(&self) {
        self.turn(false);
    }

    fn turn(&self, is_whole: bool) {
        self.turns.send_if_modified(|turns| {
            let turned = turns.is_multiple_of(2) != is_whole;
            *turns += u64::from(turned);
            turned
        });
    }

    /// What becomes of a request that comes by now.
    fn fate(&self) -> Option<Moment> {
        let mut left = self.left.lock().unwrap();
        match left.take() {
            Some((0, moment)) => Some(moment),
            more => {
                *left = more.map(|(requests, moment)| (requests - 1, moment));
                None
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a network runs beside the test")]
fn run(listener: TcpListener, state: Arc<State>) {
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let turns = *state.turns.borrow();
            if turns.is_multiple_of(2) {
                tokio::spawn(carry(near, turns, Arc::clone(&state)));
            }
        }
    });
}

async fn carry(near: TcpStream, turns: u64, state: Arc<State>) {
    let service = *state.service.lock().unwrap();
    // A service that is not there is none at the other end, either.
    let Ok(far) = TcpStream::connect(service).await else {
        return;
    };
    let (mut from_near, mut to_near) = near.into_split();
    let (mut from_far, mut to_far) = far.into_split();
    let is_answer_lost = Mutex::new(false);
    // A request of the application is one write.
    let up = async {
        let mut piece = vec![0; 64 * 1024];
        loop {
            let length = from_near.read(&mut piece).await.unwrap_or(0);
            if length == 0 {
                return;
            }
            match state.fate() {
                Some(Moment::Sending) => return state.pull(),
                Some(Moment::Answering) => *is_answer_lost.lock().unwrap() = true,
                None => {}
            }
            if to_far.write_all(&piece[..length]).await.is_err() {
                return;
            }
        }
    };
    let down = async {
        let mut piece = vec![0; 64 * 1024];
        loop {
            let length = from_far.read(&mut piece).await.unwrap_or(0);
            if length == 0 {
                return;
            }
            if *is_answer_lost.lock().unwrap() {
                return state.pull();
            }
            if to_near.write_all(&piece[..length]).await.is_err() {
                return;
            }
        }
    };
    let mut now = state.turns.subscribe();
    tokio::select! {
        () = up => {}
        () = down => {}
        _ = now.wait_for(|now| *now != turns) => {}
    }
}
