//! The token: got by a login, renewed when two thirds of its lease are over, and got anew where renewing no longer helps.

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use tokio::sync::Mutex;

use super::api::{Api, Grant};
use super::login::{AppRole, Login, SecretId, TokenRole};
use crate::clock::Clock;
use crate::error::FetchError;
use crate::local::read_private_file;

pub(super) struct Session {
    login: Login,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    /// The secret id that came out of its wrapping. It cannot be had again.
    unwrapped: Option<SecretString>,
}

struct Token {
    value: SecretString,
    renewable: bool,
    /// The lease of the login. A renewal that grants less has met the longest life that the role allows.
    full_lease_s: u64,
    /// When to see to it.
    due_ms: i64,
    /// When it ends.
    ends_ms: i64,
}

impl Token {
    fn new(grant: Grant, full_lease_s: u64, now_ms: i64) -> Self {
        let lease_ms = i64::try_from(grant.lease_s.saturating_mul(1000)).unwrap_or(i64::MAX);
        let after = |ms: i64| match lease_ms {
            0 => i64::MAX,
            _ => now_ms.saturating_add(ms),
        };
        Self {
            value: grant.token,
            renewable: grant.renewable && grant.lease_s >= full_lease_s,
            full_lease_s,
            due_ms: after(lease_ms / 3 * 2),
            ends_ms: after(lease_ms),
        }
    }
}

impl Session {
    pub(super) fn new(login: Login, clock: Clock) -> Self {
        Self {
            login,
            clock,
            state: Mutex::default(),
        }
    }

    /// A token that is good as far as we know.
    pub(super) async fn token(&self, api: &Api) -> Result<SecretString, FetchError> {
        let mut state = self.state.lock().await;
        let now_ms = self.clock.now_ms();
        let Some(token) = &state.token else {
            return self.log_in(api, &mut state).await;
        };
        if now_ms < token.due_ms {
            return Ok(token.value.clone());
        }
        let (value, ends_ms) = (token.value.clone(), token.ends_ms);
        if token.renewable && now_ms < ends_ms {
            match api.renew(&value).await {
                Ok(grant) => {
                    let renewed = Token::new(grant, token.full_lease_s, now_ms);
                    state.token = Some(renewed);
                    return Ok(value);
                }
                // A pause of the manager: there is a third of the lease left for it to end.
                Err(error) if !error.is_final() => return Ok(value),
                Err(_) => {}
            }
        }
        match self.log_in(api, &mut state).await {
            Err(error) if !error.is_final() && now_ms < ends_ms => Ok(value),
            outcome => outcome,
        }
    }

    /// Another token than the one that was refused: that of a login meanwhile, or of one now.
    pub(super) async fn replace(
        &self,
        api: &Api,
        refused: &SecretString,
    ) -> Result<SecretString, FetchError> {
        let mut state = self.state.lock().await;
        match &state.token {
            Some(token) if token.value.expose_secret() != refused.expose_secret() => {
                Ok(token.value.clone())
            }
            _ => {
                state.token = None;
                self.log_in(api, &mut state).await
            }
        }
    }

    async fn log_in(&self, api: &Api, state: &mut State) -> Result<SecretString, FetchError> {
        let grant = match &self.login {
            Login::AppRole(role) => {
                let secret_id = secret_id(api, role, state).await?;
                let body = AppRoleBody {
                    role_id: &role.role_id,
                    secret_id: secret_id.expose_secret(),
                };
                api.log_in(&role.mount, &body).await?
            }
            Login::Kubernetes(role) | Login::Jwt(role) => {
                let jwt = token_of(role)?;
                let body = JwtBody {
                    role: &role.role,
                    jwt: jwt.expose_secret(),
                };
                api.log_in(&role.mount, &body).await?
            }
            Login::TokenFile(path) => api.look_up(&read_private_file(path)?).await?,
        };
        let value = grant.token.clone();
        let lease_s = grant.lease_s;
        state.token = Some(Token::new(grant, lease_s, self.clock.now_ms()));
        Ok(value)
    }
}

async fn secret_id(
    api: &Api,
    role: &AppRole,
    state: &mut State,
) -> Result<SecretString, FetchError> {
    let wrapping = match &role.secret_id {
        SecretId::Plain(secret_id) => return Ok(secret_id.clone()),
        SecretId::Wrapped(wrapping) => wrapping,
    };
    if let Some(secret_id) = &state.unwrapped {
        return Ok(secret_id.clone());
    }
    let secret_id = api.unwrap(wrapping).await.inspect_err(|error| {
        if *error == FetchError::WrappedSecretIdUsed {
            tracing::error!(role_id = role.role_id, "ALARM: {error}");
        }
    })?;
    state.unwrapped = Some(secret_id.clone());
    Ok(secret_id)
}

/// A cluster lets the pod's other users read its token and exchanges it by the hour: neither its mode nor a copy counts.
fn token_of(role: &TokenRole) -> Result<SecretString, FetchError> {
    std::fs::read_to_string(&role.token_file)
        .map(|text| SecretString::from(text.trim()))
        .map_err(|_| FetchError::NoCredentials)
}

#[derive(Serialize)]
struct AppRoleBody<'role> {
    role_id: &'role str,
    secret_id: &'role str,
}

#[derive(Serialize)]
struct JwtBody<'role> {
    role: &'role str,
    jwt: &'role str,
}
