//! A Secret Service whose one collection is locked, and whose unlock prompt does what a test wants.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";
const ITEM: &str = "/org/freedesktop/secrets/collection/login/1";
const PROMPT: &str = "/org/freedesktop/secrets/prompt/1";

/// What happens to a prompt that is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Person {
    Leaves,
    Dismisses,
    Unlocks,
}

pub(crate) struct Fake {
    person: Person,
    holds_item: bool,
    pub(crate) prompts: AtomicUsize,
    pub(crate) dismissals: AtomicUsize,
    pub(crate) secrets_read: AtomicUsize,
    locked: AtomicBool,
}

impl Fake {
    /// Puts the service on the bus; it leaves when the connection is dropped.
    pub(crate) async fn start(person: Person, holds_item: bool) -> (Arc<Self>, zbus::Connection) {
        let fake = Arc::new(Self {
            person,
            holds_item,
            prompts: AtomicUsize::new(0),
            dismissals: AtomicUsize::new(0),
            secrets_read: AtomicUsize::new(0),
            locked: AtomicBool::new(true),
        });
        let builder = zbus::connection::Builder::session().expect("a bus");
        let bus = builder
            .serve_at("/org/freedesktop/secrets", Service(fake.clone()))
            .and_then(|builder| builder.serve_at(COLLECTION, Collection(fake.clone())))
            .and_then(|builder| builder.serve_at(ITEM, Item(fake.clone())))
            .and_then(|builder| builder.serve_at(PROMPT, Prompt(fake.clone())))
            .and_then(|builder| builder.name("org.freedesktop.secrets"))
            .expect("a service")
            .build()
            .await
            .expect("a service on the bus");
        (fake, bus)
    }

    fn is_locked(&self) -> bool {
        self.locked.load(Ordering::SeqCst)
    }
}

fn path(path: &str) -> OwnedObjectPath {
    path.try_into().expect("a path")
}

fn text(text: &str) -> OwnedValue {
    Value::from(text).try_into().expect("a value")
}

struct Service(Arc<Fake>);

#[zbus::interface(name = "org.freedesktop.Secret.Service")]
impl Service {
    fn open_session(&self, _algorithm: &str, _input: Value<'_>) -> (OwnedValue, OwnedObjectPath) {
        let public_key = Value::from(vec![2_u8; 128]).try_into().expect("a value");
        (public_key, path("/org/freedesktop/secrets/session/1"))
    }

    fn search_items(
        &self,
        _attributes: HashMap<String, String>,
    ) -> (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) {
        match (self.0.holds_item, self.0.is_locked()) {
            (false, _) => (vec![], vec![]),
            (true, true) => (vec![], vec![path(ITEM)]),
            (true, false) => (vec![path(ITEM)], vec![]),
        }
    }

    fn read_alias(&self, _name: &str) -> OwnedObjectPath {
        path(COLLECTION)
    }

    fn unlock(&self, objects: Vec<OwnedObjectPath>) -> (Vec<OwnedObjectPath>, OwnedObjectPath) {
        if self.0.is_locked() {
            (vec![], path(PROMPT))
        } else {
            (objects, path("/"))
        }
    }
}

struct Collection(Arc<Fake>);

#[zbus::interface(name = "org.freedesktop.Secret.Collection")]
impl Collection {
    #[zbus(property)]
    fn locked(&self) -> bool {
        self.0.is_locked()
    }
}

struct Item(Arc<Fake>);

#[zbus::interface(name = "org.freedesktop.Secret.Item")]
impl Item {
    #[zbus(property)]
    fn locked(&self) -> bool {
        self.0.is_locked()
    }

    fn get_secret(&self, _session: OwnedObjectPath) -> zbus::fdo::Result<()> {
        self.0.secrets_read.fetch_add(1, Ordering::SeqCst);
        Err(zbus::fdo::Error::AccessDenied(
            "not for this program".to_owned(),
        ))
    }
}

struct Prompt(Arc<Fake>);

#[zbus::interface(name = "org.freedesktop.Secret.Prompt")]
impl Prompt {
    async fn prompt(
        &self,
        _window: &str,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        self.0.prompts.fetch_add(1, Ordering::SeqCst);
        match self.0.person {
            Person::Leaves => {}
            Person::Dismisses => Self::completed(&emitter, true, text("")).await?,
            Person::Unlocks => {
                self.0.locked.store(false, Ordering::SeqCst);
                Self::completed(&emitter, false, text("")).await?;
            }
        }
        Ok(())
    }

    async fn dismiss(
        &self,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        self.0.dismissals.fetch_add(1, Ordering::SeqCst);
        Self::completed(&emitter, true, text("")).await?;
        Ok(())
    }

    #[zbus(signal)]
    async fn completed(
        emitter: &SignalEmitter<'_>,
        dismissed: bool,
        result: OwnedValue,
    ) -> zbus::Result<()>;
}
