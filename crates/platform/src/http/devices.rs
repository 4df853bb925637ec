//! `/v1/devices`: a person signs in on a device, sees the devices of the account, signs one out.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{Body, IdempotencyKey, all_short};
use super::person::{Owner, Person};
use super::problem::{Code, Problem};
use crate::clock::new_id;
use crate::credential;
use crate::issuing;
use crate::service::Service;
use crate::store::{ListedDevice, NewDevice, SignIn, SignedIn, StoreError, Subscription};

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(sign_in, list))
        .routes(routes!(sign_out))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = SignInAsked)]
struct Asked {
    device_id: String,
    name: String,
    os: String,
    app_version: String,
    /// The credential that the device has, of its trial or of another account: what belongs to it comes along.
    #[serde(default)]
    device_token: Option<String>,
    /// The device that gives up its seat when there is no free one.
    #[serde(default)]
    replace: Option<String>,
}

/// A device that is signed in. The credential is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
struct Answer {
    device_token: String,
    licence: String,
    account: AccountName,
}

#[derive(Serialize, ToSchema)]
struct AccountName {
    id: String,
    email: Option<String>,
}

/// Signs a person in on a device. The first time makes the account, or makes the trial's account that of the person. Sent again,
/// it ends the same with a fresh credential, and the earlier one is worth nothing.
#[utoipa::path(post, path = "/v1/devices", tag = "account", params(IdempotencyKey), request_body = Asked, security(("person" = [])), responses((status = 201, body = Answer), Problem))]
async fn sign_in(
    State(service): State<Service>,
    person: Person,
    _key: IdempotencyKey,
    Body(asked): Body<Asked>,
) -> Result<(StatusCode, Json<Answer>), Problem> {
    all_short(&[&asked.device_id, &asked.name, &asked.os, &asked.app_version])?;
    let known = service.store().account_of(&person.subject).await?;
    // The provider is asked once: afterwards the account has the address.
    let email = match known.and_then(|(_, email)| email) {
        Some(email) => Some(email),
        None => person.email(&service).await?,
    };
    let credential = credential::new().ok_or(Problem::internal())?;
    let now = service.now();
    let proof = asked.device_token.map(SecretString::from);
    let sign_in = SignIn {
        identity: person.subject,
        email: email.clone(),
        device: NewDevice {
            id: asked.device_id,
            name: asked.name,
            os: asked.os,
            app_version: asked.app_version,
        },
        credential_hash: credential::hash(&credential),
        proof_hash: proof.as_ref().map(credential::hash),
        replace: asked.replace,
        account_id: new_id("acc"),
    };
    let seats = |subscription: &Subscription, limit: i64| {
        issuing::seats(service.catalogue(), subscription, limit, now)
    };
    let device = match service.store().sign_in(&sign_in, &seats, now).await? {
        SignedIn::Seated(device) => device,
        SignedIn::NoSeat(devices) => {
            let devices = serde_json::to_value(devices).map_err(|_| Problem::internal())?;
            return Err(Problem::new(
                Code::DeviceLimit,
                "Send the same again with `replace`, the id of one of these devices.",
            )
            .with("devices", devices));
        }
        SignedIn::InUse => {
            return Err(Problem::new(
                Code::DeviceInUse,
                "Another account uses this device: send its credential along, sign out first, or choose another device id.",
            ));
        }
    };
    let subscription = service
        .store()
        .subscription(&device.account_id)
        .await?
        .ok_or(StoreError::Unreadable("an account without a subscription"))?;
    let claims = issuing::claims(
        service.catalogue(),
        service.issuer(),
        &subscription,
        &device,
        now,
    );
    let answer = Answer {
        device_token: credential.expose_secret().to_owned(),
        licence: service.sign(&claims)?,
        account: AccountName {
            id: device.account_id,
            email,
        },
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

#[derive(Serialize, ToSchema)]
#[schema(as = Devices)]
struct Listed {
    /// Those that have a seat, the longest unseen first.
    devices: Vec<ListedDevice>,
    /// The one that asks.
    this: Option<String>,
}

/// The devices of the account.
#[utoipa::path(get, path = "/v1/devices", tag = "account", security(("device" = []), ("person" = [])), responses((status = 200, body = Listed), Problem))]
async fn list(State(service): State<Service>, owner: Owner) -> Result<Json<Listed>, Problem> {
    let devices = service.store().devices(&owner.account_id).await?;
    Ok(Json(Listed {
        devices,
        this: owner.device_id,
    }))
}

/// Signs a device of the account out. It hears of it by a signed statement.
#[utoipa::path(delete, path = "/v1/devices/{id}", tag = "account", params(("id" = String, Path)), security(("device" = []), ("person" = [])), responses((status = 204), Problem))]
async fn sign_out(
    State(service): State<Service>,
    owner: Owner,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    if service.store().sign_out(&owner.account_id, &id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::new(
            Code::NotFound,
            "The account has no such device.",
        ))
    }
}
