//! Questions that begin with `/`, by which a person tries things in the running app without a script.

use std::time::Duration;

use super::answers;
use super::hostile::{hostile, hostile_page};
use super::script::{Fault, Script, Situation};

/// What `/help` answers.
pub const HELP: &str = "\
The sandbox provider answers a question that begins with one of these words in a special way:

| question | what happens |
| --- | --- |
| `/help` | this table |
| `/markdown` | the default answer |
| `/thinking` | reasoning before the answer |
| `/slow` | three seconds to the first token, then five a second |
| `/long` | an answer of 3,000 tokens |
| `/tokens 20000` | an answer of that many tokens |
| `/endless` | an answer that never ends |
| `/hostile` | Markdown with scripts, remote images and links that lie |
| `/hostile svg` | one of the hostile messages of the tests, by its name |
| `/refuse` | the model declines |
| `/cut` | the connection breaks in the middle |
| `/stall` | nothing more comes after a while |
| `/silent` | nothing comes at all |
| `/unfinished` | the answer lacks its closing events |
| `/limited` | a rate limit of five seconds, then the answer |
| `/error out_of_credit` | that failure instead of an answer |
| `/stream-error overloaded` | that failure in the middle of the answer |

A failure is named by its situation, its cause or as `groq/rate_limited_daily`; an unknown one is answered with those there are.
A key may end in such a name, too: then every call with it fails so.
";

/// The longest answer that `/tokens` gives.
const MOST_TOKENS: u64 = 1_000_000;

/// The script that `question` asks for; `None` when it is an ordinary question. Pace and delay are those of `standing`.
pub(crate) fn script(question: &str, standing: &Script) -> Option<Script> {
    let mut words = question.trim().strip_prefix('/')?.split_whitespace();
    let command = words.next()?;
    let argument = words.next();
    let with_fault = |fault| Script {
        fault: Some(fault),
        ..standing.clone()
    };
    let with_answer = |answer: String| Script {
        answer,
        fault: None,
        ..standing.clone()
    };
    let script = match command {
        "help" => with_answer(HELP.to_owned()),
        "markdown" => with_answer(answers::MARKDOWN.to_owned()),
        "hostile" => {
            let named = argument.and_then(hostile).map(|message| &*message.text);
            with_answer(named.unwrap_or(hostile_page()).to_owned())
        }
        "thinking" => Script {
            thinking: Some(answers::THINKING.to_owned()),
            ..with_answer(answers::MARKDOWN.to_owned())
        },
        "slow" => Script {
            tokens_per_second: Some(5),
            first_token_delay: Duration::from_secs(3),
            ..with_answer(answers::MARKDOWN.to_owned())
        },
        "long" => with_answer(answers::prose(3_000)),
        "tokens" => {
            let tokens = argument.and_then(|number| number.parse().ok());
            with_answer(answers::prose(tokens.unwrap_or(1_000).min(MOST_TOKENS)))
        }
        "short" => Script {
            longest: Some(40),
            ..with_answer(answers::prose(200))
        },
        "endless" => with_fault(Fault::Endless),
        "refuse" => with_fault(Fault::Refusal),
        "cut" => with_fault(Fault::CutAfter { events: 40 }),
        "stall" => with_fault(Fault::StallAfter { events: 40 }),
        "silent" => with_fault(Fault::Silence),
        "unfinished" => with_fault(Fault::NoTerminalEvent),
        "limited" => with_fault(Fault::RateLimitedOnce {
            retry_after: Duration::from_secs(5),
        }),
        "error" => with_fault(Fault::Error(Situation::from(
            argument.unwrap_or("server_error"),
        ))),
        "stream-error" => with_fault(Fault::ErrorInStream {
            events: 40,
            situation: Situation::from(argument.unwrap_or("overloaded")),
        }),
        _ => return None,
    };
    Some(script)
}
