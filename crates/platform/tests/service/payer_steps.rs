//! What a person does in the random histories of `payers`, and what happens to them meanwhile.

use brasskey_app::subscription::view::SwitchTime;
use brasskey_tests::{Fault, Script};
use proptest::prelude::*;

use crate::cable::Moment;

/// Something that a person does, or that happens to them.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Asks through the key or the plan, and it goes like this.
    Ask(Side, Course),
    /// Asks on in the last conversation.
    AskOn(Side),
    /// Switches while an answer runs.
    SwitchMeanwhile,
    Switch(SwitchTime),
    /// Switches while the network breaks off at this request.
    SwitchCut(usize, Moment),
    Withdraw,
    Renew,
    Restart,
    /// The platform's process is killed, something is asked, and it is started again.
    Outage(Side),
    /// The credential store is locked while something is asked.
    Locked(Side),
}

/// What is asked: a model of the mode in force, or one of the other.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    InForce,
    Other,
}

/// How an answer goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Course {
    Answered,
    /// The first try may have been billed, and there is a second.
    TimedOut,
    RateLimited,
    BrokenOff,
    RefusedInStream,
    Stopped,
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let side = || prop_oneof![3 => Just(Side::InForce), 1 => Just(Side::Other)];
    let course = prop::sample::select(vec![
        Course::Answered,
        Course::Answered,
        Course::TimedOut,
        Course::RateLimited,
        Course::BrokenOff,
        Course::RefusedInStream,
        Course::Stopped,
    ]);
    let time = prop::sample::select(vec![
        SwitchTime::Now,
        SwitchTime::Now,
        SwitchTime::PeriodEnd,
    ]);
    let moment = prop::sample::select(vec![Moment::Sending, Moment::Answering]);
    let step = prop_oneof![
        6 => (side(), course).prop_map(|(side, course)| Step::Ask(side, course)),
        2 => side().prop_map(Step::AskOn),
        1 => Just(Step::SwitchMeanwhile),
        3 => time.prop_map(Step::Switch),
        1 => (0_usize..5, moment).prop_map(|(at, how)| Step::SwitchCut(at, how)),
        1 => Just(Step::Withdraw),
        1 => Just(Step::Renew),
        1 => Just(Step::Restart),
        1 => side().prop_map(Step::Outage),
        1 => side().prop_map(Step::Locked),
    ];
    prop::collection::vec(step, 8..16)
}

impl Course {
    /// What the provider does for it.
    pub(crate) fn script(self) -> Script {
        match self {
            Self::Answered => Script::answer("It depends on the water. ".repeat(8)),
            Self::TimedOut => Script::error("timeout"),
            Self::RateLimited => Script::error("rate_limited_ramp"),
            Self::BrokenOff => Script::fault(Fault::CutAfter { events: 6 }),
            Self::RefusedInStream => Script::fault(Fault::ErrorInStream {
                events: 1,
                situation: "out_of_credit".into(),
            }),
            Self::Stopped => Script {
                tokens_per_second: Some(200),
                ..Script::answer("word ".repeat(2_000))
            },
        }
    }
}
