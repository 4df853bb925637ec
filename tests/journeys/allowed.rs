//! What may be seen on the wire, and what of the seen should not be there.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use aho_corasick::AhoCorasick;

use crate::network::Seen;

/// What may be reached, and by which key.
#[derive(Default)]
pub(crate) struct Allowed {
    /// The only host of each key.
    pub(crate) keys: BTreeMap<String, SocketAddr>,
    /// Where a connection may go for another reason: a local server that is looked for.
    pub(crate) without_key: BTreeSet<SocketAddr>,
    /// Providers' own hosts, for keys that were entered for them.
    pub(crate) names: BTreeSet<&'static str>,
}

impl Allowed {
    /// Everything in `seen` that should not be there.
    pub(crate) fn violations(&self, seen: &Seen) -> Vec<String> {
        let mut found = Vec::new();
        let named: BTreeSet<SocketAddr> = seen
            .names
            .iter()
            .filter(|(name, _)| self.names.contains(name.as_str()))
            .map(|(_, address)| SocketAddr::from((*address, 443)))
            .collect();
        for name in seen.names.keys() {
            if !self.names.contains(name.as_str()) {
                found.push(format!("{name} was looked up"));
            }
        }
        for receiver in seen.receivers() {
            let own = self.keys.values().any(|host| *host == receiver);
            if !own && !self.without_key.contains(&receiver) && !named.contains(&receiver) {
                found.push(format!("a connection went to {receiver}"));
            }
        }
        let (keys, hosts): (Vec<&String>, Vec<&SocketAddr>) = self.keys.iter().unzip();
        let finder = AhoCorasick::new(&keys).unwrap();
        for (receiver, bytes) in &seen.sent {
            let there: BTreeSet<usize> = finder
                .find_iter(bytes)
                .map(|key| key.pattern().as_usize())
                .collect();
            for key in there.into_iter().filter(|key| hosts[*key] != receiver) {
                found.push(format!("{} went to {receiver}", keys[key]));
            }
        }
        found
    }
}
