//! What is inside a total and what comes on top, for every protocol, whatever the numbers.

use brasskey_metering::{Money, Tokens, Usage, UsageStatus};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::transcripts::{endpoint, replay};

fn chat(format: &str, usage: &Value) -> Usage {
    let chunk = json!({
        "model": "m",
        "choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}],
        "usage": usage,
    });
    let body = format!("data: {chunk}\n\ndata: [DONE]\n\n");
    replay(&endpoint(format), vec![body.into_bytes()])
        .ending
        .usage
}

fn responses(usage: &Value) -> Usage {
    let event = json!({
        "type": "response.completed",
        "response": {"status": "completed", "model": "m", "usage": usage},
    });
    let body = format!("data: {event}\n\n");
    replay(&endpoint("openai_responses"), vec![body.into_bytes()])
        .ending
        .usage
}

fn messages(reports: &[Value]) -> Usage {
    let (first, rest) = reports.split_first().unwrap();
    let start = json!({"type": "message_start", "message": {"model": "m", "usage": first}});
    let mut body = format!("data: {start}\n\n");
    for report in rest {
        let delta =
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": report});
        body.push_str(&format!("data: {delta}\n\n"));
    }
    body.push_str("data: {\"type\":\"message_stop\"}\n\n");
    replay(&endpoint("anthropic"), vec![body.into_bytes()])
        .ending
        .usage
}

fn gemini(usage: &Value) -> Usage {
    let chunk = json!({
        "candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}],
        "usageMetadata": usage,
        "modelVersion": "m",
    });
    let body = format!("data: {chunk}\n\n");
    replay(&endpoint("gemini"), vec![body.into_bytes()])
        .ending
        .usage
}

#[test]
fn what_openrouter_charges_beside_another_providers_bill_is_not_the_whole_cost() {
    let charged = |byok: Value, upstream: Value| {
        let usage = json!({"prompt_tokens": 1, "completion_tokens": 1, "cost": 0, "is_byok": byok,
            "cost_details": {"upstream_inference_cost": upstream}});
        chat("openrouter", &usage).provider_cost
    };
    assert_eq!(
        charged(json!(true), json!(0.0047)),
        Money::parse("0.0047").ok()
    );
    assert_eq!(charged(json!(true), Value::Null), None);
    assert_eq!(charged(json!(false), Value::Null), Some(Money::ZERO));
    assert_eq!(charged(Value::Null, json!(1)), Some(Money::ZERO));
}

#[test]
fn reasoning_is_on_top_only_where_the_total_says_so() {
    let usage = |total: u64| {
        json!({"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": total,
               "completion_tokens_details": {"reasoning_tokens": 30}})
    };
    let on_top = chat("xai", &usage(180)).tokens;
    assert_eq!((on_top.output, on_top.reasoning), (80, 30));
    let inside = chat("groq", &usage(150)).tokens;
    assert_eq!((inside.output, inside.reasoning), (50, 30));
}

#[test]
fn more_cached_than_prompt_means_that_the_cache_is_on_top() {
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15,
                       "prompt_tokens_details": {"cached_tokens": 400}});
    let usage = chat("xai", &usage);
    assert_eq!(usage.tokens.input_uncached, 10);
    assert_eq!(usage.tokens.cache_read, 400);
    assert!(!usage.clamped);
}

#[test]
fn the_spellings_of_cached_tokens_are_all_read() {
    for spelling in [
        json!({"num_cached_tokens": 40}),
        json!({"prompt_tokens_details": {"cached_tokens": 40}}),
        json!({"prompt_token_details": {"cached_tokens": 40}}),
        json!({"prompt_cache_hit_tokens": 40}),
    ] {
        let mut usage = json!({"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105});
        usage
            .as_object_mut()
            .unwrap()
            .extend(spelling.as_object().unwrap().clone());
        let tokens = chat("mistral", &usage).tokens;
        assert_eq!(
            (tokens.input_uncached, tokens.cache_read),
            (60, 40),
            "{usage}"
        );
    }
}

#[test]
fn cache_writes_are_kept_as_long_as_the_provider_keeps_them() {
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105,
        "prompt_tokens_details": {"cached_tokens": 10, "cache_write_tokens": 50,
                                  "cache_write_tokens_details": {"ttl_12h_tokens": 20}}});
    let openai = chat("openai_chat", &usage).tokens;
    assert_eq!(
        (
            openai.input_uncached,
            openai.cache_write_30m,
            openai.cache_write_12h
        ),
        (40, 30, 20)
    );
    let routed = chat(
        "openrouter",
        &json!({"prompt_tokens": 100, "completion_tokens": 5,
        "prompt_tokens_details": {"cache_write_tokens": 50}}),
    )
    .tokens;
    assert_eq!((routed.cache_write_5m, routed.cache_write_30m), (50, 0));
}

#[test]
fn a_charge_is_read_from_every_form_of_a_number() {
    let cost = |text: &str| {
        let body = format!(
            "data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"stop\"}}],\"usage\":{{\"prompt_tokens\":1,\
             \"completion_tokens\":1,\"cost\":{text}}}}}\n\ndata: [DONE]\n\n"
        );
        let ending = replay(&endpoint("openrouter"), vec![body.into_bytes()]).ending;
        ending.usage.provider_cost
    };
    let money = |text: &str| Some(Money::parse(text).unwrap());
    assert_eq!(cost("0.0047"), money("0.0047"));
    assert_eq!(cost("4.7e-3"), money("0.0047"));
    assert_eq!(cost("0.00014662500000000003"), money("0.000146625"));
    assert_eq!(cost("0"), Some(Money::ZERO));
    assert_eq!(
        cost("{\"total_cost\":0.01,\"currency\":\"USD\"}"),
        money("0.01")
    );
    for nonsense in ["null", "-1", "\"free\"", "1e400", "[]"] {
        assert_eq!(cost(nonsense), None, "{nonsense}");
    }
}

