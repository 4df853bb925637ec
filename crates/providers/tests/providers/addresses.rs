//! Which addresses are accepted, and what a key is bound to.

use brasskey_providers::{BaseUrl, BaseUrlError, Origin};
use proptest::prelude::*;

#[test]
fn base_urls_are_kept_to_the_letter_but_for_one_slash() {
    for (text, kept) in [
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        (
            " https://api.openai.com/v1/ \n",
            "https://api.openai.com/v1",
        ),
        ("https://api.deepseek.com", "https://api.deepseek.com"),
        (
            "HTTPS://API.Example.COM:443/A/b",
            "https://api.example.com/A/b",
        ),
        (
            "https://host:8443/openai/v1//",
            "https://host:8443/openai/v1/",
        ),
        ("http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"),
        ("http://localhost:1234", "http://localhost:1234"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("http://127.1/", "http://127.0.0.1"),
    ] {
        assert_eq!(BaseUrl::parse(text).unwrap().as_str(), kept);
    }
}

#[test]
fn addresses_over_which_a_key_could_leak_are_refused() {
    let insecure = |host: &str| BaseUrlError::InsecureHttp {
        host: host.to_owned(),
    };
    let scheme = |scheme: &str| BaseUrlError::BadScheme {
        scheme: scheme.to_owned(),
    };
    for (text, error) in [
        ("", BaseUrlError::Empty),
        ("  ", BaseUrlError::Empty),
        ("api.openai.com/v1", BaseUrlError::NotAUrl),
        ("https://", BaseUrlError::NotAUrl),
        ("http://api.openai.com/v1", insecure("api.openai.com")),
        ("http://192.168.1.20:11434", insecure("192.168.1.20")),
        ("http://0.0.0.0:11434", insecure("0.0.0.0")),
        (
            "http://localhost.example.com",
            insecure("localhost.example.com"),
        ),
        ("ftp://127.0.0.1", scheme("ftp")),
        ("file:///etc/passwd", scheme("file")),
        ("localhost:1234", scheme("localhost")),
        ("https://user@host/v1", BaseUrlError::HasUserInfo),
        ("https://user:pass@host/v1", BaseUrlError::HasUserInfo),
        (
            "https://api.openai.com@evil.example/v1",
            BaseUrlError::HasUserInfo,
        ),
        ("https://host/v1?key=1", BaseUrlError::HasQueryOrFragment),
        ("https://host/v1#x", BaseUrlError::HasQueryOrFragment),
        ("https://host/v1?", BaseUrlError::HasQueryOrFragment),
        // The metadata service of the clouds in all its spellings.
        ("https://169.254.169.254/", BaseUrlError::LinkLocal),
        ("http://169.254.169.254/", BaseUrlError::LinkLocal),
        ("https://0xA9FEA9FE/", BaseUrlError::LinkLocal),
        ("https://2852039166/", BaseUrlError::LinkLocal),
        ("https://0251.0376.0251.0376/", BaseUrlError::LinkLocal),
        ("https://[::ffff:169.254.169.254]/", BaseUrlError::LinkLocal),
        ("https://[::ffff:a9fe:a9fe]/", BaseUrlError::LinkLocal),
        ("https://[fe80::1]/", BaseUrlError::LinkLocal),
    ] {
        assert_eq!(BaseUrl::parse(text).unwrap_err(), error, "{text}");
    }
}

#[test]
fn this_computer_is_told_from_others() {
    let local = |text: &str| BaseUrl::parse(text).unwrap().is_this_computer();
    for text in [
        "http://127.0.0.1:1",
        "http://127.9.9.9",
        "https://localhost",
        "https://[::ffff:127.0.0.1]",
    ] {
        assert!(local(text), "{text}");
    }
    for text in [
        "https://api.openai.com",
        "https://192.168.0.1",
        "https://localhost.example",
    ] {
        assert!(!local(text), "{text}");
    }
}

#[test]
fn an_origin_is_scheme_host_and_port() {
    let origin = |text: &str| BaseUrl::parse(text).unwrap().origin().clone();
    assert_eq!(
        origin("https://api.openai.com/v1").to_string(),
        "https://api.openai.com"
    );
    assert_eq!(origin("https://h:8443/v1").to_string(), "https://h:8443");
    assert_eq!(
        origin("http://127.0.0.1:80/v1").to_string(),
        "http://127.0.0.1"
    );
    assert_eq!(origin("https://h/a"), origin("https://h:443/b"));
    assert_ne!(origin("https://h"), origin("https://h:444"));
    assert_ne!(origin("http://localhost"), origin("https://localhost"));
    assert_ne!(
        origin("https://api.openai.com"),
        origin("https://api.openai.com.evil.example")
    );
    for text in ["https://h/v1", "https://h//", "h", "https://u@h"] {
        assert!(text.parse::<Origin>().is_err(), "{text}");
    }
}

#[test]
fn confusable_hosts_are_shown_in_ascii() {
    let base_url = BaseUrl::parse("https://аpi.openai.com/v1").unwrap();
    assert_eq!(base_url.host(), "xn--pi-6kc.openai.com");
}

proptest! {
    #[test]
    fn what_is_accepted_reads_back_the_same(text in "(https?|ftp)://[a-z0-9.:@\\[\\]%-]{1,20}(/[a-zA-Z0-9./%?#]{0,12})?") {
        if let Ok(base_url) = BaseUrl::parse(&text) {
            let again = BaseUrl::parse(base_url.as_str()).unwrap();
            prop_assert_eq!(again.origin(), base_url.origin());
            let origin = base_url.origin().to_string();
            prop_assert_eq!(&origin.parse::<Origin>().unwrap(), base_url.origin());
            prop_assert!(origin.starts_with("https://") || base_url.is_this_computer());
        }
    }
}
