//! The ways to the provider that are compared: straight, and through four processes.

use super::nginx;
use crate::fault::Fault;
use crate::process::Running;

/// A way to the provider.
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) address: String,
    /// The process in the way; the provider itself where there is none.
    pub(super) process: u32,
    _running: Option<Running>,
}

/// Where each stands among the targets.
pub(super) const DIRECT: usize = 0;
pub(super) const NGINX: usize = 1;
/// axum and reqwest, which pass bytes on.
pub(super) const BARE: usize = 2;
/// The same with the bare work of a gateway: it reads the model and the usage, and records it.
pub(super) const YARDSTICK: usize = 3;
pub(super) const GATEWAY: usize = 4;

/// All ways, and the provider at their end.
pub(super) struct Targets {
    pub(super) ways: Vec<Target>,
    pub(super) upstream: String,
    _upstream: Running,
}

impl Targets {
    pub(super) fn start(folder: &std::path::Path) -> Result<Self, Fault> {
        let (provider, upstream) = Running::server(&["upstream"])?;
        let way = |name, arguments: &[&str]| {
            let all: Vec<&str> = arguments
                .iter()
                .copied()
                .chain(["--upstream", &upstream])
                .collect();
            Running::server(&all).map(|(running, address)| Target {
                name,
                address,
                process: running.id(),
                _running: Some(running),
            })
        };
        let direct = Target {
            name: "direct",
            address: upstream.clone(),
            process: provider.id(),
            _running: None,
        };
        let (running, address) = nginx::start(folder, &upstream)?;
        let nginx = Target {
            name: "nginx",
            address,
            process: running.id(),
            _running: Some(running),
        };
        let ways = vec![
            direct,
            nginx,
            way("bare", &["pass-through"])?,
            way("yardstick", &["pass-through", "--reads"])?,
            way("gateway", &["gateway"])?,
        ];
        Ok(Self {
            ways,
            upstream,
            _upstream: provider,
        })
    }
}
