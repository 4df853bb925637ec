//! `POST /v1/trials`: a device tries Brasskey with keys of its own, once, without an account.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{Body, IdempotencyKey, all_short};
use super::problem::{Code, Problem};
use crate::clock::new_id;
use crate::credential;
use crate::issuing;
use crate::service::Service;
use crate::store::{BegunTrial, NewDevice, NewTrial, StoreError};

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(begin))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = TrialAsked)]
struct Asked {
    device_id: String,
    name: String,
    os: String,
    app_version: String,
}

/// A trial that runs. The credential is shown this once.
#[derive(Serialize, ToSchema)]
struct Begun {
    device_token: String,
    licence: String,
}

/// Begins the trial of a device, once, without an account.
#[utoipa::path(post, path = "/v1/trials", tag = "licence", params(IdempotencyKey), request_body = Asked, responses((status = 201, body = Begun), Problem))]
async fn begin(
    State(service): State<Service>,
    IdempotencyKey(request_key): IdempotencyKey,
    Body(asked): Body<Asked>,
) -> Result<(StatusCode, Json<Begun>), Problem> {
    all_short(&[&asked.device_id, &asked.name, &asked.os, &asked.app_version])?;
    let credential = credential::new().ok_or(Problem::internal())?;
    let now = service.now();
    let trial = &service.catalogue().trial;
    let new = NewTrial {
        account_id: new_id("acc"),
        device: NewDevice {
            id: asked.device_id,
            name: asked.name,
            os: asked.os,
            app_version: asked.app_version,
        },
        plan: trial.plan.clone(),
        request_key: credential::digest(request_key.as_bytes()),
        credential_hash: credential::hash(&credential),
        ends_at: now
            .checked_add(SignedDuration::from_hours(24 * i64::from(trial.days)))
            .map_err(|_| Problem::internal())?,
    };
    let device = match service.store().begin_trial(&new, now).await? {
        BegunTrial::Running(device) => device,
        BegunTrial::Used => {
            return Err(Problem::new(
                Code::TrialUsed,
                "Sign in to go on: what was made in the trial stays.",
            ));
        }
    };
    let subscription = service
        .store()
        .subscription(&device.account_id)
        .await?
        .ok_or(StoreError::Unreadable("a trial without a subscription"))?;
    let claims = issuing::claims(
        service.catalogue(),
        service.issuer(),
        &subscription,
        &device,
        now,
    );
    let begun = Begun {
        device_token: credential.expose_secret().to_owned(),
        licence: service.sign(&claims)?,
    };
    Ok((StatusCode::CREATED, Json(begun)))
}
