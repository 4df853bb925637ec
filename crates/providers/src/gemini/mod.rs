//! Google's generateContent protocol.
//!
//! It must never put a key into a URL: proxies log URLs. The key travels in `x-goog-api-key` alone.

pub(crate) mod request;
pub(crate) mod stream;

use url::Url;

use crate::endpoint::Endpoint;
use crate::failure::{Cause, Failure};

/// The address of a method of a model. The model's name is one path segment, whatever characters it holds.
pub(crate) fn address(endpoint: &Endpoint, model: &str, method: &str) -> Result<String, Failure> {
    let failure = || {
        Failure::new(
            Cause::ModelUnavailable,
            endpoint.base_url.origin().authority(),
        )
        .with_code("bad_model_name")
    };
    let (collection, name) = match model.split_once('/') {
        Some(("tunedModels", name)) => (&["tunedModels"][..], name),
        Some(("models", name)) => (endpoint.profile().collection, name),
        _ => (endpoint.profile().collection, model),
    };
    let mut url = Url::parse(endpoint.base_url.as_str()).map_err(|_| failure())?;
    url.path_segments_mut()
        .map_err(|()| failure())?
        .pop_if_empty()
        .extend(collection)
        .push(&format!("{name}:{method}"));
    Ok(url.into())
}
