//! The drill of operations.md: a backup of a service that goes on working is restored into an empty database, looked at by the
//! doctor, and another service goes on from it.

use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::post;
use brasskey_licence::{Licence, State};
use brasskey_metering::Money;
use brasskey_platform::settings::Settings;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tempfile::TempDir;
use utoipa_axum::router::OpenApiRouter;

use crate::cluster::CLUSTER;
use crate::databases::{Database, both};
use crate::gateway::{STREAM, listen};
use crate::identity::Provider;
use crate::instance::Answer;
use crate::remote::{Remote, run};
use crate::served::Served;

/// What the provider's answer costs, and what the plan includes.
const COST: &str = "0.0075";
const INCLUDED: &str = "15";
/// What is asked where the provider shall never answer.
const NEVER: &str = "never";

async fn provider(asked: String) -> impl IntoResponse {
    if asked.contains(NEVER) {
        std::future::pending::<()>().await;
    }
    ([(CONTENT_TYPE, "text/event-stream")], STREAM)
}

/// Where a service of the vendor's runs: its keys and its configuration, without the database.
struct Site {
    folder: Arc<TempDir>,
    issuer: String,
}

impl Site {
    async fn new(identity: &Provider) -> Self {
        let upstream = listen(Router::new().route("/v1/chat/completions", post(provider))).await;
        let folder = Arc::new(TempDir::new().unwrap());
        let providers = json!([{"provider": "openai", "base_url": format!("{upstream}/v1"), "key": "env://VENDOR_KEY"}]);
        std::fs::File::create(folder.path().join("providers.json"))
            .and_then(|file| Ok(serde_json::to_writer(file, &providers)?))
            .unwrap();
        Self {
            folder,
            issuer: identity.issuer.clone(),
        }
    }

    fn serve(&self, database: &Database) -> Remote {
        Remote::start(
            self.folder.path(),
            &database.url,
            &["--issuer", &self.issuer, "--providers", "providers.json"],
            &[
                ("VENDOR_KEY", "vendor-key-1"),
                ("BRASSKEY_PLATFORM_SECRETS__ENVIRONMENT", "true"),
                // One computer makes all calls, one after the other.
                ("BRASSKEY_PLATFORM_RATES__DEVICE_PER_MINUTE", "100000"),
                ("BRASSKEY_PLATFORM_RATES__ACCOUNT_PER_MINUTE", "100000"),
                ("BRASSKEY_PLATFORM_RATES__PRESENTED_PER_MINUTE", "100000"),
            ],
        )
    }

    /// What the doctor says, and whether it is content.
    fn examined(&self, database: &Database) -> (bool, String) {
        run(self.folder.path(), &database.url, &["doctor"])
    }
}

impl Database {
    /// The file of one in SQLite.
    fn file(&self) -> Option<&str> {
        self.url.strip_prefix("sqlite:")
    }

    /// Saves it, whatever is written meanwhile. Gives the backup's file.
    async fn save(&self, folder: &TempDir) -> String {
        if self.file().is_some() {
            let backup = folder.path().join("backup.db").display().to_string();
            let pool = self.connect().await;
            let saving = sqlx::query("VACUUM INTO $1").bind(&backup);
            saving.execute(&pool).await.unwrap();
            return backup;
        }
        let (url, backup) = (self.url.clone(), format!("{}/backup", CLUSTER.path()));
        let file = backup.clone();
        let saving = tokio::task::spawn_blocking(move || {
            CLUSTER.run(
                "pg_dump",
                &["--format=custom", "--file", &file, "--dbname", &url],
            );
        });
        saving.await.unwrap();
        backup
    }

    /// Restores a backup into this one, which is empty.
    fn restore(&self, backup: &str) {
        if let Some(file) = self.file() {
            std::fs::copy(backup, file).unwrap();
            return;
        }
        CLUSTER.run(
            "pg_restore",
            &["--exit-on-error", "--dbname", &self.url, backup],
        );
    }

    async fn connect(&self) -> sqlx::AnyPool {
        sqlx::any::install_default_drivers();
        sqlx::AnyPool::connect(&self.url).await.unwrap()
    }

