//! A licence as the application holds it, and what it allows at a given time.

use jiff::{SignedDuration, Timestamp};

use crate::claims::{AUDIENCE, Claims, Feature, Mode, Standing, VERSION};
use crate::key::SigningKey;
use crate::keyset::KeySet;
use crate::token::{self, Purpose, TokenError};

/// A day, for counting what is left.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A verified licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licence {
    claims: Claims,
}

/// How a licence stands at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Everything works.
    Active {
        /// It is time to renew it, quietly.
        renew: bool,
    },
    /// It was not renewed in time; everything works.
    RenewalDue {
        /// Until then.
        until: Timestamp,
        /// Whole days left, rounded up: never 0.
        days_left: u32,
    },
    /// Grace is over, or there is no plan: new model calls stop, and nothing else.
    Limited,
    /// Taken back by a signed statement: as limited, with its own words.
    Revoked,
}

/// What a licence grants of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Nothing.
    No,
    /// As often as one likes.
    Unlimited,
    /// As often as this, in a period.
    UpTo(u64),
}

impl Licence {
    /// Signs claims.
    ///
    /// # Errors
    /// [`TokenError::Malformed`] when they cannot be written.
    pub fn sign(claims: &Claims, key: &SigningKey) -> Result<String, TokenError> {
        token::sign(key, Purpose::Licence, claims)
    }

    /// Reads a licence for this device that a key of the set signed.
    ///
    /// # Errors
    /// A [`TokenError`]; the caller keeps the licence that it has. After `UnknownKey` a newer key set may help.
    pub fn read(signed: &str, keys: &KeySet, device: &str) -> Result<Self, TokenError> {
        let mut listed = None;
        let claims: Claims = token::open(signed, Purpose::Licence, |kid| {
            listed = keys.find(kid);
            listed.map(|listed| &listed.key)
        })?;
        if claims.v > VERSION {
            return Err(TokenError::Version);
        }
        if !listed.is_some_and(|listed| listed.vouches_for(claims.iat)) {
            return Err(TokenError::InvalidKey);
        }
        if claims.aud != AUDIENCE {
            return Err(TokenError::Audience);
        }
        if claims.dev != device {
            return Err(TokenError::Device);
        }
        Ok(Self { claims })
    }

    /// The later of two licences of one device; a replayed one changes nothing.
    ///
    /// # Errors
    /// [`TokenError::Stale`] when the other one is not later.
    pub fn followed_by(&self, other: Self) -> Result<Self, TokenError> {
        if other.claims.seq <= self.claims.seq {
            return Err(TokenError::Stale);
        }
        Ok(other)
    }

    /// What it says.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// How it stands at `now` (see [`crate::Marks::now`]).
    #[must_use]
    pub fn state(&self, now: Timestamp) -> State {
        let claims = &self.claims;
        match claims.st {
            Standing::Revoked => State::Revoked,
            Standing::Free | Standing::Unknown => State::Limited,
            Standing::Trial | Standing::Active | Standing::PastDue | Standing::Ending => {
                if now < claims.exp {
                    State::Active {
                        renew: now >= claims.rfr,
                    }
                } else if now < claims.grace {
                    State::RenewalDue {
                        until: claims.grace,
                        days_left: days(now.duration_until(claims.grace)),
                    }
                } else {
                    State::Limited
                }
            }
        }
    }

    /// Whether a mode may be used at `now`.
    #[must_use]
    pub fn allows(&self, mode: Mode, now: Timestamp) -> bool {
        self.is_in_force(now) && self.claims.modes.contains(&mode)
    }

    /// What is granted of a feature at `now`.
    #[must_use]
    pub fn grant(&self, feature: &str, now: Timestamp) -> Grant {
        if !self.is_in_force(now) {
            return Grant::No;
        }
        match self.claims.feat.get(feature) {
            None | Some(Feature::Granted(false)) => Grant::No,
            Some(Feature::Granted(true) | Feature::Metered { max: None }) => Grant::Unlimited,
            Some(Feature::Metered { max: Some(max) }) => Grant::UpTo(*max),
        }
    }

    fn is_in_force(&self, now: Timestamp) -> bool {
        matches!(
            self.state(now),
            State::Active { .. } | State::RenewalDue { .. }
        )
    }
}

fn days(left: SignedDuration) -> u32 {
    let whole = left.as_secs().div_euclid(DAY.as_secs());
    let more = i64::from(left.as_secs().rem_euclid(DAY.as_secs()) > 0);
    u32::try_from((whole + more).max(1)).unwrap_or(u32::MAX)
}
