//! One authorised request to Kinde's Management API, and what its refusals mean.
//!
//! It repeats a request once, with a fresh token, when the token was not taken: no work was done then. Whatever else fails is the
//! caller's to repeat, because only the caller knows whether a repetition does harm.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::moment::{flag, id};
use super::token::Tokens;
use crate::billing::BillingError;
use crate::outbound::{Outbound, OutboundError, Reply};

/// How many entries of a list are asked for at once. Kinde's own choice is 10, its most 500.
const PAGE: &str = "100";
/// More pages than any customer has.
const MOST_PAGES: usize = 200;
/// Of a refusal's words, as many characters are kept.
const LONGEST_REASON: usize = 300;

/// What came of a request that was not granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ApiError {
    /// No answer, a busy or failing Kinde, or credentials that it does not take.
    Unavailable {
        detail: String,
        retry_after: Option<Duration>,
    },
    /// Kinde understood and refused.
    Refused {
        status: u16,
        code: String,
        message: String,
    },
    /// Not what is documented.
    Unreadable(String),
}

impl From<OutboundError> for ApiError {
    fn from(error: OutboundError) -> Self {
        match error {
            OutboundError::Unreadable(error) => Self::Unreadable(error.to_string()),
            other => Self::Unavailable {
                detail: other.to_string(),
                retry_after: None,
            },
        }
    }
}

impl From<ApiError> for BillingError {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Unavailable {
                detail,
                retry_after,
            } => Self::Unavailable {
                detail,
                retry_after,
            },
            ApiError::Refused { code, .. }
                if code.contains("PAYMENT_METHOD") || code.contains("PAYMENT_REQUIRED") =>
            {
                Self::PaymentRequired
            }
            ApiError::Refused {
                code,
                message,
                status,
            } => {
                let reason = [message, code, status.to_string()]
                    .into_iter()
                    .find(|words| !words.is_empty())
                    .unwrap_or_default();
                Self::Denied { reason }
            }
            ApiError::Unreadable(what) => Self::Unreadable(what),
        }
    }
}

/// The Management API.
pub(super) struct Api {
    out: Outbound,
    base: Url,
    tokens: Tokens,
    /// Kinde asked to be left alone until then.
    quiet_until: Mutex<Option<Instant>>,
}

impl Api {
    pub(super) fn new(out: Outbound, base: Url, tokens: Tokens) -> Self {
        Self {
            out,
            base,
            tokens,
            quiet_until: Mutex::new(None),
        }
    }

    /// What Kinde answers, as JSON.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, ApiError> {
        if let Some(wait) = self.quiet_for() {
            return Err(ApiError::Unavailable {
                detail: "it asked for fewer requests".to_owned(),
                retry_after: Some(wait),
            });
        }
        let mut url = self.base.clone();
        url.set_path(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let token = self.tokens.get(None).await?;
        let send = async |token: &super::token::Token| {
            let mut request = self
                .out
                .request(method.clone(), &url)?
                .bearer_auth(token.text.expose_secret());
            if let Some(body) = body {
                request = request.json(body);
            }
            Ok::<_, ApiError>(self.out.send(request).await?)
        };
        let mut reply = send(&token).await?;
        // Kinde says 403 for credentials that are not good.
        if is_credentials(reply.status) {
            let fresh = self.tokens.get(Some(&token)).await?;
            reply = send(&fresh).await?;
        }
        self.understand(&reply)
    }

