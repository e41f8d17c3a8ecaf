//! A customer's way in, and what they talked about before.

pub(crate) mod history;
pub(crate) mod site;
pub(crate) mod start;
pub(crate) mod status;
