//! Renewals of the licence by processes that race for the same data, and are killed.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use brasskey_app::App;
use brasskey_app::account::view::{AccountKind, LicenceState};
use brasskey_app::error::Error;
use brasskey_ledger::LedgerError;
use tempfile::TempDir;

use crate::again;
use crate::world::{World, settings, system_vault};

const TEST: &str = "renewals::processes_that_race_for_one_credential_leave_it_good";

/// How often a racer renews before it ends.
const RENEWALS: usize = 8;
/// How many racers are killed.
const KILLS: u32 = 8;

const DATABASE: &str = "BRASSKEY_JOURNEY_DATABASE";
const PLATFORM: &str = "BRASSKEY_JOURNEY_PLATFORM";
const ROOTS: &str = "BRASSKEY_JOURNEY_ROOTS";

#[tokio::test]
async fn processes_that_race_for_one_credential_leave_it_good() {
    if let Some(database) = std::env::var_os(DATABASE) {
        return race(&PathBuf::from(database)).await;
    }
    if again::is_second() {
        return course().await;
    }
    let home = TempDir::new().unwrap();
    let output = again::with_keyring(home.path(), TEST).output().unwrap();
    let said = [&output.stdout[..], &output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
}

/// One racer goes its way, another is killed again and again.
async fn course() {
    let world = World::with_system_store().await;
    let address = (world.platform.url(), world.platform.roots().to_owned());
    let world = world
        .restarted_after(|database| async move {
            let mut undisturbed = racer(&database, &address);
            for kill in 0..KILLS {
                let mut killed = racer(&database, &address);
                tokio::time::sleep(Duration::from_millis(u64::from(40 + 35 * kill))).await;
                killed.kill().unwrap();
                killed.wait().unwrap();
            }
            let mut last = racer(&database, &address);
            assert!(undisturbed.wait().unwrap().success());
            assert!(last.wait().unwrap().success());
        })
        .await;
    let account = world.app.check_licence().await.unwrap();
    assert_eq!(account.kind, AccountKind::Trial);
    assert_eq!(account.licence.unwrap().state, LicenceState::Active);
}

fn racer(database: &Path, (url, roots): &(String, String)) -> Child {
    again::command(&[], TEST)
        .env(DATABASE, database)
        .env(PLATFORM, url)
        .env(ROOTS, roots)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Starts, renews and quits, as often as the others let it.
async fn race(database: &Path) {
    let named = |name: &str| std::env::var(name).unwrap();
    let (url, roots) = (named(PLATFORM), named(ROOTS));
    let mut renewals = 0;
    while renewals < RENEWALS {
        match App::open(database, system_vault(), settings(&url, &roots)).await {
            Ok(app) => {
                app.check_licence().await.unwrap();
                app.quit().await;
                renewals += 1;
            }
            Err(Error::Storage(LedgerError::InUse)) => {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}
