//! Commands of the feature `chat`: parse, call, map.

use brasskey_app::App;
use brasskey_app::chat::view::{EstimateView, NewTurn, TurnEvent, TurnView};
use brasskey_app::models::view::ModelRef;
use tauri::State;
use tauri::ipc::Channel;

use crate::arg::Arg;
use crate::ipc::Answer;

/// Asks; events follow on the channel.
#[tauri::command]
#[specta::specta]
pub async fn chat_send(
    app: State<'_, App>,
    turn: Arg<NewTurn>,
    events: Arg<Channel<TurnEvent>>,
) -> Answer<TurnView> {
    // A closed window is no reason to stop an answer: it is stored and shown at the next opening.
    let sink = Box::new(move |event| {
        if events.send(event).is_err() {
            tracing::debug!("a turn's event found no window");
        }
    });
    Ok(app.send(turn.0, sink).await?)
}

/// Stops a running answer or a wait.
#[tauri::command]
#[specta::specta]
pub async fn chat_stop(app: State<'_, App>, turn_id: Arg<String>) -> Answer<()> {
    app.stop_turn(&turn_id);
    Ok(())
}

/// Ends a wait and sends at once.
#[tauri::command]
#[specta::specta]
pub async fn chat_try_now(app: State<'_, App>, turn_id: Arg<String>) -> Answer<()> {
    app.try_now(&turn_id);
    Ok(())
}

/// About what the next answer will cost.
#[tauri::command]
#[specta::specta]
pub async fn chat_estimate(
    app: State<'_, App>,
    conversation_id: Arg<Option<String>>,
    text_chars: Arg<u32>,
    model: Arg<ModelRef>,
) -> Answer<EstimateView> {
    Ok(app
        .estimate(conversation_id.as_deref(), text_chars.0, &model)
        .await?)
}
