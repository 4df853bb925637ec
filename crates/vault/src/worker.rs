//! The one thread that touches the store. Callers queue their calls and wait for the answer as a future, so no async
//! runtime is ever blocked, and leaving the program never waits for a store that hangs.
//!
//! A thread that is still busy with a call that its caller gave up is stuck: it is set aside and replaced, once. While
//! both hang, calls wait in the queue and fail by their time limit; whichever thread comes free first goes on. A write that
//! hangs may still land, so other calls on its entry wait until it has: nothing overtakes it.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::call::{Call, Purpose};
use crate::fault::Fault;
use crate::memory::Memory;
use crate::state::{Deadlines, Patience, StoreState, VaultError};
use crate::store::OpenStore;

/// Calls that may wait at a time. More can only mean that nobody waits for the answers.
const QUEUE: usize = 32;

/// Hands the outcome to the caller; runs after the thread has put the call down.
type Answer = Box<dyn FnOnce() + Send>;
type Operation = Box<dyn FnOnce(&mut OpenStore, &Call) -> Answer + Send>;

struct Job {
    call: Call,
    run: Operation,
}

pub(crate) struct Worker {
    shared: Arc<Shared>,
}

struct Shared {
    deadlines: Deadlines,
    memory: Arc<Memory>,
    open: Box<dyn Fn() -> OpenStore + Send + Sync>,
    desk: Mutex<Desk>,
    changed: Condvar,
}

struct Desk {
    queue: VecDeque<Job>,
    /// The thread that takes calls, numbered in order of their start; `None` before the first call.
    active: Option<u64>,
    threads_started: u64,
    /// The call in the hands of the active thread.
    running: Option<Call>,
    /// The call in the hands of a thread that was set aside and has not come back.
    aside: Option<Call>,
    state: StoreState,
    unanswered: u32,
    paused_until: Option<Instant>,
    /// Parent of all calls that a person waits for.
    people: CancellationToken,
    closed: bool,
}

impl Desk {
    /// The active thread is busy with a call that nobody waits for.
    fn is_stuck(&self) -> bool {
        self.running.as_ref().is_some_and(Call::is_given_up)
    }

    /// The first call that need not wait for the thread that was set aside.
    fn next(&mut self) -> Option<Job> {
        self.queue.retain(|job| !job.call.is_given_up());
        let aside = self.aside.as_ref();
        let free = |job: &Job| !aside.is_some_and(|aside| aside.conflicts(&job.call));
        let position = self.queue.iter().position(free)?;
        self.queue.remove(position)
    }
}

impl Worker {
    pub(crate) fn new(
        deadlines: Deadlines,
        memory: Arc<Memory>,
        open: impl Fn() -> OpenStore + Send + Sync + 'static,
    ) -> Self {
        let desk = Desk {
            queue: VecDeque::new(),
            active: None,
            threads_started: 0,
            running: None,
            aside: None,
            state: StoreState::Unchecked,
            unanswered: 0,
            paused_until: None,
            people: CancellationToken::new(),
            closed: false,
        };
        Self {
            shared: Arc::new(Shared {
                deadlines,
                memory,
                open: Box::new(open),
                desk: Mutex::new(desk),
                changed: Condvar::new(),
            }),
        }
    }

