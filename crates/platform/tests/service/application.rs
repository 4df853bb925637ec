//! The application's own client reads all that the service says, from a trial to the end of the account.

use brasskey_client::sign_in::SignIn;
use brasskey_client::views::{
    CheckoutState, LineKind, PlanChangeKind, PlanChangeState, PortalArea, UsageEvent, When,
};
use brasskey_client::{
    About, Acceptance, Code, Error, Issued, Page, Platform, PlatformUrl, Return, UrlError,
};
use brasskey_licence::{Mode, Standing};
use secrecy::{ExposeSecret, SecretString};

use crate::browser::Browser;
use crate::databases::both;
use crate::identity::Provider;
use crate::instance::Instance;
use crate::sign_in::tokens_at;

fn about(device: &str) -> About {
    About {
        device_id: device.to_owned(),
        name: "Desk".to_owned(),
        os: "linux".to_owned(),
        app_version: "0.1.0".to_owned(),
    }
}

fn page() -> Page {
    Page {
        done: "Back to Brasskey.".to_owned(),
        failed: "Nothing was paid.".to_owned(),
    }
}

fn platform(service: &Instance) -> Platform {
    Platform::at(PlatformUrl::parse(&service.address).unwrap()).unwrap()
}

async fn trial(service: &Instance, device: &str) -> Issued {
    let begun = platform(service).begin_trial(&about(device), "key-1").await;
    begun.unwrap()
}

/// Pays for a plan in the browser, and comes back.
async fn pay(
    service: &Instance,
    credential: &SecretString,
    plan: &str,
    card: &str,
) -> CheckoutState {
    let platform = platform(service);
    let device = platform.as_device(credential);
    let (back, said) = (Return::open().await.unwrap(), page());
    let begun = device
        .begin_checkout(plan, &back.url(), &format!("pay-{card}"))
        .await
        .unwrap();
    let shown = device.checkout(&begun.id).await.unwrap();
    assert_eq!((shown.state, shown.receipt), (CheckoutState::Pending, None));
    let person = async {
        let browser = Browser::new();
        let shown = browser.open(&begun.url.parse().unwrap()).await;
        browser.submit(&shown, &[("card", card)]).await
    };
    let (returned, shown) = tokio::join!(back.wait(&said), person);
    let is_paid = returned.outcome.as_deref() == Some("paid");
    let words = if is_paid { said.done } else { said.failed };
    assert_eq!(shown.text, words);
    device.checkout(&begun.id).await.unwrap().state
}

