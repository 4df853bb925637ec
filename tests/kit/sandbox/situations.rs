//! The responses of `fixtures/errors.json`, found by situation or by failure cause.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

use super::script::Situation;
use super::wire::Wire;

/// One composed response of a provider.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ErrorResponse {
    pub(crate) provider: String,
    pub(crate) situation: String,
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
    #[serde(skip)]
    pub(crate) cause: String,
}

#[derive(Deserialize)]
struct Note {
    class: String,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Situations(Vec<ErrorResponse>);

impl Situations {
    /// Reads the fixtures that are compiled in.
    pub(crate) fn embedded() -> Result<Self, serde_json::Error> {
        let mut responses: Vec<ErrorResponse> =
            serde_json::from_str(include_str!("../fixtures/errors.json"))?;
        let notes: Vec<Note> = serde_json::from_str(include_str!("../fixtures/errors_notes.json"))?;
        for (response, note) in responses.iter_mut().zip(notes) {
            response.cause = note.class;
        }
        Ok(Self(responses))
    }

    /// The response that `situation` names on `wire`: by exact situation first, then by failure cause, each among the
    /// wire's own providers.
    pub(crate) fn find(&self, wire: Wire, situation: &Situation) -> Option<&ErrorResponse> {
        let name = match situation {
            Situation::Index(index) => return self.0.get(*index),
            Situation::Named(name) => name.as_str(),
        };
        if let Some((provider, name)) = name.split_once('/') {
            return self
                .0
                .iter()
                .find(|response| response.provider == provider && response.situation == name);
        }
        self.first(wire, |response| response.situation == name)
            .or_else(|| self.first(wire, |response| response.cause == name))
    }

    /// The wire's answer to a model that it does not have. OpenAI's two interfaces answer with different statuses.
    pub(crate) fn unknown_model(&self, wire: Wire, status: Option<u16>) -> Option<&ErrorResponse> {
        self.first(wire, |response| {
            response.situation == "model_not_found"
                && status.is_none_or(|status| response.status == status)
        })
    }

    /// Every name that `find` knows on this wire.
    pub(crate) fn names(&self, wire: Wire) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .0
            .iter()
            .filter(|response| {
                wire.fixture_providers()
                    .contains(&response.provider.as_str())
            })
            .flat_map(|response| [response.situation.as_str(), response.cause.as_str()])
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The longest name of a situation or a cause, of any wire, that `text` ends with.
    pub(crate) fn named_at_end_of(&self, text: &str) -> Option<&str> {
        self.0
            .iter()
            .flat_map(|response| [response.situation.as_str(), response.cause.as_str()])
            .filter(|name| text.ends_with(name))
            .max_by_key(|name| name.len())
    }

    fn first(&self, wire: Wire, wanted: impl Fn(&ErrorResponse) -> bool) -> Option<&ErrorResponse> {
        wire.fixture_providers().iter().find_map(|provider| {
            self.0
                .iter()
                .find(|response| response.provider == *provider && wanted(response))
        })
    }
}

impl ErrorResponse {
    /// The body as it is sent: a JSON string in the fixture stands for text that is not JSON.
    pub(crate) fn text(&self) -> String {
        match &self.body {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        }
    }

    /// The response with the fixture's own headers.
    pub(crate) fn response(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                headers.insert(name, value);
            }
        }
        (status, headers, Body::from(self.text())).into_response()
    }
}
