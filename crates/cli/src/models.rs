//! `brasskey models`: what can be asked, and what it costs.

use brasskey_app::chat::view::PayerView;
use brasskey_app::models::view::{ModelGroupView, ModelView};

use crate::exit::Exit;
use crate::keys::print_json;
use crate::open::{open, told};
use crate::table;

pub(crate) async fn run(filter: Option<String>, json: bool) -> Exit {
    let app = match open().await {
        Ok(app) => app,
        Err(exit) => return exit,
    };
    let groups = app.models().await;
    app.quit().await;
    let groups = match groups {
        Ok(groups) => groups,
        Err(error) => return told(error),
    };
    if json {
        return print_json(&groups).err().unwrap_or(Exit::Done);
    }
    let wanted = filter.unwrap_or_default().to_lowercase();
    let mut rows = Vec::new();
    for group in &groups {
        for model in &group.models {
            let id = &model.model.model;
            if !id.to_lowercase().contains(&wanted) && !model.name.to_lowercase().contains(&wanted)
            {
                continue;
            }
            let price = |price: &Option<String>| {
                price
                    .clone()
                    .map_or_else(String::new, |price| format!("${price}"))
            };
            rows.push(vec![
                id.clone(),
                payer(group),
                price(&model.input_price),
                price(&model.output_price),
                model
                    .context_window
                    .map_or_else(String::new, |tokens| tokens.to_string()),
                abilities(model),
                group
                    .unavailable
                    .as_ref()
                    .map_or("", |failure| failure.code.as_str())
                    .to_owned(),
            ]);
        }
    }
    if rows.is_empty() {
        println!("No model is known. A key brings its models: brasskey keys add openai");
        return Exit::Done;
    }
    table::print(
        &["MODEL", "KEY", "INPUT/M", "OUTPUT/M", "CONTEXT", "ALSO", ""],
        &rows,
    );
    Exit::Done
}

/// What a model can do besides text.
fn abilities(model: &ModelView) -> String {
    let abilities = &model.abilities;
    let named = [
        (abilities.images, "images"),
        (abilities.documents, "PDF"),
        (abilities.thinking, "thinking"),
        (abilities.tools, "tools"),
    ];
    let has: Vec<&str> = named
        .into_iter()
        .filter(|(has, _)| *has == Some(true))
        .map(|(_, name)| name)
        .collect();
    has.join(", ")
}

/// Who pays for a group, in a word.
pub(crate) fn payer(group: &ModelGroupView) -> String {
    match &group.payer {
        PayerView::UserKey { label, .. } | PayerView::Nobody { label, .. } => label.clone(),
        PayerView::Plan { provider_name, .. } => format!("plan ({provider_name})"),
    }
}
