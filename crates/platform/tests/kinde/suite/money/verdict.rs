//! What has to be true at the end, of every hold, every call and every account.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::books::{Count, Held};
use super::call::Call;
use super::{CLIENTS, Scene};

/// Nano-dollars in a unit of use that is reported.
const CENT: i64 = 10_000_000;

/// How holds ended.
#[derive(Debug, Default)]
struct Ends {
    settled: u64,
    estimated: u64,
    expired: u64,
    /// Those of the expired whose cost became known, and was borne.
    borne: u64,
    /// Answers that a client saw whole and that it was not charged for, because a process died before it could, or because the
    /// hold's time was over.
    unpaid: u64,
}

pub(super) async fn reach(scene: &Scene, calls: Vec<Call>) {
    let books = &scene.books;
    let purses = books.look().await;
    assert!(purses.iter().all(|purse| purse.open == 0), "{purses:?}");
    for (what, must_be) in [
        (Count::Ledger, 0),
        (Count::OpenHolds, 0),
        (Count::Strange, 0),
        (Count::Ended, books.count(Count::Taken).await),
    ] {
        assert_eq!(books.count(what).await, must_be, "{what:?}");
    }
    let calls: HashMap<String, Call> = calls
        .into_iter()
        .map(|call| (call.name.clone(), call))
        .collect();
    let asked = scene.provider.asked();
    let (holds, strays) = books.holds().await;
    assert_eq!(strays, [""; 0], "transactions of no hold");
    let mut ends = Ends::default();
    for hold in &holds {
        let call = &calls[&hold.id];
        judge(hold, call, &mut ends);
        // The provider is never asked without a hold.
        let times = asked.get(&hold.id).copied().unwrap_or(0);
        assert!(times <= hold.attempt, "asked {times} times: {hold:?}");
    }
    let held: HashMap<&str, &Held> = holds.iter().map(|hold| (hold.id.as_str(), hold)).collect();
    assert_eq!(held.len(), holds.len());
    for call in calls.values().filter(|call| call.is_seen) {
        assert!(held.contains_key(call.name.as_str()), "for free: {call:?}");
    }
    assert!(asked.keys().all(|name| held.contains_key(name.as_str())));

    let reported = reported(scene).await;
    let mut cents = 0;
    for purse in &purses {
        let known = reported.get(&purse.agreement).copied().unwrap_or(0);
        assert_eq!(known, purse.owed / CENT, "at Kinde, and owed: {purse:?}");
        cents += known;
    }
    assert_eq!(reported.values().sum::<i64>(), cents, "of somebody else");

    let number = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
    let figures = &scene.figures;
    let kills = number(&figures.kills);
    let released = books.count(Count::Released).await;
    println!(
        "{} calls under {} holds, {} refused, {kills} kills, {} looks, {} wallets, {cents} cents reported, \
         {released} times released, {ends:?}",
        number(&figures.calls),
        holds.len(),
        number(&figures.refused),
        number(&figures.looks),
        purses.len(),
    );
    // A process takes with it what ran, and as much may have been found too old at the same time.
    assert!(ends.unpaid <= kills * CLIENTS * 2, "{ends:?}");
    assert!(u64::try_from(holds.len()).unwrap() >= scene.load.calls);
    let errors = scene.fleet.errors();
    let alarms = ["alarm", "could not be settled"];
    let is_alarm = |line: &&String| alarms.iter().any(|word| line.contains(word));
    assert_eq!(errors.iter().find(is_alarm), None);
    // All that was to happen has happened.
    for happened in [
        number(&figures.refused),
        number(&figures.looks),
        ends.estimated,
        u64::try_from(released).unwrap(),
        ends.expired,
        u64::try_from(cents).unwrap(),
    ] {
        assert!(happened > 0, "too tame");
    }
}

/// One hold and its call: it ended in one way, and was charged accordingly.
fn judge(hold: &Held, call: &Call, ends: &mut Ends) {
    let wrong = format!("{hold:?} of {call:?}");
    match hold.state.as_str() {
        "settled" => {
            ends.settled += 1;
            let cost = hold.cost.unwrap();
            assert!(cost > 0 && cost <= hold.amount, "{wrong}");
            assert_eq!((hold.charged, hold.borne), (Some(cost), None), "{wrong}");
            if hold.is_estimated {
                ends.estimated += 1;
                assert!(!call.is_seen, "{wrong}");
            } else {
                assert_eq!(cost, call.cost(), "{wrong}");
            }
        }
        "released" => {
            assert_eq!((hold.cost, hold.charged), (None, None), "{wrong}");
            assert_eq!(hold.borne, None, "{wrong}");
            assert!(!call.is_seen, "{wrong}");
        }
        "expired" => {
            ends.expired += 1;
            // What it cost, if that became known after all, is the vendor's to bear.
            assert_eq!(hold.charged, None, "{wrong}");
            assert_eq!(hold.borne, hold.cost.filter(|cost| *cost > 0), "{wrong}");
            ends.borne += u64::from(hold.borne.is_some());
            ends.unpaid += u64::from(call.is_seen);
            if let Some(cost) = hold.cost
                && call.is_seen
            {
                assert_eq!(cost, call.cost(), "{wrong}");
            }
        }
        _ => panic!("{wrong}"),
    }
}

/// What Kinde knows of use beyond allowances, in cents by agreement.
async fn reported(scene: &Scene) -> HashMap<String, i64> {
    let state = scene.kinde.state().await;
    let mut reported = HashMap::new();
    for usage in state["usage"].as_array().unwrap() {
        assert_eq!(usage["feature"], "ai_credit");
        let agreement = usage["agreement"].as_str().unwrap().to_owned();
        let total = usage["total"].as_i64().unwrap();
        assert_eq!(reported.insert(agreement, total), None, "two periods");
    }
    reported
}