#[test]
fn contradicting_counts_are_flagged_and_not_negative() {
    let usage = json!({"input_tokens": 10, "input_tokens_details": {"cached_tokens": 25}, "output_tokens": 3,
                       "output_tokens_details": {"reasoning_tokens": 9}});
    let usage = responses(&usage);
    assert!(usage.clamped);
    assert_eq!(usage.tokens.input_uncached, 0);
    assert!(usage.tokens.reasoning <= usage.tokens.output);
    let negative = json!({"prompt_tokens": -5, "completion_tokens": 3});
    assert!(chat("groq", &negative).clamped);
}

#[test]
fn the_last_report_corrects_the_first_and_keeps_the_split() {
    let usage = messages(&[
        json!({"input_tokens": 43, "cache_creation_input_tokens": 30, "output_tokens": 1,
               "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}}),
        json!({"input_tokens": 61, "output_tokens": 99}),
    ]);
    let tokens = usage.tokens;
    assert_eq!((tokens.input_uncached, tokens.output), (61, 99));
    assert_eq!((tokens.cache_write_5m, tokens.cache_write_1h), (10, 20));
    assert_eq!(usage.status, UsageStatus::Exact);
}

#[test]
fn compaction_rounds_are_added_and_an_adviser_makes_the_price_uncertain() {
    let usage = messages(&[
        json!({"input_tokens": 10, "output_tokens": 1}),
        json!({"input_tokens": 10, "output_tokens": 5, "iterations": [
            {"type": "compaction", "input_tokens": 1000, "output_tokens": 200},
            {"type": "message", "input_tokens": 10, "output_tokens": 5}]}),
    ]);
    assert_eq!(
        (usage.tokens.input_uncached, usage.tokens.output),
        (1010, 205)
    );
    assert_eq!(usage.status, UsageStatus::Exact);
    let advised = messages(&[
        json!({"input_tokens": 10, "output_tokens": 1}),
        json!({"output_tokens": 5, "iterations": [{"type": "advisor_message", "output_tokens": 50}]}),
    ]);
    assert_eq!(advised.status, UsageStatus::Partial);
}

#[test]
fn tool_prompts_and_thoughts_come_on_top_for_gemini() {
    let tokens = gemini(&json!({"promptTokenCount": 100, "toolUsePromptTokenCount": 7, "cachedContentTokenCount": 40,
                                "candidatesTokenCount": 20, "thoughtsTokenCount": 80}))
    .tokens;
    let expected = Tokens {
        input_uncached: 67,
        cache_read: 40,
        output: 100,
        reasoning: 80,
        ..Tokens::default()
    };
    assert_eq!(tokens, expected);
}

#[test]
fn the_tier_region_speed_and_searches_are_those_of_the_response() {
    let usage = messages(&[
        json!({"input_tokens": 1, "output_tokens": 1, "service_tier": "priority", "inference_geo": "us"}),
        json!({"output_tokens": 2, "speed": "fast", "server_tool_use": {"web_search_requests": 3}}),
    ]);
    assert_eq!(usage.service_tier.as_deref(), Some("priority"));
    assert_eq!(usage.region.as_deref(), Some("us"));
    assert_eq!(usage.speed.as_deref(), Some("fast"));
    assert_eq!(usage.web_searches, 3);
}

#[test]
fn without_a_report_usage_is_missing_and_not_zero() {
    for usage in [
        json!(null),
        json!({}),
        json!({"prompt_tokens": "many"}),
        json!({"total_tokens": 9}),
    ] {
        assert_eq!(chat("groq", &usage).status, UsageStatus::Missing, "{usage}");
        assert_eq!(responses(&usage).status, UsageStatus::Missing, "{usage}");
        assert_eq!(gemini(&usage).status, UsageStatus::Missing, "{usage}");
    }
}

proptest! {
    #[test]
    fn any_counts_give_a_reasoning_within_the_output_and_never_panic(
        counts in prop::array::uniform8(prop_oneof![0_u64..5000, Just(u64::MAX), any::<u64>()]),
    ) {
        let [a, b, c, d, e, f, g, h] = counts;
        let all = [
            chat("xai", &json!({"prompt_tokens": a, "completion_tokens": b, "total_tokens": c,
                "prompt_tokens_details": {"cached_tokens": d, "cache_write_tokens": e,
                    "cache_write_tokens_details": {"ttl_12h_tokens": f}},
                "completion_tokens_details": {"reasoning_tokens": g}, "cost_in_usd_ticks": h})),
            responses(&json!({"input_tokens": a, "output_tokens": b,
                "input_tokens_details": {"cached_tokens": c, "cache_write_tokens": d,
                    "cache_write_tokens_details": {"ttl_12h_tokens": e}},
                "output_tokens_details": {"reasoning_tokens": f}})),
            messages(&[
                json!({"input_tokens": a, "output_tokens": b, "cache_creation_input_tokens": c,
                    "cache_creation": {"ephemeral_5m_input_tokens": d, "ephemeral_1h_input_tokens": e}}),
                json!({"output_tokens": f, "output_tokens_details": {"thinking_tokens": g}, "iterations": [
                    {"type": "compaction", "input_tokens": h, "output_tokens": h,
                     "cache_creation_input_tokens": h, "cache_read_input_tokens": h}]}),
            ]),
            gemini(&json!({"promptTokenCount": a, "toolUsePromptTokenCount": b, "cachedContentTokenCount": c,
                "candidatesTokenCount": d, "thoughtsTokenCount": e})),
        ];
        for usage in all {
            prop_assert!(usage.tokens.reasoning <= usage.tokens.output);
        }
    }
}
