//! Webhooks: receivers of events, what became of each event, and sending it again.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod deliveries;
pub(crate) mod list;
pub(crate) mod replay;
pub(crate) mod test;
pub(crate) mod update;

use std::net::IpAddr;

use axum::Router;
use axum::routing::{get, post};
use confab_domain::address::is_public;
use confab_protocol::ErrorCode;
use confab_protocol::api::{DeliveryStatus, DeliveryView, WebhookView};
use confab_store::{Delivery, DeliveryState, Webhook};
use url::{Host, Url};

use crate::error::EdgeError;
use crate::http::HttpState;

/// Longest URL.
const MAX_URL: usize = 2048;
/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 500;

/// The routes that take no parameters.
pub(super) fn router() -> Router<HttpState> {
    Router::new()
        .route("/api/admin/webhooks", get(list::list_webhooks).post(create::create_webhook))
        .route(
            "/api/admin/webhooks/{id}",
            get(list::get_webhook).put(update::update_webhook).delete(delete::delete_webhook),
        )
        .route("/api/admin/webhooks/{id}/test", post(test::test_webhook))
        .route("/api/admin/webhooks/{id}/deliveries/{event}/replay", post(replay::replay_delivery))
}

fn view(webhook: Webhook) -> WebhookView {
    WebhookView {
        id: webhook.id,
        url: webhook.url,
        events: webhook.events,
        description: webhook.description,
        enabled: webhook.enabled,
        secret: None,
        failing_since: webhook.failing_since,
        disabled_reason: webhook.disabled_reason,
        created_at: webhook.created_at,
        version: webhook.version,
    }
}

fn delivery_view(delivery: Delivery) -> DeliveryView {
    let status = match delivery.state {
        DeliveryState::Pending => DeliveryStatus::Pending,
        DeliveryState::Delivered => DeliveryStatus::Delivered,
        DeliveryState::Failed => DeliveryStatus::Failed,
    };
    DeliveryView {
        event_id: delivery.id.1,
        kind: delivery.kind,
        conversation_id: delivery.conversation,
        at: delivery.at,
        status,
        attempts: delivery.attempts,
        next_attempt_at: (status == DeliveryStatus::Pending).then_some(delivery.due),
        last_attempt_at: delivery.last_attempt_at,
        last_status: delivery.last_status,
        last_error: delivery.last_error,
    }
}

/// Whether a URL can be sent to. What its name leads to is looked at when it is sent to. `section` is that of the
/// configuration in which the operator can allow more.
pub(super) fn check_url(field: &str, text: &str, private_too: bool, section: &str) -> Result<(), EdgeError> {
    let invalid = |message: &str| Err(EdgeError::new(ErrorCode::Invalid, format!("{field} {message}")));
    let Some(url) = Url::parse(text).ok().filter(|_| text.len() <= MAX_URL) else {
        return invalid("has to be a URL, such as https://hooks.example.org/confab");
    };
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return invalid("has to begin with https:// or http:// and have no user name or password in it");
    }
    let is_private = match url.host() {
        None => return invalid("has no host"),
        Some(Host::Ipv4(address)) => !is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => !is_public(IpAddr::V6(address)),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
    };
    if is_private && !private_too {
        return invalid(&format!(
            "leads to an address that is not public; the operator can allow it by {section}.allow_private_addresses"
        ));
    }
    Ok(())
}

fn check_description(text: &str) -> Result<(), EdgeError> {
    if text.chars().count() <= MAX_DESCRIPTION {
        return Ok(());
    }
    Err(EdgeError::new(
        ErrorCode::Invalid,
        format!("description is longer than {MAX_DESCRIPTION} characters"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_is_somewhere_public() {
        for url in ["https://hooks.example.org/x?y=1", "http://1.1.1.1:8080/"] {
            assert!(check_url("url", url, false, "events").is_ok(), "{url}");
        }
        for url in [
            "",
            "hooks.example.org",
            "ftp://example.org",
            "https://user:pass@example.org/",
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://0x7f000001/",
            "http://localhost:80/",
            "http://192.168.0.1/",
        ] {
            assert!(check_url("url", url, false, "events").is_err(), "{url}");
        }
        assert!(check_url("url", "http://127.0.0.1:9/", true, "events").is_ok());
    }
}
