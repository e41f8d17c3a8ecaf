//! Webhooks and their deliveries: what is to be sent where, in which order, and what became of it.

use std::fmt;

use confab_protocol::{ChatEvent, ConversationId, EventKind, UnixMillis};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Object, RecordId, Variables};

use crate::conversations::Page;
use crate::error::{Fault, StoreError};
use crate::rows::{number, record, record_of, text, to_content, variables};
use crate::tenant::TenantStore;

/// The largest time of fifteen digits, for keys that sort the newest first.
const END_OF_TIME: u64 = 999_999_999_999_999;

/// A receiver of events.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Id.
    pub id: String,
    /// Where events go.
    pub url: String,
    /// Which events; empty means all.
    #[serde(default)]
    pub events: Vec<EventKind>,
    /// What they are signed with.
    pub secret: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Whether events are sent.
    pub enabled: bool,
    /// Since when nothing has got through.
    #[serde(default)]
    pub failing_since: Option<UnixMillis>,
    /// Why the hub switched it off.
    #[serde(default)]
    pub disabled_reason: Option<String>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// Grows with every change by an admin.
    pub version: u64,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Webhook").field("id", &self.id).field("url", &self.url).finish_non_exhaustive()
    }
}

impl Webhook {
    /// Whether it gets events of this kind.
    pub fn wants(&self, kind: EventKind) -> bool {
        self.enabled && (self.events.is_empty() || self.events.contains(&kind))
    }
}

/// What has become of an event for a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It will be sent, or sent again.
    Pending,
    /// The receiver took it.
    Delivered,
    /// It was given up.
    Failed,
}

/// An event for a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Webhook and event.
    pub id: (String, String),
    /// Its kind.
    pub kind: EventKind,
    /// Events of one conversation are sent one after the other.
    pub conversation: ConversationId,
    /// Epoch and sequence of the event, in fixed width.
    pub order: String,
    /// When it happened.
    pub at: UnixMillis,
    /// The event as it is sent, to the byte.
    pub payload: String,
    /// What has become of it.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub due: UnixMillis,
    /// The status of the last answer.
    #[serde(default)]
    pub last_status: Option<u16>,
    /// What was wrong at the last attempt.
    #[serde(default)]
    pub last_error: Option<String>,
    /// When it was last tried.
    #[serde(default)]
    pub last_attempt_at: Option<UnixMillis>,
}

impl Delivery {
    /// The first state of an event for a webhook.
    pub fn new(webhook: &str, event: &ChatEvent, payload: String) -> Self {
        Self {
            id: (webhook.to_owned(), event.id.clone()),
            kind: event.kind,
            conversation: event.conversation_id.clone(),
            order: format!("{:0>20}-{:020}", event.epoch, event.seq),
            at: event.at,
            payload,
            state: DeliveryState::Pending,
            attempts: 0,
            due: event.at,
            last_status: None,
            last_error: None,
            last_attempt_at: None,
        }
    }

    fn record(&self) -> RecordId {
        id_of(&self.id.0, &self.id.1)
    }

    /// What is stored: its own fields and those that the indexes need.
    fn row(&self) -> Result<Object, StoreError> {
        let mut row = to_content(self)?;
        row.insert("id", self.record());
        row.insert("webhook", self.id.0.as_str());
        row.insert("recent", format!("{:015}-{}", END_OF_TIME.saturating_sub(self.at), self.id.1));
        if self.state == DeliveryState::Pending {
            row.insert("open", true);
        }
        Ok(row)
    }
}

fn id_of(webhook: &str, event: &str) -> RecordId {
    record_of("webhook_delivery", vec![text(webhook), text(event)])
}

