//! Who calls: a device that proves itself with its credential, without replacing it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::body::DeviceCredential;
use super::problem::{Code, Problem};
use super::rates::Rates;
use crate::credential;
use crate::service::Service;

/// A device that is in use, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) device_id: String,
    pub(crate) account_id: String,
}

impl FromRequestParts<Service> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        // Asked again by a layer and by the handler behind it.
        if let Some(caller) = parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        let DeviceCredential(presented) =
            DeviceCredential::from_request_parts(parts, service).await?;
        let device = service
            .store()
            .device_of(&credential::hash(&presented))
            .await?
            .ok_or(Problem::new(
                Code::DeviceUnknown,
                "Renew the licence, or sign in again on this device.",
            ))?;
        Rates::of(&parts.extensions).known(&device.id, &device.account_id)?;
        let caller = Self {
            device_id: device.id,
            account_id: device.account_id,
        };
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}
