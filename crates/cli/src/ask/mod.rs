//! `brasskey ask`: a question on the terminal, or for a script.

mod attach;
mod kept;
mod markdown;
mod print;

use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;

use brasskey_app::ask::{Asker, Question, tell_refusal};
use brasskey_app::error::ErrorCode;
use brasskey_providers::{BaseUrl, ChatRequest, Endpoint, Provider};

use tokio::sync::Notify;

use crate::arguments::Ask;
use crate::exit::Exit;
use crate::{reach, secret};
use print::Printer;

/// Why nothing was asked.
struct NotAsked {
    code: ErrorCode,
    host: String,
    message: String,
}

impl NotAsked {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            host: String::new(),
            message: message.into(),
        }
    }

    /// Tells it as a failure of which nothing was sent.
    fn told(self, printer: &mut Printer) -> Exit {
        tell_refusal(self.code, &self.host, Some(self.message), |event| {
            // Whether somebody reads changes nothing: it ends here.
            printer.print(&event);
        });
        match self.code {
            ErrorCode::InvalidInput => Exit::Usage,
            code => code.into(),
        }
    }
}

/// Asks and prints what comes, until the end or Ctrl-C, which cancels the request.
pub(crate) async fn run(ask: Ask) -> Exit {
    let mut printer = Printer::new(ask.json);
    let Some(provider) = ask.provider else {
        // What is not heard must not look as if it were.
        if reach::is_given(&ask.reach) {
            let how = "how a saved key's endpoint is reached is set with `brasskey keys reach`";
            return not_asked(how).told(&mut printer);
        }
        let exit = kept::run(ask, &mut printer).await;
        printer.end();
        return exit;
    };
    let retries = !ask.no_retry;
    let access = match reach::access(&ask.reach) {
        Ok(access) => access,
        Err(problem) => return not_asked(problem).told(&mut printer),
    };
    let asked = prepare(ask, provider).and_then(|(endpoint, key, request)| {
        let asker = Asker::new()
            .map_err(|error| NotAsked::new(error.code(), "TLS cannot be set up here"))?;
        let question = Question {
            endpoint,
            key,
            access,
            request,
            retries,
        };
        Ok((asker, question))
    });
    let (asker, question) = match asked {
        Ok(asked) => asked,
        Err(refusal) => return refusal.told(&mut printer),
    };
    let gone = Notify::new();
    let tell = |event| {
        if !printer.print(&event) {
            gone.notify_one();
        }
    };
    let answered = tokio::select! {
        answered = asker.ask(question, tell) => answered,
        // Nobody reads any more: the answer is of no use to anybody, and costs.
        () = gone.notified() => Err(ErrorCode::Stopped),
        _ = tokio::signal::ctrl_c() => Err(ErrorCode::Stopped),
    };
    printer.end();
    answered.err().map_or(Exit::Done, Exit::from)
}

type Prepared = (Endpoint, Option<secrecy::SecretString>, ChatRequest);

fn prepare(ask: Ask, provider: Provider) -> Result<Prepared, NotAsked> {
    let endpoint = endpoint(&ask, provider)?;
    let key = match &ask.key_env {
        None => None,
        Some(variable) => match secret::from_environment(variable) {
            Some(key) => Some(key),
            None => {
                return Err(NotAsked {
                    host: endpoint.base_url.origin().authority(),
                    ..NotAsked::new(
                        ErrorCode::KeyEmpty,
                        format!("the variable {variable} is not set"),
                    )
                });
            }
        },
    };
    if key.is_none() && !endpoint.base_url.is_this_computer() {
        return Err(NotAsked {
            host: endpoint.base_url.origin().authority(),
            ..NotAsked::new(
                ErrorCode::KeyEmpty,
                "a key is needed: name the variable that holds it with --key-env",
            )
        });
    }
    let request = ChatRequest {
        model: ask.model,
        system: ask.system,
        messages: vec![attach::with(
            question(ask.prompt, &ask.attach)?,
            &ask.attach,
        )?],
        max_output: ask.max_output,
    };
    Ok((endpoint, key, request))
}

fn endpoint(ask: &Ask, provider: Provider) -> Result<Endpoint, NotAsked> {
    let Some(address) = ask
        .base_url
        .as_deref()
        .or_else(|| provider.default_base_url())
    else {
        let example = provider.base_url_example().unwrap_or("https://…");
        let name = provider.name();
        return Err(not_asked(format!("{name} needs --base-url, as {example}")));
    };
    let base_url = BaseUrl::parse(address).map_err(|problem| not_asked(problem.to_string()))?;
    Ok(Endpoint {
        provider,
        protocol: ask
            .api
            .map_or_else(|| provider.protocol(), crate::arguments::Api::protocol),
        base_url,
    })
}

/// The question as it is written, or all of what is piped in, unless that is attached.
fn question(prompt: Option<String>, attached: &[PathBuf]) -> Result<String, NotAsked> {
    let is_attached = attached.iter().any(|path| attach::is_input(path));
    let question = match prompt {
        Some(written) if written != "-" => written,
        _ if is_attached => {
            return Err(not_asked(
                "what is piped in is attached: write the question",
            ));
        }
        _ => {
            if io::stdin().is_terminal() {
                eprintln!("Type your question; Ctrl-D ends it.");
            }
            let mut piped = String::new();
            io::stdin()
                .read_to_string(&mut piped)
                .map_err(|_| not_asked("what was piped in is no text"))?;
            piped.trim_end().to_owned()
        }
    };
    if question.trim().is_empty() {
        return Err(not_asked("there is no question"));
    }
    Ok(question)
}

fn not_asked(message: impl Into<String>) -> NotAsked {
    NotAsked::new(ErrorCode::InvalidInput, message)
}
