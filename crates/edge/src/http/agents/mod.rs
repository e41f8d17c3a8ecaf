//! The desk: who waits, who answers, and taking and handing over conversations.

pub(crate) mod accept;
pub(crate) mod availability;
pub(crate) mod list;
pub(crate) mod picture;
pub(crate) mod queue;
pub(crate) mod status;
pub(crate) mod take_over;
pub(crate) mod transfer;
