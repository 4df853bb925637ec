"""Writes golden.json: what the two published Python packages themselves say that calls cost.

Independent of Brasskey's own arithmetic: of its price list only the names are read. Run it with the packages that
crates/metering/data/prices.json names (`pip install litellm==1.109.1 genai-prices==0.2.3`), from this folder:

    python generate.py

LiteLLM calculates with floats: its results are rounded to the pico-dollar, far above their error.
"""

import json
import os
from collections import Counter
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import genai_prices  # noqa: E402
import litellm  # noqa: E402
from litellm.llms.anthropic.cost_calculation import cost_per_token as anthropic_cost  # noqa: E402
from litellm.litellm_core_utils.llm_cost_calc.utils import generic_cost_per_token  # noqa: E402
from litellm.types.utils import (  # noqa: E402
    CacheCreationTokenDetails,
    CompletionTokensDetailsWrapper,
    PromptTokensDetailsWrapper,
    Usage,
)

HERE = Path(__file__).parent
BOOK = json.loads((HERE / "../../data/prices.json").read_text())
LITELLM, GENAI = 0, 1
# A working day at noon in UTC, and one in the night.
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
NIGHT = datetime(2026, 11, 25, 2, 30, tzinfo=timezone.utc)
# How LiteLLM names a family, and what stands before the model's own name there.
NAMES = {
    "openai": ("openai", ""),
    "anthropic": ("anthropic", ""),
    "gemini": ("gemini", "gemini/"),
    "openrouter": ("openrouter", "openrouter/"),
    "mistral": ("mistral", "mistral/"),
    "groq": ("groq", "groq/"),
    "deepseek": ("deepseek", "deepseek/"),
    "xai": ("xai", "xai/"),
    "together": ("together_ai", "together_ai/"),
    "fireworks": ("fireworks_ai", "fireworks_ai/"),
    "cohere": ("cohere_chat", ""),
    "perplexity": ("perplexity", "perplexity/"),
    "azure": ("azure", "azure/"),
    "bedrock": ("bedrock_converse", ""),
    "vertex": ("vertex_ai", "vertex_ai/"),
}
PER_FAMILY = 14
PLAIN = {"input_uncached": 1234, "output": 567}
CACHED = {"input_uncached": 1001, "cache_read": 2048, "output": 300, "reasoning": 120}
WRITES = {
    "cache_write_5m": "ephemeral_5m_input_tokens",
    "cache_write_1h": "ephemeral_1h_input_tokens",
    "cache_write_30m": "ephemeral_30m_input_tokens",
    "cache_write_12h": "ephemeral_12h_input_tokens",
}


def money(amount: Decimal) -> str:
    rounded = amount.quantize(Decimal("1e-12"))
    return format(rounded.normalize(), "f")


class Lacking(Exception):
    """A package has no price for this and silently takes another one, which is no answer."""


def by_litellm(family, model, tokens, tier=None, region=None, at=NOON):
    provider, before = NAMES[family]
    if family == "bedrock" and "/" in model:
        provider, before = "bedrock", "bedrock/"
    listed = litellm.model_cost.get(before + model) or litellm.model_cost.get(model) or {}
    if tier and f"input_cost_per_token_{tier}" not in listed:
        raise Lacking("tier")
    if tokens.get("cache_read") and "cache_read_input_token_cost" not in listed:
        raise Lacking("cached input")
    written = sum(tokens.get(kind, 0) for kind in WRITES)
    whole = tokens.get("input_uncached", 0) + tokens.get("cache_read", 0) + written
    details = {"cached_tokens": tokens.get("cache_read", 0)}
    if written:
        details["cache_creation_tokens"] = written
        details["cache_creation_token_details"] = CacheCreationTokenDetails(
            **{word: tokens[kind] for kind, word in WRITES.items() if kind in tokens}
        )
    over = [
        word
        for word in listed
        if word.startswith("input_cost_per_token_above_")
        and word.endswith("k_tokens")
        and whole > 1000 * int(word.removeprefix("input_cost_per_token_above_").removesuffix("k_tokens"))
    ]
    if over and tokens.get("cache_read") and not any(word.startswith("cache_read_input_token_cost_above_") for word in listed):
        raise Lacking("cached input over the threshold")
    usage = Usage(
        prompt_tokens=whole,
        completion_tokens=tokens.get("output", 0),
        total_tokens=whole + tokens.get("output", 0),
        prompt_tokens_details=PromptTokensDetailsWrapper(**details),
        completion_tokens_details=CompletionTokensDetailsWrapper(reasoning_tokens=tokens.get("reasoning", 0)),
    )
    if family == "anthropic" and region:
        usage.inference_geo = region
        costs = anthropic_cost(model=model, usage=usage)
        return sum((Decimal(repr(cost)) for cost in costs), Decimal(0))
    costs = generic_cost_per_token(
        model=before + model,
        usage=usage,
        custom_llm_provider=provider,
        service_tier=tier,
        data_residency=region,
        current_time=at,
    )
    return sum((Decimal(repr(cost)) for cost in costs), Decimal(0))


