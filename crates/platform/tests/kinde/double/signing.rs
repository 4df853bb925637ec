//! Keys and tokens: discovery, the key set, and tokens for machines.
//!
//! The keys are in the repository: they sign nothing that anybody but a test believes.

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::SignedDuration;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::world::Shared;

const FIRST: &[u8] = include_bytes!("keys/first.der");
const SECOND: &[u8] = include_bytes!("keys/second.der");
const FOREIGN: &[u8] = include_bytes!("keys/foreign.der");

/// The client that machines are.
pub(crate) const CLIENT: &str = "management-client";
pub(crate) const SECRET: &str = "management-secret-qZ7wK3vT9pXb";

/// The signing keys; the last is in use.
pub(crate) struct Keys {
    served: Vec<(String, EncodingKey)>,
    foreign: EncodingKey,
}

impl Keys {
    pub(crate) fn new() -> Self {
        Self {
            served: vec![("kid-first".to_owned(), EncodingKey::from_rsa_der(FIRST))],
            foreign: EncodingKey::from_rsa_der(FOREIGN),
        }
    }

    /// Goes on with another key under a new id.
    pub(crate) fn rotate(&mut self) {
        let id = format!("kid-{}", self.served.len() + 1);
        self.served.push((id, EncodingKey::from_rsa_der(SECOND)));
    }

    pub(crate) fn current_id(&self) -> &str {
        &self.served.last().unwrap().0
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let (id, key) = self.served.last().unwrap();
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(id.clone());
        jsonwebtoken::encode(&header, claims, key).unwrap()
    }

    /// Signs with a key that the issuer does not have, under an id of the caller's choice.
    pub(crate) fn sign_foreign(&self, claims: &Value, kid: &str, key_url: Option<&str>) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(kid.to_owned());
        header.jku = key_url.map(str::to_owned);
        jsonwebtoken::encode(&header, claims, &self.foreign).unwrap()
    }

    /// Signs with an HMAC whose key is what everybody knows.
    pub(crate) fn sign_hmac(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(self.current_id().to_owned());
        let public = self.set().to_string();
        let key = EncodingKey::from_secret(public.as_bytes());
        jsonwebtoken::encode(&header, claims, &key).unwrap()
    }

    fn set(&self) -> Value {
        let keys = self.served.iter().map(|(id, key)| jwk(id, key));
        json!({"keys": keys.collect::<Vec<_>>()})
    }

    /// The set of the foreign keys, at the address that a forger names.
    fn foreign_set(&self) -> Value {
        json!({"keys": [jwk("kid-foreign", &self.foreign)]})
    }
}

fn jwk(id: &str, key: &EncodingKey) -> Value {
    let mut jwk = Jwk::from_encoding_key(key, Algorithm::RS256).unwrap();
    jwk.common.key_id = Some(id.to_owned());
    serde_json::to_value(jwk).unwrap()
}

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/.well-known/jwks", get(keys))
        .route("/foreign/jwks", get(foreign_keys))
        .route("/oauth2/token", post(token))
}

async fn discovery(State(world): State<Shared>) -> Json<Value> {
    let issuer = world.lock().issuer.clone();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth2/auth"),
        "token_endpoint": format!("{issuer}/oauth2/token"),
        "jwks_uri": format!("{issuer}/.well-known/jwks"),
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn keys(State(world): State<Shared>) -> Json<Value> {
    Json(world.lock().keys.set())
}

async fn foreign_keys(State(world): State<Shared>) -> Json<Value> {
    Json(world.lock().keys.foreign_set())
}

#[derive(Deserialize)]
struct Asked {
    grant_type: String,
    client_id: String,
    client_secret: String,
    audience: String,
}

async fn token(State(world): State<Shared>, Form(asked): Form<Asked>) -> Response {
    let mut world = world.lock();
    if asked.grant_type != "client_credentials" {
        let body = json!({"error": "unsupported_grant_type"});
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    let audience = format!("{}/api", world.issuer);
    if asked.client_id != CLIENT || asked.client_secret != SECRET || asked.audience != audience {
        // Some servers repeat what they were sent.
        let body = json!({"error": "invalid_client", "error_description": asked.client_secret});
        return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    }
    let until = world.now() + SignedDuration::from_hours(24);
    let id = world.new_id("token");
    let claims = json!({
        "aud": [audience], "azp": CLIENT, "gty": ["client_credentials"], "iss": world.issuer,
        "jti": id, "iat": world.now().as_second(), "exp": until.as_second(), "scope": "", "scp": [], "v": "2",
    });
    let token = world.keys.sign(&claims);
    world.tokens.insert(token.clone(), until);
    Json(json!({"access_token": token, "expires_in": 86400, "scope": "", "token_type": "bearer"}))
        .into_response()
}
