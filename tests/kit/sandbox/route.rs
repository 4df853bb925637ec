//! What a request wants, told by its method and path.

use axum::http::Method;

use super::asked::Interface;
use super::wire::Wire;

/// What a request wants.
pub(crate) enum Action {
    /// The sandbox's own name and version.
    About,
    /// Ollama's greeting at the root.
    Root,
    Version,
    Tags,
    Models,
    Key,
    /// Token counting; Gemini has the model in the path.
    Count {
        model: Option<String>,
    },
    Ask(Interface),
}

/// What is asked, and of which provider; `None` when nothing is served there.
pub(crate) fn route(method: &Method, path: &str) -> Option<(Wire, Action)> {
    let get = method == Method::GET;
    match path {
        "/" if get => return Some((Wire::Ollama, Action::Root)),
        "/sandbox" if get => return Some((Wire::Ollama, Action::About)),
        "/api/version" if get => return Some((Wire::Ollama, Action::Version)),
        "/api/tags" if get => return Some((Wire::Ollama, Action::Tags)),
        _ => {}
    }
    let (wire, rest) = Wire::of_path(path)?;
    let action = match (wire, rest) {
        (_, "/models") if get => Action::Models,
        (Wire::OpenRouter, "/models/user") if get => Action::Models,
        (Wire::OpenRouter, "/key") if get => Action::Key,
        _ if method != Method::POST => return None,
        (Wire::OpenAi, "/responses") => Action::Ask(Interface::Responses),
        (Wire::OpenAi, "/responses/input_tokens") | (Wire::Anthropic, "/messages/count_tokens") => {
            Action::Count { model: None }
        }
        (Wire::Anthropic, "/messages") => Action::Ask(Interface::Messages),
        (Wire::Gemini, rest) => {
            let (model, verb) = rest.strip_prefix("/models/")?.split_once(':')?;
            let model = model.to_owned();
            match verb {
                "streamGenerateContent" => Action::Ask(Interface::Generate {
                    model,
                    stream: true,
                }),
                "generateContent" => Action::Ask(Interface::Generate {
                    model,
                    stream: false,
                }),
                "countTokens" => Action::Count { model: Some(model) },
                _ => return None,
            }
        }
        (Wire::Anthropic, _) => return None,
        (_, "/chat/completions") => Action::Ask(Interface::Chat),
        _ => return None,
    };
    Some((wire, action))
}
