//! Every provider: one entry each, with all that is fixed about it. Adding one more that speaks a known protocol is one entry
//! here and nothing elsewhere.
//!
//! It must hold facts alone, and only fixed https addresses: nothing here is built from what a provider answered.

use serde::{Deserialize, Serialize};

use crate::pages::Pages;
use crate::provider::Protocol;

/// What is fixed about a provider.
pub(crate) struct Profile {
    /// The name to show.
    pub(crate) name: &'static str,
    /// The protocol used unless the endpoint says otherwise.
    pub(crate) protocol: Protocol,
    /// The documented base URL; none where the user has to name one.
    pub(crate) base_url: Option<&'static str>,
    /// How such a base URL looks, where the user has to name one.
    pub(crate) base_url_example: Option<&'static str>,
    /// The hosts that are the provider's, whoever names them; sub-domains count, and `*` stands for any text.
    pub(crate) hosts: &'static [&'static str],
    /// Its family in the price list.
    pub(crate) prices: Option<&'static str>,
    /// Whether it usually runs on this computer and needs no key.
    pub(crate) is_local: bool,
    /// What its keys begin with at present; the first is shown as a placeholder, all are hints for which provider a key is of.
    pub(crate) key_beginnings: &'static [&'static str],
    /// The environment variables in which people keep its key, the usual one first.
    pub(crate) environment: &'static [&'static str],
    /// The header that carries the key.
    pub(crate) key_header: KeyHeader,
    /// The value of `anthropic-version`, in that protocol.
    pub(crate) anthropic_version: &'static str,
    /// Whether a stream of Chat Completions has to be asked for its usage (`stream_options`).
    pub(crate) asks_for_usage: bool,
    /// Whether it knows OpenAI's `include_obfuscation`: others may refuse the word.
    pub(crate) pads: bool,
    /// Whether the output limit is called `max_completion_tokens`; OpenAI's newer models refuse the older name.
    pub(crate) new_limit_name: bool,
    /// How long a cache write is kept when the provider does not say.
    pub(crate) cache_writes: CacheWrites,
    /// The path segments, below the base URL, under which its models are, in Google's protocol.
    pub(crate) collection: &'static [&'static str],
    /// The cheapest proof that a key is accepted.
    pub(crate) check: Check,
    /// Its own pages.
    pub(crate) pages: Pages,
}

/// The header that carries a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyHeader {
    /// `authorization: Bearer`.
    Bearer,
    /// `x-api-key` (Anthropic).
    XApiKey,
    /// `x-goog-api-key` (Google): never in the URL, which proxies log.
    XGoogApiKey,
    /// `api-key`, or `authorization: Bearer` for a token of Entra ID (Azure).
    ApiKeyOrToken,
    /// `x-goog-api-key` for keys of the express mode, `authorization: Bearer` for an access token (Vertex).
    GoogleKeyOrToken,
}

/// How long a cache write is kept when the provider does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CacheWrites {
    /// OpenAI's default.
    HalfAnHour,
    /// Anthropic's default, which OpenRouter passes on.
    FiveMinutes,
}

/// The cheapest proof that a key is accepted. What follows each is the list of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// The list of models itself, in the way of the protocol.
    Models,
    /// OpenRouter's `GET /key`: its list is public and proves nothing.
    OpenRouterKey,
    /// DeepSeek's `GET /user/balance`: validity and funds in one.
    DeepSeekBalance,
    /// xAI's `GET /api-key`: whether key and team are blocked, and what the key may do.
    XaiKey,
    /// Cohere's `POST /v1/check-api-key`.
    CohereKey,
    /// Vertex's `:countTokens` of a model: it has no list for a key.
    VertexCount,
    /// None without a call that is paid for.
    None,
}

