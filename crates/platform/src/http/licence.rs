//! `POST /v1/licence`: a device renews its licence, and its credential with it.

use axum::extract::State;
use axum::{Extension, Json};
use brasskey_licence::Standing;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{Body, DeviceCredential};
use super::problem::{Code, Problem};
use super::rates::Rates;
use crate::credential;
use crate::issuing;
use crate::service::Service;
use crate::store::{self, Presented, Renewal};
use crate::subscriptions;

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(renew))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = LicenceAsked)]
struct Asked {
    app_version: String,
}

/// A renewed licence. The credential that was presented is good until this one is used.
#[derive(Serialize, ToSchema)]
struct Renewed {
    licence: String,
    device_token: String,
    #[schema(value_type = String, format = DateTime)]
    server_time: Timestamp,
}

/// Renews the licence of the device that asks, and its credential with it.
#[utoipa::path(post, path = "/v1/licence", tag = "licence", request_body = Asked, security(("device" = [])), responses((status = 200, body = Renewed), Problem))]
async fn renew(
    State(service): State<Service>,
    rates: Option<Extension<Rates>>,
    DeviceCredential(presented): DeviceCredential,
    Body(asked): Body<Asked>,
) -> Result<Json<Renewed>, Problem> {
    let next = credential::new().ok_or(Problem::internal())?;
    let now = service.now();
    let found = service
        .store()
        .present(Renewal {
            presented_hash: credential::hash(&presented),
            next_hash: credential::hash(&next),
            app_version: asked.app_version,
            at: now,
            // A renewal neither waits for the billing provider nor fails with it.
            sync_before: now.checked_sub(subscriptions::FRESH_FOR).unwrap_or(now),
        })
        .await?;
    let store::Renewed {
        device,
        mut subscription,
        is_withdrawn,
    } = match found {
        Presented::Good(renewed) => *renewed,
        Presented::Copied => {
            return Err(Problem::new(
                Code::DeviceUnknown,
                "This credential was replaced long ago. Sign in again on this device.",
            ));
        }
        Presented::Unknown => {
            return Err(Problem::new(
                Code::DeviceUnknown,
                "Sign in again on this device.",
            ));
        }
    };
    if let Some(Extension(rates)) = rates {
        rates.known(&device.id, &device.account_id)?;
    }
    if is_withdrawn {
        subscription.standing = Standing::Revoked;
    }
    let claims = issuing::claims(
        service.catalogue(),
        service.issuer(),
        &subscription,
        &device,
        now,
    );
    let licence = service.sign(&claims)?;
    if is_withdrawn {
        // Only a signed statement may lower rights.
        let problem = Problem::new(Code::DeviceRevoked, "This device was signed out elsewhere.");
        return Err(problem.with("licence", licence));
    }
    Ok(Json(Renewed {
        licence,
        device_token: next.expose_secret().to_owned(),
        server_time: now,
    }))
}