#[tokio::test]
async fn a_whole_life_of_an_account_is_read_by_the_applications_client() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let platform = platform(&service);
        let plans = platform.plans().await.unwrap();
        let of = |code: &str| plans.mode_of(plans.plan(code).unwrap());
        assert_eq!(of("standard_annual"), Some(Mode::VendorBilled));
        assert_eq!(
            (plans.trial.days, of(&plans.trial.plan)),
            (14, Some(Mode::Byok))
        );

        // A trial, and the terms of it.
        let begun = trial(&service, "dev_1").await;
        let renewed = platform.as_device(&begun.device_token).renew("0.1.0").await;
        let had = renewed.unwrap().issued.device_token;
        let device = platform.as_device(&had);
        let account = device.account().await.unwrap();
        assert_eq!(account.subscription.standing, Standing::Trial);
        assert!(!account.account.is_signed_in);
        for due in account.terms_due.iter().filter(|due| due.blocking) {
            let shown = platform
                .terms(&due.doc, "en", Some(&due.version))
                .await
                .unwrap();
            let acceptance = Acceptance {
                version: shown.version,
                sha256: shown.sha256,
                lang: shown.lang,
                client_time: service.clock.now(),
                surface: "first-run".to_owned(),
            };
            device
                .accept_terms(&due.doc, &acceptance, &format!("accept-{}", due.doc))
                .await
                .unwrap();
        }
        let none_is_due = device.account().await.unwrap().terms_due;
        assert!(
            none_is_due.iter().all(|due| !due.blocking),
            "{none_is_due:?}"
        );
        let event = UsageEvent {
            id: "e1".to_owned(),
            feature: "projects".to_owned(),
            quantity: 2,
            at: service.clock.now(),
        };
        let counted = device.count_usage(&[event.clone(), event]).await.unwrap();
        assert_eq!((counted.accepted, counted.duplicates), (1, 1));
        assert_eq!(counted.totals["projects"].used, 2);
        let refused = device.begin_checkout("byok_monthly", "http://127.0.0.1:9/back", "k");
        assert_eq!(refused.await.unwrap_err().code(), Some(Code::SignInNeeded));

        // A person, who brings the trial along.
        let settings = platform.directory().await.unwrap().sign_in.unwrap();
        let tokens = tokens_at(&SignIn::new(settings).unwrap(), "ada@example.com").await;
        let person = platform.as_person(&tokens.access_token);
        let enrolled = person
            .enrol(&about("dev_1"), Some(&had), None, "enrol-1")
            .await;
        let enrolled = enrolled.unwrap();
        assert_eq!(enrolled.account.email.as_deref(), Some("ada@example.com"));
        let credential = enrolled.issued.device_token;
        let device = platform.as_device(&credential);

        // A first payment: declined, then paid.
        let declined = pay(&service, &credential, "byok_monthly", "declined").await;
        assert_eq!(declined, CheckoutState::Declined);
        let paid = pay(&service, &credential, "byok_monthly", "accepted").await;
        assert_eq!(paid, CheckoutState::Paid);
        let invoices = device.invoices().await.unwrap().unwrap();
        assert_eq!(
            (&*invoices[0].total, invoices[0].lines[0].kind),
            ("12.00", LineKind::Plan)
        );

        // To the other mode, as it was shown.
        let shown = device
            .preview("standard_monthly", Some(When::Now))
            .await
            .unwrap();
        assert_eq!((shown.kind, shown.exact), (PlanChangeKind::Switch, true));
        assert_eq!(shown.mode.to.as_deref(), Some("vendor_billed"));
        let change = device
            .change("standard_monthly", shown.when, &shown.preview, "change-1")
            .await;
        assert_eq!(change.unwrap().state, PlanChangeState::Done);
        let wallet = device.wallet().await.unwrap();
        assert_eq!(wallet.available.to_string(), "15");
        let wallet = device.set_overage_cap("5".parse().unwrap()).await.unwrap();
        assert_eq!(wallet.available.to_string(), "20");
        let lines = device.wallet_lines(None).await.unwrap();
        assert_eq!(lines.lines[0].kind, "grant");

        // Scheduled and taken back; cancelled and gone on with.
        let later = device
            .preview("byok_monthly", Some(When::PeriodEnd))
            .await
            .unwrap();
        device
            .change("byok_monthly", later.when, &later.preview, "change-2")
            .await
            .unwrap();
        let change = device.subscription().await.unwrap().change.unwrap();
        assert_eq!(change.state, PlanChangeState::Scheduled);
        device.withdraw_change().await.unwrap();
        let none = device.withdraw_change().await.unwrap_err();
        assert_eq!(
            (none.code(), none.is_passing()),
            (Some(Code::NotFound), false)
        );
        assert_eq!(device.cancel().await.unwrap().standing, Standing::Ending);
        assert_eq!(
            device.reactivate().await.unwrap().standing,
            Standing::Active
        );
        let portal = device
            .portal(PortalArea::Payment, "http://127.0.0.1:9/back")
            .await;
        assert!(portal.unwrap().starts_with(&service.address));

        // Another device takes the place of this one; the account ends.
        let second = person
            .enrol(&about("dev_2"), None, None, "enrol-2")
            .await
            .unwrap();
        let devices = device.devices().await.unwrap();
        assert_eq!(
            (devices.devices.len(), devices.this.as_deref()),
            (2, Some("dev_1"))
        );
        device.sign_out("dev_1").await.unwrap();
        let gone = device.account().await.unwrap_err();
        assert!(
            matches!(gone.code(), Some(Code::DeviceUnknown | Code::DeviceRevoked)),
            "{gone}"
        );
        person.close_account().await.unwrap();
        let closed = platform
            .as_device(&second.issued.device_token)
            .renew("0.1.0")
            .await;
        let Err(Error::Refused(problem)) = closed else {
            panic!("{closed:?}")
        };
        assert_eq!(problem.code, Code::DeviceRevoked);
        assert!(
            problem.more["licence"]
                .as_str()
                .unwrap()
                .starts_with("v4.public.")
        );
    }
}

#[tokio::test]
async fn nobody_who_answers_is_told_from_a_refusal_and_from_somebody_else() {
    let service = Instance::start(&both()[0].url).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let away = Platform::at(PlatformUrl::parse(&format!("http://{address}")).unwrap()).unwrap();
    let error = away.plans().await.unwrap_err();
    assert_eq!((&error, error.is_passing()), (&Error::Unreachable, true));
    let credential = SecretString::from("bkd_nobody");
    let refused = platform(&service)
        .as_device(&credential)
        .wallet()
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some(Code::Unauthenticated));
    assert!(!format!("{refused:?} {refused}").contains(credential.expose_secret()));
    // The key set is text, not the plans.
    let elsewhere = format!("{}/v1/keyset?", service.address);
    assert_eq!(PlatformUrl::parse(&elsewhere).unwrap_err(), UrlError::Parts);
}
