//! How many tokens a call used, in one form for all wires; each dialect writes it by its own rules of what is inside what.

/// The number of tokens of a text as the sandbox counts them: one for every four characters begun.
pub fn count_tokens(text: &str) -> u64 {
    let characters = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    characters.div_ceil(TOKEN_CHARACTERS)
}

/// Characters of one token.
pub(crate) const TOKEN_CHARACTERS: u64 = 4;

/// Tokens of one call. The kinds of input add up; reasoning is part of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Input that was read at the full price.
    pub input_uncached: u64,
    /// Input that came from the provider's cache.
    pub cache_read: u64,
    /// Input that was written to the cache, at the wire's shortest retention. Gemini has no such count and ignores it.
    pub cache_write: u64,
    /// Everything billed as output, reasoning included.
    pub output: u64,
    /// The part of the output that was reasoning.
    pub reasoning: u64,
}

impl Counts {
    /// All input.
    pub fn input(&self) -> u64 {
        self.input_uncached
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write)
    }

    /// The part of the output that was answer.
    pub(crate) fn visible_output(&self) -> u64 {
        self.output.saturating_sub(self.reasoning)
    }
}
