//! A question in our own words, before any protocol.
//!
//! It must never print its text: questions are private and stay out of logs.

use std::fmt;

/// Who said a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The person who asks.
    User,
    /// The model.
    Assistant,
}

/// One message of a conversation.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub text: String,
}

/// What is asked of a model.
#[derive(Clone, PartialEq, Eq)]
pub struct ChatRequest {
    /// The model's identifier as the provider writes it.
    pub model: String,
    /// Instructions that stand before the conversation.
    pub system: Option<String>,
    /// The conversation so far; the last message is the question.
    pub messages: Vec<Message>,
    /// The most output tokens that may be produced, thinking included.
    pub max_output: Option<u32>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({:?}, {} bytes)", self.role, self.text.len())
    }
}

impl fmt::Debug for ChatRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatRequest")
            .field("model", &self.model)
            .field("messages", &self.messages)
            .field("max_output", &self.max_output)
            .finish_non_exhaustive()
    }
}
