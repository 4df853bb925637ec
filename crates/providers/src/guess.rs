//! Which provider a key looks like it belongs to.
//!
//! It must never be used to accept or refuse a key: the form is the vendor's to change, and it changes.

use secrecy::{ExposeSecret, SecretString};

use crate::provider::Provider;

/// The provider that a key's beginning suggests; a hint for the form, nothing else. Of all beginnings that fit, the longest says
/// the most.
pub fn guess(secret: &SecretString) -> Option<Provider> {
    let text = secret.expose_secret().trim();
    let (beginning, provider) = Provider::all()
        .iter()
        .flat_map(|provider| {
            let beginnings = provider.profile().key_beginnings.iter();
            beginnings.map(|beginning| (*beginning, *provider))
        })
        .filter(|(beginning, _)| text.starts_with(beginning))
        .max_by_key(|(beginning, _)| beginning.len())?;
    // `sk-` alone is OpenAI's older form; with exactly 32 hexadecimal digits behind it it is DeepSeek's.
    let rest = text.strip_prefix(beginning)?;
    let is_deepseeks =
        beginning == "sk-" && rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(if is_deepseeks {
        Provider::DeepSeek
    } else {
        provider
    })
}
