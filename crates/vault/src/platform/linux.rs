//! The Secret Service of a Linux desktop (GNOME Keyring, KWallet, KeePassXC), over the session bus.
//!
//! The store crate answers a locked collection with a prompt that it waits for without end. So the vault looks first, over
//! a connection of its own, and unlocks by itself: then the prompt can be dismissed when the person gives up, a service
//! that dies is noticed, and a background call never shows one.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use futures::StreamExt as _;
use keyring_core::CredentialStore;
use zbus::zvariant::{DynamicDeserialize, DynamicType, ObjectPath, OwnedObjectPath, OwnedValue};

use super::Platform;
use crate::call::Call;
use crate::fault::Fault;
use crate::state::{Patience, StoreState};

pub(crate) const STORE_NAME: &str = "Secret Service";

const SECRETS: &str = "org.freedesktop.secrets";
const SERVICE_PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const ITEM: &str = "org.freedesktop.Secret.Item";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

#[derive(Default)]
pub(crate) struct SecretService {
    bus: Option<zbus::Connection>,
}

impl Platform for SecretService {
    fn open(&mut self) -> keyring::Result<Arc<CredentialStore>> {
        let store = zbus_secret_service_keyring_store::Store::new()?;
        Ok(store)
    }

    fn admit(&mut self, service: &str, user: &str, call: &Call) -> Result<(), Fault> {
        // The vault's thread is no runtime's, so zbus may block it, whichever runtime zbus was built for.
        zbus::block_on(async {
            let locked = tokio::select! {
                found = self.locked(service, user) => found?,
                () = call.given_up() => return Err(Fault::given_up()),
            };
            match (locked.is_empty(), call.patience()) {
                (true, _) => Ok(()),
                (false, Patience::Background) => Err(Fault::store(StoreState::Locked, "locked")),
                (false, Patience::User) => unlock(&self.bus().await?, locked, call).await,
            }
        })
    }

    fn judge(&self, source: &(dyn Error + Send + Sync + 'static)) -> Option<Fault> {
        use secret_service::Error as Source;
        let fault = match source.downcast_ref::<Source>()? {
            Source::Zbus(error) => judge_bus(error),
            Source::ZbusFdo(error) => judge_name(zbus::DBusError::name(error).as_str()),
            Source::Locked => Fault::store(StoreState::Locked, "item_locked"),
            Source::NoResult => Fault::store(StoreState::NoCollection, "no_default_collection"),
            Source::Prompt => Fault::store(StoreState::PromptDismissed, "prompt_dismissed"),
            Source::Unavailable => Fault::store(StoreState::Absent, "no_bus"),
            Source::PromptDisconnected => Fault::stale("service_left_during_prompt"),
            Source::Crypto(_) => Fault::stale("session_crypto"),
            _ => Fault::stale("secret_service"),
        };
        Some(fault)
    }

    fn modifiers(&self) -> &'static [(&'static str, &'static str)] {
        // Shown by keyring viewers and readable by every program on the bus.
        &[("label", "Brasskey: provider key")]
    }

    fn modified_at(&mut self, entry: &keyring_core::Entry) -> u64 {
        let item = entry
            .as_any()
            .downcast_ref::<zbus_secret_service_keyring_store::cred::Wrapper>();
        let Some(path) = item.and_then(|item| OwnedObjectPath::try_from(item.get_path()).ok())
        else {
            return 0;
        };
        zbus::block_on(async {
            let bus = self.bus().await.ok()?;
            let value = property(&bus, &path, ITEM, "Modified").await.ok()?;
            u64::try_from(value).ok()
        })
        .unwrap_or(0)
    }

    fn reset(&mut self) {
        self.bus = None;
    }
}

impl SecretService {
    async fn bus(&mut self) -> Result<zbus::Connection, Fault> {
        if let Some(bus) = &self.bus {
            return Ok(bus.clone());
        }
        let bus = zbus::Connection::session()
            .await
            .map_err(|error| judge_bus(&error))?;
        Ok(self.bus.insert(bus).clone())
    }

