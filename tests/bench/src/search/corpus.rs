//! What is searched: messages of words as often as words are in a language (Zipf's law), the same in every run.

/// How many different words there are.
const WORDS: usize = 60_000;
/// The least and the most words of a message; 130 in the middle.
const SHORTEST: usize = 20;
const LONGEST: usize = 240;

/// Makes messages.
pub(super) struct Corpus {
    words: Vec<String>,
    /// The sum of the weights up to each word.
    sums: Vec<f64>,
    state: u64,
}

impl Corpus {
    pub(super) fn new() -> Self {
        let mut corpus = Self {
            words: Vec::with_capacity(WORDS),
            sums: Vec::with_capacity(WORDS),
            state: 0x9E37_79B9_7F4A_7C15,
        };
        let mut sum = 0.0;
        for rank in 0..WORDS {
            let word = match rank {
                0 => "the".to_owned(),
                _ => corpus.word(),
            };
            corpus.words.push(word);
            #[allow(clippy::cast_precision_loss, reason = "a rank is small")]
            let weight = 1.0 / (rank + 1) as f64;
            sum += weight;
            corpus.sums.push(sum);
        }
        corpus
    }

    /// The word of this rank; 0 is the commonest.
    pub(super) fn ranked(&self, rank: usize) -> &str {
        self.words.get(rank).map_or("the", String::as_str)
    }

    /// Another message.
    pub(super) fn message(&mut self) -> String {
        let count = SHORTEST + self.below(LONGEST - SHORTEST);
        let words: Vec<String> = (0..count)
            .map(|_| {
                let at = self.share() * self.sums.last().copied().unwrap_or(1.0);
                let rank = self.sums.partition_point(|sum| *sum < at);
                self.ranked(rank).to_owned()
            })
            .collect();
        words.join(" ")
    }

    fn word(&mut self) -> String {
        const LETTERS: &[u8] = b"etaoinshrdlucmfwypvbgkqjxz";
        let length = 2 + self.below(9);
        (0..length)
            .map(|_| {
                // Common letters are drawn more often.
                let at = self.below(LETTERS.len()).min(self.below(LETTERS.len()));
                char::from(LETTERS.get(at).copied().unwrap_or(b'e'))
            })
            .collect()
    }

    fn share(&mut self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "53 bits fit")]
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        share
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % end
    }

    /// xorshift64*.
    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}