impl TenantStore {
    /// All webhooks, by id.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, StoreError> {
        self.database.query("webhooks", "SELECT * FROM webhook ORDER BY id", Variables::new()).await?.rows(0)
    }

    /// A webhook.
    pub async fn webhook(&self, id: &str) -> Result<Option<Webhook>, StoreError> {
        self.one("webhook", id).await
    }

    /// Makes a webhook.
    pub async fn create_webhook(&self, webhook: &Webhook) -> Result<(), StoreError> {
        let variables = variables! { "id": record("webhook", &webhook.id), "content": to_content(webhook)? };
        match self
            .database
            .query("create_webhook", "CREATE $id CONTENT $content RETURN NONE", variables)
            .await
        {
            Ok(_) => Ok(()),
            Err(Fault::Exists(_)) => Err(StoreError::Exists(format!("the webhook {}", webhook.id))),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Replaces a webhook that is in this version. [`StoreError::Conflict`] otherwise.
    pub async fn change_webhook(&self, webhook: &Webhook, version: u64) -> Result<(), StoreError> {
        let variables = variables! {
            "id": record("webhook", &webhook.id),
            "content": to_content(webhook)?,
            "version": version,
        };
        let update = "UPDATE $id CONTENT $content WHERE version = $version RETURN VALUE url";
        let changed: Option<String> =
            self.database.query("change_webhook", update, variables).await?.first(0)?;
        changed.map(drop).ok_or(StoreError::Conflict)
    }

    /// Deletes a webhook with all its deliveries. Whether there was one.
    pub async fn delete_webhook(&self, id: &str) -> Result<bool, StoreError> {
        let variables = variables! { "id": record("webhook", id), "webhook": id };
        let delete = "BEGIN; DELETE webhook_delivery WHERE webhook = $webhook RETURN NONE; \
                      DELETE $id RETURN BEFORE; COMMIT";
        let mut answer = self.database.query("delete_webhook", delete, variables).await?;
        Ok(answer.first::<Webhook>(2)?.is_some())
    }

    /// Notes since when nothing gets through, or that something did. Whether it is the version that was meant.
    pub async fn note_webhook(&self, id: &str, failing_since: Option<UnixMillis>) -> Result<(), StoreError> {
        let variables = variables! { "id": record("webhook", id), "since": failing_since };
        let update = "UPDATE $id SET failing_since = $since ?? NONE RETURN NONE";
        self.database.query("note_webhook", update, variables).await?;
        Ok(())
    }

    /// Switches a webhook off because it fails; `false` when it was off already.
    pub async fn switch_off_webhook(&self, id: &str, reason: &str) -> Result<bool, StoreError> {
        let variables = variables! { "id": record("webhook", id), "reason": reason };
        let update = "UPDATE $id SET enabled = false, disabled_reason = $reason, version += 1 \
                      WHERE enabled = true RETURN VALUE url";
        let changed: Option<String> = self.database.query("switch_off", update, variables).await?.first(0)?;
        Ok(changed.is_some())
    }

    /// Takes, or keeps, the sending of a webhook's events until a time. `false` while another node has it.
    pub async fn lease_webhook(
        &self,
        id: &str,
        node: &str,
        now: UnixMillis,
        until: UnixMillis,
    ) -> Result<bool, StoreError> {
        let variables = variables! {
            "id": record("webhook_lease", id), "node": node, "now": now, "until": until,
        };
        let lease = "UPSERT $id SET node = $node, until = $until \
                     WHERE node = NONE OR node = $node OR until <= $now RETURN VALUE node";
        match self.database.query("lease_webhook", lease, variables).await {
            Ok(mut answer) => Ok(answer.first::<String>(0)?.is_some()),
            Err(Fault::Exists(_) | Fault::Contended) => Ok(false),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Adds events for webhooks; those that are there already stay as they are.
    pub async fn add_deliveries(&self, deliveries: &[Delivery]) -> Result<(), StoreError> {
        let rows: Vec<Object> = deliveries.iter().map(Delivery::row).collect::<Result<_, _>>()?;
        let insert = "INSERT IGNORE INTO webhook_delivery $rows RETURN NONE";
        self.database.query("add_deliveries", insert, variables! { "rows": rows }).await?;
        Ok(())
    }

    /// Events that are still to be sent to a webhook, in their order, at most so many.
    pub async fn open_deliveries(&self, webhook: &str, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let variables = variables! { "webhook": webhook, "limit": limit };
        let select = "SELECT * FROM webhook_delivery WITH INDEX webhook_delivery_open \
                      WHERE webhook = $webhook AND open = true AND order > '' ORDER BY order LIMIT $limit";
        self.database.query("open_deliveries", select, variables).await?.rows(0)
    }

    /// A webhook's deliveries, newest first.
    pub async fn deliveries(
        &self,
        webhook: &str,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Delivery>, StoreError> {
        let variables = variables! {
            "webhook": webhook, "after": cursor.unwrap_or_default(), "limit": u64::from(limit) + 1,
        };
        let select = "SELECT * FROM webhook_delivery WITH INDEX webhook_delivery_recent \
                      WHERE webhook = $webhook AND recent > $after ORDER BY recent LIMIT $limit";
        let mut items: Vec<Delivery> = self.database.query("deliveries", select, variables).await?.rows(0)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        let recent = |last: &Delivery| format!("{:015}-{}", END_OF_TIME.saturating_sub(last.at), last.id.1);
        let next_cursor = if has_more { items.last().map(recent) } else { None };
        Ok(Page { items, next_cursor })
    }

    /// An event for a webhook.
    pub async fn delivery(&self, webhook: &str, event: &str) -> Result<Option<Delivery>, StoreError> {
        let variables = variables! { "id": id_of(webhook, event) };
        self.database.query("delivery", "SELECT * FROM $id", variables).await?.first(0)
    }

    /// Writes what has become of an event; nothing if its webhook was deleted meanwhile.
    pub async fn put_delivery(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let variables = variables! { "id": delivery.record(), "content": delivery.row()? };
        let update = "UPDATE $id CONTENT $content RETURN NONE";
        self.database.query("put_delivery", update, variables).await?;
        Ok(())
    }

    /// Forgets deliveries of events before a time, but those that are still to be sent; returns how many.
    pub async fn prune_deliveries(&self, older_than: UnixMillis) -> Result<u64, StoreError> {
        let select = "SELECT VALUE id FROM webhook_delivery WITH INDEX webhook_delivery_at \
                      WHERE at < $older_than AND open = NONE LIMIT $batch";
        let mut variables = Variables::new();
        variables.insert("older_than", number(older_than));
        self.prune("prune_deliveries", select, variables).await
    }
}
