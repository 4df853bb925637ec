//! The two browsers that a page is measured in: Chromium without a screen, and WebKitGTK, which the window is shown in on
//! Linux, on a display of its own. Both are driven by WebDriver, one session each time.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use brasskey_tests::desktop::{Desktop, DesktopOptions, Keyring};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::fault::Fault;
use crate::process::{Running, family, is_running};

/// Which browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Chromium,
    WebKit,
}

impl Engine {
    pub(crate) const ALL: [Self; 2] = [Self::Chromium, Self::WebKit];

    /// As rows name it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::WebKit => "webkit",
        }
    }
}

/// What ends with the browser.
enum Held {
    Driver(Running),
    Desktop(Box<Desktop>),
}

pub(crate) struct Browser {
    client: Client,
    held: Held,
}

impl Browser {
    /// Starts one, at an address.
    pub(crate) async fn open(engine: Engine, address: &str) -> Result<Self, Fault> {
        let browser = match engine {
            Engine::Chromium => Self::chromium().await?,
            Engine::WebKit => Self::webkit().await?,
        };
        browser.client.goto(address).await?;
        Ok(browser)
    }

    async fn chromium() -> Result<Self, Fault> {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdout(Stdio::piped());
        let mut driver = Running::start(&mut command)?;
        let port = loop {
            let line = driver.line()?;
            if line.is_empty() {
                return Err(Fault::Other("chromedriver does not start".into()));
            }
            // "ChromeDriver was started successfully on port 12345."
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        let options = json!({"args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,820", "--disable-background-networking",
            "--enable-precise-memory-info", "--js-flags=--expose-gc",
        ]});
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connecting = builder.capabilities(capabilities);
        let client = connecting
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .map_err(|error| Fault::Other(format!("no Chromium: {error}")))?;
        Ok(Self {
            client,
            held: Held::Driver(driver),
        })
    }

    async fn webkit() -> Result<Self, Fault> {
        let desktop = Desktop::start(DesktopOptions {
            binary: Some(mini_browser()?),
            arguments: vec!["--automation".to_owned()],
            keyring: Keyring::None,
            screen: (1280, 820),
            ..DesktopOptions::default()
        })
        .await?;
        Ok(Self {
            client: desktop.window()?.client().clone(),
            held: Held::Desktop(Box::new(desktop)),
        })
    }

    /// What a script returns.
    pub(crate) async fn run(&self, script: &str) -> Result<Value, Fault> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Waits until a script returns something.
    pub(crate) async fn until(&self, script: &str) -> Result<Value, Fault> {
        for _ in 0..600 {
            let found = self.run(script).await?;
            if !matches!(found, Value::Null | Value::Bool(false)) {
                return Ok(found);
            }
            sleep(Duration::from_millis(100)).await;
        }
        let shows = self.run("return document.body.innerText").await?;
        Err(Fault::Other(format!("{script} never came: {shows:.400}")))
    }

    /// Presses a key on whatever has the focus.
    pub(crate) async fn press(&self, value: char) -> Result<(), Fault> {
        let actions = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
        Ok(self.client.perform_actions(actions).await?)
    }

    pub(crate) async fn press_enter(&self) -> Result<(), Fault> {
        self.press(Key::Enter.into()).await
    }

    /// The processes that may run the page; the one that does works most.
    pub(crate) fn pages(&self) -> Result<Vec<u32>, Fault> {
        Ok(match &self.held {
            Held::Driver(driver) => family(driver.id())
                .into_iter()
                .filter(|process| is_running(*process, "--type=renderer"))
                .collect(),
            Held::Desktop(desktop) => desktop
                .processes()?
                .into_iter()
                .filter(|process| process.name == "WebKitWebProcess")
                .filter_map(|process| u32::try_from(process.id).ok())
                .collect(),
        })
    }

    pub(crate) async fn close(self) -> Result<(), Fault> {
        match self.held {
            Held::Driver(driver) => {
                self.client.close().await?;
                drop(driver);
                Ok(())
            }
            Held::Desktop(mut desktop) => Ok(desktop.kill().await?),
        }
    }
}

/// The browser that comes with WebKitGTK, which Debian keeps by architecture.
fn mini_browser() -> Result<PathBuf, Fault> {
    let libraries = PathBuf::from("/usr/lib");
    let folders = libraries.read_dir().map_err(Fault::file(&libraries))?;
    let places = folders
        .flatten()
        .map(|folder| folder.path().join("webkit2gtk-4.1/MiniBrowser"));
    places
        .into_iter()
        .find(|place| place.is_file())
        .ok_or_else(|| Fault::Other("WebKitGTK's MiniBrowser is not installed".into()))
}
