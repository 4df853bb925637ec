//! Where a key may go: to the host that it was entered for, over a way that nobody reads along, and nowhere else.

use std::net::TcpListener;

use brasskey_app::error::{BaseUrlProblem, Error, ErrorCode, ErrorView};
use brasskey_app::keys::view::{CheckView, NewEndpoint, ProviderId};
use brasskey_tests::Fault;
use secrecy::SecretString;

use crate::account::{ANTHROPIC, OPENAI};
use crate::key_form::{check, failed};
use crate::world::World;

/// A listener of this computer that must never hear anything.
struct Elsewhere(TcpListener);

impl Elsewhere {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn address(&self) -> String {
        format!("http://{}/openai/v1/models", self.0.local_addr().unwrap())
    }

    fn heard_nothing(&self) -> bool {
        matches!(self.0.accept(), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    }
}

#[tokio::test]
async fn a_key_of_another_provider_is_noticed_and_sent_nowhere() {
    let world = World::with_own_keys().await;
    let own_address = NewEndpoint {
        provider: ProviderId::OpenAi,
        base_url: None,
    };
    let pending = world
        .app
        .submit_key(&SecretString::from(ANTHROPIC.key()), &own_address)
        .unwrap();
    assert_eq!(pending.looks_like, Some(ProviderId::Anthropic));
    let check = world
        .app
        .check_pending(&pending.id, &own_address, false)
        .await
        .unwrap();
    let expected = CheckView::WrongProvider {
        looks_like: ProviderId::Anthropic,
        expected_prefix: Some("sk-".to_owned()),
    };
    assert_eq!(check, expected);
    // It was not sent: it may still go to the provider that it belongs to.
    let check = world.check(ANTHROPIC, &pending).await;
    assert!(matches!(check, CheckView::Works { .. }), "{check:?}");
    let seen = world.sandbox.requests();
    assert!(
        seen.iter()
            .all(|request| request.path.starts_with("/anthropic/"))
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = World::with_own_keys().await;
    let elsewhere = Elsewhere::new();
    for status in [301, 302, 303, 307, 308] {
        world.sandbox.script_check(Fault::Redirect {
            status,
            to: elsewhere.address(),
        });
        let (_, check) = check(&world, OPENAI, OPENAI.key()).await;
        let (failure, _) = failed(check);
        assert_eq!(failure.code, ErrorCode::ProxyOrNetwork);
        assert_eq!(failure.status, Some(status));
        assert_eq!(failure.provider_code.as_deref(), Some("redirected"));
        assert_eq!(failure.provider_message.as_deref(), Some("127.0.0.1"));
    }
    assert_eq!(world.sandbox.requests().len(), 5);
    assert!(elsewhere.heard_nothing());
}

#[tokio::test]
async fn a_key_that_was_sent_goes_to_no_other_host() {
    let world = World::with_own_keys().await;
    let elsewhere = Elsewhere::new();
    let pending = world.submit(OPENAI, OPENAI.key());
    world.check(OPENAI, &pending).await;
    let changed = NewEndpoint {
        provider: ProviderId::OpenAi,
        base_url: Some(elsewhere.address()),
    };
    for any_shape in [false, true] {
        let refusal = world
            .app
            .check_pending(&pending.id, &changed, any_shape)
            .await;
        assert!(matches!(refusal, Err(Error::OriginChanged)));
    }
    assert!(elsewhere.heard_nothing());
    // What is saved is still bound to where it was entered for.
    let key = world.app.save_key(&pending.id, "").await.unwrap();
    assert_eq!(Some(key.base_url), world.endpoint(OPENAI).base_url);
}

#[tokio::test]
async fn addresses_over_which_a_key_must_not_travel_are_refused_with_the_reason() {
    let world = World::with_own_keys().await;
    for (address, problem) in [
        ("http://api.openai.com/v1", BaseUrlProblem::InsecureHttp),
        ("http://192.168.1.10:8080/v1", BaseUrlProblem::InsecureHttp),
        (
            "http://localhost.example.com/v1",
            BaseUrlProblem::InsecureHttp,
        ),
        ("ftp://127.0.0.1/v1", BaseUrlProblem::BadScheme),
        ("https://me@api.openai.com/v1", BaseUrlProblem::HasUserInfo),
        (
            "https://api.openai.com/v1?key=x",
            BaseUrlProblem::HasQueryOrFragment,
        ),
        ("https://169.254.169.254/v1", BaseUrlProblem::LinkLocal),
        ("api.openai.com", BaseUrlProblem::NotAUrl),
    ] {
        let endpoint = NewEndpoint {
            provider: ProviderId::OpenAi,
            base_url: Some(address.to_owned()),
        };
        for refusal in refusals(&world, OPENAI.key(), &endpoint).await {
            assert_eq!(refusal.code, ErrorCode::BaseUrlInvalid, "{address}");
            assert_eq!(refusal.base_url, Some(problem.clone()), "{address}");
        }
    }
    let without = NewEndpoint {
        provider: ProviderId::OpenAiCompatible,
        base_url: Some("  ".to_owned()),
    };
    for refusal in refusals(&world, "sk-1", &without).await {
        assert_eq!(refusal.base_url, Some(BaseUrlProblem::Needed));
    }
    assert!(world.app.keys().await.unwrap().keys.is_empty());
}

/// What a check and a save of a key at such an address are refused with.
async fn refusals(world: &World, key: &str, endpoint: &NewEndpoint) -> [ErrorView; 2] {
    let app = &world.app;
    let pending = app.submit_key(&SecretString::from(key), endpoint).unwrap();
    let check = app.check_pending(&pending.id, endpoint, true).await;
    let save = app.save_key(&pending.id, "").await;
    [check.unwrap_err().into(), save.unwrap_err().into()]
}

#[tokio::test]
async fn an_endpoint_without_a_key_is_for_this_computer_only() {
    let world = World::with_own_keys().await;
    let away = NewEndpoint {
        provider: ProviderId::OpenAiCompatible,
        base_url: Some("https://models.example.com/v1".to_owned()),
    };
    assert_eq!(
        world.app.submit_keyless(&away).unwrap_err().code(),
        ErrorCode::InvalidInput
    );
    let openai = world.endpoint(OPENAI);
    assert_eq!(
        world.app.submit_keyless(&openai).unwrap_err().code(),
        ErrorCode::InvalidInput
    );
}
