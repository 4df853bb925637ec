//! The control port: what tests do to Kinde, and what they may know of it.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::Faults;
use crate::webhooks;
use crate::world::{Shared, User};

pub(crate) fn routes(world: Shared) -> Router {
    Router::new()
        .route("/users", post(add_user))
        .route("/user-tokens", post(add_user_token))
        .route("/faults", post(set_faults))
        .route("/clock", post(move_clock))
        .route("/endpoint", post(set_endpoint))
        .route("/buy", post(buy))
        .route("/end", post(end))
        .route("/card", post(set_card))
        .route("/events", post(emit))
        .route("/old-agreements", post(add_old_agreements))
        .route("/keys/rotate", post(rotate))
        .route("/tokens/revoke", post(revoke_tokens))
        .route("/forge", post(forge))
        .route("/release", post(release))
        .route("/idle", get(idle))
        .route("/state", get(state))
        .with_state(world)
}

async fn add_user(State(world): State<Shared>, Json(user): Json<Value>) -> Json<Value> {
    let text = |name: &str| user[name].as_str().unwrap().to_owned();
    let user = User {
        id: text("id"),
        email: text("email"),
    };
    world.lock().users.insert(user.id.clone(), user);
    Json(json!({}))
}

async fn add_user_token(State(world): State<Shared>, Json(asked): Json<Value>) -> Json<Value> {
    let mut world = world.lock();
    let token = world.new_id("user_token");
    let user = asked["user"].as_str().unwrap().to_owned();
    world.user_tokens.insert(token.clone(), user);
    Json(json!({"token": token}))
}

/// Sets all faults; what is not named is off.
async fn set_faults(State(world): State<Shared>, Json(faults): Json<Faults>) -> Json<Faults> {
    world.lock().faults = faults.clone();
    Json(faults)
}

#[derive(Deserialize)]
struct Move {
    #[serde(default)]
    advance_ms: i64,
    factor: Option<f64>,
}

async fn move_clock(State(world): State<Shared>, Json(asked): Json<Move>) -> Json<Value> {
    let mut world = world.lock();
    if let Some(factor) = asked.factor {
        world.factor = factor;
    }
    world.advance(asked.advance_ms);
    Json(json!({"now": world.now()}))
}

async fn set_endpoint(State(world): State<Shared>, Json(asked): Json<Value>) -> Json<Value> {
    world.lock().outbox.endpoint = asked["url"].as_str().map(str::to_owned);
    Json(json!({}))
}

/// Somebody pays on the hosted page, or chooses another plan in the portal.
async fn buy(State(world): State<Shared>, Json(asked): Json<Value>) -> Json<Value> {
    let text = |name: &str| asked[name].as_str().unwrap();
    let id = world.lock().buy(text("user"), text("plan"));
    Json(json!({"agreement": id}))
}

/// Somebody cancels in the portal.
async fn end(State(world): State<Shared>, Json(asked): Json<Value>) -> Json<Value> {
    let ended = world.lock().end(asked["agreement"].as_str().unwrap());
    Json(json!({"ended": ended}))
}

async fn set_card(State(world): State<Shared>, Json(asked): Json<Value>) -> Json<Value> {
    let mut world = world.lock();
    let user = asked["user"].as_str().unwrap();
    let of = world.customers.values_mut().find(|it| it.user_id == user);
    of.unwrap().card_fails = asked["fails"].as_bool().unwrap();
    Json(json!({}))
}

#[derive(Deserialize)]
struct Emit {
    kind: String,
    /// Before now.
    #[serde(default)]
    ago_ms: i64,
    data: Value,
}

async fn emit(State(world): State<Shared>, Json(asked): Json<Emit>) -> Json<Value> {
    let mut world = world.lock();
    let at = world.now() - SignedDuration::from_millis(asked.ago_ms);
    world.emit(&asked.kind, at, &asked.data);
    Json(json!({}))
}

/// Agreements of a customer that ended long ago.
async fn add_old_agreements(State(world): State<Shared>, Json(asked): Json<Value>) -> Json<Value> {
    let mut world = world.lock();
    let customer = world.customer_of(asked["user"].as_str().unwrap());
    let hold = std::mem::replace(&mut world.faults.hold, true);
    for _ in 0..asked["count"].as_u64().unwrap() {
        world.agree(&customer, "byok_monthly");
    }
    let now = world.now();
    let events = std::mem::take(&mut world.outbox.held);
    drop(events);
    world.faults.hold = hold;
    for agreement in &mut world.agreements {
        if agreement.customer_id == customer && agreement.expires_on.is_none() {
            agreement.expires_on = Some(now);
            agreement.end_told = true;
        }
    }
    Json(json!({"customer": customer}))
}

