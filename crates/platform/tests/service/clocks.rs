//! The application's licence while clocks are moved, a computer sleeps, and the service is away.

use brasskey_app::account::view::{ClockView, LicenceState, LicenceView};
use brasskey_app::clock::Clock;
use brasskey_app::error::ErrorCode;
use brasskey_app::keys::view::KeyView;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::bank::days;
use crate::cable::Cable;
use crate::computer::{Computer, Where};
use crate::databases::{Database, both};
use crate::identity::Provider;
use crate::instance::Instance;

/// Somebody who pays for own keys, a computer with a key, and the service at the other end of a cable.
struct Scene {
    service: Instance,
    cable: Cable,
    computer: Computer,
    key: KeyView,
}

impl Scene {
    async fn set(provider: &Provider, database: &Database) -> Self {
        let service = provider.service(database).await;
        let platform = Where::of(&service);
        let cable = Cable::to(&platform).await;
        let computer = Computer::at(cable.end(&platform)).await;
        computer.sign_in("ada@example.com").await.unwrap();
        computer.pay("byok_monthly", "accepted").await.unwrap();
        let key = computer.add_key("sk-proj-0123456789abcdefghij-Key1").await;
        Self {
            service,
            cable,
            computer: computer.restarted().await,
            key,
        }
    }

    fn licence(&self) -> LicenceView {
        self.computer.app.account().licence.unwrap()
    }

    /// Time goes on everywhere.
    fn pass(&self, time: SignedDuration) {
        self.computer.clock.advance(time);
        self.service.clock.advance(time);
    }

    /// Why a message does not go out.
    async fn refusal(&self) -> Option<ErrorCode> {
        self.computer.refusal(&self.key).await
    }

    /// Waits for a licence that is newer than this one.
    async fn is_renewed(&self, before: &LicenceView) {
        let mut changes = self.computer.app.changes();
        while self.licence().checked_at <= before.checked_at {
            changes.recv().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_and_comes_back_costs_nothing() {
    let provider = Provider::start();
    for database in both() {
        let scene = Scene::set(&provider, &database).await;
        let computer = &scene.computer;
        let far = days(400);
        computer.clock.advance(far);
        assert_eq!(scene.licence().state, LicenceState::Limited);
        assert_eq!(scene.refusal().await, Some(ErrorCode::LicenceLapsed));
        // What the platform says then is judged by the same clock, and the person hears which of the two is wrong.
        let account = computer.app.check_licence().await.unwrap();
        let licence = account.licence.unwrap();
        assert_eq!(
            (licence.state, licence.clock),
            (LicenceState::Limited, ClockView::Ahead)
        );
        computer.clock.advance(-far);
        let licence = scene.licence();
        assert_eq!(
            (licence.state, licence.clock),
            (LicenceState::Active, ClockView::Right)
        );
        assert_eq!(scene.refusal().await, None);
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_gains_nothing_and_stops_nothing() {
    let provider = Provider::start();
    for database in both() {
        let scene = Scene::set(&provider, &database).await;
        scene.computer.clock.advance(days(-90));
        let licence = scene.licence();
        assert_eq!(
            (&licence.state, licence.clock),
            (&LicenceState::Active, ClockView::Behind)
        );
        assert_eq!(scene.refusal().await, None);
        // It is renewed all the same, as after a day.
        scene.computer.app.settle_in().await;
        scene.is_renewed(&licence).await;
        assert_eq!(scene.licence().state, LicenceState::Active);

        // How late it was is remembered over a restart: what ran out stays so.
        scene.computer.clock.advance(days(90));
        scene.cable.pull();
        scene.pass(days(43));
        let computer = scene.computer.restarted().await;
        computer.app.settle_in().await;
        // The time is marked beside the tries to renew.
        let mut changes = computer.app.changes();
        while computer.app.account().check_failed.is_none() {
            changes.recv().await.unwrap();
        }
        let computer = computer.restarted().await;
        computer.clock.advance(days(-60));
        let licence = computer.app.account().licence.unwrap();
        assert_eq!(licence.clock, ClockView::Behind);
        assert!(
            matches!(licence.state, LicenceState::RenewalDue { days_left, .. } if days_left <= 2),
            "{licence:?}"
        );
    }
}

#[tokio::test]
async fn a_computer_that_slept_sends_at_once_as_long_as_its_licence_lasts() {
    let provider = Provider::start();
    for database in both() {
        let scene = Scene::set(&provider, &database).await;
        scene.computer.app.settle_in().await;
        // While it sleeps its clock goes on and its timers stand still. What is asked first after that is asked without the platform.
        scene.cable.pull();
        for (slept, state, refusal) in [
            (days(3), "active", None),
            (days(28), "grace", None),
            (days(12), "grace", None),
            (days(2), "limited", Some(ErrorCode::LicenceLapsed)),
        ] {
            scene.pass(slept);
            let is_in = match scene.licence().state {
                LicenceState::Active => "active",
                LicenceState::RenewalDue { .. } => "grace",
                LicenceState::Limited => "limited",
                LicenceState::Revoked => "revoked",
            };
            assert_eq!(is_in, state);
            assert_eq!(scene.refusal().await, refusal, "{state}");
        }
        // Reading, searching and keeping keys goes on.
        assert_eq!(scene.computer.keys().await, ["Key1"]);
        scene.computer.app.workspace().await.unwrap();
        scene.cable.mend();
        scene.service.work().await;
        scene.computer.app.check_licence().await.unwrap();
        assert_eq!(scene.licence().state, LicenceState::Active);
        assert_eq!(scene.refusal().await, None);
    }
}

#[tokio::test]
async fn a_licence_is_the_same_in_every_time_zone_and_through_a_change_of_the_clocks() {
    let provider = Provider::start();
    let zones = ["Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin"];
    let zones = zones.map(|zone| TimeZone::get(zone).unwrap());
    for database in both() {
        let service = provider.service(&database).await;
        let platform = Where::of(&service);
        for (number, zone) in zones.iter().enumerate() {
            let clock = Clock::in_zone(zone.clone());
            let computer = Computer::by(clock, platform.clone()).await;
            let email = format!("{number}@example.com");
            computer.sign_in(&email).await.unwrap();
            computer.pay("byok_monthly", "accepted").await.unwrap();
            // Past the end of summer time or its beginning, whichever comes: 30 and 44 days are days of 24 hours.
            let licence = computer.app.account().licence.unwrap();
            let day = 24 * 60 * 60 * 1_000;
            let lasts = |until: i64| (until - licence.checked_at) / day;
            assert_eq!(
                (lasts(licence.works_until), lasts(licence.grace_until)),
                (30, 44)
            );
            let second = SignedDuration::from_secs(1);
            let mut left = Vec::new();
            for passed in [days(30) - second, second + second, days(14)] {
                computer.clock.advance(passed);
                left.push(computer.app.account().licence.unwrap().state);
            }
            assert!(
                matches!(
                    left[..],
                    [
                        LicenceState::Active,
                        LicenceState::RenewalDue { days_left: 14, .. },
                        LicenceState::Limited
                    ]
                ),
                "{zone:?}: {left:?}"
            );
        }
    }
}
