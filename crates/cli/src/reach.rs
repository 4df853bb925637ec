//! How an endpoint is reached, from the arguments.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use brasskey_providers::{Access, Proxy};

use crate::arguments::Reach;

/// The most bytes of certificates that are read.
const LONGEST: u64 = 1024 * 1024;

/// Whether anything was asked for.
pub(crate) fn is_given(reach: &Reach) -> bool {
    reach.organization.is_some()
        || reach.project.is_some()
        || !reach.header.is_empty()
        || reach.proxy.is_some()
        || reach.ca.is_some()
        || reach.timeout.is_some()
}

/// What was asked for, checked.
pub(crate) fn access(reach: &Reach) -> Result<Access, String> {
    let mut headers = BTreeMap::new();
    for header in &reach.header {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| format!("a header is written NAME: VALUE, not {header}"))?;
        headers.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
    }
    let certificates = match &reach.ca {
        None => None,
        Some(path) => {
            let mut text = String::new();
            File::open(path)
                .and_then(|file| file.take(LONGEST).read_to_string(&mut text))
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
            Some(text)
        }
    };
    Access {
        organisation: reach.organization.clone(),
        project: reach.project.clone(),
        headers,
        proxy: match reach.proxy.as_deref() {
            None => Proxy::None,
            Some("system") => Proxy::System,
            Some(address) => Proxy::At(address.to_owned()),
        },
        certificates,
        connect_s: None,
        silence_s: reach.timeout,
    }
    .checked()
    .map_err(|problem| problem.to_string())
}
