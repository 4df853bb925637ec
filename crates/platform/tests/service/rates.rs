//! How often requests may come, by a clock that the tests move.

use brasskey_platform::settings::{Rates, Settings};
use jiff::SignedDuration;
use reqwest::Response;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;

use crate::databases::both;
use crate::served::{Served, code, header};

fn rates(rates: Rates) -> Settings {
    Settings {
        rates,
        ..Settings::default()
    }
}

fn wait(refused: &Response) -> i64 {
    assert_eq!(refused.status(), 429);
    header(refused, "retry-after").parse().unwrap()
}

#[tokio::test]
async fn one_place_begins_five_trials_a_minute_and_twenty_a_day() {
    for database in both() {
        let service =
            Served::start(&database.url, &Settings::default(), OpenApiRouter::new()).await;
        let mut begun = 0;
        // A whole network of IPv6 addresses is one place.
        let from = |number: u32| format!("2001:db8:1:2::{number:x}");
        let mut number = 0;
        while begun < 20 {
            number += 1;
            let answer = service.trial(&format!("dev_{number}"), &from(number)).await;
            if answer.status() == 201 {
                begun += 1;
                continue;
            }
            let wait = wait(&answer);
            assert!((1..=12).contains(&wait), "a fifth of a minute, not {wait}");
            assert_eq!(code(answer).await, "rate-limited");
            service.clock.advance(SignedDuration::from_secs(wait));
        }
        assert!(number > 20, "the minute's limit was met, too");
        service.clock.advance(SignedDuration::from_secs(60));
        let refused = service.trial("dev_more", &from(1)).await;
        let wait = wait(&refused);
        assert!(wait > 60 * 60 / 2, "a twentieth of a day, not {wait}");
        // Another place is another matter, and so is anything else.
        assert_eq!(
            service.trial("dev_else", "2001:db8:1:3::1").await.status(),
            201
        );
        assert_eq!(
            service
                .get("/v1/plans", &[("x-forwarded-for", &from(1))])
                .await
                .status(),
            200
        );
        service.clock.advance(SignedDuration::from_secs(wait));
        assert_eq!(service.trial("dev_more", &from(1)).await.status(), 201);
    }
}

#[tokio::test]
async fn who_has_shown_nothing_is_counted_by_address_and_health_is_not_counted() {
    let [sqlite, _] = both();
    let few = rates(Rates {
        anonymous_per_minute: 3,
        presented_per_minute: 5,
        ..Rates::default()
    });
    let service = Served::start(&sqlite.url, &few, OpenApiRouter::new()).await;
    let here = ("x-forwarded-for", "192.0.2.1");
    for _ in 0..3 {
        assert_eq!(service.get("/v1/plans", &[here]).await.status(), 200);
    }
    // What has no route is counted as well: it is how doors are tried.
    assert_eq!(service.get("/v1/nothing", &[here]).await.status(), 429);
    // A header of the client's own names no other place: the right-most hop counts.
    let made_up = ("x-forwarded-for", "203.0.113.77, 192.0.2.1");
    assert_eq!(service.get("/v1/plans", &[made_up]).await.status(), 429);
    for _ in 0..10 {
        assert_eq!(service.get("/healthz", &[here]).await.status(), 204);
    }
    // Guessing credentials is counted, too.
    let guess = ("authorization", "Bearer bkd_0");
    for _ in 0..5 {
        assert_eq!(service.get("/v1/plans", &[here, guess]).await.status(), 200);
    }
    assert_eq!(service.get("/v1/plans", &[here, guess]).await.status(), 429);
    assert_eq!(
        service
            .get("/v1/plans", &[("x-forwarded-for", "192.0.2.2")])
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn a_device_is_counted_wherever_it_is_and_each_replica_allows_its_part() {
    for database in both() {
        let spread = rates(Rates {
            replicas: 2,
            device_per_minute: 4,
            ..Rates::default()
        });
        let service = Served::start(&database.url, &spread, OpenApiRouter::new()).await;
        let bearer = service.device("dev_1").await;
        let other = service.device("dev_2").await;
        let renew = async |bearer: &str, from: &str| {
            let headers = [("authorization", bearer), ("x-forwarded-for", from)];
            let body = json!({"app_version": "0.2.0"});
            service
                .send(reqwest::Method::POST, "/v1/licence", &headers, Some(&body))
                .await
        };
        assert_eq!(renew(&bearer, "192.0.2.1").await.status(), 200);
        assert_eq!(renew(&bearer, "192.0.2.2").await.status(), 200);
        let refused = renew(&bearer, "192.0.2.3").await;
        assert_eq!(wait(&refused), 30);
        assert_eq!(renew(&other, "192.0.2.1").await.status(), 200);
        service.clock.advance(SignedDuration::from_secs(30));
        assert_eq!(renew(&bearer, "192.0.2.1").await.status(), 200);
    }
}
