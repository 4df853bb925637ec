//! How an answer is printed: as JSON lines for scripts, or for a person.

use std::io::{self, IsTerminal, Write};

use brasskey_app::ask::view::{AskEvent, BilledWord};

use super::markdown::{Markdown, shown};
use crate::open::tell;

/// Prints what comes of a question.
pub(crate) struct Printer {
    json: bool,
    /// The answer is read on a terminal.
    terminal: bool,
    /// What was printed last did not end its line.
    open_line: bool,
    thinking: bool,
    markdown: Markdown,
    /// Nobody reads any more.
    gone: bool,
}

impl Printer {
    pub(crate) fn new(json: bool) -> Self {
        Self {
            json,
            terminal: io::stdout().is_terminal(),
            open_line: false,
            thinking: false,
            markdown: Markdown::default(),
            gone: false,
        }
    }

    /// Prints it, and says whether somebody reads.
    pub(crate) fn print(&mut self, event: &AskEvent) -> bool {
        if self.json {
            return json(event).is_ok();
        }
        self.tell(event);
        !self.gone
    }

    fn tell(&mut self, event: &AskEvent) {
        match event {
            AskEvent::Start { .. } | AskEvent::End { .. } | AskEvent::Usage { .. } => {}
            AskEvent::Text { text } => {
                if self.thinking {
                    self.end();
                    self.thinking = false;
                }
                if self.terminal {
                    let styled = self.markdown.pass(text);
                    self.write(&styled);
                } else {
                    self.write(text);
                }
            }
            // Only on a terminal: what is piped on is the answer.
            AskEvent::Thinking { text } if self.terminal => {
                self.thinking = true;
                let text: String = text.chars().map(shown).collect();
                anstream::eprint!("\u{1b}[2m{text}\u{1b}[0m");
                self.open_line = !text.ends_with('\n');
            }
            AskEvent::Thinking { .. } => {}
            AskEvent::ToolCall {
                name, arguments, ..
            } => {
                self.end();
                let asked = format!("The model asks for the tool {name} with {arguments}");
                eprintln!("{}", asked.chars().map(shown).collect::<String>());
            }
            AskEvent::Waiting {
                cause,
                attempt,
                after_ms,
            } => {
                self.end();
                eprintln!(
                    "{}: asking again in {:.1} s (try {attempt})",
                    cause.as_str(),
                    *after_ms as f64 / 1000.0
                );
            }
            AskEvent::Cost { usd, price } => {
                self.end();
                if self.terminal {
                    let confirmed = if price.to_be_confirmed {
                        ", to be confirmed"
                    } else {
                        ""
                    };
                    anstream::eprintln!("\u{1b}[2m${usd} ({}{confirmed})\u{1b}[0m", price.list);
                }
            }
            AskEvent::Failure {
                cause,
                message,
                billed,
                request_id,
                ..
            } => {
                self.end();
                let billed = match billed {
                    BilledWord::No => "Nothing was billed.",
                    BilledWord::Yes => "It was billed.",
                    BilledWord::Unknown => "The provider may bill for it.",
                };
                tell(*cause, message.as_deref());
                eprintln!("{billed}");
                if let Some(id) = request_id {
                    eprintln!("Request: {id}");
                }
            }
        }
    }

    /// Ends the line.
    pub(crate) fn end(&mut self) {
        let rest = self.markdown.rest();
        self.write(&rest);
        if std::mem::take(&mut self.open_line) {
            self.write("\n");
            self.open_line = false;
        }
    }

    fn write(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let written = if self.terminal {
            // Colours only where the terminal understands and wants them.
            let mut out = anstream::stdout().lock();
            out.write_all(text.as_bytes()).and_then(|()| out.flush())
        } else {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes()).and_then(|()| out.flush())
        };
        self.gone |= written.is_err();
        self.open_line = !text.ends_with('\n');
    }
}

/// One line, at once: whoever reads it acts upon it.
fn json(event: &AskEvent) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, event)?;
    out.write_all(b"\n")?;
    out.flush()
}
