//! The embedded billing's own pages: a simulated payment, and the account with its plan, card and invoices.
//!
//! Plain HTML with forms, made on the server: no script runs, nothing is loaded from elsewhere. Each page says that no money moves.
//! A link is a secret that opens one customer's page for a while.

mod account;
mod pay;

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use url::{Url, form_urlencoded};

use super::Embedded;
use crate::billing::BillingError;
use crate::credential;
use crate::store::Page;

/// Where a first payment is made.
pub(super) const PAY: &str = "/billing/pay";
/// Where plan, card and invoices are.
pub(super) const ACCOUNT: &str = "/billing/account";

pub(super) fn routes(billing: Embedded) -> Router {
    Router::new()
        .merge(pay::routes())
        .merge(account::routes())
        .with_state(billing)
}

/// What a link leads to; `None` for one that leads nowhere.
pub(super) async fn of_link(billing: &Embedded, link: &Url) -> Result<Option<Page>, BillingError> {
    match link.query_pairs().find(|(name, _)| name == "link") {
        Some((_, token)) => Ok(billing.store.page(&hash(&token)).await?),
        None => Ok(None),
    }
}

fn hash(token: &str) -> String {
    credential::digest(token.as_bytes())
}

/// A page that was asked for by its link.
struct Opened {
    token: String,
    page: Page,
}

/// Finds the page of a request: of the right kind, and not after its time.
async fn open(billing: &Embedded, uri: &Uri, pays: bool) -> Result<Opened, Response> {
    let token = value(uri.query().unwrap_or_default(), "link").unwrap_or_default();
    let found = billing.store.page(&hash(&token)).await.map_err(failed)?;
    found
        .filter(|page| page.plan.is_some() == pays && page.expires_at > billing.clock.now())
        .map(|page| Opened { token, page })
        .ok_or_else(|| {
            let body = html! {
                h1 { "This link is over" }
                p { "Go back to Brasskey and ask for a new one." }
            };
            show(StatusCode::NOT_FOUND, "Link over", None, &body)
        })
}

fn failed(error: impl std::fmt::Display) -> Response {
    tracing::error!(%error, "a billing page could not be made");
    let body = html! {
        h1 { "That did not work" }
        p { "Nothing was changed. Try again in a moment." }
    };
    show(StatusCode::SERVICE_UNAVAILABLE, "Failed", None, &body)
}

/// A value of a form or a query.
fn value(form: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(form.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Sends the browser on.
fn redirect(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, to.to_owned())]).into_response()
}

/// A page with what every page has. Its forms may lead back to where the customer came from, and nowhere else.
fn show(status: StatusCode, title: &str, return_url: Option<&str>, body: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Brasskey" }
                style { (maud::PreEscaped(STYLE)) }
            }
            body {
                p.label role="note" { strong { "Simulated payment: no money moves." } }
                main { (body) }
            }
        }
    };
    let back = return_url
        .and_then(|url| Url::parse(url).ok())
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' {back}; base-uri 'none'; frame-ancestors 'none'"
    );
    let headers: [(HeaderName, &str); 6] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, &policy),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ];
    (status, headers, page.into_string()).into_response()
}

/// The look of the application, as far as a form needs it.
const STYLE: &str = "
:root { color-scheme: light dark; --paper: oklch(0.993 0.0015 90); --ink: oklch(0.235 0.008 70); --ink-2: oklch(0.425 0.01 70);
  --line: oklch(0.845 0.006 85); --action: oklch(0.255 0.009 70); --on-action: oklch(0.985 0.003 90);
  --focus: oklch(0.615 0.12 77); --warn-ink: oklch(0.5 0.12 47); --warn-wash: oklch(0.983 0.009 65); }
@media (prefers-color-scheme: dark) { :root { --paper: oklch(0.2 0.005 75); --ink: oklch(0.93 0.004 85); --ink-2: oklch(0.75 0.006 80);
  --line: oklch(0.38 0.006 75); --action: oklch(0.93 0.004 85); --on-action: oklch(0.2 0.005 75);
  --focus: oklch(0.75 0.12 80); --warn-ink: oklch(0.82 0.1 60); --warn-wash: oklch(0.27 0.02 60); } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 ui-sans-serif, system-ui, sans-serif; }
main { max-width: 42rem; margin: 0 auto; padding: 1.5rem; }
.label { margin: 0; padding: .75rem 1.5rem; background: var(--warn-wash); color: var(--warn-ink); text-align: center; }
h1 { font-size: 1.375rem; } h2 { font-size: 1.0625rem; margin-top: 2rem; }
fieldset { border: 1px solid var(--line); border-radius: 8px; margin: 1rem 0; padding: .5rem 1rem 1rem; }
label { display: block; padding: .375rem 0; }
button { min-height: 44px; padding: 0 1.25rem; border: 0; border-radius: 8px; background: var(--action); color: var(--on-action); font: inherit; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; padding: .375rem .5rem .375rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.money, th.money { text-align: right; font-variant-numeric: tabular-nums; } small, .quiet { color: var(--ink-2); } a { color: inherit; }
@media print { .label { background: none; } form, nav { display: none; } }
";
