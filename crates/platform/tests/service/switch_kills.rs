//! The platform's process is killed while a plan is changed: afterwards the application and the platform agree, and until then
//! the application says that it does not know.

use std::time::{Duration, Instant};

use brasskey_app::billing::view::{BillingMode, BillingView};
use brasskey_app::error::ErrorCode;
use brasskey_app::subscription::view::SwitchTime;

use crate::computer::Computer;
use crate::hosted::Service;
use crate::identity::Provider;
use crate::program::Program;

/// A person in a paid plan, and a service of their own.
struct Scene {
    service: Service,
    running: Option<Program>,
    computer: Computer,
}

impl Scene {
    async fn set(provider: &Provider) -> Self {
        let service = Service::new(provider);
        let running = Some(service.start());
        let computer = Computer::at(service.place()).await;
        computer.sign_in("ada@example.com").await.unwrap();
        computer.pay("byok_monthly", "accepted").await.unwrap();
        computer.app.settle_in().await;
        Self {
            service,
            running,
            computer,
        }
    }

    async fn mode(&self) -> (BillingMode, BillingView) {
        let billing = self.computer.app.billing().await.unwrap();
        (billing.mode.unwrap(), billing)
    }

    /// Kills the service when a switch has been under way for so long. At a long outage the service stays away for longer than
    /// the application waits for it.
    async fn switch_and_kill(&mut self, after: Duration, is_long: bool) -> Told {
        let (before, target) = (BillingMode::Byok, BillingMode::VendorBilled);
        let app = self.computer.app.clone();
        let now = Some(SwitchTime::Now);
        let shown = app.preview_plan("standard_monthly", now).await.unwrap();
        let change = async { app.change_plan(&shown.preview).await.map(drop) };
        let kill = async {
            tokio::time::sleep(after).await;
            // It ends by SIGKILL.
            drop(self.running.take());
            if !is_long {
                self.running = Some(self.service.start());
            }
        };
        let (changed, ()) = tokio::join!(change, kill);
        let (mode, view) = self.mode().await;
        let told = match changed.map_err(|error| error.code()) {
            Ok(()) => {
                assert_eq!((mode, view.switching), (target, None));
                Told::Made
            }
            Err(ErrorCode::PlatformUnreachable | ErrorCode::ChangePending) => {
                // Either it is still open, and the window says so, or it has been settled meanwhile.
                assert!(view.switching == Some(target) || mode == target, "{view:?}");
                Told::Unknown
            }
            Err(code) => {
                assert_eq!((mode, view.switching), (before, None), "{code:?}");
                Told::NotMade
            }
        };
        if is_long {
            self.running = Some(self.service.start());
        }
        told
    }

    /// The person asks again from time to time, and hears the truth.
    async fn agree(&self) {
        while self.mode().await.1.switching.is_some() {
            // As long as the service is not there, there is nothing to hear.
            self.computer.app.check_licence().await.ok();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let subscription = self.computer.app.subscription().await.unwrap();
        let (mode, view) = self.mode().await;
        assert_eq!(subscription.mode, Some(mode), "{view:?}");
        let licence = self.computer.app.account().licence.unwrap();
        assert_eq!(licence.modes, [mode]);
    }
}

#[tokio::test]
async fn a_platform_that_tells_this_computer_nothing_settles_no_switch() {
    let provider = Provider::start();
    let mut scene = Scene::set(&provider).await;
    let vendor = BillingMode::VendorBilled;
    let now = Some(SwitchTime::Now);
    let app = scene.computer.app.clone();
    let shown = app.preview_plan("standard_monthly", now).await.unwrap();
    drop(scene.running.take());
    let refused = app.change_plan(&shown.preview).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::PlatformUnreachable);
    drop(app);
    let computer = scene.computer.restarted().await;

    // The seat is taken back before this computer asks again.
    let _running = scene.service.start();
    let other = Computer::at(scene.service.place()).await;
    other.sign_in("ada@example.com").await.unwrap();
    let seats = other.app.seats().await.unwrap().seats;
    let seat = seats.iter().find(|seat| !seat.is_this).unwrap();
    other.app.release_seat(&seat.id).await.unwrap();
    computer.app.settle_in().await;
    computer.app.check_licence().await.unwrap_err();
    // Whatever is asked in the background has been answered by then.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let billing = computer.app.billing().await.unwrap();
    assert_eq!(billing.switching, Some(vendor));

    // Who signs in again gets what they agreed to.
    computer.sign_in("ada@example.com").await.unwrap();
    computer.mode_is(vendor).await;
}

/// What the person was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Made,
    NotMade,
    Unknown,
}

#[tokio::test]
async fn killed_at_any_moment_of_a_switch_the_platform_and_the_application_agree_afterwards() {
    const KILLS: u32 = 20;
    let provider = Provider::start();
    // How long a switch takes here: the kills are spread over it.
    let scene = Scene::set(&provider).await;
    let app = &scene.computer.app;
    let now = Some(SwitchTime::Now);
    let shown = app.preview_plan("standard_monthly", now).await.unwrap();
    let began = Instant::now();
    app.change_plan(&shown.preview).await.unwrap();
    let undisturbed = began.elapsed();
    assert_eq!(scene.mode().await.0, BillingMode::VendorBilled);

    let mut scenes = Vec::new();
    let mut told = Vec::new();
    for kill in 0..KILLS {
        let mut scene = Scene::set(&provider).await;
        let is_long = kill % 5 == 4;
        let after = undisturbed * kill / KILLS;
        told.push(scene.switch_and_kill(after, is_long).await);
        scenes.push(scene);
    }
    // What a process that was killed had begun, another takes up after a minute: all are waited for together.
    futures::future::join_all(scenes.iter().map(Scene::agree)).await;
    assert!(
        told.contains(&Told::Unknown),
        "no kill came in the middle of a switch: {told:?}"
    );
}
