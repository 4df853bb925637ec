//! Ids as types, so that one kind cannot be passed for another.
//!
//! The caller makes them (UUIDv7 in practice); nothing here generates or interprets one.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id with this text.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A project.
    ProjectId
);
id!(
    /// A conversation.
    ConversationId
);
id!(
    /// A question or an answer.
    MessageId
);
id!(
    /// The record of a key, not the key's entry in the credential store.
    KeyId
);
id!(
    /// A receipt, and before it the call that it becomes the receipt of.
    ReceiptId
);
