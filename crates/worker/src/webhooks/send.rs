//! One attempt: the event, signed, to the receiver, who has to say in time that it was taken.

use std::time::Duration;

use confab_auth::webhooks::signature;
use confab_config::Events;
use confab_protocol::UnixMillis;
use confab_store::{Delivery, Webhook};
use reqwest::{Client, StatusCode};

use confab_outward::is_allowed;

/// Longest text kept of what went wrong.
const MAX_ERROR: usize = 200;

/// What the receiver said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The status, if there was an answer.
    pub(super) status: Option<u16>,
    /// What was wrong.
    pub(super) error: Option<String>,
}

impl Answer {
    fn failed(status: Option<StatusCode>, error: &str) -> Self {
        let error = error.chars().take(MAX_ERROR).collect();
        Self { status: status.map(|status| status.as_u16()), error: Some(error) }
    }

    /// Any status of success says that the receiver has the event.
    pub(super) fn is_taken(&self) -> bool {
        self.error.is_none()
    }
}

/// Sends events.
#[derive(Debug)]
pub(super) struct Sender {
    client: Client,
    private_too: bool,
}

impl Sender {
    pub(super) fn new(events: &Events) -> Result<Self, reqwest::Error> {
        let timeout = Duration::from_millis(events.webhook_timeout_ms);
        let private_too = events.allow_private_addresses;
        let client = confab_outward::client(private_too).timeout(timeout).connect_timeout(timeout).build()?;
        Ok(Self { client, private_too })
    }

    /// Tries once.
    pub(super) async fn send(&self, webhook: &Webhook, delivery: &Delivery, now: UnixMillis) -> Answer {
        if !is_allowed(&webhook.url, self.private_too) {
            return Answer::failed(None, "the URL leads to an address that is not public");
        }
        let (id, timestamp) = (&delivery.id.1, now / 1000);
        let signature = match signature(&webhook.secret, id, timestamp, delivery.payload.as_bytes()) {
            Ok(signature) => signature,
            Err(error) => return Answer::failed(None, &error.to_string()),
        };
        let request = self
            .client
            .post(&webhook.url)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(delivery.payload.clone());
        match request.send().await {
            Ok(response) if response.status().is_success() => {
                Answer { status: Some(response.status().as_u16()), error: None }
            }
            Ok(response) => Answer::failed(Some(response.status()), "the receiver did not take it"),
            Err(error) if error.is_timeout() => Answer::failed(None, "no answer in time"),
            Err(error) => {
                // The library's own sentence names the URL; what lies behind says what was wrong.
                let mut cause: &dyn std::error::Error = &error;
                while let Some(deeper) = cause.source() {
                    cause = deeper;
                }
                Answer::failed(None, &cause.to_string())
            }
        }
    }
}
