//! Providers as a person has them: an account with a key, at the sandbox's address.

use brasskey_tests::sandbox::keys;
use brasskey_tests::{Counts, Wire};

use crate::prices::Rates;

/// A provider, a key of it and a model to ask.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    pub(crate) wire: Wire,
    /// As it stands in the list of providers.
    pub(crate) provider: &'static str,
    pub(crate) model: Model,
}

/// A model as it is found and shown. OpenAI lists ids without names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// Where its price stands in the price list; none where no price is known.
    family: Option<&'static str>,
}

pub(crate) const OPENAI: Account = Account {
    wire: Wire::OpenAi,
    provider: "OpenAI",
    model: Model {
        id: "gpt-6.1-sol",
        name: "gpt-6.1-sol",
        family: Some("openai"),
    },
};
pub(crate) const ANTHROPIC: Account = Account {
    wire: Wire::Anthropic,
    provider: "Anthropic",
    model: Model {
        id: "claude-opus-5-5",
        name: "Claude Opus 5.5",
        family: Some("anthropic"),
    },
};
pub(crate) const GEMINI: Account = Account {
    wire: Wire::Gemini,
    provider: "Google Gemini",
    model: Model {
        id: "gemini-3.6-flash",
        name: "Gemini 3.6 Flash",
        family: Some("gemini"),
    },
};
pub(crate) const COMPATIBLE: Account = Account {
    wire: Wire::Compatible,
    provider: "OpenAI-compatible",
    model: Model {
        id: "openai/gpt-oss-20b",
        name: "openai/gpt-oss-20b",
        family: None,
    },
};

impl Account {
    /// The key that the sandbox provider gave out for it.
    pub(crate) fn key(self) -> &'static str {
        keys::key(self.wire)
    }

    /// The four characters of the key that may be shown.
    pub(crate) fn last4(self) -> &'static str {
        let key = self.key();
        &key[key.len() - 4..]
    }

    /// The part of the key that stands nowhere else.
    pub(crate) fn mark(self) -> &'static str {
        let key = self.key();
        let start = key.find("0123456789").unwrap();
        &key[start..]
    }
}

impl Model {
    /// What the ledger note says that a call with `counts` costs: computed from the price list, not by the product.
    pub(crate) fn cost(self, counts: &Counts) -> String {
        let Some(family) = self.family else {
            return "Cost unknown".to_owned();
        };
        let exact = Rates::listed(family, self.id).cost(counts);
        let (whole, fraction) = exact.split_once('.').unwrap_or((&exact, ""));
        assert!(
            fraction.len() <= 4,
            "choose counts whose cost needs no rounding: {exact}"
        );
        format!("${whole}.{fraction:0<4}")
    }
}
