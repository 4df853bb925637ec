//! How the application speaks to the platform: plans, signing in, the device's licence, changes of plan, payments, the wallet.
//!
//! It keeps nothing: a credential or a licence that it is given goes to the caller, who stores it before it is used. It makes no
//! model call and never sees a provider key; its HTTP client reaches the platform, and the identity provider that the platform
//! names, and nobody else. Every address is `https`, or on this computer.

mod device;
mod directory;
mod error;
mod http;
mod loopback;
mod person;
mod platform;
pub mod sign_in;
pub mod views;

pub use device::{Acceptance, AsDevice, Begun, Renewed};
pub use directory::{Directory, SignInSettings};
pub use error::{Code, Error, Problem};
pub use loopback::{Page, Return, Returned};
pub use person::{AccountName, AsPerson, Closed, Enrolled};
pub use platform::{About, Issued, Platform, PlatformUrl, UrlError};
