//! How a test points at something on the page: as a person or a screen reader names it.

use serde_json::{Value, json};

/// What to look for. Only what is visible is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Find {
    /// An accessible role and name: `Role("button", "Save")`. The name is compared whole, white space folded.
    Role(String, String),
    /// A field by its label.
    Label(String),
    /// The innermost element whose own text contains this.
    Text(String),
    /// A CSS selector, for what has no name.
    Css(String),
}

impl Find {
    /// By role and name.
    pub fn role(role: &str, name: &str) -> Self {
        Self::Role(role.to_owned(), name.to_owned())
    }

    /// A button by its name.
    pub fn button(name: &str) -> Self {
        Self::role("button", name)
    }

    /// A field by its label.
    pub fn label(label: &str) -> Self {
        Self::Label(label.to_owned())
    }

    /// By text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// By CSS selector.
    pub fn css(selector: &str) -> Self {
        Self::Css(selector.to_owned())
    }

    /// The arguments of `find.js`.
    pub(super) fn arguments(&self) -> Vec<Value> {
        match self {
            Self::Role(role, name) => vec![json!("role"), json!(role), json!(name)],
            Self::Label(label) => vec![json!("label"), json!(label)],
            Self::Text(text) => vec![json!("text"), json!(text)],
            Self::Css(selector) => vec![json!("css"), json!(selector)],
        }
    }
}

/// An element that was found.
pub type Found = fantoccini::elements::Element;
