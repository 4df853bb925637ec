//! Which provider a key looks like it belongs to.
//!
//! It must never be used to accept or refuse a key: the form is the vendor's to change, and it changes.

use secrecy::{ExposeSecret, SecretString};

use crate::provider::Provider;

/// Key beginnings, the more specific ones first.
const BEGINNINGS: &[(&str, Provider)] = &[
    ("sk-ant-", Provider::Anthropic),
    ("sk-or-", Provider::OpenRouter),
    ("sk-proj-", Provider::OpenAi),
    ("sk-svcacct-", Provider::OpenAi),
    ("sk-admin-", Provider::OpenAi),
    ("AIza", Provider::Gemini),
    ("AQ.", Provider::Gemini),
    ("gsk_", Provider::OpenAiCompatible),
    ("xai-", Provider::OpenAiCompatible),
    ("pplx-", Provider::OpenAiCompatible),
    ("fw_", Provider::OpenAiCompatible),
    ("tgp_", Provider::OpenAiCompatible),
];

/// The provider that a key's beginning suggests; a hint for the form, nothing else.
pub fn guess(secret: &SecretString) -> Option<Provider> {
    let text = secret.expose_secret().trim();
    if let Some((_, provider)) = BEGINNINGS
        .iter()
        .find(|(beginning, _)| text.starts_with(beginning))
    {
        return Some(*provider);
    }
    // `sk-` alone is OpenAI's older form; with exactly 32 hexadecimal digits behind it it is DeepSeek's.
    let rest = text.strip_prefix("sk-")?;
    let deepseek = rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(if deepseek {
        Provider::OpenAiCompatible
    } else {
        Provider::OpenAi
    })
}