def by_genai(family, model, tokens, at=NOON):
    provider = {"gemini": "google", "xai": "x-ai", "bedrock": "aws"}.get(family, family)
    written = tokens.get("cache_write_5m", 0)
    usage = genai_prices.Usage(
        input_tokens=tokens.get("input_uncached", 0) + tokens.get("cache_read", 0) + written,
        cache_read_tokens=tokens.get("cache_read", 0) or None,
        cache_write_tokens=written or None,
        output_tokens=tokens.get("output", 0),
    )
    priced = genai_prices.calc_price(usage, model, provider_id=provider, genai_request_timestamp=at)
    if tokens.get("cache_read") and priced.model_price.cache_read_mtok is None:
        raise Lacking("cached input")
    return priced.total_price


def spread(models, most):
    """Some of them, from all over the list."""
    step = max(1, len(models) // most)
    return models[::step][:most]


def cases():
    for family, (_, before) in NAMES.items():
        models = [entry for entry in BOOK["models"] if entry["family"] == family]
        chosen = spread(models, PER_FAMILY)
        cliffs = [entry for entry in models if any(len(p["tiers"]["standard"]) > 1 for p in entry["periods"])]
        chosen += [entry for entry in spread(cliffs, 6) if entry not in chosen]
        dated = [entry for entry in models if len(entry["periods"]) > 1 or "off_peak" in entry["periods"][-1]]
        chosen += [entry for entry in dated[:6] if entry not in chosen]
        for entry in chosen:
            yield from of_model(family, entry)


def of_model(family, entry):
    model = entry["model"]
    for at in (NOON, NIGHT):
        period = [p for p in entry["periods"] if p.get("from", "") <= at.date().isoformat()][-1]
        if at == NIGHT and "off_peak" not in period:
            continue
        tiers = period["tiers"]
        rates = tiers["standard"][0]["rates"]
        tokens = [PLAIN]
        if "r" in rates:
            tokens.append(CACHED)
        usual = "cache_write_30m" if family in ("openai", "azure") else "cache_write_5m"
        for kind, word in ((usual, "w"), ("cache_write_1h", "w1h"), ("cache_write_12h", "w12h")):
            if word in rates:
                tokens.append({"input_uncached": 77, kind: 4096, "output": 10})
        for step in tiers["standard"][1:]:
            for whole in (step["over"] - 1, step["over"], step["over"] + 1):
                tokens.append({"input_uncached": whole, "output": 1000})
                if "r" in rates:
                    tokens.append({"input_uncached": whole - 5000, "cache_read": 5000, "output": 1000})
        for each in tokens:
            yield family, entry, period, each, None, None, at
        for tier in ("flex", "priority"):
            if tier in tiers:
                yield family, entry, period, PLAIN, tier, None, at
                if "r" in tiers[tier][0]["rates"]:
                    yield family, entry, period, CACHED, tier, None, at
        for region in period.get("regions", {}):
            if region != "*":
                yield family, entry, period, PLAIN, None, region, at


def main():
    golden, left_out = [], Counter()

    def note(package, error):
        why = f"has no price for the {error}" if isinstance(error, Lacking) else f"does not know the model ({type(error).__name__})"
        left_out[f"{package} {why}"] += 1

    for family, entry, period, tokens, tier, region, at in cases():
        model = entry["model"]
        answers = {}
        if period["list"] == LITELLM or period.get("disputed"):
            try:
                answers["LiteLLM"] = by_litellm(family, model, tokens, tier, region, at)
            except Exception as error:  # noqa: BLE001
                note("LiteLLM", error)
        plain = not (tier or region or set(tokens) & {"cache_write_1h", "cache_write_30m", "cache_write_12h"})
        if (period["list"] == GENAI or period.get("disputed")) and plain:
            try:
                answers["genai-prices"] = by_genai(family, model, tokens, at)
            except Exception as error:  # noqa: BLE001
                note("genai-prices", error)
        if not answers or (period.get("disputed") and len(answers) < 2):
            continue
        golden.append(
            {
                "family": family,
                "model": model,
                "at": int(at.timestamp() * 1000),
                "tokens": tokens,
                **({"tier": tier} if tier else {}),
                **({"region": region} if region else {}),
                **({"disputed": True} if period.get("disputed") else {}),
                "cost": {name: money(amount) for name, amount in answers.items()},
            }
        )
    with open(HERE / "golden.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in golden) + "\n]\n")
    print(len(golden), "calls")
    for why, count in sorted(left_out.items()):
        print(f"   left out: {count} because {why}")


if __name__ == "__main__":
    main()
