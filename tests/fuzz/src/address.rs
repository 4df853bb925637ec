//! Base URLs that somebody typed: what is taken is https or this computer, names no user, and is read again as itself.

use brasskey_providers::BaseUrl;

pub(crate) fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let Ok(address) = BaseUrl::parse(text) else {
        return;
    };
    let kept = address.as_str();
    let again = BaseUrl::parse(kept);
    assert_eq!(again.as_ref(), Ok(&address), "{kept} is not read as itself");
    assert!(
        kept.starts_with("https://") || kept.starts_with("http://"),
        "{kept}"
    );
    assert!(!kept.contains('@'), "{kept} names a user");
    assert!(!kept.contains(['?', '#']), "{kept} holds more than a path");
    let host = address.host();
    let is_near = ["localhost", "127.", "[::1]", "[::ffff:7f"]
        .iter()
        .any(|near| host.starts_with(near));
    assert!(
        kept.starts_with("https://") || is_near,
        "{kept} would carry a key in the clear"
    );
}
