//! P17: the licence check of an application that is not connected, against one plain verification of a signature.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use brasskey_licence::{
    AUDIENCE, Account, Claims, Feature, KeySet, KeyState, Licence, Lifetime, ListedKey, Mode,
    SigningKey, Standing,
};
use ed25519_compact::{KeyPair, Seed};
use jiff::{SignedDuration, Timestamp};

use super::Bench;
use crate::fault::Fault;
use crate::rows::Bound::AtMost;
use crate::rows::Row;

const DEVICE: &str = "dev_bench";
/// Checks in one turn.
const CHECKS: u32 = 500;

pub(super) fn measure(bench: &mut Bench) -> Result<(), Fault> {
    let (keys, token) = licence()?;
    let pair = KeyPair::from_seed(Seed::new([7; 32]));
    // As long as what is signed of a licence.
    let message = vec![b'x'; token.len()];
    let signature = pair.sk.sign(&message, None);
    let mut turns = Vec::new();
    for _ in 0..bench.extent.rounds * 3 {
        let check = each_us(|| Licence::read(black_box(&token), &keys, DEVICE).is_ok())?;
        let verify = each_us(|| pair.pk.verify(black_box(&message), &signature).is_ok())?;
        turns.push((check, verify));
    }
    let row = Row::paired("licence.check", "us", "verify", &turns);
    bench.report.add(row.with(AtMost(2.0), AtMost(1.1)));
    Ok(())
}

/// Microseconds of one check.
fn each_us(check: impl Fn() -> bool) -> Result<f64, Fault> {
    let started = Instant::now();
    for _ in 0..CHECKS {
        if !check() {
            return Err(Fault::Other("a signature is not good".into()));
        }
    }
    Ok(started.elapsed().as_secs_f64() * 1_000_000.0 / f64::from(CHECKS))
}

/// A licence as the service makes it, and the set of keys that an application holds.
fn licence() -> Result<(KeySet, String), Fault> {
    let now = Timestamp::from_millisecond(crate::clock::unix_ns() / 1_000_000)
        .map_err(|error| Fault::Other(error.to_string()))?;
    let root = SigningKey::generate()?;
    let key = SigningKey::generate()?;
    let listed = ListedKey {
        key: key.public().clone(),
        not_before: now,
        not_after: now
            .checked_add(SignedDuration::from_hours(24 * 365))
            .unwrap_or(now),
        state: KeyState::Active,
    };
    let signed = KeySet::new(now, vec![listed]).sign(&root)?;
    let keys = KeySet::read(&signed, std::slice::from_ref(root.public()))?;
    let account = Account {
        standing: Standing::Active,
        ends_at: None,
        past_due_since: None,
    };
    let times = Lifetime::of(&account, now);
    let features = ["projects", "reports", "computers"]
        .map(|name| (name.to_owned(), Feature::Metered { max: None }));
    let claims = Claims {
        v: 1,
        iss: "https://platform.example".into(),
        aud: AUDIENCE.into(),
        sub: "acc_018f0c1e2d3a4b5c6d7e8f9012345678".into(),
        jti: "lic_018f0c1e2d3a4b5c6d7e8f9012345678".into(),
        seq: 7,
        dev: DEVICE.into(),
        iat: now,
        nbf: times.not_before,
        exp: times.expires_at,
        rfr: times.renew_from,
        grace: times.grace_ends_at,
        plan: "byok_monthly".into(),
        st: Standing::Active,
        end: None,
        modes: vec![Mode::Byok],
        feat: BTreeMap::from(features),
        msg: None,
    };
    Ok((keys, Licence::sign(&claims, &key)?))
}
