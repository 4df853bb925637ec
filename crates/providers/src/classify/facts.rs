//! Reads the shapes in which providers say no into one set of facts.
//!
//! It must never trust a content type: DeepSeek labels JSON as `application/octet-stream`, portals answer 200 HTML.

use std::borrow::Cow;

use serde_json::Value;

use super::Reply;

/// What a reply says, whatever its shape.
pub(crate) struct Facts<'a> {
    status: u16,
    amazon_kind: Option<&'a str>,
    body: Body<'a>,
}

enum Body<'a> {
    Json(Value),
    Html,
    Text(&'a str),
}

/// A refusal that was written as the first event of a stream, as LiteLLM's proxy does with a status of 500: what the event says.
fn of_a_stream(body: &[u8]) -> &[u8] {
    let first = body
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .find(|line| !line.is_empty() && !line.starts_with(b"event:"));
    first
        .and_then(|line| line.strip_prefix(b"data:"))
        .unwrap_or(body)
}

impl<'a> Facts<'a> {
    pub(super) fn read(reply: &'a Reply<'a>) -> Self {
        let body = match serde_json::from_slice::<Value>(of_a_stream(reply.body)) {
            // Google answers a one-element array where no SSE was asked for.
            Ok(Value::Array(mut items)) if items.len() == 1 => Body::Json(items.remove(0)),
            Ok(value @ (Value::Object(_) | Value::Array(_))) => Body::Json(value),
            _ => {
                let text = std::str::from_utf8(reply.body).unwrap_or("").trim();
                if text.starts_with('<') {
                    Body::Html
                } else {
                    Body::Text(text)
                }
            }
        };
        let amazon_kind = reply
            .header("x-amzn-errortype")
            .map(|kind| kind.split(':').next().unwrap_or(kind));
        let mut facts = Self {
            status: reply.status,
            amazon_kind,
            body,
        };
        facts.status = facts.stated_status().unwrap_or(reply.status);
        facts
    }

    /// The HTTP status, or inside a stream that began with 200 the one that the error names.
    pub(super) fn status(&self) -> u16 {
        self.status
    }

    fn stated_status(&self) -> Option<u16> {
        if !(200..300).contains(&self.status) && self.status != 0 {
            return None;
        }
        let code = self.field("code")?;
        let number = code
            .as_u64()
            .or_else(|| code.as_str().and_then(|text| text.parse().ok()))?;
        u16::try_from(number)
            .ok()
            .filter(|status| (400..600).contains(status))
    }

    pub(super) fn is_json(&self) -> bool {
        matches!(self.body, Body::Json(_))
    }

    pub(super) fn is_html(&self) -> bool {
        matches!(self.body, Body::Html)
    }

    fn json(&self) -> Option<&Value> {
        match &self.body {
            Body::Json(value) => Some(value),
            _ => None,
        }
    }

    /// The object that holds the error: under `error`, or the body itself.
    fn error(&self) -> Option<&Value> {
        let body = self.json()?;
        match body.get("error") {
            Some(error @ Value::Object(_)) => Some(error),
            _ => Some(body),
        }
    }

    /// A field of the error that is present and not null.
    fn field(&self, name: &str) -> Option<&Value> {
        self.error()?.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.field(name)?.as_str()
    }

