//! The Management API, as far as Brasskey asks it.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::agreements;
use crate::faults::{self, page, refuse};
use crate::usage;
use crate::world::{Link, PLANS, Shared, World};

pub(crate) type Asked = Query<BTreeMap<String, String>>;

pub(crate) fn routes(world: &Shared) -> Router<Shared> {
    Router::new()
        .route("/api/v1/user", get(user))
        .route("/api/v1/users/{user}/billing_customer", post(make_customer))
        .route("/api/v1/billing/entitlements", get(entitlements))
        .route(
            "/api/v1/billing/agreements",
            get(agreements::list)
                .post(agreements::change)
                .delete(agreements::end),
        )
        .route("/api/v1/billing/meter_usage", post(usage::report))
        .route("/api/v1/portal/generate_url", post(portal_link))
        .layer(from_fn_with_state(world.clone(), faults::interface))
}

/// What a call that only does something answers.
pub(crate) fn done() -> Response {
    Json(json!({"code": "OK", "message": "Success"})).into_response()
}

async fn user(State(world): State<Shared>, Query(asked): Asked) -> Response {
    let world = world.lock();
    let Some(user) = asked.get("id").and_then(|id| world.users.get(id)) else {
        return refuse(404, "USER_NOT_FOUND", "The user does not exist.");
    };
    let mut body = json!({"id": user.id, "preferred_email": user.email, "is_suspended": false});
    if asked.get("expand").is_some_and(|it| it.contains("billing")) {
        let customer = world.customers.values().find(|it| it.user_id == user.id);
        body["billing"] = json!({"customer_id": customer.map(|it| &it.id)});
    }
    Json(body).into_response()
}

async fn make_customer(
    State(world): State<Shared>,
    Path(user): Path<String>,
    Json(asked): Json<Value>,
) -> Response {
    let mut world = world.lock();
    if !world.users.contains_key(&user) {
        return refuse(404, "USER_NOT_FOUND", "The user does not exist.");
    }
    if !asked["org_code"].is_string() || !asked["billing_email"].is_string() {
        return refuse(
            400,
            "INVALID_REQUEST",
            "org_code and billing_email are needed.",
        );
    }
    if world.customers.values().any(|it| it.user_id == user) {
        return refuse(
            400,
            "BILLING_CUSTOMER_EXISTS",
            "The billing customer exists.",
        );
    }
    // Who names no plan gets the default one, whatever it costs.
    let plan = asked["billing_plan_code"].as_str().unwrap_or(PLANS[1]);
    if !is_plan(plan) {
        return refuse(400, "PLAN_NOT_FOUND", "The plan does not exist.");
    }
    let plan = plan.to_owned();
    let id = world.customer_of(&user);
    let agreement = world.agree(&id, &plan);
    Json(json!({"code": "OK", "message": "Success", "billing_customer": {"id": id, "agreement_id": agreement}}))
        .into_response()
}

/// What the plans of a customer grant.
pub(crate) fn granted(world: &World, customer: &str) -> Vec<Value> {
    let running = world.running(customer);
    let of = world
        .agreements
        .iter()
        .filter(|it| running.contains(&it.id));
    let features = ["projects", "reports", "computers"];
    of.flat_map(|agreement| {
        features.map(|feature| {
            json!({
                "id": format!("entitlement_{}_{feature}", agreement.id),
                "fixed_charge": 35, "price_name": agreement.plan, "unit_amount": 0,
                "feature_code": feature, "feature_name": feature,
                "entitlement_limit_max": null, "entitlement_limit_min": null,
            })
        })
    })
    .collect()
}

async fn entitlements(State(world): State<Shared>, Query(asked): Asked) -> Response {
    let world = world.lock();
    let Some(customer) = asked.get("customer_id") else {
        return refuse(400, "INVALID_REQUEST", "customer_id is needed.");
    };
    let all = granted(&world, customer);
    let text = |name: &str| asked.get(name).map(String::as_str);
    let (shown, has_more) = page(
        &world.faults,
        &all,
        text("page_size"),
        text("starting_after"),
    );
    let running = world.running(customer);
    let of = world
        .agreements
        .iter()
        .filter(|it| running.contains(&it.id));
    let plans: Vec<Value> = of
        .map(|it| json!({"code": it.plan, "subscribed_on": world.faults.write_time(it.since)}))
        .collect();
    Json(json!({"code": "OK", "message": "Success", "has_more": has_more, "entitlements": shown, "plans": plans}))
        .into_response()
}

const AREAS: &[&str] = &[
    "profile",
    "plan_details",
    "plan_selection",
    "payment_details",
    "organization_details",
    "organization_members",
    "organization_plan_details",
    "organization_payment_details",
    "organization_plan_selection",
];

async fn portal_link(State(world): State<Shared>, Json(asked): Json<Value>) -> Response {
    let mut world = world.lock();
    let user = asked["user_id"].as_str().unwrap_or_default().to_owned();
    if !world.users.contains_key(&user) {
        return refuse(404, "USER_NOT_FOUND", "The user does not exist.");
    }
    let area = if world.faults.only_sub_nav {
        &asked["sub_nav"]
    } else if world.faults.only_subnav || asked["sub_nav"].is_null() {
        &asked["subnav"]
    } else {
        &asked["sub_nav"]
    };
    // What is not understood leads to the first page.
    let area = area
        .as_str()
        .filter(|it| AREAS.contains(it))
        .unwrap_or("profile");
    let link = Link {
        user_id: user,
        area: area.to_owned(),
        return_url: asked["return_url"].as_str().unwrap_or_default().to_owned(),
    };
    let key = world.new_id("key");
    let url = format!("{}/portal_redirect?key={key}", world.issuer);
    world.links.insert(key, link);
    Json(json!({"url": url})).into_response()
}

/// Whether a plan is for sale.
pub(crate) fn is_plan(code: &str) -> bool {
    PLANS.contains(&code)
}
