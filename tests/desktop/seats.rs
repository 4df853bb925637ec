//! More computers than there are seats: this one takes the seat of one of the others.

use brasskey_client::sign_in::SignIn;
use brasskey_client::{About, Code, Page, Platform, PlatformUrl};
use brasskey_tests::desktop::Find;
use secrecy::SecretString;

use crate::accounts::ANTHROPIC;
use crate::customer::{ADA, Customer};
use crate::person::Person;
use crate::surfer::Surfer;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What other computers are called.
const OTHERS: [&str; 5] = ["Attic", "Office", "Kitchen", "Train", "Workshop"];

/// A person's other computers: each takes a seat with the same sign-in. What each has as its credential.
async fn other_computers(platform: &Platform) -> Vec<SecretString> {
    let settings = platform.directory().await.unwrap().sign_in.unwrap();
    let sign_in = SignIn::new(settings).unwrap();
    let browser = sign_in.in_browser().await.unwrap();
    let address = browser.url().to_string();
    let surfing =
        tokio::task::spawn_blocking(move || Surfer::new().fills_in(&address, &[("email", ADA)]));
    let page = Page {
        done: "Done.".to_owned(),
        failed: "Failed.".to_owned(),
    };
    let (tokens, led_back) = tokio::join!(browser.finish(&page), surfing);
    assert!(led_back.unwrap().contains("Done."));
    let proof = tokens.unwrap().access_token;
    let mut credentials = Vec::new();
    for name in OTHERS {
        let about = About {
            device_id: format!("dev-{name}"),
            name: name.to_owned(),
            os: "linux".to_owned(),
            app_version: VERSION.to_owned(),
        };
        let person = platform.as_person(&proof);
        let enrolled = person.enrol(&about, None, None, name).await.unwrap();
        credentials.push(enrolled.issued.device_token);
    }
    credentials
}

#[tokio::test]
async fn the_sixth_computer_takes_the_seat_of_one_of_the_others() {
    let ada = Customer::new(Person::arrives_where_people_sign_in().await);
    let platform = Platform::at(PlatformUrl::parse(&ada.platform.url()).unwrap()).unwrap();
    let credentials = other_computers(&platform).await;

    ada.begins_with(ANTHROPIC).await;
    ada.opens_billing().await;
    ada.presses("Sign in").await;
    ada.signs_in().await;
    ada.sees("All computers of your plan are taken").await;
    for name in OTHERS {
        ada.sees(&format!("{name}, Linux")).await;
    }
    ada.shot("seats-1-taken").await;
    let office = Find::css(".dialog .plainlist li:nth-child(2) button");
    ada.clicks(office).await;
    ada.sees(&format!("Signed in as {ADA}")).await;
    ada.sees("5 of 5 computers on this licence").await;
    ada.shot("seats-2-signed-in").await;

    // The one that gave its seat is signed out, and the others are not.
    let office = platform.as_device(&credentials[1]).renew(VERSION).await;
    assert_eq!(office.unwrap_err().code(), Some(Code::DeviceRevoked));
    let attic = platform.as_device(&credentials[0]);
    assert!(attic.renew(VERSION).await.is_ok());

    // A seat is taken back from here, too.
    ada.presses("Computers on this licence").await;
    ada.presses("Take seat back: Kitchen").await;
    ada.shot("seats-3-computers").await;
    ada.presses("Take it back now").await;
    ada.no_longer_sees(Find::text("Kitchen, Linux")).await;
    ada.clicks(Find::css(".dialog__foot .btn")).await;
    ada.sees("4 of 5 computers on this licence").await;
    let kitchen = platform.as_device(&credentials[2]).renew(VERSION).await;
    assert_eq!(kitchen.unwrap_err().code(), Some(Code::DeviceRevoked));
}
