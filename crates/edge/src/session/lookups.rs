//! Messages that were tried before and wait until it is known whether that try got through. Looking can take seconds while
//! the log has no leader; the session goes on meanwhile, and a sender's messages keep their order.

use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesOrdered;

use crate::error::EdgeError;
use crate::identity::Identity;
use crate::messages::Outgoing;
use crate::state::EdgeState;

/// A message, and the sequence under which an earlier try stored it.
pub(super) struct Looked {
    pub(super) message: Outgoing,
    pub(super) earlier: Result<Option<u64>, EdgeError>,
}

/// Those under way, in the order in which they came; as many as publishes may be. Most sessions never have any, so there
/// is nothing until there is one.
#[derive(Default)]
pub(super) struct Lookups(Option<Box<FuturesOrdered<BoxFuture<'static, Looked>>>>);

impl Lookups {
    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |lookups| lookups.len())
    }

    /// Looks for a message, or has it wait for those before it when it is new.
    pub(super) fn push(&mut self, state: &EdgeState, who: &Identity, message: Outgoing) {
        let (state, who) = (state.clone(), who.clone());
        self.0.get_or_insert_default().push_back(Box::pin(async move {
            let earlier = state.messages.earlier_try(&who, &message).await;
            Looked { message, earlier }
        }));
    }

    /// The next one in order. Safe to cancel.
    pub(super) async fn next(&mut self) -> Option<Looked> {
        let looked = self.0.as_mut()?.next().await;
        if self.len() == 0 {
            self.0 = None;
        }
        looked
    }
}
