//! What the sandbox says when nothing else is asked of it. The texts are fixed, so that a test can compare them and count
//! their tokens.

use super::counts::TOKEN_CHARACTERS;

/// The default answer: everything that the message view draws.
pub const MARKDOWN: &str = r#"# Brewing tea, measured

Good tea is a matter of **three numbers**: leaves, water and time. *Everything else is taste.*

1. Warm the pot.
2. Take 2 g of leaves for each 100 ml.
3. Wait, and then stop:
   - green tea: two minutes
   - black tea: four minutes

| Tea | Water | Time |
| :--- | ---: | ---: |
| Sencha | 70 °C | 2 min |
| Darjeeling | 90 °C | 3 min |
| Assam | 100 °C | 4 min |

The strength follows $c(t) = c_\infty \left(1 - e^{-kt}\right)$, and so

$$
t_{1/2} = \frac{\ln 2}{k}
$$

```rust
/// Grams of leaves for a pot of `millilitres`.
fn leaves(millilitres: u32) -> f64 {
    f64::from(millilitres) * 0.02
}
```

> “Tea is liquid wisdom.” — naïve, but `leaves(500)` is 10 g. 🍵

More at [the tea society](https://example.org/tea?brew=black).
"#;

/// Reasoning for `/thinking`.
pub(crate) const THINKING: &str = "The question is about tea. I compare the three kinds by the temperature of the \
water, then by time, and check the formula at t = 0, where it must give nothing. It does.";

/// What a model says that declines.
pub(crate) const REFUSAL: &str = "I can't help with that request.";

const SENTENCES: [&str; 6] = [
    "The kettle sings before the water boils. ",
    "A pot that was warmed keeps its heat for twice as long. ",
    "Leaves from the second harvest are stronger and less sweet. ",
    "Soft water shows the colour, hard water hides it. ",
    "Whoever waits too long drinks tannin. ",
    "Four cups later the question has answered itself. ",
];

/// Prose of exactly `tokens` tokens, in paragraphs.
pub(crate) fn prose(tokens: u64) -> String {
    let characters = usize::try_from(tokens.saturating_mul(TOKEN_CHARACTERS)).unwrap_or(usize::MAX);
    SENTENCES
        .iter()
        .cycle()
        .enumerate()
        .flat_map(|(index, sentence)| {
            let paragraph = if index > 0 && index % 8 == 0 {
                "\n\n"
            } else {
                ""
            };
            paragraph.chars().chain(sentence.chars())
        })
        .take(characters)
        .collect()
}