    async fn lets_nobody_change_what_is_kept(&self) {
        let pool = self.connect().await;
        for statement in [
            "UPDATE ledger_line SET amount = 0",
            "DELETE FROM ledger_line",
            "UPDATE terms_acceptance SET version = 'another'",
            "DELETE FROM terms_acceptance",
        ] {
            let refused = sqlx::query(statement).execute(&pool).await.unwrap_err();
            assert!(refused.to_string().contains("only added to"), "{refused}");
        }
    }
}

impl Remote {
    fn call(&self, credential: &str, name: &str, text: &str) -> reqwest::RequestBuilder {
        let body = json!({"model": "gpt-4o", "stream": true, "max_tokens": 1000, "messages": [{"role": "user", "content": text}]});
        self.client
            .post(format!("{}/v1/gateway/chat/completions", self.address))
            .bearer_auth(credential)
            .header("idempotency-key", name)
            .json(&body)
    }

    /// How a call stands; none where nothing is known of it.
    async fn state_of(&self, credential: &str, name: &str) -> Option<String> {
        let hold = self.get(&format!("/v1/holds/{name}"), credential).await;
        (hold.status == 200).then(|| hold.text("state").to_owned())
    }

    async fn until(&self, credential: &str, name: &str, state: &str) {
        while self.state_of(credential, name).await.as_deref() != Some(state) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// A call that is answered, and charged when this returns.
    async fn use_up(&self, credential: &str, name: &str) {
        let answer = self.call(credential, name, "Hi").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.text().await.unwrap(), STREAM);
        self.until(credential, name, "settled").await;
    }

    /// What is left of the allowance: that after so many calls, and the sum of the ledger's lines.
    async fn has_paid_for(&self, credential: &str, calls: i64) {
        let money = |value: &Value| value.as_str().unwrap().parse::<Money>().unwrap().pico();
        let wallet = self.get("/v1/wallet", credential).await;
        let left = money(&wallet.body["allowance"]);
        let [cost, included] = [COST, INCLUDED].map(|text| money(&json!(text)));
        assert_eq!(left, included - calls * cost, "{wallet:?}");
        let (mut sum, mut path) = (0, "/v1/wallet/lines".to_owned());
        loop {
            let page = self.get(&path, credential).await;
            let lines = page.body["lines"].as_array().unwrap();
            sum += lines.iter().map(|line| money(&line["amount"])).sum::<i64>();
            match page.body["next"].as_str() {
                Some(next) => path = format!("/v1/wallet/lines?after={next}"),
                None => break,
            }
        }
        assert_eq!(left, sum);
    }