async fn rotate(State(world): State<Shared>) -> Json<Value> {
    world.lock().keys.rotate();
    Json(json!({}))
}

async fn revoke_tokens(State(world): State<Shared>) -> Json<Value> {
    world.lock().tokens.clear();
    Json(json!({}))
}

#[derive(Deserialize)]
struct Forge {
    how: String,
    kind: String,
    data: Value,
}

/// Delivers an event that Kinde would not, and says what was answered.
async fn forge(State(world): State<Shared>, Json(asked): Json<Forge>) -> Json<Value> {
    let (endpoint, token) = {
        let mut world = world.lock();
        let id = world.new_id("event");
        let now: Timestamp = world.now();
        let mut claims = json!({
            "type": asked.kind, "event_id": id, "source": "api",
            "timestamp": now.to_string(), "data": asked.data,
        });
        let foreign = format!("{}/foreign/jwks", world.issuer);
        let keys = &world.keys;
        let token = match asked.how.as_str() {
            "wrong_key" => keys.sign_foreign(&claims, keys.current_id(), None),
            "unknown_kid" => keys.sign_foreign(&claims, "kid-foreign", None),
            "key_url" => keys.sign_foreign(&claims, "kid-foreign", Some(&foreign)),
            "hmac" => keys.sign_hmac(&claims),
            "foreign_issuer" => {
                claims["iss"] = json!("https://other.kinde.com");
                keys.sign(&claims)
            }
            "own_issuer" => {
                claims["iss"] = json!(world.issuer);
                keys.sign(&claims)
            }
            "unsigned" => {
                let signed = keys.sign(&claims);
                let (rest, _) = signed.rsplit_once('.').unwrap();
                format!("{rest}.")
            }
            "changed" => {
                let signed = keys.sign(&claims);
                claims["event_id"] = json!("event_other");
                let other = keys.sign(&claims);
                let signature = signed.rsplit_once('.').unwrap().1;
                format!("{}.{signature}", other.rsplit_once('.').unwrap().0)
            }
            "no_id" => {
                claims.as_object_mut().unwrap().remove("event_id");
                keys.sign(&claims)
            }
            "no_time" => {
                claims.as_object_mut().unwrap().remove("timestamp");
                keys.sign(&claims)
            }
            "text" => "this is no token".to_owned(),
            "long" => "x".repeat(70_000),
            other => panic!("{other} is no way to forge"),
        };
        (world.outbox.endpoint.clone().unwrap(), token)
    };
    let status = webhooks::post(&webhooks::client(), &endpoint, "msg_forged", &token).await;
    Json(json!({"status": status}))
}

#[derive(Deserialize)]
struct Release {
    send: Option<Vec<usize>>,
    #[serde(default)]
    at_once: usize,
    /// The events stay held, to be sent again.
    #[serde(default)]
    keep: bool,
}

async fn release(State(world): State<Shared>, Json(asked): Json<Release>) -> Json<Value> {
    let statuses = webhooks::release(&world, asked.send, asked.at_once, asked.keep).await;
    Json(json!({"statuses": statuses}))
}

/// Answers when nothing is due and nothing on the way.
async fn idle(State(world): State<Shared>) -> Json<Value> {
    while !webhooks::is_idle(&world) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Json(json!({}))
}

async fn state(State(world): State<Shared>) -> Json<Value> {
    let world = world.lock();
    let usage: Vec<Value> = world
        .usage
        .iter()
        .map(|((agreement, feature, cycle), total)| {
            json!({"agreement": agreement, "feature": feature, "cycle": cycle, "total": total})
        })
        .collect();
    let asked: &BTreeMap<String, u64> = &world.asked;
    Json(json!({
        "now": world.now(),
        "customers": world.customers,
        "agreements": world.agreements,
        "usage": usage,
        "tokens": world.tokens.len(),
        "asked": asked,
        "held": world.outbox.held_kinds(),
        "waiting": world.outbox.waiting.len(),
        "attempts": world.outbox.attempts,
    }))
}
