//! The service as a process, as it is hosted: with people who sign in and providers behind its gateway. It can be killed and started
//! again at the same address.

use brasskey_platform::KeyFolder;
use serde_json::json;
use tempfile::TempDir;

use crate::computer::Where;
use crate::identity::Provider;
use crate::program::Program;

pub(crate) struct Service {
    folder: TempDir,
    listen: String,
    settings: Vec<(&'static str, String)>,
}

impl Service {
    pub(crate) fn new(provider: &Provider) -> Self {
        // The pages of the embedded billing stand under the service's own address.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = free.local_addr().unwrap().to_string();
        let ports = format!("{:?}", provider.ports);
        // So many requests of one device are nobody's but this test's.
        let often = || "1000000".to_owned();
        Self {
            folder: TempDir::new().unwrap(),
            listen,
            settings: vec![
                (
                    "BRASSKEY_PLATFORM_IDENTITY__ISSUER",
                    provider.issuer.clone(),
                ),
                ("BRASSKEY_PLATFORM_IDENTITY__LOOPBACK_PORTS", ports),
                ("BRASSKEY_PLATFORM_RATES__ANONYMOUS_PER_MINUTE", often()),
                ("BRASSKEY_PLATFORM_RATES__PRESENTED_PER_MINUTE", often()),
                ("BRASSKEY_PLATFORM_RATES__DEVICE_PER_MINUTE", often()),
                ("BRASSKEY_PLATFORM_RATES__ACCOUNT_PER_MINUTE", often()),
            ],
        }
    }

    /// Puts providers behind the gateway: one address that speaks all protocols, and the vendor's key for it.
    pub(crate) fn serving(mut self, address: &str, key: &str) -> Self {
        let served = [
            ("openai", "openai/v1"),
            ("anthropic", "anthropic/v1"),
            ("gemini", "gemini/v1beta"),
        ];
        let providers = served.map(|(provider, path)| {
            let base_url = format!("http://{address}/{path}");
            json!({"provider": provider, "base_url": base_url, "key": "env://VENDOR_KEY"})
        });
        let file = std::fs::File::create(self.folder.path().join("providers.json")).unwrap();
        serde_json::to_writer(file, &providers).unwrap();
        self.settings.push(("VENDOR_KEY", key.to_owned()));
        let environment = "BRASSKEY_PLATFORM_SECRETS__ENVIRONMENT";
        self.settings.push((environment, "true".to_owned()));
        self
    }

    pub(crate) fn start(&self) -> Program {
        let url = format!("http://{}", self.listen);
        let variables: Vec<(&str, &str)> = self
            .settings
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        let mut arguments = vec!["--listen", &*self.listen, "--url", &*url];
        if self.folder.path().join("providers.json").exists() {
            arguments.extend(["--providers", "providers.json"]);
        }
        Program::start(self.folder.path(), &arguments, &variables)
    }

    pub(crate) fn place(&self) -> Where {
        let keys = KeyFolder::at(&self.folder.path().join("keys"));
        Where {
            address: format!("http://{}", self.listen),
            root: keys.root().unwrap(),
        }
    }
}
