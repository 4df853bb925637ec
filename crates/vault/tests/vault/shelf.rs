//! A credential store in memory that does what a test tells it: fail, hang, panic, lie, hold an entry twice.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use brasskey_vault::{Deadlines, Vault};
use keyring_core::api::{CredentialApi, CredentialStoreApi};
use keyring_core::{Credential, CredentialStore, Entry, Error, Result};

/// What the next call on an entry does instead of its work.
pub(crate) enum Act {
    Fail(Error),
    Panic,
}

#[derive(Default)]
pub(crate) struct Shelf {
    items: Mutex<Vec<Item>>,
    acts: Mutex<VecDeque<Act>>,
    hanging: Mutex<bool>,
    released: Condvar,
    pub(crate) loses_writes: Mutex<bool>,
    pub(crate) alters_writes: Mutex<bool>,
    pub(crate) limit: Mutex<Option<u32>>,
    pub(crate) opened: AtomicUsize,
    pub(crate) reads: AtomicUsize,
    pub(crate) calls: AtomicUsize,
}

struct Item {
    number: usize,
    user: String,
    value: Vec<u8>,
}

impl Shelf {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn vault(self: &Arc<Self>, deadlines: Deadlines) -> Vault {
        let shelf = self.clone();
        Vault::with_store("test.brasskey", deadlines, move || {
            shelf.opened.fetch_add(1, Ordering::SeqCst);
            let store: Arc<CredentialStore> = Arc::new(Store(shelf.clone()));
            Ok(store)
        })
    }

    pub(crate) fn then(&self, act: Act) {
        self.acts.lock().unwrap().push_back(act);
    }

    pub(crate) fn hang(&self, hanging: bool) {
        *self.hanging.lock().unwrap() = hanging;
        self.released.notify_all();
    }

    pub(crate) fn add(&self, user: &str, value: &[u8]) {
        let mut items = self.items.lock().unwrap();
        let number = items.iter().map(|item| item.number).max().unwrap_or(0) + 1;
        items.push(Item {
            number,
            user: user.to_owned(),
            value: value.to_vec(),
        });
    }

    pub(crate) fn values(&self, user: &str) -> Vec<String> {
        let items = self.items.lock().unwrap();
        let of_user = items.iter().filter(|item| item.user == user);
        of_user
            .map(|item| String::from_utf8_lossy(&item.value).into_owned())
            .collect()
    }

    fn enter(&self) -> Result<()> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let mut hanging = self.hanging.lock().unwrap();
        while *hanging {
            hanging = self.released.wait(hanging).unwrap();
        }
        drop(hanging);
        let act = self.acts.lock().unwrap().pop_front();
        match act {
            Some(Act::Fail(error)) => Err(error),
            Some(Act::Panic) => panic!("the store panics, as the test asked"),
            None => Ok(()),
        }
    }
}

struct Store(Arc<Shelf>);

impl CredentialStoreApi for Store {
    fn vendor(&self) -> String {
        "test".to_owned()
    }

    fn id(&self) -> String {
        "test".to_owned()
    }

    fn build(
        &self,
        _service: &str,
        user: &str,
        _modifiers: Option<&HashMap<&str, &str>>,
    ) -> Result<Entry> {
        Ok(entry(&self.0, user, None))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

fn entry(shelf: &Arc<Shelf>, user: &str, number: Option<usize>) -> Entry {
    Entry::new_with_credential(Arc::new(Handle {
        shelf: shelf.clone(),
        user: user.to_owned(),
        number,
    }))
}

/// Names all items of a user (`number` is none), or one item.
struct Handle {
    shelf: Arc<Shelf>,
    user: String,
    number: Option<usize>,
}

impl Handle {
    fn one(&self) -> Result<Option<usize>> {
        let items = self.shelf.items.lock().unwrap();
        let matching: Vec<usize> = items
            .iter()
            .filter(|item| {
                item.user == self.user && self.number.is_none_or(|number| number == item.number)
            })
            .map(|item| item.number)
            .collect();
        match matching.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            several => Err(Error::Ambiguous(
                several
                    .iter()
                    .map(|number| entry(&self.shelf, &self.user, Some(*number)))
                    .collect(),
            )),
        }
    }
}

impl CredentialApi for Handle {
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        self.shelf.enter()?;
        if let Some(limit) = *self.shelf.limit.lock().unwrap()
            && secret.len() > limit as usize
        {
            return Err(Error::TooLong("secret".to_owned(), limit));
        }
        let found = self.one()?;
        if *self.shelf.loses_writes.lock().unwrap() {
            return Ok(());
        }
        let mut value = secret.to_vec();
        if *self.shelf.alters_writes.lock().unwrap() {
            value.reverse();
        }
        match found {
            None => self.shelf.add(&self.user, &value),
            Some(number) => {
                let mut items = self.shelf.items.lock().unwrap();
                let item = items.iter_mut().find(|item| item.number == number).unwrap();
                item.value = value;
            }
        }
        Ok(())
    }

    fn get_secret(&self) -> Result<Vec<u8>> {
        self.shelf.enter()?;
        self.shelf.reads.fetch_add(1, Ordering::SeqCst);
        let number = self.one()?.ok_or(Error::NoEntry)?;
        let items = self.shelf.items.lock().unwrap();
        Ok(items
            .iter()
            .find(|item| item.number == number)
            .unwrap()
            .value
            .clone())
    }

    fn delete_credential(&self) -> Result<()> {
        self.shelf.enter()?;
        let number = self.one()?.ok_or(Error::NoEntry)?;
        self.shelf
            .items
            .lock()
            .unwrap()
            .retain(|item| item.number != number);
        Ok(())
    }

    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        Ok(None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        None
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Handle")
    }
}
