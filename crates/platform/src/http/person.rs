//! Who calls: a person that just signed in at the identity provider, or the owner of an account, by either credential.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use secrecy::SecretString;

use super::caller::Caller;
use super::problem::{Code, Problem};
use super::rates::Rates;
use crate::credential;
use crate::identity::{DirectoryError, Identity, IdentityError, TokenRefusal};
use crate::service::Service;

/// A person, as the identity provider vouches for them.
pub(crate) struct Person {
    /// The provider's name for the person.
    pub(crate) subject: String,
    /// Where the token says so.
    email: Option<String>,
    token: SecretString,
}

impl Person {
    /// The person's e-mail address, for which the provider is asked where the token does not say it.
    pub(crate) async fn email(&self, service: &Service) -> Result<Option<String>, Problem> {
        if self.email.is_some() {
            return Ok(self.email.clone());
        }
        let email = identity(service)?.email(&self.token, &self.subject).await;
        email.map_err(|error| unreachable(&error))
    }
}

impl FromRequestParts<Service> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let token = bearer(parts)
            .filter(|text| !credential::is_one(text))
            .map(SecretString::from)
            .ok_or(Problem::new(
                Code::Unauthenticated,
                "This takes an access token of the identity provider: sign in.",
            ))?;
        let verified = identity(service)?
            .verify(&token, service.time_of_day())
            .await
            .map_err(refused)?;
        Ok(Self {
            subject: verified.subject,
            email: verified.email,
            token,
        })
    }
}

/// Whose account it is: a device in use says so, or a person who signed in.
pub(crate) struct Owner {
    pub(crate) account_id: String,
    /// Where a device says so.
    pub(crate) device_id: Option<String>,
}

impl FromRequestParts<Service> for Owner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        if bearer(parts).is_some_and(credential::is_one) {
            let caller = Caller::from_request_parts(parts, service).await?;
            return Ok(Self {
                account_id: caller.account_id,
                device_id: Some(caller.device_id),
            });
        }
        let person = Person::from_request_parts(parts, service).await?;
        let (account_id, _) = service
            .store()
            .account_of(&person.subject)
            .await?
            .ok_or_else(no_account)?;
        Rates::of(&parts.extensions).account(&account_id)?;
        Ok(Self {
            account_id,
            device_id: None,
        })
    }
}

/// Somebody signed in who never did so on a device, or whose account was closed.
pub(super) fn no_account() -> Problem {
    Problem::new(
        Code::NotFound,
        "There is no account yet: sign in on a device makes it.",
    )
}

/// The identity provider that is set up.
pub(super) fn identity(service: &Service) -> Result<&Identity, Problem> {
    service.identity().ok_or(Problem::new(
        Code::IdentityUnavailable,
        "No identity provider is set up here.",
    ))
}

fn bearer(parts: &Parts) -> Option<&str> {
    parts
        .headers
        .get(AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}

pub(super) fn unreachable(error: &DirectoryError) -> Problem {
    tracing::warn!(%error, "the identity provider cannot be asked");
    Problem::new(
        Code::IdentityUnavailable,
        "The identity provider cannot be asked. Licences are not affected.",
    )
    .retry_after(match error {
        DirectoryError::Status {
            retry_after: Some(wait),
            ..
        } => *wait,
        _ => Duration::from_secs(30),
    })
}

fn refused(error: IdentityError) -> Problem {
    match error {
        IdentityError::Unreachable(error) => unreachable(&error),
        IdentityError::Refused(TokenRefusal::Audience) => Problem::new(
            Code::TokenAudience,
            "The access token is for somebody else: ask for it with our audience.",
        ),
        IdentityError::Refused(refusal) => Problem::new(
            Code::Unauthenticated,
            format!("The access token: {refusal}."),
        ),
    }
}
