//! Which databases may be used: off the machine only ones whose certificate is checked.

use url::Url;

use super::StoreError;

/// Looks at a database's URL without connecting.
///
/// # Errors
/// [`StoreError::Url`] when it is of no database that is known here, [`StoreError::Insecure`] when passwords and data would
/// pass a network unprotected.
pub(crate) fn check_url(text: &str) -> Result<(), StoreError> {
    if text.starts_with("sqlite:") {
        return Ok(());
    }
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "postgres" | "postgresql"))
        .ok_or(StoreError::Url)?;
    // As the driver reads it: what stands later goes before what stands earlier.
    let mut host = url.host_str().unwrap_or_default().to_owned();
    let mut is_checked = false;
    for (name, value) in url.query_pairs() {
        match &*name {
            "host" | "hostaddr" => host = value.into_owned(),
            "sslmode" | "ssl-mode" => is_checked = value == "verify-full",
            _ => {}
        }
    }
    if is_checked || is_this_machine(&host) {
        Ok(())
    } else {
        Err(StoreError::Insecure)
    }
}

/// Whether a host is this machine: a socket's folder, a loopback address or its name. None is not: the driver would ask the
/// environment.
pub(crate) fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_database_off_the_machine_shows_a_certificate_that_is_checked() {
        for fine in [
            "sqlite:platform.db",
            "postgres:///platform?host=/run/postgresql",
            "postgres://brasskey@localhost/platform?host=%2Frun%2Fpostgresql",
            "postgres://brasskey@127.0.0.1:5432/platform",
            "postgres://brasskey@[::1]/platform",
            "postgres://brasskey@db.example/platform?sslmode=verify-full",
            "postgresql://db.example/platform?sslrootcert=ca.pem&sslmode=verify-full",
        ] {
            check_url(fine).expect(fine);
        }
        for open in [
            "postgres://brasskey@db.example/platform",
            "postgres://brasskey@db.example/platform?sslmode=require",
            "postgres://brasskey@db.example/platform?sslmode=verify-ca",
            "postgres://brasskey@localhost/platform?host=db.example",
            "postgres://brasskey@db.example/platform?sslmode=verify-full&sslmode=disable",
            "postgres:///platform",
            "postgres://brasskey@10.0.0.7/platform?sslmode=prefer",
        ] {
            let refused = check_url(open).unwrap_err();
            assert!(matches!(refused, StoreError::Insecure), "{open}: {refused}");
        }
        assert!(matches!(
            check_url("mysql://localhost"),
            Err(StoreError::Url)
        ));
    }
}
