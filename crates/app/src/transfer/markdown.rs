//! A conversation for reading: the shown path, each message with who wrote it, when, and what it cost. The texts are Markdown
//! already and stand as they are.

use brasskey_ledger::{Message, Receipt, Role, State};
use brasskey_metering::Cost;

use crate::clock::Clock;

/// A conversation. `level` is that of its heading.
pub(super) fn conversation(
    title: &str,
    level: usize,
    path: &[Message],
    receipts: &[Receipt],
    clock: &Clock,
) -> String {
    let heading = "#".repeat(level);
    let mut text = format!("{heading} {}\n", one_line(title));
    for message in path {
        let who = match message.role {
            Role::User => "You".to_owned(),
            Role::Assistant => message.model.clone().unwrap_or_else(|| "Answer".to_owned()),
        };
        let mut facts = vec![clock.minute(message.created_at)];
        let receipt = receipts
            .iter()
            .find(|receipt| receipt.message_id.as_ref() == Some(&message.id));
        match receipt.map(|receipt| &receipt.settlement.cost) {
            Some(Cost::Known { amount, .. }) => facts.push(format!("${amount}")),
            Some(Cost::Unknown { .. }) => facts.push("cost unknown".to_owned()),
            Some(Cost::Free) | None => {}
        }
        match message.state {
            State::Done => {}
            State::Stopped => facts.push("stopped".to_owned()),
            State::Failed => facts.push("failed".to_owned()),
            State::Open | State::Interrupted => facts.push("interrupted".to_owned()),
        }
        let facts = facts.join(", ");
        text.push_str(&format!("\n{heading}# {who} ({facts})\n\n"));
        if !message.text.is_empty() {
            text.push_str(message.text.trim_end());
            text.push('\n');
        }
    }
    text
}

/// A title on one line, so that it stays a heading.
pub(super) fn one_line(title: &str) -> String {
    let words: Vec<&str> = title.split_whitespace().collect();
    match words.is_empty() {
        true => "New conversation".to_owned(),
        false => words.join(" "),
    }
}
