//! Metered use, told to Kinde as totals.
//!
//! Kinde's `absolute` replaces what it has, so that a repetition does no harm, and a smaller number that comes late would. There is
//! no way to read what it has; so totals of one agreement are sent one after the other, and one that is below an earlier one of
//! this process is not sent. Across replicas the caller's claim on the total does the same.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;
use tokio::sync::Mutex;

use super::Kinde;
use crate::billing::{BillingError, UsageTotal};

/// As many totals are sent at once; Kinde limits how many requests run side by side.
const LANES: usize = 8;
/// As many totals are remembered in each lane. Forgetting one costs a request, no correctness: it is sent again.
const MOST: usize = 10_000;

type Sent = HashMap<(String, String), (Timestamp, i64)>;

/// What was sent last, by agreement and feature.
#[derive(Default)]
pub(super) struct Reported {
    lanes: [Mutex<Sent>; LANES],
    hash: RandomState,
}

impl Kinde {
    pub(super) async fn report(&self, total: &UsageTotal) -> Result<(), BillingError> {
        let key = (total.agreement_id.clone(), total.feature.clone());
        let lane = usize::try_from(self.reported.hash.hash_one(&key)).unwrap_or_default() % LANES;
        // Held until Kinde has answered: totals of one agreement never overtake each other.
        let mut sent = self.reported.lanes[lane].lock().await;
        if let Some((period, highest)) = sent.get(&key) {
            if total.period_start < *period {
                return Err(BillingError::Denied {
                    reason: "that period is over: late use counts in the one that runs".to_owned(),
                });
            }
            if total.period_start == *period && total.total <= *highest {
                return Ok(());
            }
        }
        let body = json!({
            "customer_agreement_id": total.agreement_id,
            "billing_feature_code": total.feature,
            // A string, although it is a number.
            "meter_value": total.total.to_string(),
            "meter_type_code": "absolute",
        });
        let path = "/api/v1/billing/meter_usage";
        self.api.ask(Method::POST, path, &[], Some(&body)).await?;
        if sent.len() >= MOST {
            sent.clear();
        }
        sent.insert(key, (total.period_start, total.total));
        Ok(())
    }
}
