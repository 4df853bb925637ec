//! The account, the plan and the billing mode: `login`, `logout`, `status`, `plan`, `switch`, `terms`.

use brasskey_app::App;
use brasskey_app::account::view::{
    AccountKind, LicenceState, SignInOutcome, SignInProgress, SignInWay,
};
use brasskey_app::billing::view::{BillingMode, TermsAcceptance};
use brasskey_app::error::{Error, ErrorCode};
use brasskey_app::subscription::view::{PlanPreviewView, SwitchTime};
use serde_json::json;

use crate::arguments::{Mode, Switch};
use crate::confirm;
use crate::exit::Exit;
use crate::keys::print_json;
use crate::open::{open, told, unlock};

/// Where terms were accepted, as it is kept.
const SURFACE: &str = "command";

/// Which of the account's commands.
pub(crate) enum Account {
    Login { trial: bool },
    Logout,
    Status { json: bool },
    Plan { json: bool },
    Switch(Switch),
    Terms { mode: Option<Mode>, accept: bool },
}

pub(crate) async fn run(account: Account) -> Exit {
    let app = match open().await {
        Ok(app) => app,
        Err(exit) => return exit,
    };
    let done = match account {
        Account::Login { trial } => login(&app, trial).await,
        Account::Logout => logout(&app).await,
        Account::Status { json } => status(&app, json).await,
        Account::Plan { json } => plan(&app, json).await,
        Account::Switch(switch) => self::switch(&app, switch).await,
        Account::Terms { mode, accept } => terms(&app, mode, accept).await,
    };
    app.quit().await;
    done.err().unwrap_or(Exit::Done)
}

impl From<Mode> for BillingMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::OwnKeys => Self::Byok,
            Mode::Plan => Self::VendorBilled,
        }
    }
}

fn mode_name(mode: BillingMode) -> &'static str {
    match mode {
        BillingMode::Byok => "own keys: each provider bills you for its models",
        BillingMode::VendorBilled => "vendor-billed: your plan pays for the models",
    }
}

async fn login(app: &App, trial: bool) -> Result<(), Exit> {
    unlock(app).await?;
    if trial {
        app.begin_trial().await.map_err(told)?;
        println!("The trial has begun.");
        return Ok(());
    }
    // A code, and not this computer's browser: a terminal is often on another computer.
    let signing_in = app.sign_in(SignInWay::Code, |_| async { Err(Error::Stopped) });
    let mut changes = app.changes();
    let telling = async {
        let mut told_code = None;
        while changes.recv().await.is_ok() {
            let Some(SignInProgress::Code { code, address, .. }) = app.account().sign_in else {
                continue;
            };
            if told_code.as_deref() != Some(code.as_str()) {
                println!("Open {address} in any browser and enter {code}");
                told_code = Some(code);
            }
        }
        std::future::pending().await
    };
    let outcome = tokio::select! {
        outcome = signing_in => outcome.map_err(told)?,
        never = telling => never,
        _ = tokio::signal::ctrl_c() => return Err(Exit::Interrupted),
    };
    match outcome {
        SignInOutcome::SignedIn => {
            let email = app.account().email;
            println!(
                "Signed in{}.",
                email.map_or_else(String::new, |email| format!(" as {email}"))
            );
            Ok(())
        }
        SignInOutcome::SeatsTaken { seats } => {
            eprintln!(
                "brasskey: all computers of the plan are taken; release one in Brasskey first:"
            );
            for seat in seats {
                eprintln!("  {} ({})", seat.name, seat.os);
            }
            Err(ErrorCode::DeviceLimit.into())
        }
    }
}

async fn logout(app: &App) -> Result<(), Exit> {
    unlock(app).await?;
    app.sign_out().await.map_err(told)?;
    println!(
        "Signed out. Keys of the account stay in the credential store, and are used when it signs in again."
    );
    Ok(())
}

async fn status(app: &App, json: bool) -> Result<(), Exit> {
    let account = app.account();
    let billing = app.billing().await.map_err(told)?;
    if json {
        return print_json(
            &json!({ "account": account, "mode": billing.mode, "scheduled": billing.scheduled }),
        );
    }
    let who = match (account.kind, &account.email) {
        (AccountKind::None, _) => "nobody is signed in".to_owned(),
        (AccountKind::Trial, _) => "trial, without an account".to_owned(),
        (AccountKind::SignedIn, Some(email)) => email.clone(),
        (AccountKind::SignedIn, None) => "signed in".to_owned(),
    };
    println!("Account:  {who}");
    println!("Computer: {}", account.computer);
    println!("Mode:     {}", billing.mode.map_or("not chosen", mode_name));
    if let Some(switch) = billing.scheduled {
        println!(
            "Then:     {} with the end of the period",
            mode_name(switch.mode)
        );
    }
    let licence = match account.licence {
        None => "none: only models on this computer answer".to_owned(),
        Some(licence) => match licence.state {
            LicenceState::Active => format!("{}, in force", licence.plan),
            LicenceState::RenewalDue { days_left, .. } => {
                format!("{}, to be renewed within {days_left} days", licence.plan)
            }
            LicenceState::Limited => "over: only models on this computer answer".to_owned(),
            LicenceState::Revoked => "taken back".to_owned(),
        },
    };
    println!("Licence:  {licence}");
    Ok(())
}

