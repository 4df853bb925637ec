//! The Account API, with a user's token: what the Management API has under other names.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::faults::{self, page, refuse};
use crate::management::granted;
use crate::world::{Link, Shared, World};

type Asked = Query<BTreeMap<String, String>>;

pub(crate) fn routes(world: &Shared) -> Router<Shared> {
    Router::new()
        .route("/account_api/v1/entitlements", get(entitlements))
        .route("/account_api/v1/entitlement", get(entitlement))
        .route("/account_api/v1/portal_link", get(portal_link))
        .layer(from_fn_with_state(world.clone(), faults::interface))
}

fn user(world: &World, headers: &HeaderMap) -> String {
    let bearer = headers["authorization"].to_str().unwrap();
    world.user_tokens[bearer.trim_start_matches("Bearer ")].clone()
}

/// What is granted, with `feature_key` for what is `feature_code` elsewhere.
fn granted_to(world: &World, user: &str) -> Vec<Value> {
    let customer = world.customers.values().find(|it| it.user_id == user);
    let mut entries = customer.map_or_else(Vec::new, |it| granted(world, &it.id));
    for entry in &mut entries {
        entry["feature_key"] = entry["feature_code"].take();
        entry.as_object_mut().unwrap().remove("feature_code");
    }
    entries
}

async fn entitlements(
    State(world): State<Shared>,
    headers: HeaderMap,
    Query(asked): Asked,
) -> Response {
    let world = world.lock();
    let all = granted_to(&world, &user(&world, &headers));
    let text = |name: &str| asked.get(name).map(String::as_str);
    let (shown, has_more) = page(
        &world.faults,
        &all,
        text("page_size"),
        text("starting_after"),
    );
    let next = shown.last().map(|entry| entry["id"].clone());
    Json(json!({
        "data": {"org_code": "org_1", "plans": [], "entitlements": shown},
        "metadata": {"has_more": has_more, "next_page_starting_after": next},
    }))
    .into_response()
}

async fn entitlement(
    State(world): State<Shared>,
    headers: HeaderMap,
    Query(asked): Asked,
) -> Response {
    let world = world.lock();
    let key = asked.get("key").cloned().unwrap_or_default();
    let all = granted_to(&world, &user(&world, &headers));
    match all.into_iter().find(|entry| entry["feature_key"] == key) {
        Some(entry) => {
            Json(json!({"data": {"org_code": "org_1", "entitlement": entry}, "metadata": {}}))
                .into_response()
        }
        None => refuse(404, "NOT_FOUND", "There is no such entitlement."),
    }
}

async fn portal_link(
    State(world): State<Shared>,
    headers: HeaderMap,
    Query(asked): Asked,
) -> Response {
    let mut world = world.lock();
    let user_id = user(&world, &headers);
    let area = asked.get("subnav").or(asked.get("sub_nav"));
    let link = Link {
        user_id,
        area: area.cloned().unwrap_or_else(|| "profile".to_owned()),
        return_url: asked.get("return_url").cloned().unwrap_or_default(),
    };
    let key = world.new_id("key");
    let url = format!("{}/portal_redirect?key={key}", world.issuer);
    world.links.insert(key, link);
    Json(json!({"url": url})).into_response()
}
