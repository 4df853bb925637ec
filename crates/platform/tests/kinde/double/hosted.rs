//! The hosted pages: where a plan is chosen and paid for, and the portal. Plain forms, so that a test can be the person.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;

use crate::management::is_plan;
use crate::world::{Shared, World};

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/oauth2/auth", get(choose))
        .route("/portal_redirect", get(portal))
        .route("/hosted/pay", post(pay))
        .route("/hosted/cancel", post(cancel))
        .route("/hosted/keep", post(keep))
}

type Asked = Query<BTreeMap<String, String>>;

/// The sign-in page, which goes on to the payment of the plan that is asked for.
async fn choose(State(world): State<Shared>, Query(asked): Asked) -> Response {
    let world = world.lock();
    let text = |name: &str| asked.get(name).map_or("", String::as_str);
    if text("response_type") != "code"
        || text("code_challenge_method") != "S256"
        || text("code_challenge").len() != 43
        || text("client_id").is_empty()
    {
        return (StatusCode::BAD_REQUEST, "The request makes no sense.").into_response();
    }
    let Some(user) = world
        .users
        .values()
        .find(|it| it.email == text("login_hint"))
    else {
        return (StatusCode::BAD_REQUEST, "Nobody has this address.").into_response();
    };
    form(
        &user.id,
        text("plan_interest"),
        text("redirect_uri"),
        text("state"),
        text("pricing_table_key"),
    )
}

fn form(user: &str, plan: &str, return_to: &str, state: &str, table: &str) -> Response {
    Html(format!(
        "<h1>A double of Kinde</h1><p>Pricing table: {table}</p>\
         <form method=\"post\" action=\"/hosted/pay\">\
         <input type=\"hidden\" name=\"user\" value=\"{user}\">\
         <input type=\"hidden\" name=\"return_to\" value=\"{return_to}\">\
         <input type=\"hidden\" name=\"state\" value=\"{state}\">\
         <input name=\"plan\" value=\"{plan}\">\
         <select name=\"card\"><option>accepted<option>declined<option>abandoned</select><button>Pay</button></form>"
    ))
    .into_response()
}

/// The portal, by a link that is good once.
async fn portal(State(world): State<Shared>, Query(asked): Asked) -> Response {
    let mut world = world.lock();
    let key = asked.get("key").map_or("", String::as_str);
    match world.links.remove(key) {
        Some(link) if link.area == "plan_selection" => {
            form(&link.user_id, "", &link.return_url, "", "")
        }
        Some(link) if link.area == "plan_details" => Html(format!(
            "<h1>plan_details</h1><form method=\"post\" action=\"/hosted/keep\">\
             <input type=\"hidden\" name=\"user\" value=\"{}\">\
             <input type=\"hidden\" name=\"return_to\" value=\"{}\"><button>Keep my plan</button></form>",
            link.user_id, link.return_url
        ))
        .into_response(),
        Some(link) => Html(format!(
            "<h1>{}</h1><a href='{}'>Back</a>",
            link.area, link.return_url
        ))
        .into_response(),
        None => (StatusCode::GONE, "This link was used.").into_response(),
    }
}

#[derive(Deserialize)]
struct Paid {
    user: String,
    plan: String,
    return_to: String,
    #[serde(default)]
    state: String,
    card: String,
}

async fn pay(State(world): State<Shared>, Form(paid): Form<Paid>) -> Response {
    let mut world = world.lock();
    if !is_plan(&paid.plan) || !world.users.contains_key(&paid.user) {
        return (StatusCode::BAD_REQUEST, "There is no such plan or user.").into_response();
    }
    match paid.card.as_str() {
        "accepted" => {
            world.buy(&paid.user, &paid.plan);
            let code = world.new_id("code");
            let join = if paid.return_to.contains('?') {
                '&'
            } else {
                '?'
            };
            Redirect::to(&format!(
                "{}{join}code={code}&state={}",
                paid.return_to, paid.state
            ))
            .into_response()
        }
        "declined" => (StatusCode::PAYMENT_REQUIRED, "The card was declined.").into_response(),
        _ => StatusCode::OK.into_response(),
    }
}

#[derive(Deserialize)]
struct Kept {
    user: String,
    return_to: String,
}

/// A plan that would end goes on.
async fn keep(State(world): State<Shared>, Form(kept): Form<Kept>) -> Response {
    world.lock().keep(&kept.user);
    Redirect::to(&kept.return_to).into_response()
}

#[derive(Deserialize)]
struct Cancelled {
    agreement: String,
}

async fn cancel(State(world): State<Shared>, Form(cancelled): Form<Cancelled>) -> StatusCode {
    if world.lock().end(&cancelled.agreement) {
        StatusCode::OK
    } else {
        StatusCode::NOT_FOUND
    }
}

impl World {
    /// What a paid visit to the hosted page leaves behind.
    pub(crate) fn buy(&mut self, user: &str, plan: &str) -> String {
        let customer = self.customer_of(user);
        let id = self.agree(&customer, plan);
        let now = self.now();
        let data = json!({"customer_id": customer, "user_id": user, "agreement_id": id});
        self.emit("customer.payment_succeeded", now, &data);
        id
    }
}
