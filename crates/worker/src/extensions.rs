//! What an embedder plugs in.

use std::sync::Arc;

use crate::listener::Listener;
use crate::mail::Mailer;
use crate::replies::Responder;

/// Parts of the embedder's own. What is absent is done by the hub's own parts, or not at all.
#[derive(Debug, Clone, Default)]
pub struct Extensions {
    /// Answers customers while no agent is there, instead of the hub's own ways, for tenants that have automatic replies.
    pub responder: Option<Arc<dyn Responder>>,
    /// Hears each step of a conversation and each message.
    pub listener: Option<Arc<dyn Listener>>,
    /// Sends e-mail, instead of the configured server.
    pub mailer: Option<Arc<dyn Mailer>>,
}
