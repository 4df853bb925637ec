//! Every recorded stream yields the text, the end, the usage and the cost that are written beside it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use brasskey_metering::{Cost, Money, PriceBook, Tokens, Usage, UsageStatus};
use brasskey_providers::{
    AnswerStream, BaseUrl, Ending, Endpoint, Event, Finish, Protocol, Provider,
};
use futures::StreamExt;
use futures::executor::block_on;
use serde::Deserialize;

/// The moment of all recorded requests: Monday 2026-11-23 09:00 UTC.
pub(crate) const AT_MS: i64 = 1_795_424_400_000;

#[derive(Deserialize)]
pub(crate) struct Expected {
    pub(crate) format: String,
    pub(crate) finish: Option<String>,
    pub(crate) text: String,
    pub(crate) reasoning_text: String,
    pub(crate) usage: Option<Tokens>,
    pub(crate) usage_status: UsageStatus,
    pub(crate) provider_cost_usd: Option<String>,
    pub(crate) computed_cost_usd: Option<String>,
    pub(crate) error_class: Option<String>,
}

pub(crate) struct Transcript {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) expected: Expected,
}

impl Transcript {
    pub(crate) fn endpoint(&self) -> Endpoint {
        endpoint(&self.expected.format)
    }
}

pub(crate) fn all() -> Vec<Transcript> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/streams");
    let expected = std::fs::read(folder.join("expected.json")).unwrap();
    let expected: BTreeMap<String, Expected> = serde_json::from_slice(&expected).unwrap();
    assert_eq!(expected.len(), 18, "all transcripts are there");
    expected
        .into_iter()
        .map(|(name, expected)| Transcript {
            bytes: std::fs::read(folder.join(&name)).unwrap(),
            name,
            expected,
        })
        .collect()
}

pub(crate) fn endpoint(format: &str) -> Endpoint {
    let (provider, protocol, base_url) = match format {
        "openai_chat" => (Provider::OpenAi, Protocol::OpenAiChat, None),
        "openai_responses" => (Provider::OpenAi, Protocol::OpenAiResponses, None),
        "anthropic" => (Provider::Anthropic, Protocol::AnthropicMessages, None),
        "gemini" => (Provider::Gemini, Protocol::Gemini, None),
        "openrouter" => (Provider::OpenRouter, Protocol::OpenAiChat, None),
        other => {
            let base_url = match other {
                "xai" => "https://api.x.ai/v1",
                "deepseek" => "https://api.deepseek.com",
                "mistral" => "https://api.mistral.ai/v1",
                "groq" => "https://api.groq.com/openai/v1",
                "azure" => "https://example.openai.azure.com/openai/v1",
                _ => panic!("an unknown format: {other}"),
            };
            (
                Provider::OpenAiCompatible,
                Protocol::OpenAiChat,
                Some(base_url),
            )
        }
    };
    let base_url = base_url.or(provider.default_base_url()).unwrap();
    Endpoint {
        provider,
        protocol,
        base_url: BaseUrl::parse(base_url).unwrap(),
    }
}

/// What a whole answer amounted to.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) thinking: String,
    pub(crate) last_usage: Option<Usage>,
    pub(crate) ending: Ending,
}

/// Adds events up, and holds the rules that every stream obeys.
pub(crate) fn add_up(events: Vec<Event>) -> Answer {
    let mut text = String::new();
    let mut thinking = String::new();
    let mut last_usage = None;
    let mut ending = None;
    for (at, event) in events.into_iter().enumerate() {
        assert!(ending.is_none(), "nothing comes after the end");
        match event {
            Event::Started { .. } => assert_eq!(at, 0, "the start comes first and once"),
            Event::ToolCall(call) => panic!("nobody asked for the tool {}", call.name),
            Event::Text(part) => text.push_str(&part),
            Event::Thinking(part) => thinking.push_str(&part),
            Event::Usage(usage) => last_usage = Some(usage),
            Event::End(end) => ending = Some(end),
        }
    }
    Answer {
        text,
        thinking,
        last_usage,
        ending: ending.expect("every stream has an end"),
    }
}

pub(crate) fn replay(endpoint: &Endpoint, chunks: Vec<Vec<u8>>) -> Answer {
    let stream = AnswerStream::replay(endpoint, futures::stream::iter(chunks));
    add_up(block_on(stream.collect()))
}

