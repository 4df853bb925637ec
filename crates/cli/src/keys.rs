//! `brasskey keys`: the same list as in Settings > Keys.

use brasskey_app::App;
use brasskey_app::keys::view::{CheckView, HealthView, KeyView, NewEndpoint, PlaceView};
use brasskey_providers::{Access, Page, Provider};

use crate::arguments::{AddKey, Keys, Reach, ReplaceKey};
use crate::exit::Exit;
use crate::open::{open, tell, told, unlock};
use crate::{confirm, secret, table};

pub(crate) async fn run(keys: Keys) -> Exit {
    let app = match open().await {
        Ok(app) => app,
        Err(exit) => return exit,
    };
    let done = match keys {
        Keys::List { json } => list(&app, json).await,
        Keys::Add(new) => add(&app, new).await,
        Keys::Check { keys } => check(&app, &keys).await,
        Keys::Replace(replace) => self::replace(&app, replace).await,
        Keys::Reach { key, reach } => self::reach(&app, &key, &reach).await,
        Keys::Remove { key, yes } => remove(&app, &key, yes).await,
    };
    app.quit().await;
    done.err().unwrap_or(Exit::Done)
}

async fn list(app: &App, json: bool) -> Result<(), Exit> {
    let keys = app.keys().await.map_err(told)?;
    if json {
        return print_json(&keys.keys);
    }
    if keys.keys.is_empty() {
        println!("There are no keys. Add one: brasskey keys add openai");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = keys.keys.iter().map(row).collect();
    table::print(
        &["NAME", "PROVIDER", "KEY", "KEPT", "STATE", "THIS MONTH"],
        &rows,
    );
    Ok(())
}

/// Prints a view as the window gets it.
pub(crate) fn print_json(view: &impl serde::Serialize) -> Result<(), Exit> {
    match serde_json::to_string_pretty(view) {
        Ok(text) => {
            println!("{text}");
            Ok(())
        }
        Err(_) => Err(Exit::Failed),
    }
}

fn row(key: &KeyView) -> Vec<String> {
    let last4 = key.last4.as_deref();
    let state = match &key.health {
        HealthView::Unchecked => "not checked".to_owned(),
        HealthView::Working { model_count } => format!("works, {model_count} models"),
        HealthView::Failing { failure } => failure.code.as_str().to_owned(),
    };
    vec![
        if key.is_default {
            format!("{} (default)", key.label)
        } else {
            key.label.clone()
        },
        key.provider_name.clone(),
        last4.map_or_else(|| "none".to_owned(), |last4| format!("…{last4}")),
        place(key.place).to_owned(),
        state,
        format!("${}", key.spent_this_month),
    ]
}

fn place(place: PlaceView) -> &'static str {
    match place {
        PlaceView::System => "credential store",
        PlaceView::Session => "memory",
        PlaceView::Missing => "missing",
        PlaceView::SessionEnded => "memory, gone",
        PlaceView::SetAside => "credential store, set aside",
        PlaceView::Vault => "passphrase vault",
        PlaceView::VaultAside => "passphrase vault, set aside",
        PlaceView::None => "none needed",
    }
}

/// The key of this name or id.
pub(crate) async fn find(app: &App, word: &str) -> Result<KeyView, Exit> {
    let keys = app.keys().await.map_err(told)?.keys;
    let is_named = |key: &&KeyView| key.label.eq_ignore_ascii_case(word);
    let mut found: Vec<KeyView> = match keys.iter().find(|key| key.id == word) {
        Some(key) => vec![key.clone()],
        None => keys.iter().filter(is_named).cloned().collect(),
    };
    match (found.pop(), found.is_empty()) {
        (Some(key), true) => Ok(key),
        (Some(_), false) => {
            eprintln!(
                "brasskey: several keys are named {word}; say which by its id (keys list --json)"
            );
            Err(Exit::Usage)
        }
        (None, _) => {
            eprintln!("brasskey: there is no key named {word}; brasskey keys list shows all");
            Err(Exit::Request)
        }
    }
}

fn read_key(variable: Option<&str>, provider: Provider) -> Result<secrecy::SecretString, Exit> {
    let key = match variable {
        Some(variable) => secret::from_environment(variable),
        None => secret::piped_or_asked(&format!("Key for {}: ", provider.name())),
    };
    key.ok_or_else(|| {
        match variable {
            Some(variable) => eprintln!("brasskey: the variable {variable} is not set"),
            None => eprintln!("brasskey: no key was entered"),
        }
        Exit::Key
    })
}

