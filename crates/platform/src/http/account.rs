//! `/v1/account`: whose it is, what it may, what it has yet to accept; and its end.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use brasskey_licence::{Feature, Mode, Standing};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::person::{Owner, Person, no_account};
use super::problem::Problem;
use crate::catalogue::Plan;
use crate::credential::digest;
use crate::issuing;
use crate::service::Service;
use crate::store::StoreError;
use crate::subscriptions;
use crate::terms::{BYOK, GENERAL, VENDOR};

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(look, close))
}

/// An account as its owner sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
struct View {
    account: Holder,
    subscription: SubscriptionView,
    /// What the plan grants, by feature.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    entitlements: BTreeMap<String, Feature>,
    /// What is to be accepted.
    terms_due: Vec<Due>,
}

#[derive(Serialize, ToSchema)]
struct Holder {
    id: String,
    /// None for a trial without sign-in.
    email: Option<String>,
    is_signed_in: bool,
    /// How many devices it may have; none is any number.
    devices_max: Option<u64>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AccountSubscription)]
struct SubscriptionView {
    plan: String,
    #[schema(value_type = String, example = "active")]
    standing: Standing,
    /// The end of the trial or of the period that was paid.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    period_start: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    period_end: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    past_due_since: Option<Timestamp>,
    /// Only grows.
    rev: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TermsDue)]
struct Due {
    doc: String,
    version: String,
    #[schema(value_type = String, format = DateTime)]
    effective_at: Timestamp,
    material: bool,
    /// Whether what the document is about waits for it. Reading, exporting and deleting never do.
    blocking: bool,
}

/// The account of the device or of the person that asks. The ETag is of everything that is answered.
#[utoipa::path(get, path = "/v1/account", tag = "account", security(("device" = []), ("person" = [])), responses((status = 200, body = View), (status = 304), Problem))]
async fn look(
    State(service): State<Service>,
    owner: Owner,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let view =
        serde_json::to_vec(&view(&service, &owner).await?).map_err(|_| Problem::internal())?;
    let tag = format!("\"{}\"", digest(&view));
    let held = headers
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let head = [
        (ETAG, tag.clone()),
        (CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    if held.is_some_and(|held| held.split(',').any(|one| one.trim() == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    let json = [(axum::http::header::CONTENT_TYPE, "application/json")];
    Ok((head, json, view).into_response())
}

async fn view(service: &Service, owner: &Owner) -> Result<View, Problem> {
    let now = service.now();
    let store = service.store();
    let account = store
        .account(&owner.account_id)
        .await?
        .ok_or_else(no_account)?;
    let subscription = store
        .subscription(&account.id)
        .await?
        .ok_or(StoreError::Unreadable("an account without a subscription"))?;
    let catalogue = service.catalogue();
    let plan = issuing::plan(catalogue, &subscription, now);
    let accepted = store.accepted_terms(&account.id).await?;
    Ok(View {
        subscription: SubscriptionView {
            plan: subscription.plan_code.clone(),
            standing: issuing::standing(&subscription, now),
            ends_at: subscription.ends_at,
            period_start: subscription.period_start,
            period_end: subscription.period_end,
            past_due_since: subscription.past_due_since,
            rev: subscription.rev,
        },
        entitlements: plan.map(|plan| plan.features.clone()).unwrap_or_default(),
        terms_due: due(service, plan, &accepted, now),
        account: Holder {
            devices_max: issuing::seats(catalogue, &subscription, account.device_limit, now),
            id: account.id,
            email: account.email,
            is_signed_in: account.identity.is_some(),
            created_at: account.created_at,
        },
    })
}

/// The general terms, and those of the billing mode that the plan has.
fn due(
    service: &Service,
    plan: Option<&Plan>,
    accepted: &[(String, String)],
    now: Timestamp,
) -> Vec<Due> {
    let of_mode = match plan.and_then(|plan| service.catalogue().mode_of(plan)) {
        Some(Mode::Byok) => Some(BYOK),
        Some(Mode::VendorBilled) => Some(VENDOR),
        Some(Mode::Unknown) | None => None,
    };
    let mut all = Vec::new();
    for doc in [Some(GENERAL), of_mode].into_iter().flatten() {
        let versions: Vec<String> = accepted
            .iter()
            .filter(|(accepted, _)| accepted == doc)
            .map(|(_, version)| version.clone())
            .collect();
        if let Some((text, blocking)) = service.terms().due(doc, &versions, now) {
            all.push(Due {
                doc: text.doc.clone(),
                version: text.version.clone(),
                effective_at: text.effective_at,
                material: text.material,
                blocking,
            });
        }
    }
    all
}

/// An account that is closed.
#[derive(Serialize, ToSchema)]
struct Closed {
    id: String,
    #[schema(value_type = String, format = DateTime)]
    closed_at: Timestamp,
}

/// Closes the account: the person is forgotten and every device is signed out. What is paid is paid, and
/// nothing more will be.
#[utoipa::path(delete, path = "/v1/account", tag = "account", security(("person" = [])), responses((status = 202, body = Closed), Problem))]
async fn close(
    State(service): State<Service>,
    person: Person,
) -> Result<(StatusCode, Json<Closed>), Problem> {
    let now = service.now();
    // First of all nothing may be charged any more: where that cannot be reached, the account stays.
    if let Some((id, _)) = service.store().account_of(&person.subject).await? {
        subscriptions::change::let_go(&service, &id).await?;
    }
    let id = service
        .store()
        .close_account(&person.subject, now)
        .await?
        .ok_or_else(no_account)?;
    tracing::info!(account = id, "closed");
    Ok((StatusCode::ACCEPTED, Json(Closed { id, closed_at: now })))
}
