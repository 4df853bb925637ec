//! What the platform says, as the application reads it. Members of a later service are ignored; a word of one that decides about
//! something has a variant for it.

mod account;
mod billing;
mod plans;
mod terms;
mod wallet;

pub use account::{Account, Device, Devices, Holder, Standing, TermsDue};
pub use billing::{
    Changed, Checkout, CheckoutState, Difference, Estimate, Invoice, InvoiceLine, InvoiceState,
    LineKind, PlanChange, PlanChangeFailure, PlanChangeKind, PlanChangeState, PortalArea, Preview,
    Subscription, When,
};
pub use plans::{Catalogue, FeatureKind, Group, Interval, Plan, Trial};
pub use terms::{TermsText, TermsVersion};
pub use wallet::{UsageCounted, UsageEvent, UsageTotal, Wallet, WalletLine, WalletLines};
