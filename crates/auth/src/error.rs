//! Why somebody was not let in, and the code that a client sees for it.

use confab_protocol::ErrorCode;

/// Why a token, a password or an action was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The text is no token, or lacks a claim.
    #[error("the token has a wrong form")]
    Malformed,
    /// The token was signed with another key or another algorithm, or was changed.
    #[error("the token's signature is not valid")]
    BadSignature,
    /// The token has run out.
    #[error("the token has expired")]
    Expired,
    /// The token's time has not come; the clocks of two nodes differ too much.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// A refresh token where an access token is wanted, or the reverse.
    #[error("the token is of the wrong kind")]
    WrongKind,
    /// The token was issued by somebody else.
    #[error("the token is of another issuer")]
    WrongIssuer,
    /// The token was issued for somebody else's use.
    #[error("the token was issued for another audience")]
    WrongAudience,
    /// The token was not asked for with a nonce of this hub, or too long ago, or by another client.
    #[error("the token's nonce is not one that this hub gave to this client, or too old; begin again")]
    WrongNonce,
    /// The token's nonce let somebody in already.
    #[error("the token's nonce was used before; begin again")]
    UsedNonce,
    /// None of the provider's keys signed it.
    #[error("the token was signed with a key that the provider doesn't publish")]
    UnknownKey,
    /// Tenant, login or password is wrong; which of them is nobody's to know.
    #[error("tenant, login or password is wrong")]
    WrongCredentials,
    /// The provider knows them, the tenant doesn't, or doesn't let them in.
    #[error("{0}")]
    NotAdmitted(&'static str),
    /// What has to be asked does not answer.
    #[error("{0}; try again")]
    Unavailable(&'static str),
    /// A fault of the hub or of what lies behind it, which has been logged.
    #[error("a fault of the hub; it has been logged")]
    Fault,
    /// The role does not permit the action.
    #[error("the role does not permit this")]
    Forbidden,
    /// The thing belongs to another tenant, which is not told from one that does not exist.
    #[error("there is no such thing")]
    NotFound,
    /// The signing key is too short to be safe.
    #[error("the signing key has {bytes} bytes; at least {minimum} are needed")]
    KeyTooShort {
        /// Length of the key that was given.
        bytes: usize,
        /// Shortest length that is taken.
        minimum: usize,
    },
    /// A token could not be signed.
    #[error("the token could not be signed: {0}")]
    Signing(String),
    /// A password could not be hashed, or a stored hash has a wrong form.
    #[error("the password could not be hashed or checked: {0}")]
    Password(String),
}

impl AuthError {
    /// What a client is told.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed
            | Self::BadSignature
            | Self::NotYetValid
            | Self::WrongKind
            | Self::WrongIssuer
            | Self::WrongAudience
            | Self::WrongNonce
            | Self::UsedNonce
            | Self::UnknownKey => ErrorCode::Unauthenticated,
            Self::WrongCredentials => ErrorCode::WrongCredentials,
            Self::Unavailable(_) => ErrorCode::Unavailable,
            Self::Expired => ErrorCode::TokenExpired,
            Self::Forbidden | Self::NotAdmitted(_) => ErrorCode::Forbidden,
            Self::NotFound => ErrorCode::NotFound,
            Self::KeyTooShort { .. } | Self::Signing(_) | Self::Password(_) | Self::Fault => {
                ErrorCode::Internal
            }
        }
    }
}