    /// What must be unlocked before the entry can be used: its own items, or, when there are none (KWallet and KeePassXC
    /// hide those of a locked wallet), the default collection, where a new one would go.
    async fn locked(&mut self, service: &str, user: &str) -> Result<Vec<OwnedObjectPath>, Fault> {
        let bus = self.bus().await?;
        let attributes = HashMap::from([("service", service), ("username", user)]);
        let (unlocked, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
            ask(&bus, SERVICE_PATH, SERVICE, "SearchItems", &(attributes,)).await?;
        if !unlocked.is_empty() || !locked.is_empty() {
            return Ok(locked);
        }
        let default: OwnedObjectPath =
            ask(&bus, SERVICE_PATH, SERVICE, "ReadAlias", &("default",)).await?;
        if default.as_str() == "/" {
            return Err(Fault::store(
                StoreState::NoCollection,
                "no_default_collection",
            ));
        }
        let value = property(&bus, &default, COLLECTION, "Locked").await?;
        match bool::try_from(value) {
            Ok(true) => Ok(vec![default]),
            Ok(false) => Ok(Vec::new()),
            Err(_) => Err(Fault::store(StoreState::Broken, "locked_is_no_boolean")),
        }
    }
}

/// Unlocks what is locked, by a prompt if the service wants one. Ends with the prompt, with the service, or when the
/// caller gives up: then the prompt is taken off the screen.
async fn unlock(
    bus: &zbus::Connection,
    locked: Vec<OwnedObjectPath>,
    call: &Call,
) -> Result<(), Fault> {
    let locked = (locked,);
    let (unlocked, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) = tokio::select! {
        answer = ask(bus, SERVICE_PATH, SERVICE, "Unlock", &locked) => answer?,
        () = call.given_up() => return Err(Fault::given_up()),
    };
    if prompt.as_str() == "/" {
        return match unlocked.is_empty() {
            true => Err(Fault::store(StoreState::Locked, "unlock_refused")),
            false => Ok(()),
        };
    }
    let prompt = zbus::Proxy::new(bus, SECRETS, prompt, PROMPT)
        .await
        .map_err(|error| judge_bus(&error))?;
    call.prompt();
    tokio::select! {
        outcome = show(bus, &prompt) => outcome,
        () = call.given_up() => {
            if prompt.call_noreply("Dismiss", &()).await.is_err() {
                tracing::debug!("the unlock prompt could not be dismissed");
            }
            Err(Fault::given_up())
        }
    }
}

async fn show(bus: &zbus::Connection, prompt: &zbus::Proxy<'_>) -> Result<(), Fault> {
    let judge = |error: zbus::Error| judge_bus(&error);
    let mut completed = prompt.receive_signal("Completed").await.map_err(judge)?;
    let daemon = zbus::fdo::DBusProxy::new(bus).await.map_err(judge)?;
    let mut owners = daemon
        .receive_name_owner_changed_with_args(&[(0, SECRETS)])
        .await
        .map_err(judge)?;
    let () = prompt.call("Prompt", &("",)).await.map_err(judge)?;
    tokio::select! {
        signal = completed.next() => {
            let signal = signal.ok_or(Fault::stale("bus_left_during_prompt"))?;
            let (dismissed, _): (bool, OwnedValue) = signal.body().deserialize().map_err(judge)?;
            match dismissed {
                true => Err(Fault::store(StoreState::PromptDismissed, "prompt_dismissed")),
                false => Ok(()),
            }
        }
        _ = owners.next() => Err(Fault::store(StoreState::Broken, "service_left_during_prompt")),
    }
}

async fn ask<B, R>(
    bus: &zbus::Connection,
    path: &str,
    interface: &str,
    method: &str,
    body: &B,
) -> Result<R, Fault>
where
    B: serde::Serialize + DynamicType,
    R: for<'d> DynamicDeserialize<'d>,
{
    let reply = bus
        .call_method(Some(SECRETS), path, Some(interface), method, body)
        .await
        .map_err(|error| judge_bus(&error))?;
    reply
        .body()
        .deserialize()
        .map_err(|error| judge_bus(&error))
}

async fn property(
    bus: &zbus::Connection,
    path: &ObjectPath<'_>,
    interface: &str,
    name: &str,
) -> Result<OwnedValue, Fault> {
    ask(bus, path.as_str(), PROPERTIES, "Get", &(interface, name)).await
}

fn judge_bus(error: &zbus::Error) -> Fault {
    match error {
        zbus::Error::MethodError(name, ..) => judge_name(name.as_str()),
        zbus::Error::FDO(error) => judge_name(zbus::DBusError::name(error.as_ref()).as_str()),
        zbus::Error::Address(_) | zbus::Error::Connection(..) => {
            Fault::store(StoreState::Absent, "no_bus")
        }
        zbus::Error::Handshake(_) => Fault::store(StoreState::Denied, "bus_handshake"),
        zbus::Error::InputOutput(_) => Fault::stale("bus_disconnected"),
        _ => Fault::stale("bus_error"),
    }
}

/// Error names of the D-Bus specification and of the Secret Service specification.
fn judge_name(name: &str) -> Fault {
    match name {
        "org.freedesktop.DBus.Error.ServiceUnknown"
        | "org.freedesktop.DBus.Error.NameHasNoOwner" => {
            Fault::store(StoreState::Absent, "no_secret_service")
        }
        "org.freedesktop.DBus.Error.AccessDenied" | "org.freedesktop.DBus.Error.AuthFailed" => {
            Fault::store(StoreState::Denied, "access_denied")
        }
        "org.freedesktop.Secret.Error.IsLocked" => Fault::store(StoreState::Locked, "item_locked"),
        "org.freedesktop.Secret.Error.NoSession" => Fault::stale("no_session"),
        "org.freedesktop.Secret.Error.NoSuchObject" => Fault::stale("no_such_object"),
        "org.freedesktop.DBus.Error.NoReply" | "org.freedesktop.DBus.Error.Disconnected" => {
            Fault::stale("service_left")
        }
        _ if name.starts_with("org.freedesktop.DBus.Error.Spawn") => {
            Fault::store(StoreState::Absent, "service_does_not_start")
        }
        _ => Fault::stale("secret_service_error"),
    }
}
