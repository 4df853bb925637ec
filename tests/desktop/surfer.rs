//! What a person does in the system's browser: opens the page that Brasskey names, fills in its form, and is led back. curl is
//! the browser.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A browser with its cookies.
pub(crate) struct Surfer(TempDir);

/// What it shows.
struct Page {
    address: String,
    text: String,
}

impl Surfer {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// Opens a page, fills in its form and sends it. Gives what stands on the page that this leads to.
    pub(crate) fn fills_in(&self, address: &str, fields: &[(&str, &str)]) -> String {
        let page = self.go(address, &[]);
        let action = between(&page.text, "action=\"", "\"").next();
        let action = action.unwrap_or_else(|| panic!("no form at {address}: {}", page.text));
        let given = |name: &str| fields.iter().any(|(given, _)| *given == name);
        let hidden = hidden(&page.text).filter(|(name, _)| !given(name));
        let fields: Vec<String> = hidden
            .chain(fields.iter().copied())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        self.go(&joined(&page.address, action), &fields).text
    }

    /// Opens a page that asks for nothing. Gives what stands on the page that this leads to.
    pub(crate) fn visits(&self, address: &str) -> String {
        self.go(address, &[]).text
    }

    /// Follows wherever a page leads.
    fn go(&self, address: &str, fields: &[String]) -> Page {
        let cookies = self.0.path().join("cookies");
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--location", "--max-time", "30"])
            .args(["--header", "accept: text/html"])
            .args(["--write-out", "\n%{url_effective}"])
            .arg("--cookie-jar")
            .arg(&cookies)
            .arg("--cookie")
            .arg(existing(&cookies));
        for field in fields {
            curl.arg("--data-urlencode").arg(field);
        }
        let output = curl.arg(address).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{address}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let (text, address) = said.rsplit_once('\n').unwrap();
        Page {
            address: address.to_owned(),
            text: text.to_owned(),
        }
    }
}

/// Where the link of this text leads on a page.
pub(crate) fn link(page: &str, text: &str) -> String {
    let found = between(page, "<a href=\"", "</a>")
        .filter_map(|link| link.split_once("\">"))
        .find_map(|(address, says)| (says == text).then_some(address));
    let address = found.unwrap_or_else(|| panic!("no link “{text}”: {page}"));
    address.replace("&amp;", "&")
}

/// An empty jar at first.
fn existing(cookies: &Path) -> &Path {
    if cookies.exists() {
        cookies
    } else {
        Path::new("/dev/null")
    }
}

/// The hidden fields of a page, by name.
fn hidden(text: &str) -> impl Iterator<Item = (&str, &str)> {
    between(text, "<input", ">")
        .filter(|tag| tag.contains("type=\"hidden\""))
        .filter_map(|tag| {
            let name = between(tag, "name=\"", "\"").next()?;
            Some((name, between(tag, "value=\"", "\"").next()?))
        })
}

fn between<'a>(text: &'a str, begin: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(begin)
        .skip(1)
        .filter_map(move |rest| rest.split(end).next())
}

/// Where a form of a page is sent.
fn joined(page: &str, action: &str) -> String {
    if action.starts_with("http") {
        return action.to_owned();
    }
    let path = page.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    match action.strip_prefix('/') {
        Some(action) => format!("{path}/{action}"),
        None => page.split('?').next().unwrap().to_owned(),
    }
}
