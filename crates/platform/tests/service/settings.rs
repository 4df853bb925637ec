//! How the service is set up: by a file, the environment and flags, checked as a whole.

use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

use crate::program::command;

fn file(folder: &TempDir, name: &str, text: &str) {
    let mut file = std::fs::File::create(folder.path().join(name)).unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
}

fn check(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    command(folder, &["serve", "--check"])
        .args(arguments)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn shown(output: &Output) -> toml::Table {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
fn flags_go_before_the_environment_and_that_before_the_file() {
    let folder = TempDir::new().unwrap();
    file(
        &folder,
        "platform.toml",
        "listen = '127.0.0.1:1'\nurl = 'https://one.example'\n[limits]\nbody_bytes = 2000\ngrace_seconds = 7\n",
    );
    let variables = [
        ("BRASSKEY_PLATFORM_CONFIG", "platform.toml"),
        ("BRASSKEY_PLATFORM_LISTEN", "127.0.0.1:2"),
        ("BRASSKEY_PLATFORM_URL", "https://two.example"),
        ("BRASSKEY_PLATFORM_LIMITS__BODY_BYTES", "3000"),
    ];
    let in_force = shown(&check(
        folder.path(),
        &["--listen", "127.0.0.1:3"],
        &variables,
    ));
    assert_eq!(in_force["listen"].as_str(), Some("127.0.0.1:3"));
    assert_eq!(in_force["url"].as_str(), Some("https://two.example/"));
    assert_eq!(in_force["limits"]["body_bytes"].as_integer(), Some(3000));
    assert_eq!(in_force["limits"]["grace_seconds"].as_integer(), Some(7));
    // What nobody set is shown, too.
    assert_eq!(in_force["rates"]["trials_per_day"].as_integer(), Some(20));
}

#[test]
fn all_that_is_wrong_is_said_at_once_with_where_it_stands() {
    let folder = TempDir::new().unwrap();
    file(
        &folder,
        "platform.toml",
        "listen = '0.0.0.0:4100'\nlisten_on = 1\ncatalogue = 'none.json'\n[limits]\nbody_bytes = 'much'\nconnections = 0\n\
         [database]\nurl = 'postgres://db.example/platform'\npassword_file = 'none.txt'\n[tls]\nkey = 'tls.key'\n[keys]\nroot = 'k4.public.x'\n",
    );
    let variables = [
        ("BRASSKEY_PLATFORM_RATES__REPLICAS", "0"),
        ("BRASSKEY_PLATFORM_LISTENING", "127.0.0.1:1"),
    ];
    let refused = check(
        folder.path(),
        &["--config", "platform.toml", "--log", "xml"],
        &variables,
    );
    assert!(!refused.status.success());
    let errors = String::from_utf8(refused.stderr).unwrap();
    for wrong in [
        "platform.toml: listen_on: unknown field",
        "platform.toml: limits.body_bytes: invalid type",
        "BRASSKEY_PLATFORM_LISTENING: unknown field",
        "--log: unknown variant",
        "limits.connections: has to be at least 1",
        "rates.replicas: has to be at least 1",
        "database.password_file: none.txt",
        "database.url: PostgreSQL on another machine needs sslmode=verify-full",
        "tls.certificate: is missing",
        "catalogue: none.json",
        "keys.root: ",
    ] {
        assert!(errors.contains(wrong), "{wrong} is not in:\n{errors}");
    }
}

#[test]
fn off_this_machine_the_service_wants_a_certificate_or_a_proxy_with_a_name() {
    let folder = TempDir::new().unwrap();
    let refused = check(folder.path(), &["--listen", "0.0.0.0:4100"], &[]);
    assert!(!refused.status.success());
    let errors = String::from_utf8(refused.stderr).unwrap();
    assert!(
        errors.contains("listen: ") && errors.contains("behind_proxy"),
        "{errors}"
    );
    shown(&check(
        folder.path(),
        &["--listen", "0.0.0.0:4100", "--behind-proxy", "nginx"],
        &[],
    ));
    let nameless = check(
        folder.path(),
        &["--listen", "0.0.0.0:4100", "--behind-proxy", " "],
        &[],
    );
    assert!(!nameless.status.success());
}

#[test]
fn a_password_stands_in_a_file_of_its_own_or_the_environment_and_is_never_shown() {
    let folder = TempDir::new().unwrap();
    let secret = "postgres://brasskey:hunter2@db.example/platform?sslmode=verify-full";
    file(
        &folder,
        "with.toml",
        &format!("[database]\nurl = '{secret}'\n"),
    );
    file(
        &folder,
        "without.toml",
        "[database]\nurl = 'postgres://brasskey@db.example/platform?sslmode=verify-full'\npassword_file = 'password'\n",
    );
    file(&folder, "password", "hunter2\n");
    let variable = [("BRASSKEY_PLATFORM_DATABASE", secret)];
    let none: &[(&str, &str)] = &[];
    for (arguments, variables, is_fine) in [
        (&["--config", "with.toml"][..], none, false),
        (&["--database", secret][..], none, false),
        (&["--config", "without.toml"][..], none, true),
        (&[][..], &variable[..], true),
    ] {
        let output = check(folder.path(), arguments, variables);
        assert_eq!(output.status.success(), is_fine, "{arguments:?}");
        let said = [&output.stdout[..], &output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(!said.contains("hunter2"), "{said}");
        assert!(said.contains("password"), "{said}");
    }
}

#[test]
fn the_example_names_every_setting_as_it_is_without_one() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/platform.example.toml");
    let folder = TempDir::new().unwrap();
    let text = std::fs::read_to_string(example).unwrap();
    // Every setting stands there, some behind a comment sign, because they have no value or one that only an example has.
    let plain = shown(&check(folder.path(), &[], &[]));
    assert_eq!(
        shown(&check(folder.path(), &["--config", example], &[])),
        plain
    );
    let commented = |line: &str| {
        let rest = line.strip_prefix('#')?;
        let is_setting = rest
            .split_once(" = ")
            .is_some_and(|(name, _)| !name.contains(' '));
        is_setting.then(|| rest.to_owned())
    };
    let all: String = text
        .lines()
        .map(|line| commented(line).unwrap_or_else(|| line.to_owned()) + "\n")
        .collect();
    let all: toml::Table = all.parse().unwrap();
    let settings = brasskey_platform::settings::Settings::default()
        .shown()
        .unwrap();
    let settings: toml::Table = settings.parse().unwrap();
    for (name, value) in &settings {
        let Some(section) = value.as_table() else {
            assert!(all.contains_key(name), "{name}");
            continue;
        };
        for field in section.keys() {
            assert!(all[name].get(field).is_some(), "{name}.{field}");
        }
    }
    // And what is behind a comment sign is a setting, too.
    let refused: Vec<String> = all
        .iter()
        .flat_map(|(name, value)| match value.as_table() {
            Some(section) => section
                .keys()
                .map(|field| format!("{name}.{field}"))
                .collect(),
            None => vec![name.clone()],
        })
        .collect();
    file(&folder, "all.toml", &toml::to_string(&all).unwrap());
    let output = check(folder.path(), &["--config", "all.toml"], &[]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("unknown field"), "{refused:?}: {errors}");
}