    /// Runs an operation on the vault's thread and waits for it, at most as long as `patience` allows. Dropping the future
    /// gives the call up.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        patience: Patience,
        purpose: Purpose,
        operation: impl FnOnce(&mut OpenStore, &Call) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (sender, receiver) = oneshot::channel();
        let run = move |store: &mut OpenStore, call: &Call| -> Answer {
            let outcome = operation(store, call);
            Box::new(move || {
                if sender.send(outcome).is_err() {
                    tracing::debug!("the credential store answered after its caller gave up");
                }
            })
        };
        let (call, limit) = self.shared.submit(patience, purpose, Box::new(run))?;
        let _give_up = call.give_up_on_drop();
        tokio::select! {
            biased;
            answer = receiver => {
                let outcome = answer.unwrap_or(Err(Fault::new(VaultError::Closed, "closed")));
                self.shared.answered(patience, outcome)
            }
            () = call.given_up() => Err(Fault::given_up()),
            () = tokio::time::sleep(limit) => Err(self.shared.unanswered(&call)),
        }
    }

    pub(crate) fn state(&self) -> StoreState {
        self.shared.desk().state
    }

    /// Gives up every call that a person waits for.
    pub(crate) fn cancel(&self) {
        let people = std::mem::take(&mut self.shared.desk().people);
        people.cancel();
    }

    /// Ends the queue and takes an open prompt off the screen. Waits for nothing: a thread in the middle of a call leaves
    /// when that ends.
    pub(crate) fn close(&self) {
        let mut desk = self.shared.desk();
        desk.closed = true;
        desk.people.cancel();
        let left = std::mem::take(&mut desk.queue);
        drop(desk);
        drop(left);
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(
        self: &Arc<Self>,
        patience: Patience,
        purpose: Purpose,
        run: Operation,
    ) -> Result<(Call, Duration), Fault> {
        let mut desk = self.desk();
        if desk.closed {
            return Err(Fault::new(VaultError::Closed, "closed"));
        }
        let paused = desk
            .paused_until
            .is_some_and(|until| Instant::now() < until);
        if paused && patience == Patience::Background {
            return Err(Fault::store(StoreState::Unresponsive, "paused"));
        }
        desk.queue.retain(|job| !job.call.is_given_up());
        if desk.queue.len() >= QUEUE {
            return Err(Fault::store(StoreState::Unresponsive, "queue_full"));
        }
        if desk.is_stuck() && desk.aside.is_none() {
            tracing::warn!("the credential store hangs; its thread is replaced");
            desk.active = None;
            desk.aside = desk.running.take();
        }
        let limit = match patience {
            // Both threads hang, so no prompt is coming that would be worth a long wait.
            Patience::User if desk.is_stuck() => self.deadlines.background,
            Patience::User => self.deadlines.user,
            Patience::Background => self.deadlines.background,
        };
        let given_up = match patience {
            Patience::User => desk.people.child_token(),
            Patience::Background => CancellationToken::new(),
        };
        let call = Call::new(patience, purpose, given_up);
        if desk.active.is_none() {
            let number = desk.threads_started;
            let shared = self.clone();
            std::thread::Builder::new()
                .name("brasskey-vault".to_owned())
                .spawn(move || shared.work(number))
                .map_err(|_| Fault::store(StoreState::Broken, "no_thread"))?;
            desk.threads_started += 1;
            desk.active = Some(number);
        }
        desk.queue.push_back(Job {
            call: call.clone(),
            run,
        });
        drop(desk);
        self.changed.notify_all();
        Ok((call, limit))
    }

    /// Learns from an answer of the store's.
    fn answered<T>(&self, patience: Patience, outcome: Result<T, Fault>) -> Result<T, Fault> {
        let mut desk = self.desk();
        let state = match outcome.as_ref().map_err(|fault| fault.error) {
            Ok(_) | Err(VaultError::Missing | VaultError::Corrupt | VaultError::TooLong { .. }) => {
                StoreState::Ready
            }
            Err(VaultError::Store(state)) => state,
            Err(VaultError::NotVerified) => StoreState::Broken,
            Err(VaultError::Cancelled | VaultError::Closed) => return outcome,
        };
        desk.unanswered = 0;
        desk.paused_until = None;
        let asked_before =
            desk.state == StoreState::PromptDismissed && patience == Patience::Background;
        if state == StoreState::Locked && asked_before {
            // Still locked because the person said no: that is what a screen has to say, and nobody asks again.
            return outcome
                .map_err(|fault| Fault::store(StoreState::PromptDismissed, fault.detail));
        }
        desk.state = state;
        outcome
    }

    /// A call's time is up.
    fn unanswered(&self, call: &Call) -> Fault {
        let mut desk = self.desk();
        let person_is_asked =
            |call: &Call| call.patience() == Patience::User && !call.is_given_up();
        let waits_for_person = call.has_prompted()
            || !call.is_started() && desk.running.as_ref().is_some_and(person_is_asked);
        if waits_for_person {
            desk.state = StoreState::Locked;
            return Fault::store(StoreState::Locked, "prompt_unanswered");
        }
        desk.state = StoreState::Unresponsive;
        desk.unanswered += 1;
        if desk.unanswered >= 2 {
            desk.paused_until = Some(Instant::now() + self.deadlines.pause);
        }
        Fault::store(StoreState::Unresponsive, "deadline")
    }

    /// The thread's life: take a call, run it, answer. The store object lives here and dies here.
    fn work(&self, me: u64) {
        let mut store = (self.open)();
        while let Some(job) = self.take(me) {
            let answer = (job.run)(&mut store, &job.call);
            let stays = self.put_down(me);
            answer();
            if !stays {
                return;
            }
        }
    }

    /// Waits for the next call. `None` ends the thread.
    fn take(&self, me: u64) -> Option<Job> {
        let mut desk = self.desk();
        loop {
            if desk.closed || desk.active != Some(me) {
                return None;
            }
            if let Some(job) = desk.next() {
                job.call.start();
                desk.running = Some(job.call.clone());
                return Some(job);
            }
            desk = match self.memory.sweep() {
                Some(due) => {
                    let waited = self.changed.wait_timeout(desk, due);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .changed
                    .wait(desk)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Ends a call. A thread that was set aside in the meantime leaves, unless its replacement hangs in turn: then the
    /// two change places.
    fn put_down(&self, me: u64) -> bool {
        let mut desk = self.desk();
        if desk.active == Some(me) {
            desk.running = None;
            return true;
        }
        let stays = desk.is_stuck();
        desk.aside = None;
        if stays {
            desk.active = Some(me);
            desk.aside = desk.running.take();
        }
        drop(desk);
        self.changed.notify_all();
        stays
    }
}
