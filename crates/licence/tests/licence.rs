//! Licences as the application meets them: signed, forged, copied, replayed, expired, and read under every kind of clock.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use brasskey_licence::{
    AUDIENCE, Account, Claims, Feature, Grant, KeySet, KeyState, Licence, Lifetime, ListedKey,
    Marks, Mode, PublicKey, SigningKey, Standing, State, TokenError,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const DEVICE: &str = "dev_01";

/// A service: its root, its signing keys, and the set that vouches for them.
struct Service {
    root: SigningKey,
    active: SigningKey,
    keys: KeySet,
}

static SERVICE: LazyLock<Service> = LazyLock::new(|| {
    let root = SigningKey::generate().unwrap();
    let active = SigningKey::generate().unwrap();
    let keys = KeySet::new(at(0), vec![listed(&active, KeyState::Active)]);
    Service { root, active, keys }
});

/// Hours after a day in November.
fn at(hours: i64) -> Timestamp {
    "2026-11-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

fn day(days: i64) -> Timestamp {
    at(24 * days)
}

fn listed(key: &SigningKey, state: KeyState) -> ListedKey {
    ListedKey {
        key: key.public().clone(),
        not_before: day(-1),
        not_after: day(400),
        state,
    }
}

fn claims(standing: Standing) -> Claims {
    let account = Account {
        standing,
        ends_at: None,
        past_due_since: None,
    };
    let times = Lifetime::of(&account, day(0));
    Claims {
        v: 1,
        iss: "https://platform.example".into(),
        aud: AUDIENCE.into(),
        sub: "acc_01".into(),
        jti: "lic_01".into(),
        seq: 7,
        dev: DEVICE.into(),
        iat: day(0),
        nbf: times.not_before,
        exp: times.expires_at,
        rfr: times.renew_from,
        grace: times.grace_ends_at,
        plan: "byok_monthly".into(),
        st: standing,
        end: None,
        modes: vec![Mode::Byok],
        feat: BTreeMap::from([
            ("projects".into(), Feature::Metered { max: None }),
            ("reports".into(), Feature::Metered { max: Some(50) }),
            ("local_gateway".into(), Feature::Granted(true)),
        ]),
        msg: None,
    }
}

fn signed(claims: &Claims) -> String {
    Licence::sign(claims, &SERVICE.active).unwrap()
}

fn read(token: &str) -> Result<Licence, TokenError> {
    Licence::read(token, &SERVICE.keys, DEVICE)
}

fn licence(standing: Standing) -> Licence {
    read(&signed(&claims(standing))).unwrap()
}

#[test]
fn a_licence_is_read_as_it_was_signed() {
    let said = claims(Standing::Active);
    let licence = read(&signed(&said)).unwrap();
    assert_eq!(licence.claims(), &said);
    assert!(signed(&said).starts_with("v4.public."));
    assert!(licence.allows(Mode::Byok, day(1)));
    assert!(!licence.allows(Mode::VendorBilled, day(1)));
    assert_eq!(licence.grant("projects", day(1)), Grant::Unlimited);
    assert_eq!(licence.grant("reports", day(1)), Grant::UpTo(50));
    assert_eq!(licence.grant("local_gateway", day(1)), Grant::Unlimited);
    assert_eq!(licence.grant("no_such_feature", day(1)), Grant::No);
}

#[test]
fn a_service_that_is_silent_for_29_31_and_45_days() {
    let licence = licence(Standing::Active);
    assert_eq!(licence.state(at(1)), State::Active { renew: false });
    assert_eq!(licence.state(day(29)), State::Active { renew: true });
    let due = State::RenewalDue {
        until: day(44),
        days_left: 13,
    };
    assert_eq!(licence.state(day(31)), due);
    assert!(licence.allows(Mode::Byok, day(31)));
    assert_eq!(licence.state(day(45)), State::Limited);
    assert!(!licence.allows(Mode::Byok, day(45)));
    assert_eq!(licence.grant("projects", day(45)), Grant::No);
}

#[test]
fn the_last_hour_of_grace_is_a_day_and_not_none() {
    let state = licence(Standing::Active).state(at(44 * 24 - 1));
    assert!(matches!(state, State::RenewalDue { days_left: 1, .. }));
}

#[test]
fn without_a_plan_and_after_a_revocation_nothing_is_granted() {
    for (standing, state) in [
        (Standing::Free, State::Limited),
        (Standing::Unknown, State::Limited),
        (Standing::Revoked, State::Revoked),
    ] {
        let licence = licence(standing);
        assert_eq!(licence.state(at(1)), state, "{standing:?}");
        assert_eq!(licence.grant("projects", at(1)), Grant::No);
        assert!(!licence.allows(Mode::Byok, at(1)));
    }
}

#[test]
fn another_device_another_audience_and_a_later_format_are_refused() {
    let token = signed(&claims(Standing::Active));
    let other = Licence::read(&token, &SERVICE.keys, "dev_02");
    assert_eq!(other.err(), Some(TokenError::Device));
    let elsewhere = Claims {
        aud: "brasskey-web".into(),
        ..claims(Standing::Active)
    };
    assert_eq!(read(&signed(&elsewhere)).err(), Some(TokenError::Audience));
    let later = Claims {
        v: 2,
        ..claims(Standing::Active)
    };
    assert_eq!(read(&signed(&later)).err(), Some(TokenError::Version));
}

#[test]
fn a_replayed_licence_never_takes_the_place_of_a_later_one() {
    let current = licence(Standing::Active);
    let next = |seq| {
        let claims = Claims {
            seq,
            ..claims(Standing::Revoked)
        };
        read(&signed(&claims)).unwrap()
    };
    for seq in [0, 6, 7] {
        assert_eq!(
            current.followed_by(next(seq)).err(),
            Some(TokenError::Stale)
        );
    }
    assert_eq!(current.followed_by(next(8)).unwrap().claims().seq, 8);
}

#[test]
fn a_stranger_cannot_sign_and_cannot_claim_to_be_the_service() {
    let stranger = SigningKey::generate().unwrap();
    let forged = Licence::sign(&claims(Standing::Active), &stranger).unwrap();
    assert_eq!(read(&forged).err(), Some(TokenError::UnknownKey));

    // With the service's key id in the footer.
    let footer = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    let genuine = signed(&claims(Standing::Active));
    let disguised = forged.replace(&footer(&forged), &footer(&genuine));
    assert_eq!(read(&disguised).err(), Some(TokenError::Forged));
}

#[test]
fn a_key_set_is_no_licence_and_a_licence_no_key_set() {
    let set = KeySet::new(day(0), vec![listed(&SERVICE.root, KeyState::Active)]);
    let signed_set = set.sign(&SERVICE.active).unwrap();
    assert_eq!(read(&signed_set).err(), Some(TokenError::Forged));
    let roots = [SERVICE.active.public().clone()];
    let token = signed(&claims(Standing::Active));
    assert_eq!(KeySet::read(&token, &roots).err(), Some(TokenError::Forged));
}

#[test]
fn keys_are_rotated_without_a_gap_and_revoked_at_once() {
    let roots = [SERVICE.root.public().clone()];
    let next = SigningKey::generate().unwrap();
    let publish = |iat, old: KeyState, new: KeyState| {
        let keys = vec![listed(&SERVICE.active, old), listed(&next, new)];
        let set = KeySet::new(iat, keys).sign(&SERVICE.root).unwrap();
        KeySet::read(&set, &roots).unwrap()
    };
    let by_old = signed(&claims(Standing::Active));
    let by_new = Licence::sign(&claims(Standing::Active), &next).unwrap();
    let of = |token: &str, keys: &KeySet| Licence::read(token, keys, DEVICE).err();

    let announced = publish(day(1), KeyState::Active, KeyState::Next);
    assert_eq!(of(&by_old, &announced), None);
    assert_eq!(of(&by_new, &announced), Some(TokenError::InvalidKey));
    let rotated = publish(day(15), KeyState::Retired, KeyState::Active);
    assert_eq!(of(&by_old, &rotated), None);
    assert_eq!(of(&by_new, &rotated), None);
    let revoked = publish(day(16), KeyState::Revoked, KeyState::Active);
    assert_eq!(of(&by_old, &revoked), Some(TokenError::InvalidKey));

    // A set never goes back.
    let kept = announced.followed_by(rotated.clone()).unwrap();
    assert_eq!(kept.followed_by(announced).err(), Some(TokenError::Stale));
    assert_eq!(kept.followed_by(revoked.clone()).unwrap(), revoked);
}

#[test]
fn a_set_that_the_root_did_not_sign_is_refused() {
    let stranger = SigningKey::generate().unwrap();
    let set = KeySet::new(day(1), vec![listed(&stranger, KeyState::Active)]);
    let signed = set.sign(&stranger).unwrap();
    let roots = [SERVICE.root.public().clone()];
    assert_eq!(
        KeySet::read(&signed, &roots).err(),
        Some(TokenError::UnknownKey)
    );
}

#[test]
fn a_key_signs_within_its_time_alone() {
    let early = Claims {
        iat: day(-2),
        ..claims(Standing::Active)
    };
    assert_eq!(read(&signed(&early)).err(), Some(TokenError::InvalidKey));
}

#[test]
fn words_of_a_later_service_grant_nothing_and_break_nothing() {
    let mut said = serde_json::to_value(claims(Standing::Active)).unwrap();
    said["st"] = "platinum".into();
    said["modes"] = serde_json::json!(["byok", "telepathy"]);
    said["new_claim"] = serde_json::json!({"x": 1});
    let claims: Claims = serde_json::from_value(said).unwrap();
    assert_eq!(claims.st, Standing::Unknown);
    assert_eq!(claims.modes, [Mode::Byok, Mode::Unknown]);
}

#[test]
fn secret_keys_are_kept_as_text_and_never_shown() {
    let key = SigningKey::generate().unwrap();
    let again = SigningKey::read(&key.write().unwrap()).unwrap();
    assert_eq!(again.public(), key.public());
    let shown = format!("{key:?}");
    assert!(
        shown.contains(key.public().kid()) && !shown.contains("k4.secret"),
        "{shown}"
    );
    assert!(PublicKey::read("k4.public.short").is_err());
    assert_eq!(
        PublicKey::read(key.public().paserk()).unwrap(),
        *key.public()
    );
}

#[test]
fn lifetimes_follow_the_account() {
    let of = |standing, ends_at, past_due_since| {
        let account = Account {
            standing,
            ends_at,
            past_due_since,
        };
        let times = Lifetime::of(&account, day(0));
        (times.expires_at, times.grace_ends_at)
    };
    assert_eq!(of(Standing::Active, None, None), (day(30), day(44)));
    assert_eq!(of(Standing::Trial, Some(day(14)), None), (day(7), day(10)));
    assert_eq!(of(Standing::Trial, Some(day(2)), None), (day(2), day(5)));
    assert_eq!(
        of(Standing::PastDue, None, Some(day(-10))),
        (day(4), day(7))
    );
    assert_eq!(
        of(Standing::Ending, Some(day(12)), None),
        (day(12), day(15))
    );
    assert_eq!(of(Standing::Revoked, None, None), (day(30), day(30)));
}

#[test]
fn setting_the_clock_back_gains_no_more_than_a_day() {
    let licence = licence(Standing::Active);
    let grace = licence.claims().grace;
    let marks = Marks::renewed(day(0)).after(day(43), grace);
    assert_eq!(marks.now(day(10)), day(42));
    assert!(marks.is_behind(day(10)));
    assert!(!marks.is_behind(at(43 * 24 - 5)));
    assert!(matches!(
        licence.state(marks.now(day(10))),
        State::RenewalDue { .. }
    ));
    let marks = marks.after(day(44), grace);
    assert_eq!(marks.now(day(0)), day(43));
}

#[test]
fn a_clock_that_jumped_ahead_and_came_back_costs_nothing() {
    let licence = licence(Standing::Active);
    let marks = Marks::renewed(day(0)).after(day(2), licence.claims().grace);
    // A flat battery: the year 2038, then right again.
    let ahead = marks.after(day(4_000), licence.claims().grace);
    assert_eq!(ahead, marks);
    assert_eq!(licence.state(ahead.now(day(4_000))), State::Limited);
    assert_eq!(
        licence.state(ahead.now(day(3))),
        State::Active { renew: true }
    );
}

proptest! {
    #[test]
    fn one_changed_character_is_refused(place in any::<prop::sample::Index>(), with in "[A-Za-z0-9_.-]") {
        let token = signed(&claims(Standing::Active));
        let place = place.index(token.len());
        let mut changed = token.clone();
        changed.replace_range(place..=place, &with);
        prop_assume!(changed != token);
        // The last character of a base64 group may hold bits that are not read; what is read is still the same then.
        if let Ok(licence) = read(&changed) {
            prop_assert_eq!(licence.claims(), &claims(Standing::Active));
        }
    }

    #[test]
    fn bytes_from_outside_never_panic(bytes in ".{0,400}") {
        prop_assert!(read(&bytes).is_err());
        let disguised = format!("v4.public.{bytes}");
        prop_assert!(read(&disguised).is_err());
        prop_assert!(KeySet::read(&bytes, &[SERVICE.root.public().clone()]).is_err());
    }

    #[test]
    fn time_only_ever_takes_rights_away(hours in 0..2_000_i64, later in 0..2_000_i64) {
        let rank = |state| match state {
            State::Active { renew: false } => 0,
            State::Active { renew: true } => 1,
            State::RenewalDue { .. } => 2,
            State::Limited | State::Revoked => 3,
        };
        let licence = licence(Standing::Active);
        prop_assert!(rank(licence.state(at(hours))) <= rank(licence.state(at(hours + later))));
    }

    #[test]
    fn whatever_the_clock_does_the_time_that_counts_never_goes_back_by_more_than_a_day(
        readings in prop::collection::vec(-3_000..3_000_i64, 1..40),
    ) {
        let grace = day(44);
        let mut marks = Marks::renewed(day(0));
        let mut latest = Timestamp::MIN;
        for hours in readings {
            let local = at(hours);
            marks = marks.after(local, grace);
            let now = marks.now(local);
            prop_assert!(now >= day(0), "never before the service's own time");
            if local <= grace {
                prop_assert!(now + SignedDuration::from_hours(24) >= latest);
                latest = latest.max(now);
            }
        }
    }
}