    async fn terms_due(&self, credential: &str) -> Vec<String> {
        let account = self.get("/v1/account", credential).await;
        let due = account.body["terms_due"].as_array().unwrap();
        due.iter()
            .map(|due| due["doc"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn is_asked_to_sign_in(answer: &Answer) {
    assert_eq!((answer.status, answer.problem()), (401, "device-unknown"));
}

fn is_good(licence: &Licence) {
    let state = licence.state(licence.claims().iat);
    assert_eq!(state, State::Active { renew: false });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_goes_on_from_a_backup_that_was_made_while_it_worked() {
    let identity = Provider::start();
    let ada = identity.token_of("ada@example.com").await;
    for (database, restored) in both().into_iter().zip(both()) {
        let site = Site::new(&identity).await;
        let service = site.serve(&database);

        // A person with a plan, two computers and accepted terms; a call that runs, and some that are charged.
        let desk = service.sign_in(&ada, "dev_desk").await;
        let at_desk = desk.text("device_token");
        service.pay(at_desk, "standard_monthly").await;
        let laptop = service.sign_in(&ada, "dev_laptop").await;
        let guest = service.trial("dev_guest").await;
        service.accept(at_desk, "terms").await;
        let mut open = pin!(service.call(at_desk, "open", NEVER).send());
        tokio::select! {
            answer = &mut open => panic!("{answer:?}"),
            () = service.until(at_desk, "open", "held") => {}
        }
        for name in ["c0", "c1", "c2"] {
            service.use_up(at_desk, name).await;
        }

        // The backup is made while further calls are.
        let (is_saved, mut made) = (Cell::new(false), 3);
        let calls = async {
            while !is_saved.get() {
                service.use_up(at_desk, &format!("c{made}")).await;
                made += 1;
            }
        };
        let saving = async {
            let backup = database.save(&site.folder).await;
            is_saved.set(true);
            backup
        };
        let ((), backup) = tokio::join!(calls, saving);

        // What happens afterwards is lost with the database.
        service.use_up(at_desk, "late").await;
        service.accept(at_desk, "vendor").await;
        let renewed = service.renew(laptop.text("device_token")).await;
        let late = service.trial("dev_late").await;
        let held = service.licence(&renewed, "dev_laptop").await;
        let of_late = service.licence(&late, "dev_late").await;
        drop(service);

        restored.restore(&backup);
        restored.lets_nobody_change_what_is_kept().await;
        let (is_well, said) = site.examined(&restored);
        assert!(is_well, "{said}");
        assert!(said.contains("ok     wallets: "), "{said}");
        let replica = site.serve(&restored);

        // Computers whose credential is that of the backup go on.
        let again = replica.renew(at_desk).await;
        is_good(&replica.licence(&again, "dev_desk").await);
        let at_desk = again.text("device_token");
        let again = replica.renew(guest.text("device_token")).await;
        is_good(&replica.licence(&again, "dev_guest").await);

        // The others sign in again, or begin again. Until then their licence is good, and then they take the new one.
        is_asked_to_sign_in(&replica.renew(renewed.text("device_token")).await);
        is_good(&held);
        let again = replica.sign_in(&ada, "dev_laptop").await;
        is_good(
            &held
                .followed_by(replica.licence(&again, "dev_laptop").await)
                .unwrap(),
        );
        is_asked_to_sign_in(&replica.renew(late.text("device_token")).await);
        let again = replica.trial("dev_late").await;
        is_good(
            &of_late
                .followed_by(replica.licence(&again, "dev_late").await)
                .unwrap(),
        );
        assert_eq!(replica.terms_due(at_desk).await, ["vendor"]);

        // Of the calls there are the first ones, however many: none has a hole before it, and what is there is what was paid.
        let mut states = Vec::new();
        for number in 0..made {
            states.push(replica.state_of(at_desk, &format!("c{number}")).await);
        }
        let settled = |state: &Option<String>| state.as_deref() == Some("settled");
        let paid = states.iter().take_while(|state| settled(state)).count();
        assert!(
            paid >= 3 && !states[paid..].iter().any(settled),
            "{states:?}"
        );
        assert_eq!(replica.state_of(at_desk, "late").await, None);
        let paid = i64::try_from(paid).unwrap();
        replica.has_paid_for(at_desk, paid).await;

        // Nobody is left who could settle the call that ran: what it held is free when its time is over, here for a service
        // whose clock is ahead.
        assert_eq!(
            replica.state_of(at_desk, "open").await.as_deref(),
            Some("held")
        );
        let settings = Settings::default();
        let later = Served::start_with(
            site.folder.clone(),
            &restored.url,
            &settings,
            OpenApiRouter::new(),
        )
        .await;
        later.service.do_due_work().await;
        assert_eq!(
            replica.state_of(at_desk, "open").await.as_deref(),
            Some("held")
        );
        later.clock.advance(SignedDuration::from_mins(17));
        later.service.do_due_work().await;
        assert_eq!(
            replica.state_of(at_desk, "open").await.as_deref(),
            Some("expired")
        );
        let wallet = replica.get("/v1/wallet", at_desk).await;
        assert_eq!(wallet.text("held"), "0");

        // The call that was lost may be made again, and is charged once.
        replica.use_up(at_desk, "late").await;
        replica.has_paid_for(at_desk, paid + 1).await;
        restored.lets_nobody_change_what_is_kept().await;

        // A balance that somebody changed is found by the doctor.
        assert!(site.examined(&restored).0);
        sqlx::query("UPDATE wallet SET allowance = allowance + 1")
            .execute(&restored.connect().await)
            .await
            .unwrap();
        let (is_well, said) = site.examined(&restored);
        let account = desk.body["account"]["id"].as_str().unwrap();
        let wrong = format!("wrong  wallets: allowance of {account} is kept as ");
        assert!(!is_well && said.contains(&wrong), "{said}");
    }
}
