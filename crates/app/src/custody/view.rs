//! What the window sees of custody.

use brasskey_providers::{Access, Proxy};
use serde::Serialize;
use specta::Type;

use crate::keys::view::PlaceView;

/// A host that got a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RecipientView {
    /// Scheme, host and port.
    pub origin: String,
    /// How many calls it paid for there, refused ones included.
    pub calls: u32,
    /// When the last of them left, milliseconds since 1970.
    #[specta(type = specta_typescript::Number)]
    pub last_at: i64,
}

/// A program that got a key because its owner said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct HandoverView {
    /// Its name as it was called.
    pub program: String,
    /// When, milliseconds since 1970.
    #[specta(type = specta_typescript::Number)]
    pub at: i64,
}

/// How a key's endpoint is reached, where that is not as usual (`brasskey keys reach`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WayView {
    /// The proxy's address, or `system`.
    pub proxy: Option<String>,
    /// Certificates of the user's own are believed besides the system's.
    pub own_certificates: bool,
    /// Names of the headers that are sent along, organisation and project among them.
    pub headers: Vec<String>,
}

impl WayView {
    /// None for the usual way.
    pub(super) fn of(access: &Access) -> Option<Self> {
        let named = [
            access.organisation.as_ref().map(|_| "openai-organization"),
            access.project.as_ref().map(|_| "openai-project"),
        ];
        let named = named.into_iter().flatten().map(str::to_owned);
        let view = Self {
            proxy: match &access.proxy {
                Proxy::None => None,
                Proxy::System => Some("system".to_owned()),
                Proxy::At(address) => Some(address.clone()),
            },
            own_certificates: access.certificates.is_some(),
            headers: named.chain(access.headers.keys().cloned()).collect(),
        };
        let is_usual = view.proxy.is_none() && !view.own_certificates && view.headers.is_empty();
        (!is_usual).then_some(view)
    }
}

/// Where a key is and who got it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CustodyView {
    /// Where its secret is now.
    pub place: PlaceView,
    /// The only origin that it may be sent to.
    pub bound_to: String,
    /// In which way that is reached; none is the usual one, directly.
    pub way: Option<WayView>,
    /// Who got it with a model call, by the receipts.
    pub recipients: Vec<RecipientView>,
    /// Which programs it was handed to with `brasskey run`, the last first.
    pub handovers: Vec<HandoverView>,
    /// When it was last checked, which sends it to the origin that it is bound to.
    #[specta(type = Option<specta_typescript::Number>)]
    pub last_checked_at: Option<i64>,
}

/// How far a search for leaks is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LeaksSoFar {
    /// Files that were read.
    #[specta(type = specta_typescript::Number)]
    pub files: u64,
    /// Their bytes.
    #[specta(type = specta_typescript::Number)]
    pub bytes: u64,
}

/// A folder that was looked through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LookedIn {
    /// Its path.
    pub folder: String,
    /// Files in it and below it that were read.
    #[specta(type = specta_typescript::Number)]
    pub files: u64,
}

/// A place where the key was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LeakView {
    /// The file; for a name that holds the key, its folder.
    pub place: String,
    /// A file's name holds it.
    pub in_name: bool,
    /// How often it is in the file.
    pub times: u32,
}

/// What a search for leaks looked at and found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LeaksView {
    /// The folders.
    pub looked_in: Vec<LookedIn>,
    /// Files that were read, in all of them.
    #[specta(type = specta_typescript::Number)]
    pub files: u64,
    /// Their bytes.
    #[specta(type = specta_typescript::Number)]
    pub bytes: u64,
    /// Files that could not be read: nothing is known of them.
    pub unread: Vec<String>,
    /// Where the key is.
    pub found: Vec<LeakView>,
    /// It was ended before its end.
    pub stopped: bool,
}
