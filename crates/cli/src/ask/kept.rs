//! A question with the keys, the plan and the ledger of the window.

use brasskey_app::App;
use brasskey_app::ask::Extras;
use brasskey_app::error::{Error, ErrorCode, ErrorView};
use brasskey_app::models::view::{ModelGroupView, ModelRef};

use super::{NotAsked, attach, question};
use crate::arguments::Ask;
use crate::ask::print::Printer;
use crate::exit::Exit;
use crate::keys::find;
use crate::models::payer;
use crate::open::{open, unlock};

pub(super) async fn run(ask: Ask, printer: &mut Printer) -> Exit {
    let message = question(ask.prompt.clone(), &ask.attach)
        .and_then(|question| attach::with(question, &ask.attach));
    let message = match message {
        Ok(message) => message,
        Err(refusal) => return refusal.told(printer),
    };
    let app = match open().await {
        Ok(app) => app,
        Err(exit) => return exit,
    };
    let model = match model(&app, &ask).await {
        Ok(model) => model,
        Err(refusal) => {
            app.quit().await;
            return refusal.told(printer);
        }
    };
    if let Err(exit) = unlock(&app).await {
        app.quit().await;
        return exit;
    }
    let extras = Extras {
        system: ask.system,
        attachments: message.attachments,
        max_output: ask.max_output,
    };
    // When nobody reads any more the answer is kept all the same, as one in the window is.
    let tell = |event| {
        printer.print(&event);
    };
    let asking = app.ask(model, message.text, extras, tell);
    let answered = tokio::select! {
        answered = asking => answered,
        _ = tokio::signal::ctrl_c() => Err(Error::Stopped),
    };
    // What is still written is waited for: the receipt of a stopped answer, too.
    app.quit().await;
    match answered {
        Ok(answered) => answered.err().map_or(Exit::Done, Exit::from),
        Err(error) => {
            let view = ErrorView::from(error);
            NotAsked::new(view.code, view.message).told(printer)
        }
    }
}

/// The model of this name, at the key that is named, or at the only one that offers it, or at the default one.
async fn model(app: &App, ask: &Ask) -> Result<ModelRef, NotAsked> {
    let groups = app
        .models()
        .await
        .map_err(|error| NotAsked::new(error.code(), error.to_string()))?;
    let key = match &ask.key {
        Some(word) => Some(
            find(app, word)
                .await
                .map_err(|_| NotAsked::new(ErrorCode::NotFound, format!("no key {word}")))?,
        ),
        None => None,
    };
    let of_key = |group: &&ModelGroupView| {
        key.as_ref().is_none_or(|key| {
            group
                .models
                .iter()
                .any(|model| model.model.key_id == key.id)
        })
    };
    let mut found: Vec<(&ModelGroupView, &ModelRef)> = Vec::new();
    for group in groups.iter().filter(of_key) {
        let named = |name: &str| name.eq_ignore_ascii_case(&ask.model);
        let model = group.models.iter().find(|it| it.model.model == ask.model);
        let model = model.or_else(|| group.models.iter().find(|it| named(&it.name)));
        found.extend(model.map(|model| (group, &model.model)));
    }
    // Those that can answer now come first; of each provider the default key does already.
    found.sort_by_key(|(group, _)| group.unavailable.is_some());
    let Some((group, model)) = found.first() else {
        return match key {
            // A name that no list holds may be good all the same.
            Some(key) => Ok(ModelRef {
                key_id: key.id,
                model: ask.model.clone(),
            }),
            None => Err(NotAsked::new(
                ErrorCode::ModelUnavailable,
                format!("no key and no plan here offers {}", ask.model),
            )),
        };
    };
    let others: Vec<String> = found
        .iter()
        .skip(1)
        .map(|(other, _)| payer(other))
        .collect();
    if !others.is_empty() && !ask.json {
        eprintln!(
            "Asking with {} (also: {}).",
            payer(group),
            others.join(", ")
        );
    }
    Ok((*model).clone())
}
