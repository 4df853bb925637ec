//! A person signs in at the identity provider: in the browser of this computer, or of another.

use std::time::Duration;

use brasskey_licence::{Mode, Standing, State};
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

use crate::browser::Browser;
use crate::client::{Asked, BrowserSignIn, Client, Code, Directory, SignInError, Tokens};
use crate::databases::both;
use crate::identity::Provider;
use crate::instance::{Instance, client};

/// What the service says about signing in, read as the application does.
async fn directory(service: &Instance) -> Directory {
    let answer = service.get("/.well-known/brasskey").await;
    serde_json::from_value(answer.body).unwrap()
}

async fn code_of(sign_in: &BrowserSignIn, email: &str) -> Result<Code, SignInError> {
    let browser = Browser::new();
    let (code, page) = tokio::join!(sign_in.code(), browser.sign_in(&sign_in.url, email));
    assert!(page.text.contains("You may close this page"), "{page:?}");
    code
}

async fn tokens_of(directory: &Directory, email: &str) -> Tokens {
    let sign_in = BrowserSignIn::begin(directory).await.unwrap();
    let code = code_of(&sign_in, email).await.unwrap();
    let client = Client::new(client(), directory.clone());
    client.exchange(&code).await.unwrap()
}

#[tokio::test]
async fn a_person_signs_in_with_the_browser_and_the_device_is_licensed() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let tokens = tokens_of(&directory(&service).await, "Ada@example.com").await;
        let signed_in = service
            .sign_in(&tokens.access_token, "dev_1", json!({}))
            .await;
        assert_eq!(signed_in.status, 201, "{signed_in:?}");
        // Kinde's tokens hold no address: the provider was asked for it.
        assert_eq!(signed_in.body["account"]["email"], "ada@example.com");
        let licence = service
            .read(&signed_in.body["licence"], "dev_1")
            .await
            .unwrap();
        let claims = licence.claims();
        assert_eq!((claims.st, claims.plan.as_str()), (Standing::Free, "free"));
        assert_eq!(licence.state(claims.iat), State::Limited);
        assert!(!licence.allows(Mode::VendorBilled, claims.iat) && claims.feat.is_empty());
        // From here on the device's own credential does.
        let renewed = service.renew(signed_in.text("device_token")).await;
        assert_eq!(renewed.status, 200);
        // It is not asked for the address again.
        let asked = provider.hits("/oauth2/v2/user_profile").await;
        service
            .sign_in(&tokens.access_token, "dev_2", json!({}))
            .await;
        assert_eq!(provider.hits("/oauth2/v2/user_profile").await, asked);
    }
}

#[tokio::test]
async fn the_directory_says_all_that_the_application_has_to_know() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let known = service.get("/.well-known/brasskey").await.body;
        assert_eq!(
            known["issuer"], provider.issuer,
            "without the slash that was configured"
        );
        assert_eq!(known["loopback_ports"], json!(provider.ports));
        assert_eq!(known["api"], "https://platform.example");
        assert_eq!(known["keyset_url"], "https://platform.example/v1/keyset");
        assert_eq!(known["min_app_version"], "0.1.0");
        assert_eq!(known["terms"]["byok"], "2026-11-26.1");
        assert_eq!(
            known["token_endpoint"],
            format!("{}/oauth2/token", provider.issuer)
        );
        assert!(
            known["scopes"]
                .as_str()
                .unwrap()
                .split(' ')
                .any(|scope| scope == "offline")
        );
        // Without an identity provider there are trials, and it says nothing of signing in.
        let alone = Instance::start(&both()[0].url).await;
        let known = alone.get("/.well-known/brasskey").await.body;
        assert!(known.get("issuer").is_none() && known["terms"]["terms"].is_string());
        let refused = alone.sign_in("eyJ.e30.x", "dev_1", json!({})).await;
        assert_eq!(
            (refused.status, refused.problem()),
            (503, "identity-unavailable")
        );
    }
}

