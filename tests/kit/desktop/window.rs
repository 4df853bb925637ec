//! The program's window, used as a person uses it: find, click, type, press keys, read, look.

use std::time::Duration;

use fantoccini::Client;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::{Element, ElementRef};
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::key::Key;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use super::element::{Find, Found};
use super::error::DesktopError;
use super::process::PATIENCE;

/// The name under which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The pause between two looks at the page.
const LOOK: Duration = Duration::from_millis(40);

/// The window of a running program. What is not there yet is waited for.
#[derive(Clone, Debug)]
pub struct Window {
    client: Client,
    patience: Duration,
}

impl Window {
    pub(super) fn new(client: Client) -> Self {
        Self {
            client,
            patience: PATIENCE,
        }
    }

    /// The same window, waiting no longer than `patience` for anything.
    #[must_use]
    pub fn within(&self, patience: Duration) -> Self {
        Self {
            client: self.client.clone(),
            patience,
        }
    }

    /// The WebDriver client, for what is not offered here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Everything visible that fits, now.
    ///
    /// # Errors
    /// [`DesktopError`] when the page cannot be asked.
    pub async fn find_all(&self, find: &Find) -> Result<Vec<Found>, DesktopError> {
        let script = include_str!("find.js");
        let deadline = Instant::now() + self.patience;
        let found = loop {
            match commanded(self.client.execute(script, find.arguments())).await {
                // The page was drawn anew while it was being searched.
                Err(DesktopError::Command(error))
                    if passing(&error) && Instant::now() < deadline =>
                {
                    sleep(LOOK).await;
                }
                found => break found?,
            }
        };
        let Value::Array(elements) = found else {
            return Err(DesktopError::Page(found));
        };
        elements
            .into_iter()
            .map(|element| match element[ELEMENT].as_str() {
                Some(id) => {
                    let id = ElementRef::from(id.to_owned());
                    Ok(Element::from_element_id(self.client.clone(), id))
                }
                None => Err(DesktopError::Page(element)),
            })
            .collect()
    }

    /// The first that fits, as soon as it is there.
    ///
    /// # Errors
    /// [`DesktopError::NeverCame`] with the text of the page.
    pub async fn find(&self, find: &Find) -> Result<Found, DesktopError> {
        let deadline = Instant::now() + self.patience;
        loop {
            if let Some(found) = self.find_all(find).await?.into_iter().next() {
                return Ok(found);
            }
            self.look_again(deadline, || format!("{find:?}")).await?;
        }
    }

    /// Clicks on the first that fits.
    ///
    /// # Errors
    /// As [`Window::find`].
    pub async fn click(&self, find: &Find) -> Result<(), DesktopError> {
        let deadline = Instant::now() + self.patience;
        loop {
            let found = self.find(find).await?;
            match commanded(found.click()).await {
                // The page was drawn anew between finding and clicking, or something still moves over it.
                Err(DesktopError::Command(error))
                    if passing(&error) && Instant::now() < deadline =>
                {
                    sleep(LOOK).await;
                }
                result => return result,
            }
        }
    }

    /// Types `text` into the first that fits, after what stands there.
    ///
    /// # Errors
    /// As [`Window::find`].
    pub async fn type_into(&self, find: &Find, text: &str) -> Result<(), DesktopError> {
        let found = self.find(find).await?;
        commanded(found.send_keys(text)).await
    }

    /// Presses a key or a combination on whatever has the focus: `Tab`, `Escape`, `Control+Enter`, `Shift+Tab`, `a`.
    ///
    /// # Errors
    /// [`DesktopError::NoSuchKey`] when a part is neither a key's name nor one character.
    pub async fn press(&self, combination: &str) -> Result<(), DesktopError> {
        let keys: Vec<char> = combination
            .split('+')
            .map(|name| key(name).ok_or_else(|| DesktopError::NoSuchKey(name.to_owned())))
            .collect::<Result<_, _>>()?;
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in &keys {
            actions = actions.then(KeyAction::Down { value: *value });
        }
        for value in keys.iter().rev() {
            actions = actions.then(KeyAction::Up { value: *value });
        }
        commanded(self.client.perform_actions(actions)).await
    }

