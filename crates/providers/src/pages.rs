//! Deep links to the providers' own pages, where a failure is mended.
//!
//! It must hold fixed https addresses only: nothing here is built from what a provider answered.

use serde::{Deserialize, Serialize};

use crate::provider::Provider;

/// A page in a provider's console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// Where keys are created and revoked.
    Keys,
    /// Where credit is bought and payment details are kept.
    Billing,
    /// Where rate and spending limits are shown and set.
    Limits,
    /// Where the provider shows what was used.
    Usage,
    /// Whether the provider is up.
    Status,
    /// Where a key's permissions are set.
    Permissions,
    /// Which countries are served.
    Regions,
}

/// A provider's pages; none where it has none, or has no address of its own for it.
pub(crate) struct Pages {
    pub(crate) keys: Option<&'static str>,
    pub(crate) billing: Option<&'static str>,
    pub(crate) limits: Option<&'static str>,
    pub(crate) usage: Option<&'static str>,
    pub(crate) status: Option<&'static str>,
    pub(crate) permissions: Option<&'static str>,
    pub(crate) regions: Option<&'static str>,
}

impl Pages {
    /// A provider without a console.
    pub(crate) const NONE: Self = Self {
        keys: None,
        billing: None,
        limits: None,
        usage: None,
        status: None,
        permissions: None,
        regions: None,
    };
}

impl Provider {
    /// The address of a page, where the provider has one.
    #[must_use]
    pub fn page(self, page: Page) -> Option<&'static str> {
        let pages = &self.profile().pages;
        match page {
            Page::Keys => pages.keys,
            Page::Billing => pages.billing,
            Page::Limits => pages.limits,
            Page::Usage => pages.usage,
            Page::Status => pages.status,
            Page::Permissions => pages.permissions,
            Page::Regions => pages.regions,
        }
    }
}
