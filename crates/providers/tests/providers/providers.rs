//! What is fixed about the providers.

use brasskey_providers::{AnswerStream, BaseUrl, Endpoint, Event, Page, Provider};
use futures::StreamExt;

#[test]
fn identifiers_are_stable_and_read_back() {
    let ids: Vec<&str> = Provider::all()
        .iter()
        .map(|provider| provider.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "openai",
            "anthropic",
            "gemini",
            "openrouter",
            "mistral",
            "groq",
            "deepseek",
            "xai",
            "together",
            "fireworks",
            "cohere",
            "perplexity",
            "azure_openai",
            "bedrock",
            "vertex",
            "openai_compatible",
            "anthropic_compatible",
            "gemini_compatible",
            "ollama",
            "lm_studio",
            "llama_cpp",
            "vllm"
        ]
    );
    for provider in Provider::all() {
        assert_eq!(provider.as_str().parse(), Ok(*provider));
        assert_eq!(serde_json::to_value(provider).unwrap(), provider.as_str());
    }
    assert!("OpenAI".parse::<Provider>().is_err());
}

#[test]
fn every_default_endpoint_is_acceptable() {
    for provider in Provider::all() {
        let endpoint = Endpoint::of(*provider);
        let is_the_users_own = matches!(
            provider,
            Provider::AzureOpenAi | Provider::Bedrock | Provider::Vertex
        ) || provider.is_compatible();
        assert_eq!(endpoint.is_none(), is_the_users_own, "{provider}");
        if let Some(endpoint) = endpoint {
            assert_eq!(endpoint.base_url.is_this_computer(), provider.is_local());
            assert_eq!(
                provider.default_base_url(),
                Some(endpoint.base_url.as_str())
            );
        }
    }
}

#[test]
fn hosts_choose_the_price_list() {
    let family =
        |provider: Provider, url: &str| provider.price_family(&BaseUrl::parse(url).unwrap());
    use Provider::{Anthropic, Ollama, OpenAi, OpenAiCompatible};
    for (provider, url, expected) in [
        (
            OpenAiCompatible,
            "https://api.groq.com/openai/v1",
            Some("groq"),
        ),
        (
            OpenAiCompatible,
            "https://api.mistral.ai/v1",
            Some("mistral"),
        ),
        (
            OpenAiCompatible,
            "https://api.deepseek.com",
            Some("deepseek"),
        ),
        (OpenAiCompatible, "https://api.x.ai/v1", Some("xai")),
        (
            OpenAiCompatible,
            "https://r.openai.azure.com/openai/v1",
            Some("azure"),
        ),
        (
            OpenAiCompatible,
            "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1",
            Some("bedrock"),
        ),
        (
            OpenAiCompatible,
            "https://us-central1-aiplatform.googleapis.com/v1",
            Some("vertex"),
        ),
        (
            OpenAiCompatible,
            "https://eu.api.openai.com/v1",
            Some("openai"),
        ),
        (
            OpenAiCompatible,
            "https://api.groq.com.evil.example/v1",
            None,
        ),
        (OpenAiCompatible, "https://evilapi.groq.com/v1", None),
        (OpenAiCompatible, "http://127.0.0.1:9/v1", None),
        (OpenAi, "https://proxy.company.example/v1", Some("openai")),
        (
            OpenAi,
            "https://r.openai.azure.com/openai/v1",
            Some("azure"),
        ),
        (Anthropic, "https://api.anthropic.com/v1", Some("anthropic")),
        (Ollama, "http://127.0.0.1:11434/v1", None),
    ] {
        assert_eq!(family(provider, url), expected, "{url}");
    }
}

#[test]
fn pages_are_https_addresses() {
    let pages = [
        Page::Keys,
        Page::Billing,
        Page::Limits,
        Page::Usage,
        Page::Status,
        Page::Permissions,
        Page::Regions,
    ];
    for provider in Provider::all() {
        for page in pages {
            let address = provider.page(page);
            assert!(address.is_none_or(|address| {
                BaseUrl::parse(address).is_ok_and(|url| !url.is_this_computer())
            }));
        }
        let hosted = !provider.is_compatible() && !provider.is_local();
        assert_eq!(provider.page(Page::Keys).is_some(), hosted, "{provider}");
    }
}

#[tokio::test]
async fn a_host_that_serves_one_region_is_counted_in_that_region() {
    let transcript = include_bytes!("../../fixtures/streams/openai_responses_ok.txt");
    for (url, region) in [
        ("https://eu.api.openai.com/v1", Some("eu")),
        ("https://api.openai.com/v1", None),
        ("https://proxy.eu.api.openai.com.example/v1", None),
    ] {
        let endpoint = Endpoint {
            base_url: BaseUrl::parse(url).unwrap(),
            ..Endpoint::of(Provider::OpenAi).unwrap()
        };
        let chunks = futures::stream::iter([transcript.to_vec()]);
        let events: Vec<Event> = AnswerStream::replay(&endpoint, chunks).collect().await;
        let Some(Event::End(ending)) = events.last() else {
            panic!("an answer ends");
        };
        assert_eq!(ending.usage.region.as_deref(), region, "{url}");
    }
}
