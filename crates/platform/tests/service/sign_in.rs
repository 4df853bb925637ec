//! A person signs in at the identity provider: in the browser of this computer, or of another.

use std::time::Duration;

use brasskey_client::sign_in::{
    BrowserSignIn, DeviceSignIn, Progress, SignIn, SignInError, Tokens,
};
use brasskey_client::{Page, Platform, PlatformUrl, SignInSettings};
use brasskey_licence::{Mode, Standing, State};
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

use crate::browser::Browser;
use crate::databases::both;
use crate::identity::Provider;
use crate::instance::Instance;

/// How to sign in, as the application reads it.
async fn settings(service: &Instance) -> SignInSettings {
    let url = PlatformUrl::parse(&service.address).unwrap();
    let directory = Platform::at(url).unwrap().directory().await;
    directory.unwrap().sign_in.unwrap()
}

async fn at(service: &Instance) -> SignIn {
    SignIn::new(settings(service).await).unwrap()
}

fn page() -> Page {
    Page {
        done: "You are signed in. You may close this page.".to_owned(),
        failed: "You are not signed in. You may close this page.".to_owned(),
    }
}

async fn finish(sign_in: &BrowserSignIn, email: &str) -> Result<Tokens, SignInError> {
    let (browser, said) = (Browser::new(), page());
    let person = browser.sign_in(sign_in.url(), email);
    let (tokens, page) = tokio::join!(sign_in.finish(&said), person);
    assert!(page.text.contains("You may close this page"), "{page:?}");
    tokens
}

pub(crate) async fn tokens_at(sign_in: &SignIn, email: &str) -> Tokens {
    let sign_in = sign_in.in_browser().await.unwrap();
    finish(&sign_in, email).await.unwrap()
}

#[tokio::test]
async fn a_person_signs_in_with_the_browser_and_the_device_is_licensed() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let tokens = tokens_at(&at(&service).await, "Ada@example.com").await;
        let signed_in = service
            .sign_in(tokens.access_token.expose_secret(), "dev_1", json!({}))
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
            .sign_in(tokens.access_token.expose_secret(), "dev_2", json!({}))
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
    let client = at(&service).await;
    let first = TcpListener::bind(("127.0.0.1", provider.ports[0]))
        .await
        .unwrap();
    let sign_in = client.in_browser().await.unwrap();
    assert!(
        sign_in
            .redirect_uri()
            .contains(&provider.ports[1].to_string())
    );
    assert!(finish(&sign_in, "ada@example.com").await.is_ok());
    let third = client.in_browser().await.unwrap();
    assert!(
        third
            .redirect_uri()
            .contains(&provider.ports[2].to_string())
    );
    let none = client.in_browser().await.err();
    assert_eq!(none, Some(SignInError::NoPort));
    drop(first);
    // A port that is not registered is refused, as Kinde does.
    let elsewhere = sign_in
        .url()
        .as_str()
        .replace(&provider.ports[1].to_string(), "9");
    let page = Browser::new().open(&elsewhere.parse().unwrap()).await;
    assert_eq!(page.status, 400, "{page:?}");
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_its_verifier_and_once_it_was_used() {
    let provider = Provider::start();
    let service = provider.service(&both()[0]).await;
    let client = at(&service).await;
    let refused = Some(SignInError::Refused("invalid_grant".to_owned()));
    let (browser, said) = (Browser::new(), page());
    // A code that was made for somebody else's verifier.
    let sign_in = client.in_browser().await.unwrap();
    let mut url = sign_in.url().clone();
    let pairs: Vec<(String, String)> = sign_in.url().query_pairs().into_owned().collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(pairs.into_iter().map(|(name, value)| match name.as_str() {
            "code_challenge" => (name, value.chars().rev().collect()),
            _ => (name, value),
        }));
    let person = browser.sign_in(&url, "ada@example.com");
    assert_eq!(tokio::join!(sign_in.finish(&said), person).0.err(), refused);
    drop(sign_in);
    let sign_in = client.in_browser().await.unwrap();
    let person = browser.open(sign_in.url());
    let (tokens, back) = tokio::join!(sign_in.finish(&said), person);
    assert!(tokens.is_ok());
    let again = browser.open(&back.url);
    assert_eq!(tokio::join!(sign_in.finish(&said), again).0.err(), refused);
}

#[tokio::test]
async fn a_callback_of_another_sign_in_is_turned_away_and_the_right_one_is_still_taken() {
    let provider = Provider::start();
    let service = provider.service(&both()[0]).await;
    let sign_in = at(&service).await.in_browser().await.unwrap();
    let (browser, said) = (Browser::new(), page());
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
        browser.sign_in(sign_in.url(), "ada@example.com").await
    };
    let (tokens, page) = tokio::join!(sign_in.finish(&said), person);
    assert!(tokens.is_ok());
    assert!(page.text.contains("You are signed in"), "{page:?}");
}

#[tokio::test]
async fn an_answer_names_its_issuer_or_says_nothing_of_it() {
    let provider = Provider::start();
    let service = provider.service(&both()[0]).await;
    let client = at(&service).await;
    provider.set(json!({"namesIssuer": true})).await;
    let sign_in = client.in_browser().await.unwrap();
    assert!(finish(&sign_in, "ada@example.com").await.is_ok());
    drop(sign_in);
    let other = SignInSettings {
        issuer: "https://other.example".to_owned(),
        ..settings(&service).await
    };
    let sign_in = SignIn::new(other).unwrap().in_browser().await.unwrap();
    assert_eq!(
        finish(&sign_in, "ada@example.com").await.err(),
        Some(SignInError::Issuer)
    );
}

