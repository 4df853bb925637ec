//! Agreements: listed in pages, made without a word of what was made, and never quite in time.

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::faults::{no_route, page, refuse, take};
use crate::management::{Asked, done, is_plan};
use crate::world::{Agreement, Shared, World, period_end};

pub(crate) async fn list(State(world): State<Shared>, Query(asked): Asked) -> Response {
    let mut world = world.lock();
    let text = |name: &str| asked.get(name).map(String::as_str);
    let Some(customer) = text("customer_id").filter(|id| world.customers.contains_key(*id)) else {
        return refuse(404, "CUSTOMER_NOT_FOUND", "The customer does not exist.");
    };
    let mut hidden = Vec::new();
    for agreement in &mut world.agreements {
        if agreement.customer_id == customer && take(&mut agreement.hidden_reads) {
            hidden.push(agreement.id.clone());
        }
    }
    let shown: Vec<Value> = world
        .agreements
        .iter()
        .filter(|it| it.customer_id == customer && !hidden.contains(&it.id))
        .map(|it| {
            // Whoever does not see the new one sees the old one as it was.
            let is_replaced_unseen = it
                .replaced_by
                .as_ref()
                .is_some_and(|by| hidden.contains(by));
            as_listed(&world, it, is_replaced_unseen)
        })
        .collect();
    let (shown, has_more) = page(
        &world.faults,
        &shown,
        text("page_size"),
        text("starting_after"),
    );
    Json(json!({"code": "OK", "message": "Success", "has_more": has_more, "agreements": shown}))
        .into_response()
}

fn as_listed(world: &World, agreement: &Agreement, still_runs: bool) -> Value {
    let faults = &world.faults;
    let time = |at: Timestamp| json!(faults.write_time(at));
    let end = if faults.period_end_in_past {
        agreement.since
    } else {
        agreement.period_end
    };
    let (start, end) = if faults.null_periods {
        (Value::Null, Value::Null)
    } else {
        (time(agreement.period_start), time(end))
    };
    json!({
        "id": agreement.id,
        "plan_code": agreement.plan,
        "expires_on": agreement.expires_on.filter(|_| !still_runs).map(time),
        "billing_group_id": "sbg_1",
        "current_period_start": start,
        "current_period_end": end,
        "entitlements": [{"feature_code": "projects", "entitlement_id": "entitlement_1"}],
    })
}

pub(crate) async fn change(State(world): State<Shared>, Json(asked): Json<Value>) -> Response {
    let mut world = world.lock();
    let customer = asked["customer_id"].as_str().unwrap_or_default().to_owned();
    let plan = asked["plan_code"].as_str().unwrap_or_default();
    if !world.customers.contains_key(&customer) {
        return refuse(400, "CUSTOMER_NOT_FOUND", "The customer does not exist.");
    }
    if !is_plan(plan) {
        return refuse(400, "PLAN_NOT_FOUND", "The plan does not exist.");
    }
    if let Some(reason) = &world.faults.deny_change {
        return refuse(400, "PLAN_CHANGE_DENIED", reason);
    }
    if world.faults.no_card {
        return refuse(400, "PAYMENT_METHOD_REQUIRED", "There is no card.");
    }
    if take(&mut world.faults.fail_agreements) {
        let now = world.now();
        let user = world.customers[&customer].user_id.clone();
        let data = json!({"customer_id": customer, "user_id": user, "plan": {"code": plan}});
        world.emit("customer.payment_failed", now, &data);
        return done();
    }
    world.agree(&customer, plan);
    done()
}

pub(crate) async fn end(State(world): State<Shared>, Query(asked): Asked) -> Response {
    if world.lock().faults.delete_missing {
        return no_route().await;
    }
    let mut world = world.lock();
    let id = asked.get("agreement_id").cloned().unwrap_or_default();
    if world.end(&id) {
        done()
    } else {
        refuse(400, "AGREEMENT_NOT_FOUND", "The agreement does not run.")
    }
}

impl World {
    /// Makes an agreement in place of what runs, and queues the events of that.
    pub(crate) fn agree(&mut self, customer: &str, plan: &str) -> String {
        let now = self.now();
        let id = self.new_id("agreement");
        let running = self.running(customer);
        let mut ended = Vec::new();
        for agreement in &mut self.agreements {
            if running.contains(&agreement.id) {
                agreement.expires_on = Some(now);
                agreement.replaced_by = Some(id.clone());
                agreement.end_told = true;
                ended.push(agreement.clone());
            }
        }
        let agreement = Agreement {
            id: id.clone(),
            customer_id: customer.to_owned(),
            plan: plan.to_owned(),
            since: now,
            period_start: now,
            period_end: period_end(plan, now),
            expires_on: None,
            hidden_reads: self.faults.slow_reads,
            replaced_by: None,
            end_told: false,
        };
        self.agreements.push(agreement.clone());
        for old in &ended {
            self.tell("customer.agreement_cancelled", now, old);
        }
        self.tell("customer.agreement_created", now, &agreement);
        let kind = if ended.is_empty() {
            "customer.plan_assigned"
        } else {
            "customer.plan_changed"
        };
        self.tell(kind, now, &agreement);
        id
    }

    /// Ends an agreement, and says so at once. Whether it runs.
    pub(crate) fn end(&mut self, id: &str) -> bool {
        let now = self.now();
        let at_once = self.faults.delete_at_once;
        let running = self
            .agreements
            .iter_mut()
            .find(|it| it.id == id && it.expires_on.is_none_or(|end| end > now));
        let Some(agreement) = running else {
            return false;
        };
        agreement.expires_on = Some(if at_once { now } else { agreement.period_end });
        agreement.end_told = true;
        let agreement = agreement.clone();
        self.tell("customer.agreement_cancelled", now, &agreement);
        true
    }

    /// Lets the agreements of a user that would end go on.
    pub(crate) fn keep(&mut self, user: &str) {
        let now = self.now();
        let customer = self.customer_of(user);
        let mut kept = Vec::new();
        for agreement in &mut self.agreements {
            let is_ending = agreement.expires_on.is_some_and(|end| end > now);
            if agreement.customer_id == customer && is_ending {
                agreement.expires_on = None;
                agreement.end_told = false;
                kept.push(agreement.clone());
            }
        }
        for agreement in &kept {
            self.tell("customer.plan_changed", now, agreement);
        }
    }
}