    fn understand(&self, reply: &Reply) -> Result<Value, ApiError> {
        let status = reply.status;
        if status.is_success() {
            if reply.body.is_empty() {
                return Ok(Value::Null);
            }
            return Ok(reply.json()?);
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            let wait = reset(&reply.headers).unwrap_or(Duration::from_secs(60));
            *self
                .quiet_until
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + wait);
            return Err(ApiError::Unavailable {
                detail: "it asked for fewer requests".to_owned(),
                retry_after: Some(wait),
            });
        }
        if is_credentials(status) {
            tracing::error!(%status, "Kinde does not take the service's token: look at the management client's scopes");
        }
        if is_credentials(status)
            || status.is_server_error()
            || status == StatusCode::REQUEST_TIMEOUT
        {
            return Err(ApiError::Unavailable {
                detail: status.to_string(),
                retry_after: reset(&reply.headers),
            });
        }
        let (code, message) = refusal(&reply.body);
        Err(ApiError::Refused {
            status: status.as_u16(),
            code,
            message,
        })
    }

    fn quiet_for(&self) -> Option<Duration> {
        let until = *self
            .quiet_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        until?.checked_duration_since(Instant::now())
    }

    /// A whole list, page by page. A list that does not end is an error: a part must not be taken for the whole.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        name: &str,
    ) -> Result<Vec<T>, ApiError> {
        let unreadable = |what: &str| ApiError::Unreadable(format!("{path}: {what}"));
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut asked = vec![("page_size", PAGE)];
            asked.extend_from_slice(query);
            if let Some(after) = &after {
                asked.push(("starting_after", after));
            }
            let mut page = self.ask(Method::GET, path, &asked, None).await?;
            let has_more =
                flag(&page["has_more"]).map_err(|error| unreadable(&error.to_string()))?;
            let entries = match page[name].take() {
                Value::Array(entries) => entries,
                Value::Null => Vec::new(),
                _ => return Err(unreadable("no list")),
            };
            let last = entries.last().and_then(|entry| id(&entry["id"]));
            for entry in entries {
                all.push(
                    serde_json::from_value(entry)
                        .map_err(|error| unreadable(&error.to_string()))?,
                );
            }
            if !has_more {
                return Ok(all);
            }
            if last.is_none() || last == after {
                return Err(unreadable("there is more, but nothing to go on from"));
            }
            after = last;
        }
        Err(unreadable("the list does not end"))
    }
}

fn is_credentials(status: StatusCode) -> bool {
    status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN
}

/// How long Kinde wants to be left alone: seconds from now.
pub(super) fn reset(headers: &HeaderMap) -> Option<Duration> {
    ["ratelimit-reset", "retry-after"]
        .into_iter()
        .find_map(|name| headers.get(name)?.to_str().ok()?.trim().parse().ok())
        // Nobody waits for a day because of one header.
        .map(|seconds: u64| Duration::from_secs(seconds.min(3600)))
}

/// The code and the words of a refusal: `errors` is a list, or one object where a route is not known.
fn refusal(body: &[u8]) -> (String, String) {
    let Ok(document) = serde_json::from_slice::<Value>(body) else {
        return Default::default();
    };
    let error = match &document["errors"] {
        Value::Array(errors) => errors.first().unwrap_or(&Value::Null),
        other => other,
    };
    let text = |name: &str| -> String {
        let words = error[name].as_str().unwrap_or_default();
        words.chars().take(LONGEST_REASON).collect()
    };
    (text("code"), text("message"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn both_shapes_of_a_refusal_are_read() {
        let list = br#"{"errors":[{"code":"BILLING_CUSTOMER_EXISTS","message":"It exists."}]}"#;
        let object = br#"{"errors":{"code":"ROUTE_NOT_FOUND","message":"No route."}}"#;
        assert_eq!(refusal(list).0, "BILLING_CUSTOMER_EXISTS");
        assert_eq!(refusal(object).0, "ROUTE_NOT_FOUND");
        for nothing in [&b"<html>"[..], b"{}", b"{\"errors\":[]}"] {
            assert_eq!(refusal(nothing), (String::new(), String::new()));
        }
    }

    #[test]
    fn a_missing_card_is_told_apart_from_a_denied_change() {
        let refused = |code: &str, message: &str| {
            BillingError::from(ApiError::Refused {
                status: 400,
                code: code.to_owned(),
                message: message.to_owned(),
            })
        };
        assert_eq!(
            refused("PAYMENT_METHOD_REQUIRED", ""),
            BillingError::PaymentRequired
        );
        let denied = |reason: &str| BillingError::Denied {
            reason: reason.to_owned(),
        };
        assert_eq!(refused("PLAN_DENIED", "Not yet."), denied("Not yet."));
        assert_eq!(refused("PLAN_DENIED", ""), denied("PLAN_DENIED"));
        assert_eq!(refused("", ""), denied("400"));
    }
}
