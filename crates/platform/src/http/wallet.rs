//! `/v1/wallet`, `/v1/holds/{id}`: what vendor-billed use has left, where it went, and what a call came to.

use axum::Json;
use axum::extract::{Path, Query, State};
use brasskey_metering::Money;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::Body;
use super::caller::Caller;
use super::problem::{Code, Problem};
use crate::budget;
use crate::service::Service;
use crate::store::{Line, StoreError, Wallet};
use crate::wallet::{exact, money};

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(read))
        .routes(routes!(lines))
        .routes(routes!(set_cap))
        .routes(routes!(hold))
}

/// Lines on a page.
const PAGE: i64 = 100;

/// What vendor-billed use has left. Amounts are decimal text in the currency.
#[derive(Serialize, ToSchema)]
#[schema(as = Wallet)]
struct Shown {
    #[schema(example = "USD")]
    currency: String,
    /// What the plan includes in this month.
    #[schema(value_type = String, example = "15")]
    included: Money,
    /// What is left of it. Below zero when a call cost more than there was; that is taken off the next month.
    #[schema(value_type = String)]
    allowance: Money,
    /// What is owed beyond it for this month.
    #[schema(value_type = String)]
    overage: Money,
    /// What overage may come to by the user's own wish; nothing at first.
    #[schema(value_type = String)]
    overage_cap: Money,
    /// What it may come to by the plan.
    #[schema(value_type = String)]
    plan_cap: Money,
    /// What running calls hold.
    #[schema(value_type = String)]
    held: Money,
    /// What the next call may use.
    #[schema(value_type = String)]
    available: Money,
    /// When the month is over.
    #[schema(value_type = Option<String>, format = DateTime)]
    resets_at: Option<Timestamp>,
}

fn shown(service: &Service, wallet: &Wallet) -> Json<Shown> {
    Json(Shown {
        currency: service.catalogue().currency.clone(),
        included: money(wallet.included),
        allowance: money(wallet.allowance),
        overage: money(wallet.overage),
        overage_cap: money(wallet.user_cap),
        plan_cap: money(wallet.plan_cap),
        held: money(wallet.held),
        available: money(wallet.available().max(0)),
        resets_at: budget::resets_at(wallet),
    })
}

