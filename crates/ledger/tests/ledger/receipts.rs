use brasskey_ledger::{
    Closing, KeyId, Ledger, LedgerError, MessageId, Outcome, Payer, ProjectId, Settlement, Totals,
};
use brasskey_metering::{Cost, Money, PriceSource, Tokens, UnknownCost, Usage, UsageStatus};
use proptest::prelude::*;
use sqlx::Connection;

use crate::kit::{PROFILE, Place, answer, dollars, done, raw, turn, with_conversation};

#[tokio::test]
async fn a_receipt_cannot_be_changed_deleted_or_replaced() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
    let receipt = ledger
        .turns()
        .close(&done("1", dollars("0.0053552")))
        .await
        .unwrap();
    let mut raw = raw(&place.path()).await;
    for statement in [
        "UPDATE receipt SET cost_pico = 0",
        "DELETE FROM receipt",
        "INSERT OR REPLACE INTO receipt SELECT * FROM receipt",
    ] {
        let error = sqlx::query(statement).execute(&mut raw).await.unwrap_err();
        assert!(
            error.to_string().contains("append-only"),
            "{statement}: {error}"
        );
    }
    raw.close().await.unwrap();
    assert_eq!(
        ledger.receipts().by_message(&answer("1")).await.unwrap(),
        receipt
    );
}

#[tokio::test]
async fn an_unknown_cost_is_counted_and_never_added_as_zero() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    let costs = [
        dollars("0.1"),
        Cost::Unknown {
            reason: UnknownCost::NoPrice,
            at_least: None,
        },
        Cost::Unknown {
            reason: UnknownCost::PartialUsage,
            at_least: Some(Money::from_pico(7)),
        },
        Cost::Free,
    ];
    for (index, cost) in costs.into_iter().enumerate() {
        let name = index.to_string();
        ledger.turns().open(&turn(&id, &name, None)).await.unwrap();
        ledger.turns().close(&done(&name, cost)).await.unwrap();
    }
    let expected = Totals {
        calls: 4,
        known: "0.1".parse().unwrap(),
        unknown: 2,
    };
    assert_eq!(
        ledger.receipts().conversation_total(&id).await.unwrap(),
        expected
    );
    assert_eq!(ledger.receipts().total(0..11).await.unwrap(), expected);
    assert_eq!(
        ledger.receipts().total(11..100).await.unwrap(),
        Totals::default()
    );
    assert_eq!(
        ledger.receipts().by_conversation(&id).await.unwrap().len(),
        4
    );
}

#[tokio::test]
async fn a_sum_out_of_range_is_an_error_and_not_a_wrong_figure() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    for (name, pico) in [("1", i64::MAX), ("2", 1)] {
        let Cost::Known { source, .. } = dollars("0") else {
            unreachable!()
        };
        ledger.turns().open(&turn(&id, name, None)).await.unwrap();
        let cost = Cost::Known {
            amount: Money::from_pico(pico),
            source,
        };
        ledger.turns().close(&done(name, cost)).await.unwrap();
    }
    assert_eq!(
        ledger.receipts().total(0..100).await,
        Err(LedgerError::Overflow)
    );
}

#[tokio::test]
async fn a_nonsense_count_does_not_keep_the_answer_from_being_stored() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
    let mut closing = done(
        "1",
        Cost::Unknown {
            reason: UnknownCost::Overflow,
            at_least: None,
        },
    );
    if let Some(settlement) = &mut closing.settlement {
        settlement.usage.tokens.output = u64::MAX;
    }
    let receipt = ledger.turns().close(&closing).await.unwrap().unwrap();
    assert_eq!(
        receipt.settlement.usage.tokens.output,
        i64::MAX.unsigned_abs()
    );
}

/// One call that a property test makes.
#[derive(Debug, Clone)]
struct Made {
    at: i64,
    project: usize,
    key: usize,
    settlement: Settlement,
}

fn cost() -> impl Strategy<Value = Cost> {
    let source = ("[ -~]{0,12}", "[0-9-]{10}", "\\PC{0,12}", any::<bool>()).prop_map(
        |(list, as_of, row, to_be_confirmed)| PriceSource {
            list,
            as_of,
            row,
            to_be_confirmed,
        },
    );
    let reason = prop_oneof![
        Just(UnknownCost::NoPrice),
        Just(UnknownCost::NoUsage),
        Just(UnknownCost::PartialUsage),
        Just(UnknownCost::EarlierTry),
        Just(UnknownCost::Overflow)
    ];
    let at_least = proptest::option::of(any::<i64>().prop_map(Money::from_pico));
    prop_oneof![
        // Far enough from the end of the range that the sums stay in it.
        (-(1_i64 << 56)..1_i64 << 56, source).prop_map(|(pico, source)| Cost::Known {
            amount: Money::from_pico(pico),
            source
        }),
        (reason, at_least).prop_map(|(reason, at_least)| Cost::Unknown { reason, at_least }),
        Just(Cost::Free),
    ]
}

