//! What Brasskey's tests stand on: the sandbox provider and the harness of the real window.
//!
//! [`Sandbox`] is a provider of our own that speaks the real protocols over a real socket of this computer, so that the
//! program under test is never told that it is being tested. [`Platform`] is the platform's own program. [`desktop`] starts the real program in a home, a session bus,
//! a credential store and a display of its own. Nothing in here may be linked into the product, and nothing in here reaches
//! further than 127.0.0.1.

pub mod clock;
mod control;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod drawer;
pub mod identity;
pub mod kinde;
pub mod platform;
pub mod proxy;
pub mod sandbox;
mod search;

pub use drawer::Drawer;
pub use identity::IdentityProvider;
pub use kinde::KindeDouble;
pub use platform::{Platform, PlatformOptions, VENDOR_KEY};
pub use proxy::{Line, Proxy};
pub use sandbox::{
    Counts, Fault, Recorded, SANDBOX_PORT, Sandbox, Script, Situation, Wire, count_tokens,
};
pub use search::Search;
