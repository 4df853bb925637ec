//! A licence that passed through anybody's hands: it is read as it was signed, or not at all.

use std::sync::LazyLock;

use brasskey_licence::{KeySet, Licence, PublicKey, SigningKey};
use jiff::Timestamp;

struct World {
    root: SigningKey,
    licence: String,
    keys: KeySet,
}

/// Signed once by keys of this run.
static WORLD: LazyLock<Option<World>> = LazyLock::new(|| {
    use brasskey_licence::{AUDIENCE, Claims, KeyState, ListedKey, Mode, Standing};
    let root = SigningKey::generate().ok()?;
    let active = SigningKey::generate().ok()?;
    let at = |second| Timestamp::from_second(second).ok();
    let keys = KeySet::new(
        at(1_790_000_000)?,
        vec![ListedKey {
            key: active.public().clone(),
            not_before: at(1_780_000_000)?,
            not_after: at(1_900_000_000)?,
            state: KeyState::Active,
        }],
    );
    let claims = Claims {
        v: 1,
        iss: "https://platform.example".to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: "acc_1".to_owned(),
        jti: "lic_1".to_owned(),
        seq: 1,
        dev: "dev_1".to_owned(),
        iat: at(1_790_000_000)?,
        nbf: at(1_790_000_000)?,
        exp: at(1_792_592_000)?,
        rfr: at(1_790_086_400)?,
        grace: at(1_793_801_600)?,
        plan: "byok_monthly".to_owned(),
        st: Standing::Active,
        end: None,
        modes: vec![Mode::Byok],
        feat: Default::default(),
        msg: None,
    };
    let licence = Licence::sign(&claims, &active).ok()?;
    Some(World {
        root,
        licence,
        keys,
    })
});

pub(crate) fn check(input: &[u8]) {
    let Some(world) = &*WORLD else {
        return;
    };
    let roots: [PublicKey; 1] = [world.root.public().clone()];
    if let Ok(text) = std::str::from_utf8(input) {
        assert!(Licence::read(text, &world.keys, "dev_1").is_err());
        assert!(KeySet::read(text, &roots).is_err());
    }
    // The licence with some of its bytes replaced by the input's.
    let [place, rest @ ..] = input else { return };
    let mut changed = world.licence.clone().into_bytes();
    let start = changed.len() * usize::from(*place) / 256;
    for (byte, other) in changed.iter_mut().skip(start).zip(rest) {
        *byte = *other;
    }
    let Ok(changed) = String::from_utf8(changed) else {
        return;
    };
    let read = Licence::read(&changed, &world.keys, "dev_1");
    assert_eq!(
        read.is_ok(),
        changed == world.licence,
        "{changed} passes for {}",
        world.licence
    );
}
