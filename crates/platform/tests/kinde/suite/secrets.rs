//! Whatever goes wrong, no line of the log holds the secret or a token.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use brasskey_platform::Clock;
use brasskey_platform::billing::Billing;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::double::{Double, SECRET, customer, url};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

// One thread, so that the log of this thread is the log of all that it does.
#[tokio::test(flavor = "current_thread")]
async fn neither_the_secret_nor_a_token_is_ever_logged() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let double = Double::start();
    double.add_user("kp_1").await;
    double.buy("kp_1", "byok_monthly").await;
    let back = url("http://127.0.0.1:53180/paid");
    for faults in [
        json!({}),
        json!({"server_errors": 3}),
        json!({"too_many_requests": 1}),
        json!({"down": true}),
        json!({"lose_answers": 3}),
        json!({"deny_change": "no"}),
    ] {
        double.faults(faults).await;
        let billing = double.billing();
        let person = customer("kp_1");
        // What comes of it is not the question here.
        drop(billing.customer_id(&person).await);
        drop(billing.change_plan(&person, "byok_annual", None).await);
        drop(billing.checkout(&person, "byok_annual", &back).await);
    }
    double.faults(json!({})).await;
    let mut configuration = double.configuration();
    configuration.management_client_id = "somebody".to_owned();
    let billing = double.billing_by(configuration, Clock::default());
    assert!(billing.customer_id(&customer("kp_1")).await.is_err());
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("Kinde gives no token"), "the log is there");
    assert!(!log.contains(SECRET), "the secret is in the log");
    // Every token of the double is a signed one.
    assert!(!log.contains("eyJ"), "a token is in the log");
}
