//! What sends e-mail: the trait that embedders implement, too.

use std::fmt;

use futures::future::BoxFuture;

/// An e-mail, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Address.
    pub to: String,
    /// Name of whoever gets it.
    pub to_name: String,
    /// Name from which it comes.
    pub from_name: String,
    /// Subject: one line.
    pub subject: String,
    /// The text, for readers without HTML.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The same for each attempt at the same e-mail, so that a receiver can drop repetitions.
    pub id: String,
    /// Where one request ends e-mail of this kind (RFC 8058).
    pub unsubscribe: String,
}

/// Why an e-mail was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The address will never take it: nothing is sent there any more.
    #[error("the address is refused: {0}")]
    Refused(String),
    /// It may be taken later.
    #[error("{0}")]
    Later(String),
}

impl MailError {
    pub(crate) fn later(cause: impl fmt::Display) -> Self {
        Self::Later(cause.to_string())
    }
}

/// Sends e-mail.
pub trait Mailer: fmt::Debug + Send + Sync {
    /// Sends one. Returns when it was taken or not; dropped when it takes too long.
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>>;
}
