//! What the desk has beside conversations, over HTTP, as a client without any library of ours sees it: one file per
//! subject, one program, because linking the engine takes long.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod caller;
mod customers;
mod library;
mod reports;
mod search;
