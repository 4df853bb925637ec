//! The computers of the account, and leaving it on this one.

use brasskey_client::Code;
use brasskey_client::views::Device;

use super::view::{AccountView, SeatView, SeatsView};
use crate::App;
use crate::error::Error;

impl App {
    /// The computers of the account.
    ///
    /// # Errors
    /// `sign_in_needed`, `platform_unreachable`, the credential store's states.
    pub async fn seats(&self) -> Result<SeatsView, Error> {
        let credential = self.device_credential().await?;
        let device = self.account.platform().await?.as_device(&credential);
        let devices = device.devices().await?;
        let account = device.account().await?;
        let this = devices.this.as_deref();
        Ok(SeatsView {
            seats: devices
                .devices
                .iter()
                .map(|device| seat(device, this))
                .collect(),
            max: account.account.devices_max,
        })
    }

    /// Takes another computer's seat back. It is signed out with its next contact.
    ///
    /// # Errors
    /// As [`App::seats`]; `invalid_input` for this computer, which signs out instead.
    pub async fn release_seat(&self, id: &str) -> Result<SeatsView, Error> {
        if id == self.account.kept().device {
            return Err(Error::InvalidInput("this computer signs out instead"));
        }
        let credential = self.device_credential().await?;
        let device = self.account.platform().await?.as_device(&credential);
        // An id of the list, and nothing that leads elsewhere.
        let devices = device.devices().await?.devices;
        if devices.iter().any(|device| device.id == id) {
            device.sign_out(id).await?;
            self.account_changed();
        }
        self.seats().await
    }

    /// Leaves the account on this computer. Its keys stay in the credential store, neither listed nor usable until the same
    /// person signs in again. When the platform does not answer, this computer forgets the account all the same, and its seat can be
    /// taken back from another one.
    ///
    /// # Errors
    /// `storage`.
    pub async fn sign_out(&self) -> Result<AccountView, Error> {
        let _one = self.account.exchanging().await;
        if let (Ok(credential), Ok(platform)) = (
            self.device_credential().await,
            self.account.platform().await,
        ) {
            let device = platform.as_device(&credential);
            match device.sign_out(&self.account.kept().device).await {
                Ok(()) => {}
                Err(error) if error.code() == Some(Code::DeviceUnknown) => {}
                Err(error) => tracing::warn!(%error, "the platform does not know of the sign-out"),
            }
        }
        self.forget_account().await?;
        Ok(self.account())
    }
}

pub(super) fn seat(device: &Device, this: Option<&str>) -> SeatView {
    SeatView {
        id: device.id.clone(),
        name: device.name.clone(),
        os: device.os.clone(),
        is_this: this == Some(&*device.id),
        created_at: device.created_at.as_millisecond(),
        seen_at: device.seen_at.as_millisecond(),
    }
}
