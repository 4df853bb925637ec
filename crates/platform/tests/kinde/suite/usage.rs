//! Metered use told to Kinde: totals that are right at the end, whatever happened on the way.

use brasskey_platform::billing::{Billing, BillingError, UsageTotal};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use crate::double::{Double, customer};

fn total(agreement: &str, period_start: Timestamp, total: i64) -> UsageTotal {
    UsageTotal {
        agreement_id: agreement.to_owned(),
        feature: "ai_credit".to_owned(),
        period_start,
        total,
    }
}

async fn counted(double: &Double) -> Vec<i64> {
    let state = double.state().await;
    let usage = state["usage"].as_array().unwrap();
    usage
        .iter()
        .map(|it| it["total"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_total_that_is_repeated_or_comes_late_changes_nothing() {
    let double = Double::start();
    double.add_user("kp_1").await;
    let agreement = double.buy("kp_1", "standard_monthly").await;
    let billing = double.billing();
    let start = billing.agreements(&customer("kp_1")).await.unwrap()[0]
        .period_start
        .unwrap();
    let report = async |units| billing.report_usage(&total(&agreement, start, units)).await;
    for units in [7, 7, 12, 12, 9] {
        report(units).await.unwrap();
    }
    assert_eq!(counted(&double).await, [12]);
    // Its answer is lost: it counted all the same, and is told again.
    double.faults(json!({"lose_answers": 1})).await;
    assert!(matches!(
        report(20).await,
        Err(BillingError::Unavailable { .. })
    ));
    report(20).await.unwrap();
    assert_eq!(counted(&double).await, [20]);
}

#[tokio::test]
async fn use_of_a_period_that_is_over_does_not_replace_the_one_that_runs() {
    let double = Double::start();
    double.add_user("kp_1").await;
    let agreement = double.buy("kp_1", "standard_monthly").await;
    let billing = double.billing();
    let first = billing.agreements(&customer("kp_1")).await.unwrap()[0]
        .period_start
        .unwrap();
    billing
        .report_usage(&total(&agreement, first, 100))
        .await
        .unwrap();
    double.advance(SignedDuration::from_hours(24 * 32)).await;
    let second = billing.agreements(&customer("kp_1")).await.unwrap()[0]
        .period_start
        .unwrap();
    assert!(second > first);
    billing
        .report_usage(&total(&agreement, second, 3))
        .await
        .unwrap();
    let late = billing.report_usage(&total(&agreement, first, 130)).await;
    assert!(matches!(late, Err(BillingError::Denied { .. })), "{late:?}");
    assert_eq!(counted(&double).await, [100, 3]);
}

#[tokio::test]
async fn use_of_an_agreement_that_is_not_there_is_refused() {
    let double = Double::start();
    let refused = double
        .billing()
        .report_usage(&total("agreement_x", Timestamp::UNIX_EPOCH, 1))
        .await;
    assert!(
        matches!(refused, Err(BillingError::Denied { .. })),
        "{refused:?}"
    );
}

/// What happens on the way of a report.
#[derive(Clone, Copy, Debug)]
enum Way {
    Good,
    AnswerLost,
    Failing,
}

#[test]
fn after_any_number_of_lost_answers_and_repetitions_kinde_has_the_last_total() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let way = prop::sample::select(vec![Way::Good, Way::AnswerLost, Way::Failing]);
    let steps = prop::collection::vec((1_i64..50, way), 1..12);
    let mut runner = TestRunner::new(Config::with_cases(12));
    runner
        .run(&steps, |steps| {
            runtime.block_on(async {
                let double = Double::start();
                double.add_user("kp_1").await;
                let agreement = double.buy("kp_1", "standard_monthly").await;
                let billing = double.billing();
                let start = billing.agreements(&customer("kp_1")).await.unwrap()[0]
                    .period_start
                    .unwrap();
                let mut sum = 0;
                for (units, way) in steps {
                    sum += units;
                    double
                        .faults(match way {
                            Way::Good => json!({}),
                            Way::AnswerLost => json!({"lose_answers": 1}),
                            Way::Failing => json!({"server_errors": 1}),
                        })
                        .await;
                    // As a reporter does: again until it is taken.
                    let told = total(&agreement, start, sum);
                    while billing.report_usage(&told).await.is_err() {}
                }
                prop_assert_eq!(counted(&double).await, [sum]);
                Ok(())
            })
        })
        .unwrap();
}
