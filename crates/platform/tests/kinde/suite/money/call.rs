//! What a client asks for, how the provider is to answer it, and what that costs.

use serde_json::{Value, json};

use super::chance::Chance;

/// A dear model, so that wallets are soon empty. Nano-dollars for a token of input and of output.
const MODEL: &str = "o1-pro";
const INPUT: i64 = 150_000;
const OUTPUT: i64 = 600_000;
/// So few that a hold is the worst case always: a wallet that cannot cover it refuses the call.
const MOST_OUTPUT: i64 = 600;

/// How the provider answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// In one piece.
    Json,
    /// As a stream.
    Stream,
    /// As a stream with pauses in between.
    Slow,
    /// The connection breaks in the middle of a stream.
    Breaks,
    /// The stream ends in good order, before it is whole.
    Ends,
    /// With an error the first time, in one piece the next.
    Refuses,
}

impl Manner {
    const ALL: [(Self, &str); 6] = [
        (Self::Json, "json"),
        (Self::Stream, "stream"),
        (Self::Slow, "slow"),
        (Self::Breaks, "breaks"),
        (Self::Ends, "ends"),
        (Self::Refuses, "refuses"),
    ];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(it, _)| *it == self).unwrap().1
    }

    pub(super) fn of(word: &str) -> Self {
        Self::ALL.iter().find(|(_, it)| *it == word).unwrap().0
    }

    pub(super) fn streams(self) -> bool {
        !matches!(self, Self::Json | Self::Refuses)
    }
}

/// What the client does besides asking once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    /// Asks, and again under the same name when the answer was lost.
    Patient,
    /// Asks twice at the same time, under one name.
    Twice,
    /// Leaves after so many milliseconds and never comes back.
    Leaves(u64),
}

/// One call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// Its `Idempotency-Key`.
    pub(super) name: String,
    /// The number of the account that pays.
    pub(super) account: usize,
    pub(super) manner: Manner,
    pub(super) habit: Habit,
    pub(super) input: i64,
    pub(super) output: i64,
    /// The client saw the whole answer.
    pub(super) is_seen: bool,
}

impl Call {
    pub(super) fn new(name: String, account: usize, chance: &mut Chance) -> Self {
        let (manner, habit) = match chance.between(0, 16) {
            0..=5 => (Manner::Json, Habit::Patient),
            6..=9 => (Manner::Stream, Habit::Patient),
            10 => (Manner::Breaks, Habit::Patient),
            11 => (Manner::Ends, Habit::Patient),
            12 => (Manner::Refuses, Habit::Patient),
            13 => (Manner::Json, Habit::Twice),
            14 => (Manner::Slow, Habit::Patient),
            _ => (Manner::Slow, Habit::Leaves(chance.between(1, 80))),
        };
        let tokens = |number: u64| i64::try_from(number).unwrap();
        Self {
            name,
            account,
            manner,
            habit,
            input: tokens(chance.between(20, 80)),
            output: tokens(chance.between(50, 500)),
            is_seen: false,
        }
    }

    /// What its answer costs, in nano-dollars.
    pub(super) fn cost(&self) -> i64 {
        self.input * INPUT + self.output * OUTPUT
    }

    /// What is sent: the provider reads in it how to answer.
    pub(super) fn body(&self) -> Value {
        let words = format!("{} {} {}", self.manner.word(), self.input, self.output);
        json!({
            "model": MODEL,
            "stream": self.manner.streams(),
            "max_tokens": MOST_OUTPUT,
            "user": self.name,
            "messages": [{"role": "user", "content": words}],
        })
    }

    /// Whether this is the whole answer, with the usage that the provider counted.
    pub(super) fn is_answered_by(&self, text: &str) -> bool {
        let usage = format!("\"usage\":{}", usage(self.input, self.output));
        let end = if self.manner.streams() {
            "data: [DONE]\n\n"
        } else {
            "}"
        };
        text.contains(&usage) && text.ends_with(end)
    }
}

/// The provider's count.
pub(super) fn usage(input: i64, output: i64) -> Value {
    json!({
        "completion_tokens": output,
        "prompt_tokens": input,
        "total_tokens": input + output,
    })
}
