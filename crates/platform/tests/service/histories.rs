//! Whatever happens in whatever order, every balance is the sum of its lines, and no customer owes more than was allowed.

use std::sync::atomic::{AtomicU32, Ordering};

use brasskey_gateway::{Admission, Authority, Ending};
use brasskey_metering::Money;
use brasskey_platform::CallHold;
use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::bank::{Bank, Customer, call, ended};
use crate::databases::both;

#[derive(Clone, Debug)]
enum Step {
    /// A call with so much output begins.
    Begin {
        output: u64,
    },
    /// A running call ends, having cost this part of its hold in percent.
    End {
        which: prop::sample::Index,
        percent: i64,
        ending: Ending,
    },
    /// The process of a running call dies.
    Die {
        which: prop::sample::Index,
    },
    /// Time passes, and due work is done or not.
    Pass {
        minutes: i64,
        works: bool,
    },
    Cap {
        cents: i64,
    },
    Agree {
        plan: &'static str,
    },
    /// The payment fails, or is made.
    Pay {
        is_paid: bool,
    },
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    use prop::sample::Index;
    let ending = prop_oneof![
        4 => Just(Ending::Complete),
        1 => Just(Ending::CutAtLimit),
        1 => Just(Ending::ClientLeft),
        1 => Just(Ending::Broken),
        1 => Just(Ending::Refused(500)),
    ];
    let plan = prop_oneof![
        Just("standard_monthly"),
        Just("standard_annual"),
        Just("byok_monthly")
    ];
    prop_oneof![
        6 => (1u64..3_000_000).prop_map(|output| Step::Begin { output }),
        6 => (any::<Index>(), 0i64..140, ending).prop_map(|(which, percent, ending)| Step::End { which, percent, ending }),
        1 => any::<Index>().prop_map(|which| Step::Die { which }),
        2 => (1i64..40_000, any::<bool>()).prop_map(|(minutes, works)| Step::Pass { minutes, works }),
        1 => (0i64..3_000).prop_map(|cents| Step::Cap { cents }),
        1 => plan.prop_map(|plan| Step::Agree { plan }),
        1 => any::<bool>().prop_map(|is_paid| Step::Pay { is_paid }),
        2 => Just(Step::Look),
    ]
}

fn money(answer: &crate::instance::Answer, name: &str) -> Money {
    answer.text(name).parse().unwrap()
}

async fn live(bank: &Bank, customer: &Customer, steps: Vec<Step>) {
    static AGREEMENTS: AtomicU32 = AtomicU32::new(0);
    let mut running: Vec<Admission<CallHold>> = Vec::new();
    let mut agreed = None;
    let mut highest_cap = Money::ZERO;
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Step::Begin { output } => {
                let mut call = call(&format!("c{number}"));
                call.most_output = Some(output);
                let before = bank.wallet(customer).await;
                match bank.admit(customer, call).await {
                    Ok(admission) => {
                        assert!(admission.limit <= money(&before, "available"), "{before:?}");
                        running.push(admission);
                    }
                    Err(refusal) => assert!(matches!(refusal.status, 402 | 403), "{refusal:?}"),
                }
            }
            Step::End {
                which,
                percent,
                ending,
            } if !running.is_empty() => {
                let admission = running.swap_remove(which.index(running.len()));
                let mut outcome = ended(ending, "0");
                if !matches!(ending, Ending::Refused(_)) {
                    outcome.cost = Money::from_pico(admission.limit.pico() / 100 * percent);
                }
                bank.authority.settle(admission.hold, outcome).await;
            }
            Step::Die { which } if !running.is_empty() => {
                running.swap_remove(which.index(running.len()));
            }
            Step::End { .. } | Step::Die { .. } => {}
            Step::Pass { minutes, works } => {
                bank.instance
                    .clock
                    .advance(SignedDuration::from_mins(minutes));
                if works {
                    bank.instance.service.do_due_work().await;
                }
            }
            Step::Cap { cents } => {
                let cap = Money::from_pico(cents * 10_000_000_000);
                assert_eq!(bank.set_cap(customer, &cap.to_string()).await.status, 200);
                highest_cap = highest_cap.max(cap);
            }
            Step::Agree { plan } => {
                let name = format!("agr_{}", AGREEMENTS.fetch_add(1, Ordering::Relaxed));
                agreed = Some(bank.agree(customer, &name, plan).await);
            }
            Step::Pay { is_paid } => {
                if let Some(agreement) = &mut agreed {
                    agreement.past_due_since = (!is_paid).then(|| bank.now());
                    bank.copy(customer, agreement).await;
                }
            }
            Step::Look => {
                let wallet = bank.wallet(customer).await;
                assert!(money(&wallet, "held") >= Money::ZERO);
                assert!(money(&wallet, "overage") <= highest_cap, "{wallet:?}");
                assert!(
                    money(&wallet, "allowance") <= money(&wallet, "included"),
                    "{wallet:?}"
                );
            }
        }
        bank.adds_up().await;
    }
    // All that is still held expires, and nothing is held any more.
    drop(running);
    bank.instance
        .clock
        .advance(SignedDuration::from_hours(24 * 3));
    bank.instance.service.do_due_work().await;
    assert_eq!(bank.wallet(customer).await.text("held"), "0");
    bank.adds_up().await;
}

#[test]
fn any_history_of_calls_months_plans_and_deaths_adds_up() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: 20,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&prop::collection::vec(step(), 1..60), |steps| {
            for database in both() {
                runtime.block_on(async {
                    let bank = Bank::open(&database.url).await;
                    let customer = bank.customer("dev_1").await;
                    live(&bank, &customer, steps.clone()).await;
                });
            }
            Ok(())
        })
        .unwrap();
}
