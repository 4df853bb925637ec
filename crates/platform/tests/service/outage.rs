//! What a device goes by while the service is down, and what it believes: its licence and the key set that the service handed out,
//! and the time, read by the crate that the application reads them with.

use std::net::TcpStream;
use std::slice;
use std::sync::Arc;

use brasskey_licence::{
    Claims, KeySet, Licence, Marks, PublicKey, SigningKey, Standing, State, TokenError,
};
use brasskey_platform::KeyFolder;
use brasskey_platform::settings::Settings;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use utoipa_axum::router::OpenApiRouter;

use crate::databases::{Database, both};
use crate::identity::Provider;
use crate::instance::Answer;
use crate::remote::{Remote, run};
use crate::served::Served;

/// What the application keeps, and how it goes about with it.
#[derive(Clone)]
struct App {
    device: &'static str,
    root: PublicKey,
    keys: KeySet,
    licence: Licence,
    marks: Marks,
}

impl App {
    async fn new(service: &Remote, device: &'static str, root: PublicKey, first: &Answer) -> Self {
        let licence = service.licence(first, device).await;
        let keys = KeySet::read(&service.key_set().await, slice::from_ref(&root)).unwrap();
        Self {
            device,
            root,
            keys,
            marks: Marks::renewed(licence.claims().iat),
            licence,
        }
    }

    /// What it shows when the computer's clock says this.
    fn shows(&mut self, clock: Timestamp) -> State {
        self.marks = self.marks.after(clock, self.licence.claims().grace);
        self.licence.state(self.marks.now(clock))
    }

    fn take(&mut self, licence: &str) -> Result<(), TokenError> {
        let read = Licence::read(licence, &self.keys, self.device)?;
        self.licence = self.licence.followed_by(read)?;
        self.marks = Marks::renewed(self.licence.claims().iat);
        Ok(())
    }

    fn take_keys(&mut self, signed: &str) -> Result<(), TokenError> {
        let read = KeySet::read(signed, slice::from_ref(&self.root))?;
        self.keys = self.keys.followed_by(read)?;
        Ok(())
    }

    /// So many days after its licence was made.
    fn day(&self, days: i64) -> Timestamp {
        self.licence.claims().iat + SignedDuration::from_hours(24 * days)
    }
}

/// Where the service runs.
struct Site {
    folder: Arc<TempDir>,
    database: Database,
    issuer: String,
}

impl Site {
    fn new(database: Database, identity: &Provider) -> Self {
        Self {
            folder: Arc::new(TempDir::new().unwrap()),
            database,
            issuer: identity.issuer.clone(),
        }
    }

    fn serve(&self) -> Remote {
        let issuer = ["--issuer", &self.issuer];
        Remote::start(self.folder.path(), &self.database.url, &issuer, &[])
    }

    /// A service on the same database with the same keys, to whom it is so many days later.
    async fn serve_later(&self, days: i64) -> Served {
        let (folder, settings) = (self.folder.clone(), Settings::default());
        let later =
            Served::start_with(folder, &self.database.url, &settings, OpenApiRouter::new()).await;
        later.clock.advance(SignedDuration::from_hours(24 * days));
        later
    }

    fn run(&self, arguments: &[&str]) {
        let (succeeded, said) = run(self.folder.path(), &self.database.url, arguments);
        assert!(succeeded, "{said}");
    }

    fn keys(&self) -> KeyFolder {
        KeyFolder::at(self.folder.path())
    }

    fn root(&self) -> PublicKey {
        self.keys().root().unwrap()
    }
}

const FRESH: State = State::Active { renew: false };
const TO_RENEW: State = State::Active { renew: true };

/// Grace, which ends on a day.
fn grace(app: &App, until: i64, days_left: u32) -> State {
    State::RenewalDue {
        until: app.day(until),
        days_left,
    }
}

