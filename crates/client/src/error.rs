//! Why the platform did not do what it was asked.

use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Why an answer is missing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// Nobody answered: there is no network, or the service is down. Whether the request arrived is not known.
    #[error("nobody answered")]
    Unreachable,
    /// The service refused, and says why.
    #[error("{0}")]
    Refused(Box<Problem>),
    /// The answer is not what this version understands.
    #[error("the answer cannot be read: {0}")]
    Unreadable(&'static str),
}

impl Error {
    /// What the service says clients are to match on; none when it did not answer.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            Self::Unreachable | Self::Unreadable(_) => None,
        }
    }

    /// Whether it is done on the billing provider's own page.
    #[must_use]
    pub fn is_at_portal(&self) -> bool {
        match self {
            Self::Refused(problem) => problem.more.get("action").is_some_and(|it| it == "portal"),
            Self::Unreachable | Self::Unreadable(_) => false,
        }
    }

    /// Whether the same request may succeed later without anybody doing anything.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable => true,
            Self::Refused(problem) => {
                problem.status >= 500
                    || matches!(problem.code, Code::RateLimited | Code::RequestInProgress)
            }
            Self::Unreadable(_) => false,
        }
    }
}

/// A refusal: a problem document (RFC 9457).
#[derive(Clone, Debug, PartialEq, Deserialize, thiserror::Error)]
#[error("{status} {code:?}: {detail}")]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// What clients match on.
    pub code: Code,
    /// For people who read logs.
    #[serde(default)]
    pub detail: String,
    /// `urn:brasskey:request:` and the id under which the service logged the request.
    #[serde(default)]
    pub instance: Option<String>,
    /// When it makes sense to ask again.
    #[serde(default, deserialize_with = "seconds")]
    pub retry_after: Option<Duration>,
    /// Members that belong to the code: a signed statement, the devices that have a seat.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_secs))
}

/// The codes of the service's problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The request makes no sense: a mistake of ours.
    InvalidRequest,
    /// A credential is needed.
    Unauthenticated,
    /// The access token is for somebody else.
    TokenAudience,
    /// This credential is no device's.
    DeviceUnknown,
    /// This device was revoked; the problem holds the signed statement.
    DeviceRevoked,
    /// All seats are taken; the problem holds the devices that have them.
    DeviceLimit,
    /// The device is in use by another account.
    DeviceInUse,
    /// Another text is to be accepted than the one that was.
    TermsChanged,
    /// This device had its trial.
    TrialUsed,
    /// It needs an account.
    SignInNeeded,
    /// Another change of plan is open.
    PlanChangePending,
    /// The plan cannot be had that way.
    PlanChangeDenied,
    /// What was accepted is not what would happen now.
    PreviewChanged,
    /// A payment is needed.
    PaymentRequired,
    /// The billing provider does not answer.
    BillingUnavailable,
    /// There is no such thing.
    NotFound,
    /// The same request is still running.
    RequestInProgress,
    /// Another request was sent under this name.
    IdempotencyMismatch,
    /// Too many requests.
    RateLimited,
    /// Nobody can sign in now.
    IdentityUnavailable,
    /// The service is busy.
    Unavailable,
    /// The service failed.
    Internal,
    /// A word of a later service.
    #[serde(other)]
    Unknown,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_problem_is_read_with_what_belongs_to_it_and_a_later_code_does_no_harm() {
        let problem: Problem = serde_json::from_str(
            r#"{"type":"urn:brasskey:problem:device-limit","title":"All seats are taken","status":409,"detail":"…",
                "code":"device-limit","retry_after":5,"devices":[{"id":"dev_1"}]}"#,
        )
        .unwrap();
        assert_eq!(problem.code, Code::DeviceLimit);
        assert_eq!(problem.retry_after, Some(Duration::from_secs(5)));
        assert_eq!(problem.more["devices"][0]["id"], "dev_1");
        let later: Problem =
            serde_json::from_str(r#"{"status":400,"code":"sun-spots","retry_after":null}"#)
                .unwrap();
        assert_eq!((later.code, later.retry_after), (Code::Unknown, None));
    }
}