fn usage() -> impl Strategy<Value = Usage> {
    let count = 0..=i64::MAX.unsigned_abs();
    let word = || proptest::option::of("\\PC{0,8}");
    (
        proptest::collection::vec(count, 8),
        prop_oneof![
            Just(UsageStatus::Exact),
            Just(UsageStatus::Partial),
            Just(UsageStatus::Missing)
        ],
        proptest::option::of(any::<i64>().prop_map(Money::from_pico)),
        (word(), word(), word()),
        any::<u32>(),
        any::<bool>(),
    )
        .prop_map(
            |(
                counts,
                status,
                provider_cost,
                (service_tier, region, speed),
                web_searches,
                clamped,
            )| Usage {
                tokens: Tokens {
                    input_uncached: counts[0],
                    cache_read: counts[1],
                    cache_write_5m: counts[2],
                    cache_write_1h: counts[3],
                    cache_write_30m: counts[4],
                    cache_write_12h: counts[5],
                    output: counts[6],
                    reasoning: counts[7],
                },
                status,
                provider_cost,
                service_tier,
                region,
                speed,
                web_searches,
                clamped,
            },
        )
}

fn made() -> impl Strategy<Value = Made> {
    let millis = || proptest::option::of(0..=i64::MAX.unsigned_abs());
    let word = || proptest::option::of("\\PC{0,8}");
    (
        0_i64..20,
        0_usize..3,
        0_usize..3,
        usage(),
        cost(),
        (word(), word(), millis(), millis()),
    )
        .prop_map(
            |(at, project, key, usage, cost, (served_model, request_id, ttft_ms, duration_ms))| {
                Made {
                    at,
                    project,
                    key,
                    settlement: Settlement {
                        served_model,
                        usage,
                        cost,
                        request_id,
                        ttft_ms,
                        duration_ms,
                    },
                }
            },
        )
}

/// The totals as arithmetic in Rust has them.
fn sum<'a>(made: impl Iterator<Item = &'a Made>) -> Totals {
    made.fold(Totals::default(), |totals, made| {
        match &made.settlement.cost {
            Cost::Known { amount, .. } => Totals {
                calls: totals.calls + 1,
                known: totals.known.checked_add(*amount).unwrap(),
                ..totals
            },
            Cost::Unknown { .. } => Totals {
                calls: totals.calls + 1,
                unknown: totals.unknown + 1,
                ..totals
            },
            Cost::Free => Totals {
                calls: totals.calls + 1,
                ..totals
            },
        }
    })
}

async fn make(ledger: &Ledger, calls: &[Made]) {
    for project in 0..3 {
        ledger
            .projects()
            .create(&ProjectId::new(project.to_string()), "Project", PROFILE, 1)
            .await
            .unwrap();
        let id = with_conversation(ledger, &project.to_string()).await;
        ledger
            .conversations()
            .move_to(&id, Some(&ProjectId::new(project.to_string())))
            .await
            .unwrap();
    }
    for (index, made) in calls.iter().enumerate() {
        let name = index.to_string();
        let mut turn = turn(
            &brasskey_ledger::ConversationId::new(made.project.to_string()),
            &name,
            None,
        );
        turn.at = made.at;
        if let Payer::UserKey(key) = &mut turn.call.payer {
            key.id = KeyId::new(made.key.to_string());
        }
        ledger.turns().open(&turn).await.unwrap();
        let closing = Closing {
            settlement: Some(made.settlement.clone()),
            ..done(&name, Cost::Free)
        };
        ledger.turns().close(&closing).await.unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Every field of a receipt comes back as it went in, and every total is the sum of its receipts.
    #[test]
    fn totals_are_the_sums_of_receipts(calls in proptest::collection::vec(made(), 0..24), from in 0_i64..20, length in 0_i64..20) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let place = Place::new();
            let ledger = place.open().await;
            make(&ledger, &calls).await;
            let period = from..from + length;
            let within = |made: &&Made| period.contains(&made.at);
            let receipts = ledger.receipts();

            assert_eq!(receipts.total(period.clone()).await.unwrap(), sum(calls.iter().filter(within)));
            let listed = ledger.projects().list(period.clone()).await.unwrap();
            assert_eq!(listed.len(), 3);
            for number in 0..3 {
                let id = ProjectId::new(number.to_string());
                let of_project = |made: &&Made| made.project == number;
                let total = receipts.project_total(&id, period.clone()).await.unwrap();
                assert_eq!(total, sum(calls.iter().filter(of_project).filter(within)));
                assert_eq!(listed.iter().find(|summary| summary.project.id == id).unwrap().totals, total);
                let conversation = brasskey_ledger::ConversationId::new(number.to_string());
                let total = receipts.conversation_total(&conversation).await.unwrap();
                assert_eq!(total, sum(calls.iter().filter(of_project)));
                let total = receipts.key_total(&KeyId::new(number.to_string()), period.clone()).await.unwrap();
                assert_eq!(total, sum(calls.iter().filter(|made| made.key == number).filter(within)));
            }
            for (index, made) in calls.iter().enumerate() {
                let message = MessageId::new(format!("a-{index}"));
                let receipt = receipts.by_message(&message).await.unwrap().unwrap();
                assert_eq!(&receipt.settlement, &made.settlement);
                assert_eq!((receipt.at, receipt.outcome), (made.at, Outcome::Done));
            }
        });
    }
}
