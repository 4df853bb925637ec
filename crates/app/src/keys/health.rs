//! What is known of a saved key, as it is kept with its record: what the last check or answer proved, and its models.

use std::collections::HashSet;

use brasskey_providers::guess;
use secrecy::SecretString;

use super::pending::Checked;
use super::record::Key;
use super::view::{HealthView, KeyView};
use crate::App;
use crate::changed::Changed;
use crate::error::{Error, ErrorCode};
use crate::models::StoredModel;

/// The longest id of a model that a user may name.
const MAX_MODEL: usize = 200;

/// What a check found, as the database keeps it.
pub(crate) struct Finding {
    pub(crate) health_json: String,
    /// None when nothing is new of the models.
    pub(crate) models_json: Option<String>,
    pub(crate) at: i64,
}

impl Finding {
    /// Of a check of a key that had the models `known`: those of them that the user named stay.
    pub(crate) fn of(checked: &Checked, known: &[StoredModel]) -> Result<Self, Error> {
        let unwritable = |_| Error::InvalidInput("the result of a check cannot be kept");
        let models = checked.models.clone().map(|listed| merged(listed, known));
        Ok(Self {
            health_json: serde_json::to_string(&checked.health).map_err(unwritable)?,
            models_json: models
                .map(|models| serde_json::to_string(&models))
                .transpose()
                .map_err(unwritable)?,
            at: checked.at,
        })
    }
}

/// A list as it was found, with the models of the list before it that the user named.
fn merged(listed: Vec<StoredModel>, known: &[StoredModel]) -> Vec<StoredModel> {
    let mut models = listed;
    for named in known.iter().filter(|model| model.named) {
        match models.iter_mut().find(|model| model.id == named.id) {
            Some(model) => model.named = true,
            None => models.push(named.clone()),
        }
    }
    models
}

impl App {
    /// Keeps what a check or an answer proved. A key that was removed meanwhile needs none of it.
    pub(crate) async fn keep_health(&self, key: &Key, checked: &Checked) -> Result<(), Error> {
        let _writing = self.key_notes.writing_models.lock().await;
        let kept = async {
            // Named since the check began: the models are those of now.
            let known = self.key(key.id.as_str()).await?.models;
            let found = Finding::of(checked, &known)?;
            let models = found.models_json.as_deref();
            let records = self.ledger.keys();
            Ok(records
                .set_health(&key.id, &found.health_json, models, found.at)
                .await?)
        };
        match kept.await {
            Err(Error::NotFound(_)) => return Ok(()),
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(()),
            kept => kept?,
        }
        if key.secret.is_none()
            && let HealthView::Working { model_count } = checked.health
        {
            self.answers(&key.id, model_count);
        }
        self.announce(Changed::Keys);
        Ok(())
    }

    /// Adds a model that the endpoint does not list to those of a key, so that it can be asked. One that is known changes
    /// nothing.
    ///
    /// # Errors
    /// `not_found`; `invalid_input` for what cannot be a model's id, and for what looks like a key.
    pub async fn name_model(&self, id: &str, model: &str) -> Result<KeyView, Error> {
        let model = model.trim();
        if model.is_empty()
            || model.chars().count() > MAX_MODEL
            || model.chars().any(char::is_control)
        {
            return Err(Error::InvalidInput(
                "a model's id has 1 to 200 characters, none of them a control character",
            ));
        }
        // What is named is written into the database and shown: nothing that a key may be.
        if guess(&SecretString::from(model)).is_some() {
            return Err(Error::InvalidInput("this looks like a key"));
        }
        let _writing = self.key_notes.writing_models.lock().await;
        let mut key = self.key(id).await?;
        let known: HashSet<&str> = key.models.iter().map(|known| &*known.id).collect();
        if !known.contains(model) {
            key.models.push(StoredModel::named(model));
            let models = serde_json::to_string(&key.models)
                .map_err(|_| Error::InvalidInput("the models cannot be kept"))?;
            self.ledger.keys().set_models(&key.id, &models).await?;
            self.announce(Changed::Keys);
        }
        self.key_view(&key).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(id: &str) -> StoredModel {
        StoredModel {
            named: false,
            ..StoredModel::named(id)
        }
    }

    #[test]
    fn a_new_list_keeps_what_the_user_named_and_drops_what_the_provider_dropped() {
        let known = [listed("old"), StoredModel::named("mine"), listed("both")];
        let now = merged(vec![listed("both"), listed("new")], &known);
        assert_eq!(
            now,
            [listed("both"), listed("new"), StoredModel::named("mine")]
        );
        // Listed for a while and then no more, it is still the user's.
        let now = merged(vec![listed("mine")], &now);
        assert_eq!(now, [StoredModel::named("mine")]);
        assert_eq!(merged(vec![], &now), [StoredModel::named("mine")]);
    }
}