async fn plan(app: &App, json: bool) -> Result<(), Exit> {
    unlock(app).await?;
    let subscription = app.subscription().await.map_err(told)?;
    if json {
        return print_json(&subscription);
    }
    println!("Plan:  {}", subscription.plan_name);
    if let (Some(price), Some(interval)) = (&subscription.price, subscription.interval) {
        println!(
            "Price: ${price} a {}",
            format!("{interval:?}").to_lowercase()
        );
    }
    if let Some(included) = &subscription.included {
        println!("Model use included: ${included} a month");
    }
    for feature in &subscription.features {
        let max = feature
            .max
            .map_or_else(|| "without limit".to_owned(), |max| max.to_string());
        let used = feature
            .used
            .map_or_else(String::new, |used| format!(", {used} used"));
        println!("  {}: {max}{used}", feature.name);
    }
    for plan in app.billing().await.map_err(told)?.plans {
        println!(
            "Offered: {} at ${} a month ({})",
            plan.name,
            plan.monthly,
            mode_name(plan.mode)
        );
    }
    Ok(())
}

async fn switch(app: &App, switch: Switch) -> Result<(), Exit> {
    let mode = BillingMode::from(switch.mode);
    let billing = app.billing().await.map_err(told)?;
    if billing.mode == Some(mode) {
        println!("Already so: {}.", mode_name(mode));
        return Ok(());
    }
    unlock(app).await?;
    // Before the first plan there is nothing to change at the platform: the mode alone is chosen.
    if app.account().kind != AccountKind::SignedIn {
        if mode == BillingMode::VendorBilled {
            return Err(told(Error::Refused(ErrorCode::SignInNeeded)));
        }
        app.choose_billing(mode).await.map_err(told)?;
        app.finish_first_run().await.map_err(told)?;
        println!("Now: {}.", mode_name(mode));
        return Ok(());
    }
    let plan = billing.plans.iter().find(|plan| plan.mode == mode);
    let plan = plan.ok_or_else(|| told(Error::PlatformUnreachable))?;
    let when = if switch.period_end {
        SwitchTime::PeriodEnd
    } else {
        SwitchTime::Now
    };
    let preview = app
        .preview_plan(&plan.monthly_code, Some(when))
        .await
        .map_err(told)?;
    say(&preview);
    if !switch.yes && !confirm("Switch?") {
        println!("Nothing has changed.");
        return Ok(());
    }
    app.change_plan(&preview.preview).await.map_err(told)?;
    println!("Done: {}.", mode_name(mode));
    Ok(())
}

fn say(preview: &PlanPreviewView) {
    println!(
        "To {}{}",
        preview.plan_name,
        match preview.when {
            SwitchTime::Now => ", at once",
            SwitchTime::PeriodEnd => ", with the end of the period",
        }
    );
    if let Some(price) = &preview.price {
        println!("Price: ${price}");
    }
    if let Some(estimate) = &preview.estimate {
        println!(
            "Now: ${} for the new plan, ${} back for the old one, ${} in all{}",
            estimate.charge,
            estimate.credit,
            estimate.net,
            if preview.exact { "" } else { " (about)" }
        );
    }
    println!("Keys stay where they are; in vendor-billed mode none is read.");
}

/// Shows the terms of a mode, and accepts them as they were shown.
async fn terms(app: &App, mode: Option<Mode>, accept: bool) -> Result<(), Exit> {
    let billing = app.refresh_billing().await.map_err(told)?;
    let mode = mode.map(BillingMode::from).or(billing.mode);
    let documents = mode.unwrap_or(BillingMode::Byok).documents();
    let mut shown = billing.terms;
    shown.retain(|text| documents.contains(&text.document.as_str()));
    if shown.is_empty() {
        return Err(told(Error::PlatformUnreachable));
    }
    for text in &shown {
        println!("{}\n\n[{} {}]\n", text.text, text.document, text.version);
    }
    if shown.iter().all(|text| text.accepted_at.is_some()) {
        println!("Accepted.");
        return Ok(());
    }
    if !accept && !confirm("Do you accept them?") {
        return Err(Exit::Plan);
    }
    let accepted: Vec<TermsAcceptance> = shown
        .into_iter()
        .map(|text| TermsAcceptance {
            document: text.document,
            version: text.version,
            sha256: text.sha256,
        })
        .collect();
    app.accept_terms(&accepted, SURFACE).await.map_err(told)?;
    println!("Accepted.");
    Ok(())
}
