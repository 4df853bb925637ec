//! Signing in: with the browser of this computer, or with a code where none opens. What comes of it is shown to the platform once;
//! from then on this computer has a credential of its own.

use std::time::Duration;

use brasskey_client::sign_in::{Progress, SignIn, SignInError};
use brasskey_client::views::Device;
use brasskey_client::{Code, Page};
use qrcodegen::{QrCode, QrCodeEcc};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::SigningIn;
use super::kept::Holder;
use super::seats::seat;
use super::view::{SignInOutcome, SignInProgress, SignInWay};
use crate::App;
use crate::changed::Changed;
use crate::clock::new_id;
use crate::error::{Error, ErrorCode};

/// How long a person may take in the browser.
const WAIT: Duration = Duration::from_secs(15 * 60);

/// What the browser says when the person comes back.
pub(crate) fn page() -> Page {
    Page {
        done: "You can close this page and go back to Brasskey.".to_owned(),
        failed: "Nothing was done. You can close this page and go back to Brasskey.".to_owned(),
    }
}

/// A sign-in's place; dropping it takes what is on screen away, unless a seat is still to be chosen.
struct Turn<'a> {
    app: &'a App,
    stop: CancellationToken,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // One that was stopped has given its place up already, perhaps to another.
        if !self.stop.is_cancelled() {
            self.app.account.with(|held| {
                if let Some(sign_in) = &mut held.sign_in {
                    sign_in.progress = None;
                    if sign_in.proof.is_none() {
                        held.sign_in = None;
                    }
                }
            });
        }
        self.app.account_changed();
    }
}

impl App {
    /// Signs a person in. `open` opens a page in the system's browser; where it cannot, a code is shown instead. Answers when
    /// the person is done.
    ///
    /// # Errors
    /// `stopped`; `sign_in_failed`; `platform_unreachable`; the credential store's states. In all of them nothing has changed.
    pub async fn sign_in<F>(
        &self,
        way: SignInWay,
        open: impl Fn(String) -> F + Send,
    ) -> Result<SignInOutcome, Error>
    where
        F: Future<Output = Result<(), Error>> + Send,
    {
        let proof = self.prove(way, open).await?;
        self.enrol(proof, None).await
    }

    /// Goes on with a sign-in for which there was no seat: that computer gives its own.
    ///
    /// # Errors
    /// As [`App::sign_in`]; `sign_in_failed` when no sign-in waits for a seat.
    pub async fn sign_in_in_place_of(&self, seat: &str) -> Result<SignInOutcome, Error> {
        let waiting = self.account.with(|held| held.sign_in.take());
        let proof = waiting
            .and_then(|sign_in| sign_in.proof)
            .ok_or(Error::Refused(ErrorCode::SignInFailed))?;
        self.enrol(proof, Some(seat)).await
    }

    /// Ends a sign-in that waits.
    pub fn cancel_sign_in(&self) {
        if let Some(sign_in) = self.account.with(|held| held.sign_in.take()) {
            sign_in.stop.cancel();
        }
        self.account_changed();
    }

    /// Lets a person prove who they are.
    pub(super) async fn prove<F>(
        &self,
        way: SignInWay,
        open: impl Fn(String) -> F + Send,
    ) -> Result<SecretString, Error>
    where
        F: Future<Output = Result<(), Error>> + Send,
    {
        let turn = self.begin_sign_in();
        let asking = async {
            let directory = self.account.platform().await?.directory().await?;
            let settings = directory
                .sign_in
                .ok_or(Error::Refused(ErrorCode::SignInFailed))?;
            let sign_in = SignIn::new(settings)?;
            if way == SignInWay::Browser
                && let Some(proof) = self.in_browser(&sign_in, open).await?
            {
                return Ok(proof);
            }
            self.with_code(&sign_in).await
        };
        tokio::select! {
            biased;
            () = turn.stop.cancelled() => Err(Error::Stopped),
            () = self.closing.cancelled() => Err(Error::Stopped),
            () = tokio::time::sleep(WAIT) => Err(Error::Refused(ErrorCode::SignInFailed)),
            proof = asking => proof,
        }
    }