/// What vendor-billed use has left.
#[utoipa::path(get, path = "/v1/wallet", tag = "wallet", security(("device" = [])), responses((status = 200, body = Shown), Problem))]
async fn read(State(service): State<Service>, caller: Caller) -> Result<Json<Shown>, Problem> {
    let (wallet, _) = service.wallet_of(&caller.account_id, service.now()).await?;
    Ok(shown(&service, &wallet))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Page {
    /// The `next` of the page before.
    after: Option<String>,
}

/// A line of the ledger.
#[derive(Serialize, ToSchema)]
struct ShownLine {
    /// The transaction that it belongs to.
    transaction: String,
    /// `allowance:…` or `customer:…`.
    account: String,
    /// `grant`, `lapse`, `use`, or `use_estimated` where the provider did not report the usage.
    kind: String,
    /// Decimal; below zero for what was used.
    #[schema(value_type = String)]
    amount: Money,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// A page of lines, the oldest first.
#[derive(Serialize, ToSchema)]
struct Lines {
    lines: Vec<ShownLine>,
    /// Where the next page begins; none on the last.
    next: Option<String>,
}

/// The account's lines of the ledger, the oldest first.
#[utoipa::path(get, path = "/v1/wallet/lines", tag = "wallet", params(Page), security(("device" = [])), responses((status = 200, body = Lines), Problem))]
async fn lines(
    State(service): State<Service>,
    caller: Caller,
    page: Result<Query<Page>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Lines>, Problem> {
    let wrong = || Problem::new(Code::InvalidRequest, "`after` is not the `next` of a page.");
    let Query(page) = page.map_err(|_| wrong())?;
    let after = match &page.after {
        Some(text) => place(text).ok_or_else(wrong)?,
        None => (i64::MIN, "", 0),
    };
    let mut found = service
        .store()
        .lines(&caller.account_id, after, PAGE + 1)
        .await?;
    let is_last = i64::try_from(found.len()).is_ok_and(|count| count <= PAGE);
    if !is_last {
        found.pop();
    }
    let next = found.last().filter(|_| !is_last);
    let next = next.map(|line| format!("{}.{}.{}", line.at, line.line, line.txn_id));
    let lines: Result<Vec<_>, StoreError> = found.into_iter().map(shown_line).collect();
    Ok(Json(Lines {
        lines: lines?,
        next,
    }))
}

/// Reads a place in the order of lines: time, number, transaction.
fn place(text: &str) -> Option<(i64, &str, i64)> {
    let (at, rest) = text.split_once('.')?;
    let (line, txn) = rest.split_once('.')?;
    // PostgreSQL's text holds no such character.
    let is_text = !txn.contains('\0');
    is_text.then_some((at.parse().ok()?, txn, line.parse().ok()?))
}

fn shown_line(line: Line) -> Result<ShownLine, StoreError> {
    Ok(ShownLine {
        transaction: line.txn_id,
        account: line.ledger_account,
        kind: line.kind,
        amount: money(line.amount),
        at: Timestamp::from_millisecond(line.at)
            .map_err(|_| StoreError::Unreadable("a line's time"))?,
    })
}

#[derive(Deserialize, ToSchema)]
#[schema(as = CapAsked)]
struct CapAsked {
    /// Decimal, in the currency: what overage may come to in a month. The plan's own cap holds besides.
    #[schema(value_type = String, example = "20.00")]
    overage_cap: Money,
}

/// Sets what model use beyond the allowance may come to in a month. Calls that run were begun under the cap before.
#[utoipa::path(put, path = "/v1/wallet/cap", tag = "wallet", request_body = CapAsked, security(("device" = [])), responses((status = 200, body = Shown), Problem))]
async fn set_cap(
    State(service): State<Service>,
    caller: Caller,
    Body(asked): Body<CapAsked>,
) -> Result<Json<Shown>, Problem> {
    let cap = exact(asked.overage_cap).filter(|cap| *cap >= 0);
    let cap = cap.ok_or(Problem::new(
        Code::InvalidRequest,
        "`overage_cap` is below zero or finer than a billionth.",
    ))?;
    let now = service.now();
    // Makes the wallet where there is none yet.
    service.wallet_of(&caller.account_id, now).await?;
    service
        .store()
        .set_user_cap(&caller.account_id, cap, now)
        .await?;
    let (wallet, _) = service.wallet_of(&caller.account_id, now).await?;
    Ok(shown(&service, &wallet))
}

/// What a call came to.
#[derive(Serialize, ToSchema)]
#[schema(as = Hold)]
struct ShownHold {
    /// The client's name for the call.
    id: String,
    /// `held` while it runs, `settled`, `released` when it cost nothing, `expired` when its outcome is unknown.
    state: String,
    provider: String,
    model: String,
    /// What was set aside.
    #[schema(value_type = String)]
    amount: Money,
    /// What it cost.
    #[schema(value_type = Option<String>)]
    cost: Option<Money>,
    /// Whether the usage was counted here because the provider did not report it.
    is_estimated: bool,
    /// Its outcome is looked at by a person; nothing is charged for it.
    needs_review: bool,
    /// Tokens by kind.
    #[schema(value_type = Option<Object>)]
    usage: Option<serde_json::Value>,
    /// The provider's name for the call.
    request_id: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// What the next call may use.
    #[schema(value_type = String)]
    available: Money,
}

/// What a call came to, by its `Idempotency-Key`, with what is left.
#[utoipa::path(get, path = "/v1/holds/{id}", tag = "wallet", params(("id" = String, Path, description = "The call's `Idempotency-Key`.")), security(("device" = [])), responses((status = 200, body = ShownHold), Problem))]
async fn hold(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ShownHold>, Problem> {
    let none = || Problem::new(Code::NotFound, "No call of this account has this name.");
    if id.contains('\0') {
        return Err(none());
    }
    let found = service.store().hold(&caller.account_id, &id).await?;
    let hold = found.ok_or_else(none)?;
    let (wallet, _) = service.wallet_of(&caller.account_id, service.now()).await?;
    Ok(Json(ShownHold {
        id: hold.id,
        state: hold.state,
        provider: hold.provider,
        model: hold.model,
        amount: money(hold.amount),
        cost: hold.cost.map(money),
        is_estimated: hold.is_estimated,
        needs_review: hold.needs_review,
        usage: hold
            .usage
            .and_then(|usage| serde_json::from_str(&usage).ok()),
        request_id: hold.request_id,
        created_at: hold.created_at,
        ended_at: hold.ended_at,
        available: money(wallet.available().max(0)),
    }))
}
