//! What a question comes down to: where it stands in the conversation's tree, and what the provider gets to read.

use brasskey_ledger::{
    self as ledger, ConversationId, DraftKey, MessageId, NewConversation, ProjectId,
};
use brasskey_providers::{ChatRequest, Message, Role};

use super::view::Ask;
use crate::App;
use crate::clock::new_id;
use crate::error::Error;

/// Longest title made of a question, in characters.
const TITLE: usize = 60;

/// Longest message, in bytes: four million characters of any script fit, which is more than any model reads.
const LONGEST: usize = 16_000_000;

/// What an [`Ask`] comes down to.
pub(super) struct Resolved {
    pub(super) conversation: ConversationId,
    /// Set when the conversation comes to be with its first question.
    pub(super) new_conversation: Option<NewConversation>,
    pub(super) question: ledger::Question,
    pub(super) question_id: MessageId,
    pub(super) text: String,
    /// The draft that the question was: it is sent now. Other asks leave what stands in the composer alone.
    pub(super) draft: Option<DraftKey>,
    /// The messages before the question, oldest first.
    pub(super) before: Vec<ledger::Message>,
}

impl App {
    /// The conversation that is asked in; a new one has its id from here.
    pub(super) async fn asked_in(&self, ask: &Ask) -> Result<ConversationId, Error> {
        let message = match ask {
            Ask::First { .. } => return Ok(ConversationId::new(new_id())),
            Ask::Question {
                conversation_id, ..
            } => return Ok(ConversationId::new(conversation_id.clone())),
            Ask::Again { answer_id } => answer_id,
            Ask::Edited { question_id, .. } => question_id,
        };
        let message = MessageId::new(message.clone());
        Ok(self.ledger.messages().get(&message).await?.conversation_id)
    }

    pub(super) async fn resolve(
        &self,
        ask: Ask,
        conversation: ConversationId,
    ) -> Result<Resolved, Error> {
        let messages = self.ledger.messages();
        match ask {
            Ask::First { project_id, text } => {
                let text = asked(text)?;
                let id = MessageId::new(new_id());
                Ok(Resolved {
                    new_conversation: Some(NewConversation {
                        id: conversation.clone(),
                        project_id: project_id.map(ProjectId::new),
                        title: title_of(&text),
                        title_is_users: false,
                        model: None,
                    }),
                    question: ledger::Question::New {
                        id: id.clone(),
                        parent_id: None,
                        text: text.clone(),
                    },
                    question_id: id,
                    draft: Some(DraftKey::New),
                    conversation,
                    text,
                    before: Vec::new(),
                })
            }
            Ask::Question { text, .. } => {
                let text = asked(text)?;
                let before = messages.active_path(&conversation).await?;
                let id = MessageId::new(new_id());
                Ok(Resolved {
                    new_conversation: None,
                    question: ledger::Question::New {
                        id: id.clone(),
                        parent_id: before.last().map(|last| last.id.clone()),
                        text: text.clone(),
                    },
                    question_id: id,
                    draft: Some(DraftKey::Conversation(conversation.clone())),
                    conversation,
                    text,
                    before,
                })
            }
            Ask::Again { answer_id } => {
                let answer = messages.get(&MessageId::new(answer_id)).await?;
                let question_id = answer
                    .parent_id
                    .ok_or(Error::InvalidInput("this is not an answer"))?;
                let mut before = messages.path(&question_id, None).await?;
                let question = before.pop().ok_or(Error::NotFound("question"))?;
                if answer.role != ledger::Role::Assistant || question.role != ledger::Role::User {
                    return Err(Error::InvalidInput("this is not an answer"));
                }
                Ok(Resolved {
                    new_conversation: None,
                    conversation: question.conversation_id,
                    question: ledger::Question::Stored(question_id.clone()),
                    question_id,
                    text: question.text,
                    draft: None,
                    before,
                })
            }
            Ask::Edited { question_id, text } => {
                let text = asked(text)?;
                let mut before = messages.path(&MessageId::new(question_id), None).await?;
                let old = before.pop().ok_or(Error::NotFound("question"))?;
                if old.role != ledger::Role::User {
                    return Err(Error::InvalidInput("this is not a question"));
                }
                let id = MessageId::new(new_id());
                Ok(Resolved {
                    new_conversation: None,
                    question: ledger::Question::New {
                        id: id.clone(),
                        parent_id: old.parent_id,
                        text: text.clone(),
                    },
                    question_id: id,
                    conversation: old.conversation_id,
                    text,
                    draft: None,
                    before,
                })
            }
        }
    }
}

fn asked(text: String) -> Result<String, Error> {
    if text.trim().is_empty() {
        return Err(Error::InvalidInput("the message is empty"));
    }
    if text.len() > LONGEST {
        return Err(Error::InvalidInput("the message is too long"));
    }
    Ok(text)
}

/// The conversation as the provider gets it. Answers of which nothing arrived are left out, and what then stands side by side
/// is joined: some model servers refuse two messages of one role in a row.
pub(super) fn request(model: &str, before: Vec<ledger::Message>, question: String) -> ChatRequest {
    let said = before.into_iter().map(|message| {
        let role = match message.role {
            ledger::Role::User => Role::User,
            ledger::Role::Assistant => Role::Assistant,
        };
        Message::new(role, message.text)
    });
    let asked = Message::new(Role::User, question);
    let mut messages: Vec<Message> = Vec::new();
    for message in said.chain([asked]).filter(|each| !each.text.is_empty()) {
        match messages.last_mut() {
            Some(last) if last.role == message.role => {
                last.text.push_str("\n\n");
                last.text.push_str(&message.text);
            }
            _ => messages.push(message),
        }
    }
    ChatRequest {
        model: model.to_owned(),
        system: None,
        messages,
        max_output: None,
    }
}

/// A title from the question itself: its first line, cut at a word.
pub(super) fn title_of(question: &str) -> String {
    let line = question
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    if line.chars().count() <= TITLE {
        return line.to_owned();
    }
    let cut: String = line.chars().take(TITLE).collect();
    let whole = cut
        .rfind(' ')
        .filter(|at| *at > TITLE / 2)
        .map_or(&*cut, |at| &cut[..at]);
    format!("{}…", whole.trim_end())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_title_is_the_first_line_cut_at_a_word() {
        assert_eq!(
            title_of("\n  Why is the sky blue?\nThanks"),
            "Why is the sky blue?"
        );
        let long = "The nightly export locks the orders table for about forty seconds and nobody can write";
        assert_eq!(
            title_of(long),
            "The nightly export locks the orders table for about forty…"
        );
        assert_eq!(title_of(&"ü".repeat(100)), format!("{}…", "ü".repeat(60)));
    }
}