    fn begin_sign_in(&self) -> Turn<'_> {
        let stop = CancellationToken::new();
        let before = self.account.with(|held| {
            held.sign_in.replace(SigningIn {
                stop: stop.clone(),
                progress: None,
                proof: None,
            })
        });
        if let Some(before) = before {
            before.stop.cancel();
        }
        Turn { app: self, stop }
    }

    fn show_sign_in(&self, progress: SignInProgress) {
        self.account.with(|held| {
            if let Some(sign_in) = &mut held.sign_in {
                sign_in.progress = Some(progress);
            }
        });
        self.account_changed();
    }

    /// None where no browser opens or this way is not offered.
    async fn in_browser<F>(
        &self,
        sign_in: &SignIn,
        open: impl Fn(String) -> F,
    ) -> Result<Option<SecretString>, Error>
    where
        F: Future<Output = Result<(), Error>>,
    {
        let waiting = match sign_in.in_browser().await {
            Ok(waiting) => waiting,
            Err(SignInError::NotOffered | SignInError::NoPort) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let address = waiting.url().to_string();
        if open(address.clone()).await.is_err() {
            return Ok(None);
        }
        self.show_sign_in(SignInProgress::Browser { address });
        Ok(Some(waiting.finish(&page()).await?.access_token))
    }

    async fn with_code(&self, sign_in: &SignIn) -> Result<SecretString, Error> {
        let mut waiting = sign_in.with_code().await?;
        let lasts = i64::try_from(waiting.expires_in().as_millis()).unwrap_or(i64::MAX);
        self.show_sign_in(SignInProgress::Code {
            code: waiting.user_code().to_owned(),
            address: waiting.verification_uri().to_string(),
            qr: rows(waiting.complete_uri().as_str()),
            expires_at: self.clock.now_ms().saturating_add(lasts),
        });
        loop {
            tokio::time::sleep(waiting.pause()).await;
            match waiting.ask().await {
                Ok(Progress::Done(tokens)) => return Ok(tokens.access_token),
                Ok(Progress::Pending) => {}
                // The network comes back; the code has an end of its own.
                Err(SignInError::Error(brasskey_client::Error::Unreachable)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Gives this computer a seat. What the trial had comes along.
    async fn enrol(
        &self,
        proof: SecretString,
        replace: Option<&str>,
    ) -> Result<SignInOutcome, Error> {
        let one = self.account.exchanging().await;
        let had = self.device_credential().await.ok();
        let name = new_id();
        let person = self.account.platform().await?.as_person(&proof);
        let ask = async || {
            let about = self.account.about();
            person.enrol(&about, had.as_ref(), replace, &name).await
        };
        let enrolled = match ask().await {
            // The answer may have been lost: under the same name it is done once.
            Err(brasskey_client::Error::Unreachable) => ask().await,
            // Somebody signed out here without the platform hearing of it: to the next one this is another computer.
            Err(error) if error.code() == Some(Code::DeviceInUse) => {
                self.become_another_device().await?;
                ask().await
            }
            other => other,
        };
        let enrolled = match enrolled {
            Ok(enrolled) => enrolled,
            Err(brasskey_client::Error::Refused(problem)) if problem.code == Code::DeviceLimit => {
                let devices = problem.more.get("devices").cloned().unwrap_or_default();
                let devices: Vec<Device> = serde_json::from_value(devices).unwrap_or_default();
                let seats = devices.iter().map(|device| seat(device, None)).collect();
                self.account.with(|held| {
                    held.sign_in = Some(SigningIn {
                        stop: CancellationToken::new(),
                        progress: None,
                        proof: Some(proof),
                    });
                });
                return Ok(SignInOutcome::SeatsTaken { seats });
            }
            Err(error) => return Err(error.into()),
        };
        let holder = Holder::Person {
            id: enrolled.account.id,
            email: enrolled.account.email,
        };
        self.take(enrolled.issued, Some(holder)).await?;
        drop(one);
        self.adopt().await?;
        self.catch_up();
        Ok(SignInOutcome::SignedIn)
    }

    /// The trial's keys, acceptances and uses, and those from before there was an account, are the first person's who signs in. At a
    /// start, too: the run before may have ended between the two.
    ///
    /// # Errors
    /// `storage`.
    pub(crate) async fn adopt(&self) -> Result<(), Error> {
        let profile = self.account.profile();
        if profile != super::NOBODYS {
            self.ledger.keys().adopt(super::NOBODYS, &profile).await?;
            self.announce(Changed::Keys);
            self.adopt_terms().await?;
            self.adopt_uses().await?;
        }
        Ok(())
    }
}

/// A QR code, row by row.
fn rows(text: &str) -> Vec<String> {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else {
        return Vec::new();
    };
    let side = code.size();
    (0..side)
        .map(|y| {
            (0..side)
                .map(|x| if code.get_module(x, y) { '1' } else { '0' })
                .collect()
        })
        .collect()
}