async fn add(app: &App, new: AddKey) -> Result<(), Exit> {
    let endpoint = NewEndpoint {
        provider: new.provider,
        base_url: new.base_url,
    };
    unlock(app).await?;
    let pending = if new.keyless {
        app.submit_keyless(&endpoint).map_err(told)?
    } else {
        let key = read_key(new.key_env.as_deref(), new.provider)?;
        app.submit_key(&key, &endpoint).map_err(told)?
    };
    if !new.no_check {
        checked(app, &pending.id, &endpoint, new.anyway).await?;
    }
    let saved = app
        .save_key(&pending.id, new.name.as_deref().unwrap_or(""))
        .await
        .map_err(told)?;
    println!(
        "Saved {} ({}): {}",
        saved.label,
        saved.provider_name,
        place(saved.place)
    );
    Ok(())
}

/// Checks a key before it is saved. One that will never work is not saved; one that may is, if that is wanted.
async fn checked(
    app: &App,
    pending: &str,
    endpoint: &NewEndpoint,
    anyway: bool,
) -> Result<(), Exit> {
    match app
        .check_pending(pending, endpoint, true)
        .await
        .map_err(told)?
    {
        CheckView::Works { model_count, .. } => {
            eprintln!("The provider accepts it and lists {model_count} models.");
            Ok(())
        }
        CheckView::Failed { failure, savable } => {
            let is_unlisted =
                failure.provider_code.as_deref() == Some(brasskey_providers::CANNOT_LIST_MODELS);
            if is_unlisted {
                eprintln!(
                    "The provider lists no models for a key, so that it proves itself with the first answer."
                );
                return Ok(());
            }
            tell(failure.code, failure.provider_message.as_deref());
            if savable && anyway {
                return Ok(());
            }
            if savable {
                eprintln!("It may work later: --anyway saves it all the same.");
            }
            app.cancel_pending(pending);
            Err(failure.code.into())
        }
        CheckView::WrongProvider { .. } | CheckView::Stopped => Ok(()),
    }
}

async fn check(app: &App, words: &[String]) -> Result<(), Exit> {
    unlock(app).await?;
    let keys = if words.is_empty() {
        app.keys().await.map_err(told)?.keys
    } else {
        let mut keys = Vec::new();
        for word in words {
            keys.push(find(app, word).await?);
        }
        keys
    };
    let mut first_trouble = None;
    let mut rows = Vec::new();
    for key in keys {
        let key = app.recheck_key(&key.id).await.map_err(told)?;
        if let HealthView::Failing { failure } = &key.health {
            first_trouble.get_or_insert(failure.code);
        }
        rows.push(row(&key));
    }
    table::print(
        &["NAME", "PROVIDER", "KEY", "KEPT", "STATE", "THIS MONTH"],
        &rows,
    );
    first_trouble.map_or(Ok(()), |code| Err(code.into()))
}

async fn replace(app: &App, replace: ReplaceKey) -> Result<(), Exit> {
    let old = find(app, &replace.key).await?;
    if let Some(page) = old.provider.page(Page::Keys) {
        eprintln!("New keys are made, and old ones revoked, at {page}");
    }
    unlock(app).await?;
    let endpoint = NewEndpoint {
        provider: old.provider,
        base_url: Some(old.base_url.clone()),
    };
    let key = read_key(replace.key_env.as_deref(), old.provider)?;
    let pending = app.submit_key(&key, &endpoint).map_err(told)?;
    checked(app, &pending.id, &endpoint, replace.anyway).await?;
    app.replace_key(&old.id, &pending.id).await.map_err(told)?;
    println!(
        "{} has its new key; the old one is deleted here.",
        old.label
    );
    println!("Revoke the old one at the provider, too, if it may be known to others.");
    Ok(())
}

async fn reach(app: &App, word: &str, reach: &Reach) -> Result<(), Exit> {
    let key = find(app, word).await?;
    let access = crate::reach::access(reach).map_err(|problem| {
        eprintln!("brasskey: {problem}");
        Exit::Usage
    })?;
    let is_usual = access == Access::default();
    app.set_key_access(&key.id, access).await.map_err(told)?;
    if is_usual {
        println!("{} is reached as usual.", key.label);
    } else {
        println!(
            "{} is reached in this way from now on: brasskey keys check {word}",
            key.label
        );
    }
    Ok(())
}

async fn remove(app: &App, word: &str, yes: bool) -> Result<(), Exit> {
    let key = find(app, word).await?;
    if !yes
        && !confirm(&format!(
            "Remove {} ({}) for good?",
            key.label, key.provider_name
        ))
    {
        println!("Nothing was removed.");
        return Ok(());
    }
    unlock(app).await?;
    app.remove_key_for_good(&key.id).await.map_err(told)?;
    println!(
        "Removed {}. It still works at the provider until it is revoked there.",
        key.label
    );
    Ok(())
}