/// What holds where nothing else is said: an endpoint of the user's own that speaks Chat Completions.
const COMPATIBLE: Profile = Profile {
    name: "OpenAI-compatible",
    protocol: Protocol::OpenAiChat,
    base_url: None,
    base_url_example: None,
    hosts: &[],
    prices: None,
    is_local: false,
    key_beginnings: &[],
    environment: &[],
    key_header: KeyHeader::Bearer,
    anthropic_version: crate::anthropic::OLDER_VERSION,
    asks_for_usage: true,
    pads: false,
    new_limit_name: false,
    cache_writes: CacheWrites::HalfAnHour,
    collection: &["models"],
    check: Check::Models,
    pages: Pages::NONE,
};

const LOCAL: Profile = Profile {
    is_local: true,
    ..COMPATIBLE
};

/// Makes the type of all providers and the way from each to its entry.
macro_rules! providers {
    ($($(#[$doc:meta])* $provider:ident $id:tt => $profile:expr,)*) => {
        /// Who runs the model and bills for it, or the kind of server on this computer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "specta", derive(specta::Type))]
        // The name that the window has for it.
        #[serde(rename = "ProviderId")]
        pub enum Provider {
            $($(#[$doc])* #[serde(rename = $id)] $provider,)*
        }

        pub(crate) const ALL: &[Provider] = &[$(Provider::$provider),*];

        impl Provider {
            /// The stable identifier: what serde, the database and the command line write.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$provider => $id,)*
                }
            }

            pub(crate) const fn profile(self) -> &'static Profile {
                match self {
                    $(Self::$provider => {
                        const PROFILE: Profile = $profile;
                        &PROFILE
                    })*
                }
            }
        }
    };
}

providers! {
    /// OpenAI, through the Responses protocol.
    OpenAi "openai" => Profile {
        name: "OpenAI",
        protocol: Protocol::OpenAiResponses,
        base_url: Some("https://api.openai.com/v1"),
        hosts: &["api.openai.com"],
        prices: Some("openai"),
        key_beginnings: &["sk-", "sk-proj-", "sk-svcacct-", "sk-admin-"],
        environment: &["OPENAI_API_KEY"],
        pads: true,
        new_limit_name: true,
        pages: Pages {
            keys: Some("https://platform.openai.com/api-keys"),
            billing: Some("https://platform.openai.com/settings/organization/billing"),
            limits: Some("https://platform.openai.com/settings/organization/limits"),
            usage: Some("https://platform.openai.com/usage"),
            status: Some("https://status.openai.com"),
            permissions: Some("https://platform.openai.com/api-keys"),
            regions: Some("https://platform.openai.com/docs/supported-countries"),
        },
        ..COMPATIBLE
    },
    /// Anthropic.
    Anthropic "anthropic" => Profile {
        name: "Anthropic",
        protocol: Protocol::AnthropicMessages,
        base_url: Some("https://api.anthropic.com/v1"),
        hosts: &["api.anthropic.com"],
        prices: Some("anthropic"),
        key_beginnings: &["sk-ant-"],
        environment: &["ANTHROPIC_API_KEY"],
        key_header: KeyHeader::XApiKey,
        anthropic_version: "2026-10-21",
        cache_writes: CacheWrites::FiveMinutes,
        pages: Pages {
            keys: Some("https://platform.claude.com/settings/keys"),
            billing: Some("https://platform.claude.com/settings/billing"),
            limits: Some("https://platform.claude.com/settings/limits"),
            usage: Some("https://platform.claude.com/usage"),
            status: Some("https://status.claude.com"),
            permissions: Some("https://platform.claude.com/settings/keys"),
            regions: Some("https://www.anthropic.com/supported-countries"),
        },
        ..COMPATIBLE
    },
    /// Google Gemini (AI Studio keys).
    Gemini "gemini" => Profile {
        name: "Google Gemini",
        protocol: Protocol::Gemini,
        base_url: Some("https://generativelanguage.googleapis.com/v1beta"),
        hosts: &["generativelanguage.googleapis.com"],
        prices: Some("gemini"),
        key_beginnings: &["AQ.", "AIza"],
        environment: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        key_header: KeyHeader::XGoogApiKey,
        pages: Pages {
            keys: Some("https://aistudio.google.com/apikey"),
            // Billing is set up per project, on the page that lists the keys.
            billing: Some("https://aistudio.google.com/apikey"),
            limits: Some("https://aistudio.google.com/usage"),
            usage: Some("https://aistudio.google.com/usage"),
            status: Some("https://aistudio.google.com/status"),
            permissions: Some("https://aistudio.google.com/apikey"),
            regions: Some("https://ai.google.dev/gemini-api/docs/available-regions"),
        },
        ..COMPATIBLE
    },
    /// OpenRouter.
    OpenRouter "openrouter" => Profile {
        name: "OpenRouter",
        base_url: Some("https://openrouter.ai/api/v1"),
        hosts: &["openrouter.ai"],
        prices: Some("openrouter"),
        key_beginnings: &["sk-or-v1-", "sk-or-"],
        environment: &["OPENROUTER_API_KEY"],
        cache_writes: CacheWrites::FiveMinutes,
        check: Check::OpenRouterKey,
        pages: Pages {
            keys: Some("https://openrouter.ai/settings/keys"),
            billing: Some("https://openrouter.ai/credits"),
            limits: Some("https://openrouter.ai/settings/keys"),
            usage: Some("https://openrouter.ai/activity"),
            status: Some("https://status.openrouter.ai"),
            permissions: Some("https://openrouter.ai/settings/keys"),
            regions: None,
        },
        ..COMPATIBLE
    },
    /// Mistral.
    Mistral "mistral" => Profile {
        name: "Mistral",
        base_url: Some("https://api.mistral.ai/v1"),
        hosts: &["api.mistral.ai"],
        prices: Some("mistral"),
        environment: &["MISTRAL_API_KEY"],
        // It reports its usage unasked and refuses parameters that it does not know.
        asks_for_usage: false,
        pages: Pages {
            keys: Some("https://console.mistral.ai/api-keys"),
            billing: Some("https://admin.mistral.ai/organization/billing"),
            limits: Some("https://admin.mistral.ai/plateforme/limits"),
            usage: Some("https://admin.mistral.ai/organization/usage"),
            status: Some("https://status.mistral.ai"),
            permissions: Some("https://console.mistral.ai/api-keys"),
            regions: None,
        },
        ..COMPATIBLE
    },
    /// Groq.
    Groq "groq" => Profile {
        name: "Groq",
        base_url: Some("https://api.groq.com/openai/v1"),
        hosts: &["api.groq.com"],
        prices: Some("groq"),
        key_beginnings: &["gsk_"],
        environment: &["GROQ_API_KEY"],
        pages: Pages {
            keys: Some("https://console.groq.com/keys"),
            billing: Some("https://console.groq.com/settings/billing"),
            limits: Some("https://console.groq.com/settings/limits"),
            status: Some("https://groqstatus.com"),
            ..Pages::NONE
        },
        ..COMPATIBLE
    },
    /// DeepSeek.
    DeepSeek "deepseek" => Profile {
        name: "DeepSeek",
        base_url: Some("https://api.deepseek.com"),
        hosts: &["api.deepseek.com"],
        prices: Some("deepseek"),
        environment: &["DEEPSEEK_API_KEY"],
        check: Check::DeepSeekBalance,
        pages: Pages {
            keys: Some("https://platform.deepseek.com/api_keys"),
            billing: Some("https://platform.deepseek.com/top_up"),
            usage: Some("https://platform.deepseek.com/usage"),
            status: Some("https://status.deepseek.com"),
            ..Pages::NONE
        },
        ..COMPATIBLE
    },
    /// xAI.
    Xai "xai" => Profile {
        name: "xAI",
        base_url: Some("https://api.x.ai/v1"),
        hosts: &["api.x.ai"],
        prices: Some("xai"),
        key_beginnings: &["xai-"],
        environment: &["XAI_API_KEY"],
        check: Check::XaiKey,
        pages: Pages {
            keys: Some("https://console.x.ai"),
            billing: Some("https://console.x.ai"),
            limits: Some("https://console.x.ai"),
            usage: Some("https://console.x.ai"),
            status: Some("https://status.x.ai"),
            permissions: Some("https://console.x.ai"),
            regions: None,
        },
        ..COMPATIBLE
    },
    /// Together AI.
    Together "together" => Profile {
        name: "Together AI",
        base_url: Some("https://api.together.ai/v1"),
        hosts: &["api.together.ai", "api.together.xyz"],
        prices: Some("together"),
        key_beginnings: &["tgp_"],
        environment: &["TOGETHER_API_KEY"],
        pages: Pages {
            keys: Some("https://api.together.ai/settings"),
            billing: Some("https://api.together.ai/settings"),
            status: Some("https://status.together.ai"),
            ..Pages::NONE
        },
        ..COMPATIBLE
    },
    /// Fireworks AI.
    Fireworks "fireworks" => Profile {
        name: "Fireworks AI",
        base_url: Some("https://api.fireworks.ai/inference/v1"),
        hosts: &["api.fireworks.ai"],
        prices: Some("fireworks"),
        key_beginnings: &["fw_"],
        environment: &["FIREWORKS_API_KEY"],
        pages: Pages {
            keys: Some("https://app.fireworks.ai"),
            billing: Some("https://app.fireworks.ai"),
            status: Some("https://status.fireworks.ai"),
            ..Pages::NONE
        },
        ..COMPATIBLE
    },
    /// Cohere, through its compatibility interface.
    Cohere "cohere" => Profile {
        name: "Cohere",
        base_url: Some("https://api.cohere.ai/compatibility/v1"),
        hosts: &["api.cohere.ai", "api.cohere.com"],
        prices: Some("cohere"),
        environment: &["COHERE_API_KEY", "CO_API_KEY"],
        check: Check::CohereKey,
        pages: Pages {
            keys: Some("https://dashboard.cohere.com/api-keys"),
            billing: Some("https://dashboard.cohere.com/billing"),
            status: Some("https://status.cohere.com"),
            ..Pages::NONE
        },
        ..COMPATIBLE
    },
    /// Perplexity, through its Responses-like interface: the older one ended on 27 September 2026.
    Perplexity "perplexity" => Profile {
        name: "Perplexity",
        protocol: Protocol::OpenAiResponses,
        base_url: Some("https://api.perplexity.ai/v1"),
        hosts: &["api.perplexity.ai"],
        prices: Some("perplexity"),
        key_beginnings: &["pplx-"],
        environment: &["PERPLEXITY_API_KEY", "PPLX_API_KEY"],
        check: Check::None,
        pages: Pages {
            keys: Some("https://console.perplexity.ai"),
            billing: Some("https://console.perplexity.ai"),
            usage: Some("https://console.perplexity.ai"),
            status: Some("https://status.perplexity.com"),
            ..Pages::NONE
        },
        ..COMPATIBLE
    },
    /// OpenAI's models in a resource of the user's own at Microsoft Azure.
    AzureOpenAi "azure_openai" => Profile {
        name: "Azure OpenAI",
        base_url_example: Some("https://RESOURCE.openai.azure.com/openai/v1"),
        hosts: &["openai.azure.com", "cognitiveservices.azure.com", "services.ai.azure.com"],
        prices: Some("azure"),
        environment: &["AZURE_OPENAI_API_KEY"],
        key_header: KeyHeader::ApiKeyOrToken,
        new_limit_name: true,
        pages: Pages {
            keys: Some("https://portal.azure.com"),
            billing: Some("https://portal.azure.com"),
            limits: Some("https://portal.azure.com"),
            status: Some("https://azure.status.microsoft"),
            permissions: Some("https://portal.azure.com"),
            ..Pages::NONE
        },
        ..COMPATIBLE
    },
    /// Amazon Bedrock, through its OpenAI interface: the native one streams in frames of its own.
    Bedrock "bedrock" => Profile {
        name: "Amazon Bedrock",
        base_url_example: Some("https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1"),
        hosts: &["bedrock-runtime.*.amazonaws.com", "bedrock-mantle.*.api.aws"],
        prices: Some("bedrock"),
        key_beginnings: &["ABSK", "bedrock-api-key-"],
        environment: &["AWS_BEARER_TOKEN_BEDROCK"],
        // Its list is of another service, on another host, to which a key for this one does not go.
        check: Check::None,
        pages: Pages {
            keys: Some("https://console.aws.amazon.com/bedrock"),
            billing: Some("https://console.aws.amazon.com/billing"),
            limits: Some("https://console.aws.amazon.com/servicequotas"),
            usage: Some("https://console.aws.amazon.com/costmanagement"),
            status: Some("https://health.aws.amazon.com"),
            permissions: Some("https://console.aws.amazon.com/iam"),
            regions: None,
        },
        ..COMPATIBLE
    },
    /// Google's models in a project of the user's own at Google Cloud.
    Vertex "vertex" => Profile {
        name: "Google Vertex AI",
        protocol: Protocol::Gemini,
        base_url_example: Some(
            "https://LOCATION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/LOCATION",
        ),
        hosts: &["aiplatform.googleapis.com", "*-aiplatform.googleapis.com"],
        prices: Some("vertex"),
        key_header: KeyHeader::GoogleKeyOrToken,
        collection: &["publishers", "google", "models"],
        check: Check::VertexCount,
        pages: Pages {
            keys: Some("https://console.cloud.google.com/apis/credentials"),
            billing: Some("https://console.cloud.google.com/billing"),
            limits: Some("https://console.cloud.google.com/iam-admin/quotas"),
            usage: Some("https://console.cloud.google.com/apis/dashboard"),
            status: Some("https://status.cloud.google.com"),
            permissions: Some("https://console.cloud.google.com/iam-admin/iam"),
            regions: None,
        },
        ..COMPATIBLE
    },
    /// Any endpoint that speaks Chat Completions, at a base URL of the user's own.
    OpenAiCompatible "openai_compatible" => COMPATIBLE,
    /// Any endpoint that speaks Anthropic's Messages, at a base URL of the user's own.
    AnthropicCompatible "anthropic_compatible" => Profile {
        name: "Anthropic-compatible",
        protocol: Protocol::AnthropicMessages,
        key_header: KeyHeader::XApiKey,
        cache_writes: CacheWrites::FiveMinutes,
        ..COMPATIBLE
    },
    /// Any endpoint that speaks Google's generateContent, at a base URL of the user's own.
    GeminiCompatible "gemini_compatible" => Profile {
        name: "Gemini-compatible",
        protocol: Protocol::Gemini,
        key_header: KeyHeader::XGoogApiKey,
        ..COMPATIBLE
    },
    /// Ollama on this computer.
    Ollama "ollama" => Profile {
        name: "Ollama",
        base_url: Some("http://127.0.0.1:11434/v1"),
        ..LOCAL
    },
    /// LM Studio on this computer.
    LmStudio "lm_studio" => Profile {
        name: "LM Studio",
        base_url: Some("http://127.0.0.1:1234/v1"),
        ..LOCAL
    },
    /// llama.cpp's server on this computer.
    LlamaCpp "llama_cpp" => Profile {
        name: "llama.cpp",
        base_url: Some("http://127.0.0.1:8080/v1"),
        ..LOCAL
    },
    /// vLLM, usually on this computer.
    Vllm "vllm" => Profile {
        name: "vLLM",
        base_url: Some("http://127.0.0.1:8000/v1"),
        ..LOCAL
    },
}
