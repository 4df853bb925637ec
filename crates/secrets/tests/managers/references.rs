//! References: each kind as it is written, what is wrong with others, and that no text whatever breaks the parser.

use brasskey_secrets::{InvalidReference, Reference};
use proptest::prelude::*;

fn parse(text: &str) -> Result<Reference, InvalidReference> {
    text.parse()
}

#[test]
fn each_kind_is_read_as_it_is_written() {
    assert_eq!(
        parse("vault://secret/brasskey/openai#api_key"),
        Ok(Reference::Vault {
            mount: "secret".into(),
            path: "brasskey/openai".into(),
            field: "api_key".into(),
        })
    );
    assert_eq!(
        parse("aws-sm://brasskey/openai#api_key"),
        Ok(Reference::AwsSm {
            id: "brasskey/openai".into(),
            field: Some("api_key".into()),
        })
    );
    let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:brasskey/openai-AbCdEf";
    assert_eq!(
        parse(&format!("aws-sm://{arn}")),
        Ok(Reference::AwsSm {
            id: arn.into(),
            field: None,
        })
    );
    assert_eq!(
        parse("gcp-sm://P/S/latest#api_key"),
        Ok(Reference::GcpSm {
            project: "P".into(),
            secret: "S".into(),
            version: "latest".into(),
            field: Some("api_key".into()),
        })
    );
    assert_eq!(
        parse("env://OPENAI_API_KEY"),
        Ok(Reference::Env {
            name: "OPENAI_API_KEY".into(),
        })
    );
    #[cfg(unix)]
    assert_eq!(
        parse("file:///run/secrets/a%20key"),
        Ok(Reference::File {
            path: "/run/secrets/a key".into(),
        })
    );
}

#[test]
fn what_is_wrong_is_said() {
    use InvalidReference::{Field, Malformed, Missing, NoFields, Scheme, TooLong};
    for text in [
        "",
        "secret",
        "vault:/secret/a#b",
        "https://secret/a#b",
        "VAULT://secret/a#b",
    ] {
        assert_eq!(parse(text), Err(Scheme), "{text}");
    }
    for text in [
        "vault://secret/a",
        "vault://secret#b",
        "vault://#b",
        "aws-sm://",
        "aws-sm://#b",
        "gcp-sm://p/s",
        "gcp-sm://p/s/1/2",
        "gcp-sm://p",
        "env://",
        "file:///",
        "file:///folder/",
    ] {
        assert!(
            matches!(parse(text), Err(Missing(_))),
            "{text}: {:?}",
            parse(text)
        );
    }
    for text in [
        "vault://secret/../sys#b",
        "vault://secret/a//b#c",
        "vault://secret/a/#c",
        "vault:///a#c",
        "vault://secret/a%2fb#c",
        "vault://secret/a?version=1#c",
        "aws-sm://a b",
        "gcp-sm://p/s/newest",
        "gcp-sm://p/s/0",
        "gcp-sm://p/s/",
        "gcp-sm:///s/1",
        "gcp-sm://p/s:x/1",
        "env://1KEY",
        "env://A=B",
        "file://host/key",
        "file:///key?x",
    ] {
        assert!(
            matches!(parse(text), Err(Malformed(_))),
            "{text}: {:?}",
            parse(text)
        );
    }
    for text in [
        "vault://secret/a#",
        "vault://secret/a#b#c",
        "aws-sm://a#b/c",
    ] {
        assert_eq!(parse(text), Err(Field), "{text}");
    }
    assert_eq!(parse("env://A#b"), Err(NoFields));
    assert_eq!(parse("file:///a#b"), Err(NoFields));
    assert_eq!(
        parse(&format!("aws-sm://{}", "a".repeat(5000))),
        Err(TooLong)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn no_text_breaks_the_parser(text in any::<String>()) {
        if let Ok(reference) = parse(&text) {
            prop_assert_eq!(parse(&reference.to_string()), Ok(reference));
        }
    }

    /// Nearly right, as a person's mistakes are.
    #[test]
    fn no_mistake_breaks_the_parser(
        text in "(vault|aws-sm|gcp-sm|env|file)://[a-z0-9/#.:%@_ ?\\\\é-]{0,40}",
    ) {
        if let Ok(reference) = parse(&text) {
            let again = reference.to_string();
            prop_assert_eq!(parse(&again), Ok(reference), "{}", again);
        }
    }

    #[test]
    fn what_is_right_is_read_and_written_alike(
        text in prop_oneof![
            "vault://[a-zA-Z0-9_-]{1,9}(/[a-zA-Z0-9_@-]{1,9}){1,4}#[a-zA-Z0-9_.-]{1,9}",
            "aws-sm://[a-zA-Z0-9/_+=.@-]{1,40}(#[a-zA-Z0-9_.-]{1,9})?",
            "gcp-sm://[a-z0-9-]{1,9}/[a-zA-Z0-9_-]{1,40}/(latest|[1-9][0-9]{0,6})(#[a-z]{1,9})?",
            "env://[A-Z_][A-Z0-9_]{0,40}",
        ],
    ) {
        let reference = parse(&text);
        prop_assert!(reference.is_ok(), "{}: {:?}", text, reference);
        prop_assert_eq!(reference.map(|reference| reference.to_string()), Ok(text));
    }
}