#[tokio::test]
async fn while_the_service_is_down_everything_works_then_grace_runs_and_then_model_calls_stop() {
    let identity = Provider::start();
    let ada = identity.token_of("ada@example.com").await;
    for database in both() {
        let site = Site::new(database, &identity);
        let service = site.serve();
        let trial = service.trial("dev_guest").await;
        let guest = App::new(&service, "dev_guest", site.root(), &trial).await;
        let desk = service.sign_in(&ada, "dev_desk").await;
        service
            .pay(desk.text("device_token"), "standard_monthly")
            .await;
        let paid = service.renew(desk.text("device_token")).await;
        let desk = App::new(&service, "dev_desk", site.root(), &paid).await;
        let address = service.address.replace("http://", "");
        service.stop();
        assert!(TcpStream::connect(address).is_err(), "it is down");

        // Day by day, as the computer's clock says, and what is shown then.
        for (what, app, looks) in [
            (
                "a paid plan",
                &desk,
                vec![
                    (0, FRESH),
                    (2, TO_RENEW),
                    (29, TO_RENEW),
                    (31, grace(&desk, 44, 13)),
                    (43, grace(&desk, 44, 1)),
                    (45, State::Limited),
                ],
            ),
            (
                "a trial",
                &guest,
                vec![
                    (0, FRESH),
                    (6, TO_RENEW),
                    (8, grace(&guest, 10, 2)),
                    (29, State::Limited),
                    (31, State::Limited),
                    (45, State::Limited),
                ],
            ),
            (
                "a clock that is set back gains a day at most",
                &desk,
                vec![
                    (43, grace(&desk, 44, 1)),
                    (3, grace(&desk, 44, 2)),
                    (-400, grace(&desk, 44, 2)),
                ],
            ),
            (
                "a clock that was ahead and is right again costs nothing",
                &desk,
                vec![(2, TO_RENEW), (4000, State::Limited), (3, TO_RENEW)],
            ),
        ] {
            let mut app = app.clone();
            for (day, shown) in looks {
                assert_eq!(app.shows(app.day(day)), shown, "{what}, on day {day}");
            }
        }
        // Of a clock that is behind the application tells.
        let mut app = desk.clone();
        app.shows(app.day(43));
        assert!(app.marks.is_behind(app.day(3)) && !app.marks.is_behind(app.day(43)));

        // The service is there again. Its next licence ends the outage, and puts right what a wrong clock had left.
        let (mut desk, mut guest) = (desk, guest);
        assert!(matches!(desk.shows(desk.day(43)), State::RenewalDue { .. }));
        let service = site.serve();
        let renewed = service.renew(paid.text("device_token")).await;
        desk.take(renewed.text("licence")).unwrap();
        assert_eq!(desk.shows(desk.day(0)), FRESH);
        service.stop();
        // Or it is there again when all grace is over. The trial has ended meanwhile.
        let (at_desk, at_guest) = (desk.day(45), guest.day(45));
        assert_eq!(desk.shows(at_desk), State::Limited);
        assert_eq!(guest.shows(at_guest), State::Limited);
        let later = site.serve_later(45).await;
        let bearer = |answer: &Answer| format!("Bearer {}", answer.text("device_token"));
        let licence = later.renewed(&mut bearer(&renewed)).await;
        desk.take(&licence).unwrap();
        assert_eq!(desk.shows(at_desk), FRESH);
        let licence = later.renewed(&mut bearer(&trial)).await;
        guest.take(&licence).unwrap();
        assert_eq!(guest.shows(at_guest), State::Limited);
        assert_eq!(guest.licence.claims().st, Standing::Free);
    }
}

#[tokio::test]
async fn only_a_later_statement_of_the_service_about_this_device_changes_what_is_shown() {
    let identity = Provider::start();
    for database in both() {
        let site = Site::new(database, &identity);
        let service = site.serve();
        let first = service.trial("dev_desk").await;
        let mut app = App::new(&service, "dev_desk", site.root(), &first).await;
        let second = service.renew(first.text("device_token")).await;
        app.take(second.text("licence")).unwrap();
        let elsewhere = service.trial("dev_laptop").await;

        let claims = app.licence.claims().clone();
        let next = Claims {
            seq: claims.seq + 1,
            ..claims.clone()
        };
        let other_audience = Claims {
            aud: "brasskey-web".to_owned(),
            ..next.clone()
        };
        let key = site.keys().active(&app.keys).unwrap();
        let signed = |claims| Licence::sign(claims, &key).unwrap();
        let stranger = SigningKey::generate().unwrap();
        let forged = Licence::sign(&next, &stranger).unwrap();
        let footer = |token: &str| token.rsplit('.').next().unwrap().to_owned();
        let genuine = second.text("licence");
        let disguised = forged.replace(&footer(&forged), &footer(genuine));
        let now = claims.iat;
        for (what, token, refused) in [
            (
                "an older one, replayed",
                first.text("licence"),
                TokenError::Stale,
            ),
            ("the same one again", genuine, TokenError::Stale),
            (
                "another device's",
                elsewhere.text("licence"),
                TokenError::Device,
            ),
            (
                "for another audience",
                signed(&other_audience).as_str(),
                TokenError::Audience,
            ),
            ("a stranger's", forged.as_str(), TokenError::UnknownKey),
            (
                "a stranger's, with the service's kid",
                disguised.as_str(),
                TokenError::Forged,
            ),
            (
                "a broken one",
                &genuine[..genuine.len() / 2],
                TokenError::Malformed,
            ),
        ] {
            assert_eq!(app.take(token), Err(refused), "{what}");
            assert_eq!(app.shows(now), FRESH, "{what}");
        }
        // The table refuses nothing that the service would say.
        app.clone().take(&signed(&next)).unwrap();

        // The key is replaced while the service is down. What the new one signs is read once its set is there, and the set before
        // is not taken again.
        let before = service.key_set().await;
        service.stop();
        site.run(&["keys", "rotate"]);
        let service = site.serve();
        let third = service.renew(second.text("device_token")).await;
        let licence = third.text("licence");
        assert_eq!(app.take(licence), Err(TokenError::UnknownKey));
        let stranger_set = KeySet::new(now, app.keys.keys().to_vec()).sign(&stranger);
        let after = service.key_set().await;
        app.take_keys(&after).unwrap();
        for (set, refused) in [
            (before.as_str(), TokenError::Stale),
            (stranger_set.unwrap().as_str(), TokenError::UnknownKey),
        ] {
            assert_eq!(app.take_keys(set), Err(refused));
            app.clone().take(licence).unwrap();
        }
        app.take(licence).unwrap();
        assert_eq!(app.shows(now), FRESH);

        // Only the service's own word takes rights back, and nothing from before brings them again.
        site.run(&["revoke", "dev_desk"]);
        let refused = service.renew(third.text("device_token")).await;
        assert_eq!((refused.status, refused.problem()), (403, "device-revoked"));
        assert_eq!(app.shows(now), FRESH);
        app.take(refused.text("licence")).unwrap();
        for token in [genuine, licence] {
            assert_eq!(app.take(token), Err(TokenError::Stale));
            assert_eq!(app.shows(now), State::Revoked);
        }
    }
}
