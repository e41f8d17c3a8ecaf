//! What all requests and sessions of an edge share. Cheap to clone; holds nothing that a restart could lose.

use std::sync::Arc;

use confab_auth::{TokenKind, Tokens};
use confab_bus::{Bus, ReplyInbox};
use confab_config::Config;
use confab_domain::Clock;
use confab_store::Store;
use confab_telemetry::MetricsHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::Access;
use crate::error::EdgeError;
use crate::hub::Hub;
use crate::identity::Identity;
use crate::leases::Leases;
use crate::limits::Limits;
use crate::messages::Messages;

/// Shared by everything an edge does.
#[derive(Clone)]
pub struct EdgeState(Arc<Shared>);

/// The parts of [`EdgeState`].
pub struct Shared {
    /// Configuration.
    pub config: Arc<Config>,
    /// The bus.
    pub bus: Bus,
    /// Where replies to commands arrive.
    pub replies: ReplyInbox,
    /// The database.
    pub store: Store,
    /// Issues and verifies tokens.
    pub tokens: Tokens,
    /// The time.
    pub clock: Clock,
    /// This node's id.
    pub node: String,
    /// Renders `/metrics`.
    pub metrics: MetricsHandle,
    /// Rooms with followers on this node.
    pub hub: Hub,
    /// Who may enter which conversation.
    pub access: Arc<Access>,
    /// Accepts messages.
    pub messages: Messages,
    /// Presence of the people connected here.
    pub leases: Arc<Leases>,
    /// Rate limits and connection counts.
    pub limits: Limits,
    /// Cancelled when the node starts draining.
    pub draining: CancellationToken,
    /// Owns every task of the edge.
    pub tasks: TaskTracker,
}

impl std::ops::Deref for EdgeState {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl EdgeState {
    pub(crate) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    /// The person behind an access or customer token.
    pub fn identify(&self, token: &str) -> Result<Identity, EdgeError> {
        let claims = self.tokens.verify(token, self.clock.now() / 1000, TokenKind::Access)?;
        Ok(Identity::from(claims))
    }
}
