//! The models that the plan pays for: each provider behind the platform's gateway, with what it lists there.
//!
//! Lists are kept and read again in the background; nothing here makes a model call.

mod failure;

use std::sync::{Arc, Mutex, PoisonError};

use brasskey_ledger::Ledger;
use brasskey_providers::{self as providers, BaseUrl, Credential, Endpoint, Payer, Provider};
use serde::{Deserialize, Serialize};

pub(crate) use failure::of_the_gateway;

use crate::App;
use crate::billing::view::BillingMode;
use crate::changed::Changed;
use crate::chat::view::PayerView;
use crate::error::{Error, ErrorCode, FailureView};
use crate::models::view::ModelGroupView;
use crate::models::{StoredModel, answering, group_view};
use crate::prices::Books;

/// The setting that holds the lists.
const LISTS: &str = "plan_models";
/// How old a list may be before it is read again.
const FRESH_MS: i64 = 24 * 60 * 60 * 1000;
/// What the ids of the plan's endpoints begin with.
const PREFIX: &str = "plan-";

/// The providers behind the gateway, in the order in which they are offered, each with its path there.
const SERVED: [(Provider, &str); 3] = [
    (Provider::Anthropic, "v1/gateway/anthropic/v1"),
    (Provider::OpenAi, "v1/gateway/openai/v1"),
    (Provider::Gemini, "v1/gateway/gemini/v1beta"),
];

/// A provider behind the gateway.
#[derive(Clone, Debug)]
pub(crate) struct PlanEndpoint {
    pub(crate) id: String,
    pub(crate) endpoint: Endpoint,
    pub(crate) models: Vec<StoredModel>,
}

impl PlanEndpoint {
    /// Who pays for a call through it.
    pub(crate) fn payer_view(&self) -> PayerView {
        payer_view(self.endpoint.provider)
    }
}

/// Who pays for a call of the plan.
pub(crate) fn payer_view(provider: Provider) -> PayerView {
    PayerView::Plan {
        provider,
        provider_name: provider.name().to_owned(),
    }
}

/// Whether an id is of one of the plan's endpoints.
pub(crate) fn provider_of(id: &str) -> Option<Provider> {
    let name = id.strip_prefix(PREFIX)?;
    let mut served = SERVED.iter().map(|(provider, _)| *provider);
    served.find(|provider| provider.as_str() == name)
}

/// What the gateway listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Lists {
    listed: Vec<Listed>,
    read_at: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Listed {
    provider: String,
    models: Vec<StoredModel>,
}

/// The lists of this run.
pub(crate) struct PlanModels {
    held: Mutex<Arc<Lists>>,
}

impl PlanModels {
    /// Reads what is kept. Nobody is asked.
    pub(crate) async fn open(ledger: &Ledger) -> Result<Self, Error> {
        let kept: Lists = ledger.settings().get(LISTS).await?.unwrap_or_default();
        Ok(Self {
            held: Mutex::new(Arc::new(kept)),
        })
    }

    fn now(&self) -> Arc<Lists> {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn replace(&self, lists: Lists) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(lists);
    }
}

impl App {
    /// The plan's endpoint of an id; none for the id of a key.
    pub(crate) fn plan_endpoint(&self, id: &str) -> Result<Option<PlanEndpoint>, Error> {
        match provider_of(id) {
            Some(provider) => self.endpoint_of(provider).map(Some),
            None => Ok(None),
        }
    }

    fn endpoint_of(&self, provider: Provider) -> Result<PlanEndpoint, Error> {
        let served = SERVED.iter().find(|(served, _)| *served == provider);
        let (_, path) = served.ok_or(Error::NotFound("provider"))?;
        let lists = self.plan_models.now();
        let listed = lists
            .listed
            .iter()
            .find(|listed| listed.provider == provider.as_str());
        Ok(PlanEndpoint {
            id: format!("{PREFIX}{}", provider.as_str()),
            endpoint: Endpoint {
                provider,
                protocol: provider.protocol(),
                base_url: BaseUrl::parse(&format!("{}/{path}", self.account.url()))?,
            },
            models: listed.map_or_else(Vec::new, |listed| listed.models.clone()),
        })
    }

    /// The plan's models, grouped by provider; nothing before the gateway listed any.
    pub(crate) async fn plan_groups(&self) -> Result<Vec<ModelGroupView>, Error> {
        let at = self.clock.now_ms();
        let read_at = self.plan_models.now().read_at;
        let out_of_reach = match self.billing_mode().await? {
            Some(BillingMode::VendorBilled) => {
                let permitted = self.account.permit(BillingMode::VendorBilled);
                permitted.err().map(|error| error.code())
            }
            Some(BillingMode::Byok) | None => Some(ErrorCode::OtherMode),
        };
        let mut groups = Vec::new();
        for (provider, _) in SERVED {
            let plan = self.endpoint_of(provider)?;
            if plan.models.is_empty() {
                continue;
            }
            let host = plan.endpoint.base_url.host();
            groups.push(ModelGroupView {
                payer: plan.payer_view(),
                unavailable: out_of_reach.map(|code| FailureView::not_sent(code, host)),
                trouble: None,
                models: group_view(&plan.id, &plan.endpoint, &plan.models, Books::LISTED, at),
                fetched_at: Some(read_at),
            });
        }
        Ok(groups)
    }

    /// Reads the lists where they are old, or were never read, and the plan pays.
    ///
    /// # Errors
    /// `platform_unreachable`, `sign_in_needed`, the credential store's states; what was known before stays.
    pub(crate) async fn read_plan_models(&self) -> Result<(), Error> {
        let known = self.plan_models.now();
        let is_fresh = self.clock.now_ms().saturating_sub(known.read_at) < FRESH_MS;
        if is_fresh || !self.account.allows(BillingMode::VendorBilled) {
            return Ok(());
        }
        let mut listed = Vec::new();
        for (provider, _) in SERVED {
            let plan = self.endpoint_of(provider)?;
            let origin = plan.endpoint.base_url.origin().clone();
            let payer = Payer::Plan {
                credential: Credential::new(self.device_credential().await?, origin),
            };
            let models = providers::check(&self.wire, &plan.endpoint, &payer)
                .await
                .map_err(|failure| {
                    tracing::info!(code = ?failure.provider_code, "the plan's models were not listed");
                    Error::PlatformUnreachable
                })?;
            listed.push(Listed {
                provider: provider.as_str().to_owned(),
                models: answering(models),
            });
        }
        let lists = Lists {
            listed,
            read_at: self.clock.now_ms(),
        };
        self.ledger.settings().set(LISTS, &lists).await?;
        self.plan_models.replace(lists);
        self.announce(Changed::Keys);
        Ok(())
    }
}
