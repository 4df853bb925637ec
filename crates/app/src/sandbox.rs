//! The sandbox provider's offer: in builds for development, a provider on this computer that answers like the real ones,
//! so that everything can be tried without an account. Release builds hold none of it.

use brasskey_providers::BaseUrl;

use crate::App;

/// Where `cargo xtask run` starts the sandbox provider.
#[cfg(debug_assertions)]
const ADDRESS: &str = "http://127.0.0.1:41990";

/// Whether an address is the sandbox provider's: a key for it is labelled so. Never in release builds.
#[cfg_attr(not(debug_assertions), allow(unused_variables))]
pub(crate) fn is_at(base_url: &BaseUrl) -> bool {
    #[cfg(debug_assertions)]
    {
        base_url.origin().to_string() == ADDRESS
    }
    #[cfg(not(debug_assertions))]
    false
}

impl App {
    /// Whether the sandbox provider answers. Never in release builds.
    pub async fn sandbox_is_there(&self) -> bool {
        #[cfg(debug_assertions)]
        {
            let there = tokio::net::TcpStream::connect(ADDRESS.trim_start_matches("http://"));
            let limit = std::time::Duration::from_millis(150);
            matches!(tokio::time::timeout(limit, there).await, Ok(Ok(_)))
        }
        #[cfg(not(debug_assertions))]
        false
    }

    /// Takes the sandbox's key for a provider, on the same way as a typed one.
    ///
    /// # Errors
    /// `not_found` for a provider that the sandbox does not speak, and always in release builds.
    #[cfg_attr(not(debug_assertions), allow(unused_variables))]
    pub fn submit_sandbox_key(
        &self,
        provider: crate::keys::view::ProviderId,
    ) -> Result<crate::keys::view::PendingView, crate::error::Error> {
        #[cfg(debug_assertions)]
        {
            use crate::keys::view::{NewEndpoint, ProviderId};
            let (path, key) = match provider {
                ProviderId::OpenAi => (
                    "/openai/v1",
                    "sk-proj-sandbox-0123456789abcdefghijklmnop-OA01",
                ),
                ProviderId::Anthropic => (
                    "/anthropic/v1",
                    "sk-ant-api03-sandbox-0123456789abcdefghijklmnop-AN02",
                ),
                ProviderId::Gemini => (
                    "/gemini/v1beta",
                    "AQ.sandbox-0123456789abcdefghijklmnop-GE03",
                ),
                ProviderId::OpenRouter => (
                    "/openrouter/api/v1",
                    "sk-or-v1-sandbox-0123456789abcdefghijklmnop-OR05",
                ),
                ProviderId::OpenAiCompatible => (
                    "/compatible/v1",
                    "sk-sandbox-0123456789abcdefghijklmnop-CO04",
                ),
                _ => return Err(crate::error::Error::NotFound("sandbox provider")),
            };
            self.submit_key(
                &secrecy::SecretString::from(key),
                &NewEndpoint {
                    provider,
                    base_url: Some(format!("{ADDRESS}{path}")),
                },
            )
        }
        #[cfg(not(debug_assertions))]
        {
            Err(crate::error::Error::NotFound("sandbox provider"))
        }
    }
}
