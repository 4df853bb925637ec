//! Any order, any repetition, any loss of events: the subscription ends as what Kinde has.

use brasskey_licence::Standing;
use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use crate::databases::both;
use crate::double::{Double, release};
use crate::service::Instance;

/// What people do.
#[derive(Clone, Copy, Debug)]
enum Act {
    Choose(&'static str),
    CancelAtOnce,
    CancelAtEnd,
    WaitAMonth,
}

fn acts() -> impl Strategy<Value = Vec<(Act, u64)>> {
    let act = prop_oneof![
        4 => prop::sample::select(vec!["byok_monthly", "byok_annual", "standard_monthly"]).prop_map(Act::Choose),
        1 => Just(Act::CancelAtOnce),
        1 => Just(Act::CancelAtEnd),
        1 => Just(Act::WaitAMonth),
    ];
    prop::collection::vec((act, any::<u64>()), 1..6)
}

/// Which of so many events are delivered, in which order, how often: drawn from a seed.
fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut state = seed | 1;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    // About a third is lost, some come twice.
    (0..count).map(|_| next(count)).collect()
}

#[test]
fn whatever_comes_of_the_events_the_subscription_is_in_the_end_what_kinde_has() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for database in both() {
        let (double, service) = runtime.block_on(async {
            let double = Double::start();
            let service = Instance::start(&database.url, &double).await;
            (double, service)
        });
        let mut runner = TestRunner::new(Config::with_cases(10));
        let count = std::cell::Cell::new(0);
        runner
            .run(&acts(), |acts| {
                count.set(count.get() + 1);
                let user = format!("kp_{}", count.get());
                runtime.block_on(goes_through(&double, &service, &user, &acts))
            })
            .unwrap();
    }
}

async fn goes_through(
    double: &Double,
    service: &Instance,
    user: &str,
    acts: &[(Act, u64)],
) -> Result<(), TestCaseError> {
    double.faults(json!({})).await;
    double.add_user(user).await;
    let mut device = service.device_of(user).await;
    double.buy(user, "byok_monthly").await;
    double.idle().await;
    service.work().await;
    for (act, seed) in acts {
        let running = double.running(user).await;
        let at_once = matches!(act, Act::CancelAtOnce);
        double
            .faults(json!({"hold": true, "delete_at_once": at_once}))
            .await;
        match act {
            Act::Choose(plan) => {
                double.buy(user, plan).await;
            }
            Act::CancelAtOnce | Act::CancelAtEnd => {
                if let Some((agreement, _)) = running.first() {
                    double.tell("/end", json!({"agreement": agreement})).await;
                }
            }
            Act::WaitAMonth => {
                service
                    .pass(double, SignedDuration::from_hours(24 * 32))
                    .await
            }
        }
        let held = double.state().await["held"].as_array().unwrap().len();
        release(double, json!(shuffled(held, *seed))).await;
        if seed % 2 == 0 {
            service.work().await;
        }
    }
    service.reconcile(double).await;
    let expected = double.running(user).await;
    let stands = service.stands(&mut device).await;
    match expected.first() {
        Some((_, plan)) => {
            prop_assert_eq!(&stands.0, plan);
            prop_assert!(
                matches!(stands.1, Standing::Active | Standing::Ending),
                "{:?}",
                stands
            );
        }
        None => prop_assert_eq!(stands.1, Standing::Free),
    }
    Ok(())
}
