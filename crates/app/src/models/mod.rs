//! What the keys offer: the models that each key's last check listed, with the prices that will be used.

pub mod view;

use brasskey_metering::{Money, PriceBook};
use brasskey_providers::{Abilities, Endpoint, Model};
use serde::{Deserialize, Serialize};

use crate::App;
use crate::billing::view::BillingMode;
use crate::error::{Error, ErrorCode, FailureView};
use crate::keys::record::Key;
use crate::prices::Books;
use view::{ModelGroupView, ModelRef, ModelView};

/// A model as kept with the key that listed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredModel {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) context_window: Option<u64>,
    pub(crate) max_output: Option<u64>,
    #[serde(default)]
    pub(crate) abilities: Abilities,
    /// The user named it: it stays although a list lacks it.
    #[serde(default)]
    pub(crate) named: bool,
}

impl StoredModel {
    /// A model of which nothing but its id is known, as the user named it.
    pub(crate) fn named(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: id.to_owned(),
            context_window: None,
            max_output: None,
            abilities: Abilities::default(),
            named: true,
        }
    }
}

/// The models of a check that can answer, as they are kept.
pub(crate) fn answering(models: Vec<Model>) -> Vec<StoredModel> {
    models
        .into_iter()
        .filter(|model| model.chat)
        .map(|model| StoredModel {
            id: model.id,
            name: model.name,
            context_window: model.context_window,
            max_output: model.max_output,
            abilities: model.abilities,
            named: false,
        })
        .collect()
}

/// The models of the endpoint's family in the price list, where it has one: a hint of what may be asked for.
pub(crate) fn priced(endpoint: &Endpoint, at: i64) -> Vec<StoredModel> {
    let Some(family) = endpoint.provider.price_family(&endpoint.base_url) else {
        return Vec::new();
    };
    let book = PriceBook::embedded();
    let rows = book.rows().iter().filter(|row| row.family == family);
    let mut models: Vec<StoredModel> = rows
        .filter(|row| book.find(family, &row.model, at) == Some(row))
        .map(|row| StoredModel {
            context_window: row.context_window,
            max_output: row.max_output,
            named: false,
            ..StoredModel::named(&row.model)
        })
        .collect();
    models.sort_by(|one, other| one.id.cmp(&other.id));
    models
}

/// Keys as the picker offers them: providers in the order of their oldest key, and of each the default first.
fn offered(mut keys: Vec<Key>) -> Vec<Key> {
    let mut providers = Vec::new();
    for key in &keys {
        if !providers.contains(&key.endpoint.provider) {
            providers.push(key.endpoint.provider);
        }
    }
    keys.sort_by_key(|key| {
        let provider = providers
            .iter()
            .position(|known| *known == key.endpoint.provider);
        (provider, !key.is_default)
    });
    keys
}

impl App {
    /// The models of the plan and of every key and endpoint, grouped by who is billed. What is listed first is offered first: what
    /// the mode in force pays for.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn models(&self) -> Result<Vec<ModelGroupView>, Error> {
        let keys = offered(self.keys_in_use().await?);
        let at = self.clock.now_ms();
        let is_vendor_billed = self.billing_mode().await? == Some(BillingMode::VendorBilled);
        let mut of_keys: Vec<ModelGroupView> =
            keys.iter().map(|key| self.model_group(key, at)).collect();
        if is_vendor_billed {
            for (group, key) in of_keys.iter_mut().zip(&keys) {
                if key.secret.is_some() {
                    let host = key.endpoint.base_url.host();
                    group.unavailable = Some(FailureView::not_sent(ErrorCode::OtherMode, host));
                }
            }
        }
        let of_plan = self.plan_groups().await?;
        Ok(if is_vendor_billed {
            [of_plan, of_keys].concat()
        } else {
            [of_keys, of_plan].concat()
        })
    }

    fn model_group(&self, key: &Key, at: i64) -> ModelGroupView {
        ModelGroupView {
            payer: key.payer_view(),
            unavailable: self.unavailable(key),
            trouble: self.trouble(key),
            models: group_view(
                key.id.as_str(),
                &key.endpoint,
                &key.models,
                self.prices.books(),
                at,
            ),
            fetched_at: key.last_checked_at,
        }
    }
}

/// The models of an endpoint as they are shown, with the prices of a moment.
pub(crate) fn group_view(
    id: &str,
    endpoint: &Endpoint,
    models: &[StoredModel],
    books: Books,
    at: i64,
) -> Vec<ModelView> {
    let view = |model: &StoredModel| {
        let row = books.row(endpoint, &model.id, at);
        // What was negotiated is prices alone.
        let sizes = Books::LISTED.row(endpoint, &model.id, at);
        ModelView {
            model: ModelRef {
                key_id: id.to_owned(),
                model: model.id.clone(),
            },
            name: model.name.clone(),
            input_price: row.map(|row| dollars(row.input_per_million())),
            output_price: row.map(|row| dollars(row.output_per_million())),
            context_window: model.context_window.or_else(|| sizes?.context_window),
            max_output: model.max_output.or_else(|| sizes?.max_output),
            abilities: model.abilities,
        }
    };
    models.iter().map(view).collect()
}

/// The name of a model; the id itself when the list does not hold it.
pub(crate) fn model_name(models: &[StoredModel], id: &str) -> String {
    models
        .iter()
        .find(|known| known.id == id)
        .map_or_else(|| id.to_owned(), |known| known.name.clone())
}

fn dollars(money: Money) -> String {
    money.to_string()
}
