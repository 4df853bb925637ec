//! Why there is no secret, told apart by what somebody can do about it. Never holds a value, a token or a server's text.

/// At which step a manager refused us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// We are nobody to it: wrong, expired or revoked credentials.
    Login,
    /// We are somebody without the right to read this secret.
    Read,
    /// We may read it, but not use the key that it is encrypted with.
    Decrypt,
}

/// Why a secret could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Nobody told us how to reach this kind of manager, or this build lacks it.
    #[error("no {0} is set up")]
    NotSetUp(&'static str),
    /// A reference to the environment, where that was not allowed.
    #[error("secrets from the environment are for development and were not allowed")]
    EnvironmentNotAllowed,
    /// There is nothing by that name.
    #[error("there is no such secret")]
    NotFound,
    /// The version was deleted, and could be brought back.
    #[error("this version of the secret was deleted")]
    Deleted,
    /// The version is gone for good.
    #[error("this version of the secret was destroyed")]
    Destroyed,
    /// The version was switched off.
    #[error("this version of the secret is disabled")]
    Disabled,
    /// The whole secret waits for its deletion.
    #[error("the secret is scheduled for deletion")]
    ScheduledForDeletion,
    /// The manager refused us.
    #[error("the manager refused us: {}", match .0 {
        Step::Login => "our credentials are not accepted",
        Step::Read => "no right to read this secret",
        Step::Decrypt => "no right to use the key that this secret is encrypted with",
    })]
    Denied(Step),
    /// The response-wrapped secret id is no longer in its wrapping. That opens once and not for long: unless it was left lying
    /// until it ran out, **somebody else has the secret id**. An alarm.
    #[error("the wrapped secret id was taken before us or ran out: somebody else may have it")]
    WrappedSecretIdUsed,
    /// No credentials for the manager were found on this machine.
    #[error("no credentials for the manager were found")]
    NoCredentials,
    /// The manager is there, and sealed.
    #[error("the manager is sealed")]
    Sealed,
    /// We asked too often.
    #[error("the manager asks us to slow down")]
    Throttled,
    /// Nothing answered, or not in time.
    #[error("the manager cannot be reached: {0}")]
    Unreachable(&'static str),
    /// It answered that it cannot answer.
    #[error("the manager failed with status {0}")]
    Failed(u16),
    /// It answered something we do not understand.
    #[error("the manager's answer is not understood: {0}")]
    NotUnderstood(&'static str),
    /// The checksum does not fit the value.
    #[error("the secret was damaged on its way: its checksum does not fit")]
    Damaged,
    /// The secret has no field of that name.
    #[error("the secret has no such field")]
    FieldMissing,
    /// The field is a number, a list or another thing that no key is.
    #[error("the field is not a text")]
    FieldNotText,
    /// A field was named, and the secret is not a JSON object.
    #[error("the secret has no fields: it is not a JSON object")]
    NotFields,
    /// The secret is not UTF-8.
    #[error("the secret is not a text")]
    NotText,
    /// There is nothing in it.
    #[error("the secret is empty")]
    Empty,
    /// Others than its owner may read the file.
    #[error("the file may be read by others than its owner: chmod 600")]
    FileOpenToOthers,
    /// The file could not be read, or is too long for a secret.
    #[error("the file could not be read: {0}")]
    File(&'static str),
    /// The read could not be put on record, so its result was dropped.
    #[error("the read could not be put on record")]
    NotOnRecord,
}

impl FetchError {
    /// Whether the manager itself said that this secret is not to be had, so that an older copy may not be used either.
    /// Everything else is a pause.
    pub fn is_final(&self) -> bool {
        match self {
            Self::NotSetUp(_)
            | Self::EnvironmentNotAllowed
            | Self::NotFound
            | Self::Deleted
            | Self::Destroyed
            | Self::Disabled
            | Self::ScheduledForDeletion
            | Self::Denied(_)
            | Self::WrappedSecretIdUsed
            | Self::FieldMissing
            | Self::FieldNotText
            | Self::NotFields
            | Self::NotText
            | Self::Empty
            | Self::FileOpenToOthers => true,
            Self::NoCredentials
            | Self::Sealed
            | Self::Throttled
            | Self::Unreachable(_)
            | Self::Failed(_)
            | Self::NotUnderstood(_)
            | Self::Damaged
            | Self::File(_)
            | Self::NotOnRecord => false,
        }
    }

    /// A word for audit records and metrics. It stays the same for good.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSetUp(_) => "not-set-up",
            Self::EnvironmentNotAllowed => "environment-not-allowed",
            Self::NotFound => "not-found",
            Self::Deleted => "deleted",
            Self::Destroyed => "destroyed",
            Self::Disabled => "disabled",
            Self::ScheduledForDeletion => "scheduled-for-deletion",
            Self::Denied(Step::Login) => "denied-login",
            Self::Denied(Step::Read) => "denied-read",
            Self::Denied(Step::Decrypt) => "denied-decrypt",
            Self::WrappedSecretIdUsed => "wrapped-secret-id-used",
            Self::NoCredentials => "no-credentials",
            Self::Sealed => "sealed",
            Self::Throttled => "throttled",
            Self::Unreachable(_) => "unreachable",
            Self::Failed(_) => "failed",
            Self::NotUnderstood(_) => "not-understood",
            Self::Damaged => "damaged",
            Self::FieldMissing => "field-missing",
            Self::FieldNotText => "field-not-text",
            Self::NotFields => "not-fields",
            Self::NotText => "not-text",
            Self::Empty => "empty",
            Self::FileOpenToOthers => "file-open-to-others",
            Self::File(_) => "file",
            Self::NotOnRecord => "not-on-record",
        }
    }
}

/// Why a manager's client could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The address is no address.
    #[error("the manager's address is not an http or https URL of a host")]
    Address,
    /// Without TLS only this machine may be spoken to.
    #[error("the manager's address has to be https, unless it is on this machine")]
    Insecure,
    /// The namespace cannot stand in a header.
    #[error("the namespace has characters that a header cannot carry")]
    Namespace,
    /// The certificates are not PEM.
    #[error("the file of certificates is missing or not PEM")]
    Certificates,
    /// TLS could not be set up.
    #[error("TLS or its certificate store is not available")]
    Tls,
    /// The credentials of this machine could not be made sense of.
    #[error("the credentials for Google are missing or not understood")]
    Credentials,
}
