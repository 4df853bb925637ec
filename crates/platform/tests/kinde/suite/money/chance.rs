//! Chance that can be repeated: SplitMix64, a stream of its own for everybody who acts at random.

use std::hash::{BuildHasher, RandomState};

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

pub(super) struct Chance(u64);

impl Chance {
    /// One of the streams of a seed.
    pub(super) fn of(seed: u64, stream: u64) -> Self {
        let mut mixed = Self(seed ^ stream.wrapping_mul(STEP));
        Self(mixed.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From `from` to below `to`.
    pub(super) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from)
    }

    pub(super) fn index(&mut self, length: usize) -> usize {
        let index = self.between(0, u64::try_from(length).unwrap());
        usize::try_from(index).unwrap()
    }

    pub(super) fn one_in(&mut self, of: u64) -> bool {
        self.between(0, of) == 0
    }
}

/// The seed of a run: the one that was asked for, or a new one.
pub(super) fn seed() -> u64 {
    let asked = std::env::var("BRASSKEY_MONEY_SEED").ok();
    asked.map_or_else(
        || RandomState::new().hash_one(0),
        |text| text.parse().expect("BRASSKEY_MONEY_SEED is a number"),
    )
}
