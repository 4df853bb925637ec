//! What every answer has, whatever the route, and the description of all routes.

use std::collections::BTreeSet;

use brasskey_platform::settings::Settings;
use reqwest::Method;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;

use crate::databases::both;
use crate::served::{Served, code, header};

#[tokio::test]
async fn every_answer_has_a_date_and_an_id_and_is_neither_kept_nor_guessed_at() {
    for database in both() {
        let service =
            Served::start(&database.url, &Settings::default(), OpenApiRouter::new()).await;
        let mut ids = BTreeSet::new();
        for path in [
            "/healthz",
            "/readyz",
            "/v1/plans",
            "/v1/keyset",
            "/v1/nothing",
            "/v1/licence",
        ] {
            let answer = service.get(path, &[]).await;
            assert!(!header(&answer, "date").is_empty(), "{path}");
            assert_eq!(
                header(&answer, "x-content-type-options"),
                "nosniff",
                "{path}"
            );
            let kept = if path == "/v1/keyset" {
                "public, max-age=3600"
            } else {
                "no-store"
            };
            assert_eq!(header(&answer, "cache-control"), kept, "{path}");
            // Only a desktop application calls: no page in a browser is let in.
            assert!(
                answer
                    .headers()
                    .keys()
                    .all(|name| !name.as_str().starts_with("access-control"))
            );
            assert!(
                ids.insert(header(&answer, "x-request-id").to_owned()),
                "{path}"
            );
        }
        // The proxy in front may say under which id it logged the request; only what can be one is taken.
        let named = service
            .get("/healthz", &[("x-request-id", "proxy-0123456789")])
            .await;
        assert_eq!(header(&named, "x-request-id"), "proxy-0123456789");
        for no_id in ["short", "with a space", &"x".repeat(65)] {
            let answer = service.get("/healthz", &[("x-request-id", no_id)]).await;
            assert!(
                header(&answer, "x-request-id").starts_with("req_"),
                "{no_id}"
            );
        }
    }
}

#[tokio::test]
async fn every_refusal_is_a_problem_that_names_its_request() {
    use axum::extract::{Path, Query};
    // As somebody writes a route who thinks of nothing else.
    let plain = OpenApiRouter::new()
        .route(
            "/v1/numbers/{number}",
            axum::routing::get(async |Path(_): Path<u32>| "fine"),
        )
        .route(
            "/v1/sums",
            axum::routing::get(async |Query(_): Query<Sum>| "fine"),
        )
        .route(
            "/v1/lists",
            axum::routing::post(async |axum::Json(_): axum::Json<Vec<u32>>| "fine"),
        );
    #[derive(serde::Deserialize)]
    struct Sum {
        #[expect(dead_code, reason = "read, and that is all")]
        of: u32,
    }
    let [sqlite, _] = both();
    let service = Served::start(&sqlite.url, &Settings::default(), plain).await;
    let json = ("content-type", "application/json");
    let device = (
        "authorization",
        "Bearer bkd_0000000000000000000000000000000000000000000000000000000000000000",
    );
    for (method, path, headers, status, expected) in [
        ("GET", "/v1/nothing", &[][..], 404, "not-found"),
        ("GET", "/", &[], 404, "not-found"),
        ("DELETE", "/v1/plans", &[], 405, "method-not-allowed"),
        (
            "OPTIONS",
            "/v1/plans",
            &[
                ("origin", "https://page.example"),
                ("access-control-request-method", "GET"),
            ],
            405,
            "method-not-allowed",
        ),
        ("BREW", "/v1/plans", &[], 405, "method-not-allowed"),
        ("GET", "/v1/numbers/many", &[], 400, "invalid-request"),
        ("GET", "/v1/sums?of=many", &[], 400, "invalid-request"),
        ("GET", "/v1/sums", &[], 400, "invalid-request"),
        ("POST", "/v1/lists", &[], 415, "unsupported-media-type"),
        ("POST", "/v1/lists", &[json], 400, "invalid-request"),
        (
            "POST",
            "/v1/licence",
            &[device],
            415,
            "unsupported-media-type",
        ),
        (
            "POST",
            "/v1/licence",
            &[device, json],
            400,
            "invalid-request",
        ),
        ("POST", "/v1/licence", &[json], 401, "unauthenticated"),
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = service.send(method.clone(), path, headers, None).await;
        assert_eq!(answer.status().as_u16(), status, "{method} {path}");
        assert_eq!(
            header(&answer, "allow").is_empty(),
            status != 405,
            "{method} {path}"
        );
        assert_eq!(code(answer).await, expected, "{method} {path}");
    }
    // What a handler itself says is left as it is; and a head is answered like what it is the head of.
    let fine = service.get("/v1/numbers/7", &[]).await;
    assert_eq!(fine.text().await.unwrap(), "fine");
    let head = service.send(Method::HEAD, "/v1/plans", &[], None).await;
    assert_eq!(
        (head.status().as_u16(), header(&head, "content-type")),
        (200, "application/json")
    );
    assert_eq!(head.text().await.unwrap(), "");
}

#[tokio::test]
async fn every_route_is_described_and_says_who_may_ask_and_how_it_refuses() {
    let [sqlite, _] = both();
    let service = Served::start(&sqlite.url, &Settings::default(), OpenApiRouter::new()).await;
    let description: Value = service
        .get("/v1/openapi.json", &[])
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(description["servers"][0]["url"], "https://platform.example");
    let described: BTreeSet<&str> = description["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    // The router has no list of its routes, but it shows them to whoever debugs it: the texts that begin with a slash.
    let shown = format!("{:?}", service.service.clone().router());
    let routed: BTreeSet<&str> = shown
        .split('"')
        .filter(|text| text.starts_with('/') && !text.contains("{*"))
        // Pages for people are described to nobody.
        .filter(|text| *text != "/" && !text.starts_with("/billing/"))
        .collect();
    assert!(routed.contains("/v1/trials"), "{routed:?}");
    assert_eq!(routed, described);
    let schemes = &description["components"]["securitySchemes"];
    for scheme in ["device", "person"] {
        assert_eq!(schemes[scheme]["scheme"], "bearer");
    }
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            for wanted in operation["security"].as_array().into_iter().flatten() {
                let mut names = wanted.as_object().unwrap().keys();
                assert!(
                    names.all(|name| schemes.get(name).is_some()),
                    "{method} {path}"
                );
            }
        }
    }
    assert_eq!(
        description["paths"]["/v1/licence"]["post"]["security"][0]["device"],
        serde_json::json!([])
    );
    let refusal =
        "/paths/~1v1~1licence/post/responses/default/content/application~1problem+json/schema/$ref";
    assert_eq!(
        description.pointer(refusal).unwrap(),
        "#/components/schemas/Problem"
    );
}

#[tokio::test]
async fn a_handler_that_panics_is_a_problem_and_the_service_goes_on() {
    let panics = OpenApiRouter::new().route(
        "/v1/panics",
        axum::routing::get(async || -> String { panic!("hunter2") }),
    );
    let service = Served::start(&both()[0].url, &Settings::default(), panics).await;
    let answer = service.get("/v1/panics", &[]).await;
    assert_eq!(answer.status(), 500);
    let id = header(&answer, "x-request-id").to_owned();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["code"], "internal");
    assert_eq!(body["instance"], format!("urn:brasskey:request:{id}"));
    assert!(!body.to_string().contains("hunter2"));
    assert_eq!(service.get("/healthz", &[]).await.status(), 204);
}
