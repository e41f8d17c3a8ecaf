//! What answers a customer while no agent is there: the trait that embedders implement, too.

use std::fmt;

use confab_protocol::TenantId;
use confab_protocol::api::ConversationView;
use futures::future::BoxFuture;

/// A customer's message that waits for an answer, with what goes before it.
#[derive(Debug, Clone)]
pub struct Question {
    /// Whose customer.
    pub tenant: TenantId,
    /// The conversation, as it was when the question was taken up.
    pub conversation: ConversationView,
    /// What the customer wrote.
    pub text: String,
    /// What was said before, oldest first.
    pub earlier: Vec<Said>,
}

/// An earlier message of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Whether the customer said it; otherwise it was an automatic reply.
    pub by_customer: bool,
    /// The text.
    pub text: String,
}

/// What to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// This.
    Text(String),
    /// There is no sure answer: the customer is told that a person will answer, and there are no more replies.
    Unsure,
}

/// There is no answer now. The customer is told nothing, and the next message is a new attempt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResponderError {
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// It did not work.
    #[error("{0}")]
    Failed(String),
}

impl ResponderError {
    pub(crate) fn failed(cause: impl fmt::Display) -> Self {
        Self::Failed(cause.to_string())
    }
}

/// Works out answers. It may take its time: messages and assignment never wait for it, and an answer that comes after an
/// agent has joined is not written.
pub trait Responder: fmt::Debug + Send + Sync {
    /// The answer to a question. Dropped when it takes longer than the tenant allows.
    fn reply<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, ResponderError>>;
}