#[tokio::test]
async fn the_next_port_is_taken_when_one_is_in_use_and_none_is_said() {
    let provider = Provider::start();
    let service = provider.service(&both()[0]).await;
    let directory = directory(&service).await;
    let first = TcpListener::bind(("127.0.0.1", provider.ports[0]))
        .await
        .unwrap();
    let sign_in = BrowserSignIn::begin(&directory).await.unwrap();
    assert!(
        sign_in
            .redirect_uri()
            .contains(&provider.ports[1].to_string())
    );
    assert!(code_of(&sign_in, "ada@example.com").await.is_ok());
    let third = BrowserSignIn::begin(&directory).await.unwrap();
    assert!(
        third
            .redirect_uri()
            .contains(&provider.ports[2].to_string())
    );
    let none = BrowserSignIn::begin(&directory).await.err();
    assert_eq!(none, Some(SignInError::NoPort));
    drop(first);
    // A port that is not registered is refused, as Kinde does.
    let elsewhere = sign_in
        .url
        .as_str()
        .replace(&provider.ports[1].to_string(), "9");
    let page = Browser::new().open(&elsewhere.parse().unwrap()).await;
    assert_eq!(page.status, 400, "{page:?}");
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_its_verifier_and_once_it_was_used() {
    let provider = Provider::start();
    let service = provider.service(&both()[0]).await;
    let directory = directory(&service).await;
    let client = Client::new(client(), directory.clone());
    let sign_in = BrowserSignIn::begin(&directory).await.unwrap();
    let mut stolen = code_of(&sign_in, "ada@example.com").await.unwrap();
    stolen.verifier.replace_range(..4, "AAAA");
    let refused = client.exchange(&stolen).await.unwrap_err();
    assert_eq!(refused, SignInError::Refused("invalid_grant".to_owned()));
    let sign_in = BrowserSignIn::begin(&directory).await.unwrap();
    let code = code_of(&sign_in, "ada@example.com").await.unwrap();
    assert!(client.exchange(&code).await.is_ok());
    let again = client.exchange(&code).await.unwrap_err();
    assert_eq!(again, SignInError::Refused("invalid_grant".to_owned()));
}

#[tokio::test]
async fn a_callback_of_another_sign_in_is_turned_away_and_the_right_one_is_still_taken() {
    let provider = Provider::start();
    let service = provider.service(&both()[0]).await;
    let sign_in = BrowserSignIn::begin(&directory(&service).await)
        .await
        .unwrap();
    let browser = Browser::new();
    let person = async {
        let uri = sign_in.redirect_uri();
        for forged in [
            format!("{uri}?code=c&state=other"),
            format!("{uri}?code=c"),
            uri.replace("callback", "favicon.ico"),
        ] {
            let page = browser.open(&forged.parse().unwrap()).await;
            assert_eq!(page.status, 404, "{page:?}");
        }
        browser.sign_in(&sign_in.url, "ada@example.com").await
    };
    let (code, page) = tokio::join!(sign_in.code(), person);
    assert!(code.is_ok());
    assert!(page.text.contains("You are signed in"), "{page:?}");
}

#[tokio::test]
async fn an_answer_names_its_issuer_or_says_nothing_of_it() {
    let provider = Provider::start();
    let service = provider.service(&both()[0]).await;
    let directory = directory(&service).await;
    provider.set(json!({"namesIssuer": true})).await;
    let sign_in = BrowserSignIn::begin(&directory).await.unwrap();
    assert!(code_of(&sign_in, "ada@example.com").await.is_ok());
    let other = Directory {
        issuer: "https://other.example".to_owned(),
        ..directory
    };
    let sign_in = BrowserSignIn::begin(&other).await.unwrap();
    assert_eq!(
        code_of(&sign_in, "ada@example.com").await.err(),
        Some(SignInError::Issuer)
    );
}

#[tokio::test]
async fn a_person_who_cancels_is_not_signed_in() {
    let provider = Provider::start();
    let service = provider.service(&both()[0]).await;
    let sign_in = BrowserSignIn::begin(&directory(&service).await)
        .await
        .unwrap();
    let browser = Browser::new();
    let person = async {
        let page = browser.open(&sign_in.url).await;
        browser.submit(&page, &[("cancel", "yes")]).await
    };
    let (code, page) = tokio::join!(sign_in.code(), person);
    assert_eq!(
        code.err(),
        Some(SignInError::Refused("access_denied".to_owned()))
    );
    assert!(page.text.contains("You are not signed in"), "{page:?}");
}

#[tokio::test]
async fn only_the_scope_offline_gives_a_refresh_token() {
    let provider = Provider::start();
    let service = provider.service(&both()[0]).await;
    let directory = directory(&service).await;
    assert!(
        tokens_of(&directory, "ada@example.com")
            .await
            .refresh_token
            .is_some()
    );
    let standard = Directory {
        scopes: "openid email offline_access".to_owned(),
        ..directory
    };
    // What the standard calls it succeeds, and gives none.
    let tokens = tokens_of(&standard, "ada@example.com").await;
    assert!(tokens.refresh_token.is_none());
    let signed_in = service
        .sign_in(&tokens.access_token, "dev_1", json!({}))
        .await;
    assert_eq!(signed_in.status, 201, "nothing of ours needs one");
}

#[tokio::test]
async fn a_refresh_token_is_replaced_at_each_use_and_losing_it_touches_no_licence() {
    let provider = Provider::start();
    let service = provider.service(&both()[0]).await;
    let directory = directory(&service).await;
    let client = Client::new(client(), directory.clone());
    let first = tokens_of(&directory, "ada@example.com").await;
    let signed_in = service
        .sign_in(&first.access_token, "dev_1", json!({}))
        .await;
    let old = first.refresh_token.unwrap();
    let second = client.refresh(&old).await.unwrap();
    assert_eq!(
        second.access_token, first.access_token,
        "the same for as long as it holds"
    );
    assert_ne!(second.refresh_token.as_ref(), Some(&old));
    // Its answer was lost: within the overlap it is answered the same again.
    let again = client.refresh(&old).await.unwrap();
    assert_eq!(again.refresh_token, second.refresh_token);
    provider.set(json!({"overlapSeconds": 0})).await;
    let refused = Some(SignInError::Refused("invalid_grant".to_owned()));
    assert_eq!(client.refresh(&old).await.err(), refused);
    // That was a copy as far as the provider can tell, so that everybody is signed out there.
    assert_eq!(
        client.refresh(&second.refresh_token.unwrap()).await.err(),
        refused
    );
    assert_eq!(
        service.renew(signed_in.text("device_token")).await.status,
        200
    );
}

#[tokio::test]
async fn a_device_without_a_browser_is_signed_in_on_another() {
    let provider = Provider::start();
    provider.set(json!({"deviceSecondMs": 20})).await;
    for database in both() {
        let service = provider.service(&database).await;
        let client = Client::new(client(), directory(&service).await);
        let mut sign_in = client.begin_device().await.unwrap();
        assert!(
            sign_in.user_code.len() == 8
                && sign_in
                    .user_code
                    .bytes()
                    .all(|letter| letter.is_ascii_uppercase())
        );
        assert_eq!(sign_in.interval, 5);
        assert!(sign_in.qr_code.as_ref().unwrap().starts_with("data:image/"));
        assert!(matches!(
            client.ask_device(&mut sign_in).await,
            Ok(Asked::Pending)
        ));
        assert_eq!(
            approve(&sign_in.verification_uri_complete, "ada@example.com").await,
            200
        );
        let tokens = client
            .wait_for_device(sign_in, Duration::from_millis(20))
            .await
            .unwrap();
        let signed_in = service
            .sign_in(&tokens.access_token, "dev_1", json!({}))
            .await;
        assert_eq!(signed_in.status, 201, "{signed_in:?}");
        assert_eq!(signed_in.body["account"]["email"], "ada@example.com");
    }
}

/// Enters the code of a device in a browser, confirms it and signs in.
pub(crate) async fn approve(url: &Url, email: &str) -> u16 {
    let browser = Browser::new();
    let entered = browser.open(url).await;
    let shown = browser.submit(&entered, &[]).await;
    assert!(
        shown.text.contains("Is this the code of your device?"),
        "{shown:?}"
    );
    let page = browser.submit(&shown, &[]).await;
    let done = browser.submit(&page, &[("email", email)]).await;
    assert!(done.text.contains("Your device is signed in"), "{done:?}");
    done.status
}

#[tokio::test]
async fn a_device_that_asks_too_often_is_slowed_down() {
    let provider = Provider::start();
    // An hour between two questions, so that the second is too early on any machine.
    provider.set(json!({"deviceInterval": 3600})).await;
    let service = provider.service(&both()[0]).await;
    let client = Client::new(client(), directory(&service).await);
    let mut sign_in = client.begin_device().await.unwrap();
    assert!(matches!(
        client.ask_device(&mut sign_in).await,
        Ok(Asked::Pending)
    ));
    assert_eq!(sign_in.interval, 3600);
    assert!(matches!(
        client.ask_device(&mut sign_in).await,
        Ok(Asked::Pending)
    ));
    assert_eq!(sign_in.interval, 3605);
}

#[tokio::test]
async fn a_device_sign_in_that_is_declined_or_too_late_ends() {
    let provider = Provider::start();
    provider.set(json!({"deviceSecondMs": 0})).await;
    let service = provider.service(&both()[0]).await;
    let client = Client::new(client(), directory(&service).await);
    let mut sign_in = client.begin_device().await.unwrap();
    let browser = Browser::new();
    let entered = browser.open(&sign_in.verification_uri_complete).await;
    let shown = browser.submit(&entered, &[]).await;
    let declined = browser.submit(&shown, &[("abort", "yes")]).await;
    assert!(declined.text.contains("Declined"), "{declined:?}");
    let ended = client.ask_device(&mut sign_in).await.unwrap_err();
    assert_eq!(ended, SignInError::Refused("access_denied".to_owned()));
    let mut late = client.begin_device().await.unwrap();
    provider.expire_device_codes().await;
    let ended = client.ask_device(&mut late).await.unwrap_err();
    assert_eq!(ended, SignInError::Refused("expired_token".to_owned()));
}

/// Signs in in the browser of this computer.
pub(crate) async fn sign_in_at(service: &Instance, email: &str) -> Tokens {
    tokens_of(&directory(service).await, email).await
}
