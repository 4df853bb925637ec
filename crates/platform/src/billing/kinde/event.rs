//! Webhooks: a compact JWS that says that something happened. It is believed in so far as it is signed by Kinde, and only as a
//! reason to look; payments alone are told by no other way.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Validation};
use serde_json::Value;
use url::Url;

use super::keys::{Found, Keys};
use super::moment::{id, moment};
use crate::clock::Clock;
use crate::outbound::Outbound;

/// Reads webhooks of one issuer.
pub struct KindeEvents {
    issuer: String,
    keys: Keys,
}

/// Something that happened at Kinde.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// Signed, and the same in every repetition.
    pub(crate) id: String,
    /// `customer.plan_changed` and the like.
    pub(crate) kind: String,
    /// When it happened; a repetition keeps it.
    pub(crate) occurred_at: Timestamp,
    /// The billing customer, where it names one.
    pub(crate) customer_id: Option<String>,
    /// The user, where it names one.
    pub(crate) user_id: Option<String>,
}

/// Why a webhook is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EventError {
    /// It is no token, or no event.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// It is not Kinde's.
    #[error("not signed by the issuer: {0}")]
    Forged(&'static str),
    /// Whether it is Kinde's cannot be said now.
    #[error("the issuer's keys cannot be fetched")]
    Unsure,
}

impl KindeEvents {
    /// A reader of the webhooks of an issuer.
    pub(super) fn new(issuer: &Url, out: &Outbound, clock: &Clock) -> Self {
        Self {
            issuer: issuer.as_str().trim_end_matches('/').to_owned(),
            keys: Keys::new(out.clone(), issuer.clone(), clock.clone()),
        }
    }

    /// Fetches the keys ahead of the first webhook.
    pub(super) async fn warm(&self) {
        self.keys.warm().await;
    }

    /// Reads a webhook and says whether it is Kinde's.
    pub(crate) async fn read(&self, token: &str) -> Result<Event, EventError> {
        let header = jsonwebtoken::decode_header(token)
            .map_err(|_| EventError::Malformed("no signed token"))?;
        if header.alg != Algorithm::RS256 {
            return Err(EventError::Forged("another algorithm than RS256"));
        }
        let kid = header.kid.ok_or(EventError::Forged("no id of a key"))?;
        let key = match self.keys.find(&kid).await {
            Found::Key(key) => key,
            Found::None => return Err(EventError::Forged("an unknown key")),
            Found::Unsure => return Err(EventError::Unsure),
        };
        let mut validation = Validation::new(Algorithm::RS256);
        // Webhooks carry neither an audience nor an end; their age is judged by what happened when.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let claims = jsonwebtoken::decode::<Value>(token, &key, &validation)
            .map_err(|_| EventError::Forged("the signature does not match"))?
            .claims;
        // Real deliveries have no issuer; one that has another was meant for somebody else.
        match &claims["iss"] {
            Value::Null => {}
            Value::String(issuer) if issuer.trim_end_matches('/') == self.issuer => {}
            _ => return Err(EventError::Forged("another issuer")),
        }
        event(&claims)
    }
}

/// The event in the claims, under the names that have been seen.
fn event(claims: &Value) -> Result<Event, EventError> {
    let first = |names: &[&str]| names.iter().find_map(|name| id(&claims[*name]));
    let time = ["event_timestamp", "timestamp", "iat"]
        .iter()
        .find_map(|name| moment(&claims[*name]).transpose())
        .ok_or(EventError::Malformed("no time"))?
        .map_err(|_| EventError::Malformed("no time that can be read"))?;
    let data = &claims["data"];
    let of = |value: &Value, names: &[&str]| names.iter().find_map(|name| id(&value[*name]));
    Ok(Event {
        id: first(&["event_id", "jti"]).ok_or(EventError::Malformed("no id"))?,
        kind: first(&["type", "event_type"]).ok_or(EventError::Malformed("no type"))?,
        occurred_at: time,
        customer_id: of(data, &["customer_id"]).or_else(|| of(&data["customer"], &["id"])),
        user_id: of(data, &["user_id"]).or_else(|| of(&data["user"], &["id"])),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_read_under_all_names_that_have_been_seen() {
        let happened: Timestamp = "2026-11-18T02:32:03Z".parse().unwrap();
        let expected = Event {
            id: "17".to_owned(),
            kind: "customer.plan_changed".to_owned(),
            occurred_at: happened,
            customer_id: Some("customer_1".to_owned()),
            user_id: Some("kp_1".to_owned()),
        };
        let data = json!({"customer_id": "customer_1", "user_id": "kp_1"});
        let nested = json!({"customer": {"id": "customer_1"}, "user": {"id": "kp_1"}});
        for claims in [
            json!({"type": "customer.plan_changed", "event_id": 17, "timestamp": "2026-11-18T13:32:03+11", "data": data}),
            json!({"event_type": "customer.plan_changed", "jti": "17", "event_timestamp": "2026-11-18T02:32:03Z", "timestamp": null, "data": nested}),
        ] {
            assert_eq!(event(&claims).unwrap(), expected);
        }
    }

    #[test]
    fn what_names_no_event_is_malformed() {
        for claims in [
            json!({}),
            json!({"type": "a", "event_id": "b"}),
            json!({"type": "a", "timestamp": "2026-11-18T02:32:03Z"}),
            json!({"event_id": "a", "timestamp": "2026-11-18T02:32:03Z"}),
            json!({"type": "a", "event_id": "b", "timestamp": "soon"}),
            json!("text"),
        ] {
            assert!(
                matches!(event(&claims), Err(EventError::Malformed(_))),
                "{claims}"
            );
        }
    }
}
