//! Links out of answers. A link is opened only after the user saw where it goes and confirmed; this module decides
//! which links may be opened at all and what there is to see. It never opens anything itself.

pub mod view;

use url::{Host, Url};

use crate::error::Error;
use view::LinkView;

/// Longer links are refused: they carry data, not an address.
const MAX_BYTES: usize = 2_000;

/// What opening the link would do.
///
/// # Errors
/// `link_refused` for anything but https, http and mailto, for user names or control characters in the address, and for
/// links of more than 2,000 bytes.
pub fn inspect(link: &str) -> Result<LinkView, Error> {
    if link.len() > MAX_BYTES {
        return Err(Error::LinkRefused("the link is longer than 2,000 bytes"));
    }
    if link.chars().any(char::is_control) {
        return Err(Error::LinkRefused("the link holds control characters"));
    }
    let url = Url::parse(link.trim()).map_err(|_| Error::LinkRefused("not an address"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::LinkRefused("the link holds a user name"));
    }
    let carries = url.path().trim_matches('/').len()
        + url.query().map_or(0, str::len)
        + url.fragment().map_or(0, str::len);
    let carries = u32::try_from(carries).unwrap_or(u32::MAX);
    match url.scheme() {
        "https" | "http" => {
            let host = match url.host() {
                Some(Host::Domain(name)) => name.to_owned(),
                Some(address) => address.to_string(),
                None => return Err(Error::LinkRefused("the link has no host")),
            };
            let (unicode, _) = idna_unicode(&host);
            Ok(LinkView {
                host_unicode: (unicode != host).then_some(unicode),
                host: Some(host),
                insecure: url.scheme() == "http",
                carries,
                url: url.into(),
            })
        }
        "mailto" => Ok(LinkView {
            host: None,
            host_unicode: None,
            insecure: false,
            carries,
            url: url.into(),
        }),
        _ => Err(Error::LinkRefused(
            "only https, http and mail links are opened",
        )),
    }
}

fn idna_unicode(host: &str) -> (String, bool) {
    let (text, result) = idna::domain_to_unicode(host);
    (text, result.is_ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_web_link_shows_its_host_and_what_it_carries() {
        let link = inspect("https://example.com/a?secret=0123456789").unwrap();
        assert_eq!(link.host.as_deref(), Some("example.com"));
        assert_eq!(link.carries, 1 + "secret=0123456789".len() as u32);
        assert!(!link.insecure);
        assert!(inspect("http://example.com").unwrap().insecure);
    }

    #[test]
    fn a_host_in_another_script_is_shown_in_both_spellings() {
        let link = inspect("https://\u{0430}pple.com/").unwrap();
        assert_eq!(link.host.as_deref(), Some("xn--pple-43d.com"));
        assert_eq!(link.host_unicode.as_deref(), Some("\u{0430}pple.com"));
    }

    #[test]
    fn what_could_run_something_is_refused() {
        for link in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "smb://host/share",
            "brasskey://open",
            "vscode://x",
            "https://user@example.com/",
            "https://user:pw@example.com/",
            "https://example.com/\u{0}",
            "ht\ntps://example.com",
            "/relative",
            "",
        ] {
            assert!(inspect(link).is_err(), "{link:?} must be refused");
        }
        assert!(inspect(&format!("https://example.com/{}", "a".repeat(2_000))).is_err());
    }
}
