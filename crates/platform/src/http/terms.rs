//! `/v1/terms/{doc}`: the texts, and that they were accepted.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{Body, IdempotencyKey, all_short};
use super::caller::Caller;
use super::idempotent::idempotent;
use super::problem::{Code, Problem};
use crate::clock::new_id;
use crate::credential;
use crate::service::Service;
use crate::store::Acceptance;
use crate::terms::{ENGLISH, Text};

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(read))
        .merge(idempotent(OpenApiRouter::new().routes(routes!(accept))))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// A language, such as `en`; English where there is no text in it.
    lang: Option<String>,
    /// A version, such as the one that was accepted; the newest where none is named.
    version: Option<String>,
}

/// A text.
#[derive(Serialize, ToSchema)]
#[schema(as = Terms)]
struct View {
    doc: String,
    version: String,
    lang: String,
    /// Of the exact bytes of `text` in UTF-8, in hexadecimal.
    sha256: String,
    /// Whether it changes rights or duties.
    material: bool,
    #[schema(value_type = String, format = DateTime)]
    effective_at: Timestamp,
    /// All versions of the document, oldest first. What was accepted holds until a later one is material and in force.
    versions: Vec<Version>,
    /// Markdown.
    text: String,
}

/// A version, without its text.
#[derive(Serialize, ToSchema)]
#[schema(as = TermsVersion)]
struct Version {
    version: String,
    material: bool,
    #[schema(value_type = String, format = DateTime)]
    effective_at: Timestamp,
}

/// A text that people accept: `terms`, `byok` or `vendor`. Every version stays.
#[utoipa::path(get, path = "/v1/terms/{doc}", tag = "terms", params(("doc" = String, Path), Which), responses((status = 200, body = View), Problem))]
async fn read(
    State(service): State<Service>,
    Path(doc): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<View>, Problem> {
    let lang = which.lang.as_deref().unwrap_or(ENGLISH);
    let found = match &which.version {
        Some(version) => service.terms().version(&doc, version, lang),
        None => service.terms().newest(&doc, lang),
    };
    let versions = service.terms().versions(&doc).map(|text| Version {
        version: text.version.clone(),
        material: text.material,
        effective_at: text.effective_at,
    });
    let versions = versions.collect();
    let Text {
        doc,
        version,
        lang,
        sha256,
        material,
        effective_at,
        text,
        ..
    } = found.ok_or_else(no_such_text)?.clone();
    Ok(Json(View {
        doc,
        version,
        lang,
        sha256,
        material,
        effective_at,
        versions,
        text,
    }))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = AcceptanceAsked)]
struct Accepted {
    version: String,
    /// Of the text that was shown.
    sha256: String,
    lang: String,
    /// When it was accepted, by the device's clock.
    #[schema(value_type = String, format = DateTime)]
    client_time: Timestamp,
    /// Where in the application, such as `first-run`.
    surface: String,
}

/// An acceptance that is kept.
#[derive(Serialize, ToSchema)]
#[schema(as = Acceptance)]
struct Kept {
    id: String,
}

/// Takes note that the newest version of a text was accepted, on a device that is signed in or tries Brasskey.
#[utoipa::path(post, path = "/v1/terms/{doc}/acceptances", tag = "terms", params(("doc" = String, Path), IdempotencyKey), request_body = Accepted, security(("device" = [])), responses((status = 201, body = Kept), Problem))]
async fn accept(
    State(service): State<Service>,
    Path(doc): Path<String>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Body(accepted): Body<Accepted>,
) -> Result<(StatusCode, Json<Kept>), Problem> {
    all_short(&[&accepted.surface, &accepted.lang, &accepted.version])?;
    let newest = service
        .terms()
        .newest(&doc, &accepted.lang)
        .ok_or_else(no_such_text)?;
    let is_it = newest.version == accepted.version
        && newest.sha256 == accepted.sha256
        && newest.lang == accepted.lang;
    if !is_it {
        let problem = Problem::new(Code::TermsChanged, "Another text is to be accepted now.");
        return Err(problem
            .with("doc", newest.doc.clone())
            .with("version", newest.version.clone())
            .with("lang", newest.lang.clone())
            .with("sha256", newest.sha256.clone()));
    }
    let acceptance = Acceptance {
        id: new_id("tac"),
        account_id: caller.account_id,
        device_id: caller.device_id,
        request_key: credential::digest(key.as_bytes()),
        doc,
        version: accepted.version,
        lang: accepted.lang,
        sha256: accepted.sha256,
        client_time: accepted.client_time,
        surface: accepted.surface,
    };
    let kept = service
        .store()
        .accept_terms(&acceptance, service.now())
        .await?;
    let id = kept.ok_or(Problem::new(
        Code::InvalidRequest,
        "The Idempotency-Key was used for another text.",
    ))?;
    Ok((StatusCode::CREATED, Json(Kept { id })))
}

fn no_such_text() -> Problem {
    Problem::new(Code::NotFound, "There is no such text.")
}
