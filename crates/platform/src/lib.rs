//! The hosted side of Brasskey: what "the platform bills for its service" means.
//!
//! It knows accounts, devices, plans and licences. It never sees a user's provider key, and in own-keys mode no model traffic.
//! The binary is a thin command line over this library; tests drive the library through its HTTP interface.

mod authority;
pub mod billing;
mod budget;
mod catalogue;
mod clock;
mod credential;
mod doctor;
mod gateway;
mod http;
mod identity;
mod inbox;
mod issuing;
mod keeping;
mod keys;
mod metrics;
mod outbound;
mod reporting;
mod secret_keys;
mod serve;
mod server;
mod service;
pub mod settings;
mod signing;
mod store;
mod subscriptions;
mod telemetry;
mod terms;
mod tls;
mod vendor_keys;
mod wallet;
mod work;

pub use authority::{CallHold, PlatformAuthority};
pub use catalogue::{Catalogue, CatalogueError};
pub use clock::Clock;
pub use doctor::{Finding, Wrong, examine};
pub use gateway::gateway;
pub use http::{Edge, description, idempotent};
pub use identity::{Identity, IdentitySettings};
pub use keys::{KeyFolder, KeyFolderError};
pub use metrics::{Lasting, Metrics};
pub use outbound::{Outbound, OutboundError};
pub use reporting::Told;
pub use serve::ServeError;
pub use service::{Parts, Service, ServiceError};
pub use store::{Difference, Store, StoreError};
pub use telemetry::{Telemetry, TelemetryError};
pub use terms::{Terms, TermsError};
pub use tls::TlsError;
pub use vendor_keys::{KeySource, KeyUnavailable, VendorKeys, VendorKeysError, VendorProvider};