#[tokio::test]
async fn a_person_who_cancels_is_not_signed_in() {
    let provider = Provider::start();
    let service = provider.service(&both()[0]).await;
    let sign_in = at(&service).await.in_browser().await.unwrap();
    let (browser, said) = (Browser::new(), page());
    let person = async {
        let page = browser.open(sign_in.url()).await;
        browser.submit(&page, &[("cancel", "yes")]).await
    };
    let (tokens, page) = tokio::join!(sign_in.finish(&said), person);
    assert_eq!(tokens.err(), Some(SignInError::Declined));
    assert!(page.text.contains("You are not signed in"), "{page:?}");
}

#[tokio::test]
async fn only_the_scope_offline_gives_a_refresh_token() {
    let provider = Provider::start();
    let service = provider.service(&both()[0]).await;
    let tokens = tokens_at(&at(&service).await, "ada@example.com").await;
    assert!(tokens.refresh_token.is_some());
    let standard = SignInSettings {
        scopes: "openid email offline_access".to_owned(),
        ..settings(&service).await
    };
    // What the standard calls it succeeds, and gives none.
    let standard = SignIn::new(standard).unwrap();
    let tokens = tokens_at(&standard, "ada@example.com").await;
    assert!(tokens.refresh_token.is_none());
    let signed_in = service
        .sign_in(tokens.access_token.expose_secret(), "dev_1", json!({}))
        .await;
    assert_eq!(signed_in.status, 201, "nothing of ours needs one");
}

#[tokio::test]
async fn a_refresh_token_is_replaced_at_each_use_and_losing_it_touches_no_licence() {
    let provider = Provider::start();
    let service = provider.service(&both()[0]).await;
    let client = at(&service).await;
    let first = tokens_at(&client, "ada@example.com").await;
    let signed_in = service
        .sign_in(first.access_token.expose_secret(), "dev_1", json!({}))
        .await;
    let text = |token: &Option<secrecy::SecretString>| {
        token.as_ref().map(|token| token.expose_secret().to_owned())
    };
    let old = first.refresh_token.unwrap();
    let second = client.refresh(&old).await.unwrap();
    assert_eq!(
        second.access_token.expose_secret(),
        first.access_token.expose_secret(),
        "the same for as long as it holds"
    );
    let next = second.refresh_token.unwrap();
    assert_ne!(next.expose_secret(), old.expose_secret());
    // Its answer was lost: within the overlap it is answered the same again.
    let again = client.refresh(&old).await.unwrap();
    assert_eq!(text(&again.refresh_token).unwrap(), next.expose_secret());
    provider.set(json!({"overlapSeconds": 0})).await;
    let refused = Some(SignInError::Refused("invalid_grant".to_owned()));
    assert_eq!(client.refresh(&old).await.err(), refused);
    // That was a copy as far as the provider can tell, so that everybody is signed out there.
    assert_eq!(client.refresh(&next).await.err(), refused);
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
        let mut sign_in = at(&service).await.with_code().await.unwrap();
        let is_code =
            |code: &str| code.len() == 8 && code.bytes().all(|it| it.is_ascii_uppercase());
        assert!(is_code(sign_in.user_code()), "{}", sign_in.user_code());
        assert_eq!(sign_in.pause(), Duration::from_secs(5));
        let uri = sign_in.complete_uri().clone();
        assert!(
            uri.as_str()
                .starts_with(sign_in.verification_uri().as_str())
        );
        assert!(matches!(sign_in.ask().await, Ok(Progress::Pending)));
        assert_eq!(approve(&uri, "ada@example.com").await, 200);
        let tokens = confirmed(sign_in).await;
        let signed_in = service
            .sign_in(tokens.access_token.expose_secret(), "dev_1", json!({}))
            .await;
        assert_eq!(signed_in.status, 201, "{signed_in:?}");
        assert_eq!(signed_in.body["account"]["email"], "ada@example.com");
    }
}

/// Asks until it is confirmed. A second is twenty milliseconds here.
async fn confirmed(mut sign_in: DeviceSignIn) -> Tokens {
    loop {
        tokio::time::sleep(sign_in.pause() / 50).await;
        if let Progress::Done(tokens) = sign_in.ask().await.unwrap() {
            return tokens;
        }
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
    let mut sign_in = at(&service).await.with_code().await.unwrap();
    assert!(matches!(sign_in.ask().await, Ok(Progress::Pending)));
    assert_eq!(sign_in.pause(), Duration::from_secs(3600));
    assert!(matches!(sign_in.ask().await, Ok(Progress::Pending)));
    assert_eq!(sign_in.pause(), Duration::from_secs(3605));
}

#[tokio::test]
async fn a_device_sign_in_that_is_declined_or_too_late_ends() {
    let provider = Provider::start();
    provider.set(json!({"deviceSecondMs": 0})).await;
    let service = provider.service(&both()[0]).await;
    let client = at(&service).await;
    let mut sign_in = client.with_code().await.unwrap();
    let browser = Browser::new();
    let entered = browser.open(sign_in.complete_uri()).await;
    let shown = browser.submit(&entered, &[]).await;
    let declined = browser.submit(&shown, &[("abort", "yes")]).await;
    assert!(declined.text.contains("Declined"), "{declined:?}");
    assert_eq!(sign_in.ask().await.err(), Some(SignInError::Declined));
    let mut late = client.with_code().await.unwrap();
    provider.expire_device_codes().await;
    assert_eq!(late.ask().await.err(), Some(SignInError::Expired));
}

/// Signs in in the browser of this computer.
pub(crate) async fn sign_in_at(service: &Instance, email: &str) -> Tokens {
    tokens_at(&at(service).await, email).await
}
