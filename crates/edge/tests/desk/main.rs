//! What a tenant's desk can do beyond talking, over HTTP, against whole hubs.

mod administration;
mod attachments;
mod audit;
mod content;
mod embedding;
mod erasure;
mod events;
mod identity;
mod mail;
mod oidc;
mod pictures;
mod privacy;
mod provider;
mod replies;
mod support;
mod webhooks;