    /// Types `text` on the keyboard, into whatever has the focus.
    ///
    /// # Errors
    /// [`DesktopError`] when the driver refuses.
    pub async fn type_text(&self, text: &str) -> Result<(), DesktopError> {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in text.chars() {
            actions = actions
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value });
        }
        commanded(self.client.perform_actions(actions)).await
    }

    /// The visible text of the page.
    ///
    /// # Errors
    /// [`DesktopError`] when the page cannot be asked.
    pub async fn text(&self) -> Result<String, DesktopError> {
        let text = self.evaluate("return document.body.innerText").await?;
        text.as_str()
            .map(str::to_owned)
            .ok_or(DesktopError::Page(text))
    }

    /// Waits until the page shows `text`.
    ///
    /// # Errors
    /// [`DesktopError::NeverCame`] with what it shows instead.
    pub async fn wait_for_text(&self, text: &str) -> Result<(), DesktopError> {
        let deadline = Instant::now() + self.patience;
        while !fold(&self.text().await?).contains(&fold(text)) {
            self.look_again(deadline, || format!("the text “{text}”"))
                .await?;
        }
        Ok(())
    }

    /// Waits until nothing visible fits.
    ///
    /// # Errors
    /// [`DesktopError::NeverCame`] with what the page shows.
    pub async fn wait_until_gone(&self, find: &Find) -> Result<(), DesktopError> {
        let deadline = Instant::now() + self.patience;
        while !self.find_all(find).await?.is_empty() {
            self.look_again(deadline, || format!("the end of {find:?}"))
                .await?;
        }
        Ok(())
    }

    /// Role and name of what has the focus, as the page tells them: `tagName`, text, label.
    ///
    /// # Errors
    /// [`DesktopError`] when the page cannot be asked.
    pub async fn focused(&self) -> Result<Found, DesktopError> {
        commanded(self.client.active_element()).await
    }

    /// Runs a script in the page and returns what it returns.
    ///
    /// # Errors
    /// [`DesktopError`] when it throws.
    pub async fn evaluate(&self, script: &str) -> Result<Value, DesktopError> {
        commanded(self.client.execute(script, Vec::new())).await
    }

    /// A picture of the page, as PNG.
    ///
    /// # Errors
    /// [`DesktopError`] when the driver refuses.
    pub async fn screenshot(&self) -> Result<Vec<u8>, DesktopError> {
        // The driver takes the last frame that was drawn; a busy machine may be several changes behind.
        let drawn = "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))";
        commanded(self.client.execute_async(drawn, Vec::new())).await?;
        commanded(self.client.screenshot()).await
    }

    /// Closes the window. The driver then has nothing left to talk to, which is what was wanted.
    pub(super) async fn close(&self) -> Result<(), DesktopError> {
        match self.client.close_window().await {
            Ok(()) | Err(CmdError::Lost(_) | CmdError::FailedC(_)) => Ok(()),
            Err(error) if error.is_no_such_window() || error.is_invalid_session_id() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn look_again(
        &self,
        deadline: Instant,
        what: impl FnOnce() -> String,
    ) -> Result<(), DesktopError> {
        if Instant::now() < deadline {
            sleep(LOOK).await;
            return Ok(());
        }
        Err(DesktopError::NeverCame {
            what: what(),
            shows: self.text().await?,
        })
    }
}

/// The answer to a command. The driver owes one for each, but gives none when the page or the program has stopped.
async fn commanded<T>(
    command: impl Future<Output = Result<T, CmdError>>,
) -> Result<T, DesktopError> {
    match timeout(PATIENCE, command).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(DesktopError::Silent),
    }
}

fn passing(error: &CmdError) -> bool {
    error.is_stale_element_reference()
        || matches!(error, CmdError::Standard(answer) if answer.error == ErrorStatus::ElementClickIntercepted)
        || error.is_element_not_interactable()
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn key(name: &str) -> Option<char> {
    let key = match name {
        "Alt" => Key::Alt,
        "ArrowDown" => Key::Down,
        "ArrowLeft" => Key::Left,
        "ArrowRight" => Key::Right,
        "ArrowUp" => Key::Up,
        "Backspace" => Key::Backspace,
        "Control" => Key::Control,
        "Delete" => Key::Delete,
        "End" => Key::End,
        "Enter" => Key::Enter,
        "Escape" => Key::Escape,
        "Home" => Key::Home,
        "Meta" => Key::Meta,
        "PageDown" => Key::PageDown,
        "PageUp" => Key::PageUp,
        "Shift" => Key::Shift,
        "Space" => return Some(' '),
        "Tab" => Key::Tab,
        name => {
            let mut characters = name.chars();
            let only = characters.next()?;
            return characters.next().is_none().then_some(only);
        }
    };
    Some(key.into())
}
