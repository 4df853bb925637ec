//! Metered use: by agreement, feature and cycle. What comes after a cycle has closed counts in the one that runs.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::Value;

use crate::faults::refuse;
use crate::management::done;
use crate::world::Shared;

pub(crate) async fn report(State(world): State<Shared>, Json(asked): Json<Value>) -> Response {
    let mut world = world.lock();
    let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    let (agreement, feature) = (text("customer_agreement_id"), text("billing_feature_code"));
    let Some(cycle) = world
        .agreements
        .iter()
        .find(|it| it.id == agreement)
        .map(|it| it.period_start.as_millisecond())
    else {
        return refuse(400, "AGREEMENT_NOT_FOUND", "The agreement does not exist.");
    };
    // A number would be a bad request: the field is text.
    let Some(value) = asked["meter_value"]
        .as_str()
        .and_then(|it| it.parse::<i64>().ok())
    else {
        return refuse(
            400,
            "INVALID_METER_VALUE",
            "meter_value is not a number in text.",
        );
    };
    if feature.is_empty() {
        return refuse(400, "INVALID_FEATURE", "billing_feature_code is needed.");
    }
    let total = world.usage.entry((agreement, feature, cycle)).or_default();
    match asked["meter_type_code"].as_str() {
        None | Some("absolute") => *total = value,
        Some("delta") => *total += value,
        Some(_) => return refuse(400, "INVALID_METER_TYPE", "meter_type_code is not known."),
    }
    done()
}
