//! The application's core as it is measured: a database in a folder, keys in memory, and a model server of this computer to
//! ask, which needs neither key nor licence.

use std::path::Path;

use brasskey_app::App;
use brasskey_app::account::{PlatformSettings, PlatformUrl};
use brasskey_app::chat::Sink;
use brasskey_app::chat::view::{Ask, NewTurn, TurnEvent, TurnView};
use brasskey_app::keys::view::{CheckView, KeyView, NewEndpoint, PendingView, ProviderId};
use brasskey_app::models::view::ModelRef;
use brasskey_vault::Vault;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::fault::Fault;

/// Opens the application with no platform to ask.
pub(crate) async fn open(folder: &Path) -> Result<App, Fault> {
    let vault = Vault::system("brasskey-bench");
    vault.use_session();
    let platform = PlatformSettings {
        // Nothing listens on the port that is for discarding.
        url: PlatformUrl::parse("http://127.0.0.1:9")
            .map_err(|error| Fault::Other(error.to_string()))?,
        roots: Vec::new(),
        computer: "Bench".to_owned(),
    };
    Ok(App::open(&folder.join("brasskey.db"), vault, platform).await?)
}

/// Adds the bench's provider as a model server of this computer.
pub(crate) async fn add_server(app: &App, provider: &str) -> Result<KeyView, Fault> {
    let endpoint = NewEndpoint {
        provider: ProviderId::OpenAiCompatible,
        base_url: Some(format!("http://{provider}/v1")),
    };
    let pending = app.submit_keyless(&endpoint)?;
    save(app, &pending, &endpoint).await
}

/// Checks and saves what was entered.
pub(crate) async fn save(
    app: &App,
    pending: &PendingView,
    endpoint: &NewEndpoint,
) -> Result<KeyView, Fault> {
    match app.check_pending(&pending.id, endpoint, false).await? {
        CheckView::Works { .. } => Ok(app.save_key(&pending.id, "").await?),
        other => Err(Fault::Other(format!(
            "the provider was not taken: {other:?}"
        ))),
    }
}

/// A running answer.
pub(crate) struct Turn {
    pub(crate) view: TurnView,
    pub(crate) events: UnboundedReceiver<TurnEvent>,
}

impl Turn {
    /// Waits for the end.
    pub(crate) async fn end(&mut self) -> Result<(), Fault> {
        while let Some(event) = self.events.recv().await {
            if matches!(event, TurnEvent::Ended { .. }) {
                return Ok(());
            }
        }
        Err(Fault::Other("an answer never ended".into()))
    }
}

/// Asks in a conversation of its own; the events wait to be looked at.
pub(crate) async fn ask(app: &App, key: &KeyView, model: &str) -> Result<Turn, Fault> {
    let (sender, events) = unbounded_channel();
    // Whoever is done with a turn no longer listens.
    let view = ask_into(
        app,
        key,
        model,
        Box::new(move |event| drop(sender.send(event))),
    )
    .await?;
    Ok(Turn { view, events })
}

/// The same, and each event goes where it is told at once.
pub(crate) async fn ask_into(
    app: &App,
    key: &KeyView,
    model: &str,
    sink: Sink,
) -> Result<TurnView, Fault> {
    let turn = NewTurn {
        ask: Ask::First {
            project_id: None,
            text: "What time is it?".to_owned(),
        },
        model: ModelRef {
            key_id: key.id.clone(),
            model: model.to_owned(),
        },
    };
    Ok(app.send(turn, sink).await?)
}
