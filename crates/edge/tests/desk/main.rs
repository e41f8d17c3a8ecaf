//! What a tenant's desk can do beyond talking, over HTTP, against whole hubs.

mod administration;
mod attachments;
mod content;
mod events;
mod identity;
mod privacy;
mod replies;
mod support;
mod webhooks;