pub(crate) fn assert_expected(answer: &Answer, transcript: &Transcript) {
    let (name, expected, ending) = (&transcript.name, &transcript.expected, &answer.ending);
    assert_eq!(answer.text, expected.text, "{name}");
    assert_eq!(answer.thinking, expected.reasoning_text, "{name}");
    assert_eq!(ending.finish_raw, expected.finish, "{name}");
    assert_eq!(ending.usage.status, expected.usage_status, "{name}");
    assert_eq!(
        ending.usage.tokens,
        expected.usage.unwrap_or_default(),
        "{name}"
    );
    assert!(!ending.usage.clamped, "{name}");
    let provider_cost = expected
        .provider_cost_usd
        .as_deref()
        .map(|text| Money::parse(text).unwrap());
    assert_eq!(ending.usage.provider_cost, provider_cost, "{name}");
    match (&ending.result, expected.error_class.as_deref()) {
        (Ok(finish), None) => assert_eq!(*finish, Finish::Complete, "{name}"),
        (Err(failure), Some(class)) => assert_eq!(failure.cause.as_str(), class, "{name}"),
        (result, class) => panic!("{name}: {result:?} instead of {class:?}"),
    }
    if let Some(usage) = &answer.last_usage {
        assert_eq!(
            *usage, ending.usage,
            "{name}: the last usage told is the final one"
        );
    }
}

#[test]
fn every_transcript_yields_what_is_written_beside_it() {
    for transcript in all() {
        let answer = replay(&transcript.endpoint(), vec![transcript.bytes.clone()]);
        assert_expected(&answer, &transcript);
    }
}

#[test]
fn every_transcript_costs_what_is_written_beside_it_to_the_last_digit() {
    let mut priced = 0;
    for transcript in all() {
        let endpoint = transcript.endpoint();
        let ending = replay(&endpoint, vec![transcript.bytes.clone()]).ending;
        let family = endpoint.provider.price_family(&endpoint.base_url).unwrap();
        let model = ending.served_model.as_deref().unwrap();
        let cost = PriceBook::embedded().cost(family, model, AT_MS, &ending.usage);
        let (name, expected) = (&transcript.name, &transcript.expected);
        let amount = expected
            .provider_cost_usd
            .as_deref()
            .or(expected.computed_cost_usd.as_deref());
        match (amount, cost) {
            (Some(amount), Cost::Known { amount: known, .. }) => {
                assert_eq!(known.to_string(), amount, "{name}");
                priced += 1;
            }
            (None, Cost::Unknown { .. }) => {}
            // Written beside it is that no price was looked up; the list may know one.
            (None, Cost::Known { .. }) if expected.error_class.is_none() => {}
            (amount, cost) => panic!("{name}: {cost:?} instead of {amount:?}"),
        }
    }
    assert!(priced >= 10, "only {priced} transcripts were priced");
}

#[test]
fn the_charge_that_a_provider_reports_agrees_with_the_price_list() {
    let xai = all()
        .into_iter()
        .find(|transcript| transcript.name == "xai_chat_ok.txt")
        .unwrap();
    let endpoint = xai.endpoint();
    let ending = replay(&endpoint, vec![xai.bytes.clone()]).ending;
    let charged = ending.usage.provider_cost.unwrap();
    let usage = Usage {
        provider_cost: None,
        ..ending.usage
    };
    let Cost::Known { amount, .. } = PriceBook::embedded().cost("xai", "grok-4.7", AT_MS, &usage)
    else {
        panic!("grok-4.7 has a price");
    };
    assert_eq!(amount, charged);
}

#[test]
fn identifiers_and_the_served_model_come_with_the_start() {
    for transcript in all() {
        let stream = AnswerStream::replay(
            &transcript.endpoint(),
            futures::stream::iter([transcript.bytes.clone()]),
        );
        let events: Vec<Event> = block_on(stream.collect());
        let Event::Started {
            request_id,
            served_model,
            ..
        } = &events[0]
        else {
            panic!("{}: {:?} comes first", transcript.name, events[0]);
        };
        assert!(request_id.is_some(), "{}", transcript.name);
        assert!(served_model.is_some(), "{}", transcript.name);
    }
}

#[test]
fn a_failure_after_visible_text_is_not_retried() {
    for transcript in all() {
        let answer = replay(&transcript.endpoint(), vec![transcript.bytes.clone()]);
        if let Err(failure) = answer.ending.result
            && !answer.text.is_empty()
        {
            assert_eq!(
                failure.retry,
                brasskey_providers::Retry::Never,
                "{}",
                transcript.name
            );
        }
    }
}

#[test]
fn a_refusal_keeps_its_reason_and_explanation() {
    let refusal = all()
        .into_iter()
        .find(|transcript| transcript.name == "anthropic_refusal.txt")
        .unwrap();
    let ending = replay(&refusal.endpoint(), vec![refusal.bytes.clone()]).ending;
    let failure = ending.result.unwrap_err();
    assert_eq!(failure.provider_code.as_deref(), Some("cyber"));
    assert_eq!(
        failure.message.as_deref(),
        Some("Blocked under the usage policy.")
    );
}
