//! What all requests and sessions of an edge share. Cheap to clone; holds nothing that a restart could lose.

use std::sync::Arc;

use confab_attachments::AttachmentStore;
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
pub(crate) struct EdgeState(Arc<Shared>);

/// The parts of [`EdgeState`].
pub(crate) struct Shared {
    /// Configuration.
    pub(crate) config: Arc<Config>,
    /// The bus.
    pub(crate) bus: Bus,
    /// Where replies to commands arrive.
    pub(crate) replies: ReplyInbox,
    /// The database.
    pub(crate) store: Store,
    /// Where files are kept, if anywhere.
    pub(crate) attachments: Option<Arc<dyn AttachmentStore>>,
    /// Issues and verifies tokens.
    pub(crate) tokens: Tokens,
    /// The time.
    pub(crate) clock: Clock,
    /// This node's id.
    pub(crate) node: String,
    /// Renders `/metrics`.
    pub(crate) metrics: MetricsHandle,
    /// Rooms with followers on this node.
    pub(crate) hub: Hub,
    /// Who may enter which conversation.
    pub(crate) access: Arc<Access>,
    /// Accepts messages.
    pub(crate) messages: Messages,
    /// Presence of the people connected here.
    pub(crate) leases: Arc<Leases>,
    /// Rate limits and connection counts.
    pub(crate) limits: Arc<Limits>,
    /// Cancelled when the node starts draining.
    pub(crate) draining: CancellationToken,
    /// Owns every task of the edge.
    pub(crate) tasks: TaskTracker,
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
    pub(crate) fn identify(&self, token: &str) -> Result<Identity, EdgeError> {
        let claims = self.tokens.verify(token, self.clock.now() / 1000, TokenKind::Access)?;
        Ok(Identity::from(claims))
    }
}