    /// OpenAI's and others' `code`, unless it only repeats a status.
    pub(super) fn code(&self) -> Option<&str> {
        self.text("code")
            .filter(|code| !code.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// The error's `type`, Google's `status`, or Amazon's exception.
    pub(super) fn kind(&self) -> Option<&str> {
        self.text("type")
            .filter(|kind| *kind != "error")
            .or_else(|| self.text("status"))
            .or(self.amazon_kind)
    }

    /// Anthropic's `details.error_code`.
    pub(super) fn error_code(&self) -> Option<&str> {
        self.field("details")?.get("error_code")?.as_str()
    }

    /// OpenRouter's `error_type`, in either of its two places.
    pub(super) fn error_type(&self) -> Option<&str> {
        self.text("error_type")
            .or_else(|| self.field("metadata")?.get("error_type")?.as_str())
    }

    /// OpenRouter's `availability.code`.
    pub(super) fn availability(&self) -> Option<&str> {
        self.field("availability")?.get("code")?.as_str()
    }

    /// OpenRouter's `metadata.limit_source`.
    pub(super) fn limit_source(&self) -> Option<&str> {
        self.field("metadata")?.get("limit_source")?.as_str()
    }

    /// Whether OpenRouter says that moderation flagged the input.
    pub(super) fn is_flagged(&self) -> bool {
        self.field("metadata").is_some_and(|metadata| {
            metadata.get("reasons").is_some() || metadata.get("flagged_input").is_some()
        })
    }

    fn google_details(&self) -> impl Iterator<Item = &Value> {
        self.field("details")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }

    /// The `reason` of Google's `ErrorInfo`.
    pub(super) fn reason(&self) -> Option<&str> {
        self.google_details()
            .find_map(|detail| detail.get("reason")?.as_str())
    }

    /// The permission that Google's `ErrorInfo` names.
    pub(super) fn permission(&self) -> Option<&str> {
        self.google_details()
            .find_map(|detail| detail.get("metadata")?.get("permission")?.as_str())
    }

    fn quota_ids(&self) -> impl Iterator<Item = &str> {
        self.google_details()
            .filter_map(|detail| detail.get("violations")?.as_array())
            .flatten()
            .filter_map(|violation| violation.get("quotaId")?.as_str())
    }

    /// Whether a `QuotaFailure` names quotas.
    pub(super) fn has_quota_ids(&self) -> bool {
        self.quota_ids().next().is_some()
    }

    /// Whether one of the quotas named is a quota of the day.
    pub(super) fn has_quota_of_the_day(&self) -> bool {
        self.quota_ids().any(|id| id.contains("PerDay"))
    }

    /// Google's `RetryInfo.retryDelay`, as "21.4s".
    pub(super) fn google_delay(&self) -> Option<&str> {
        self.google_details()
            .find_map(|detail| detail.get("retryDelay")?.as_str())
    }

    /// A `detail` that is a plain text (Mistral, FastAPI servers).
    pub(super) fn detail(&self) -> Option<&str> {
        self.text("detail")
    }

    /// Whether the body is Mistral's bare `{"message":"Unauthorized","request_id"}`.
    pub(super) fn is_bare_unauthorised(&self) -> bool {
        let bare = |text: Option<&str>| text.is_some_and(|text| text == "Unauthorized");
        bare(self.detail())
            || (bare(self.text("message")) && self.code().is_none() && self.kind().is_none())
    }

    /// What was said, decoded where it is percent-encoded (xAI); a page of HTML says nothing.
    pub(super) fn message(&self) -> Option<Cow<'_, str>> {
        let text = match &self.body {
            Body::Html => None,
            Body::Text(text) => Some(*text),
            Body::Json(body) => self
                .text("message")
                .or_else(|| self.text("Message"))
                .or_else(|| body.get("error")?.as_str())
                .or_else(|| self.detail())
                .or_else(|| {
                    let first = body.get("detail")?.as_array()?.first()?;
                    first.get("msg")?.as_str()
                }),
        }?;
        if text.is_empty() {
            return None;
        }
        let encoded = text.contains("%20") && !text.contains(' ');
        Some(if encoded {
            percent_encoding::percent_decode_str(text).decode_utf8_lossy()
        } else {
            Cow::Borrowed(text)
        })
    }

    /// What was said, in lower case and with it a code that is prose (xAI: "The service is currently unavailable"): what is
    /// looked through for phrases.
    pub(super) fn words(&self) -> Option<String> {
        let prose = self.code().filter(|code| code.contains(' '));
        let mut words = match (self.message(), prose) {
            (None, None) => return None,
            (Some(message), None) => message.into_owned(),
            (None, Some(code)) => code.to_owned(),
            (Some(message), Some(code)) => format!("{message} {code}"),
        };
        words.make_ascii_lowercase();
        Some(words)
    }

    /// The code of one of our own gateway's problem documents (RFC 9457), beside the error in the provider's shape.
    fn problem_code(&self) -> Option<&str> {
        let kind = self.json()?.get("type")?.as_str()?;
        kind.strip_prefix("urn:brasskey:problem:")
    }

    /// The most telling machine code, for people who look it up.
    pub(super) fn best_code(&self) -> Option<&str> {
        self.problem_code()
            .or_else(|| self.error_code())
            .or_else(|| self.reason())
            .or_else(|| self.availability())
            .or_else(|| self.limit_source())
            .or_else(|| self.code())
            .or_else(|| self.error_type())
            .or_else(|| self.kind())
    }

    /// Anthropic's and Mistral's `request_id` in the body.
    pub(super) fn request_id(&self) -> Option<&str> {
        self.json()?.get("request_id")?.as_str()
    }
}
