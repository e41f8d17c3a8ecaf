//! Customers: a record from their first conversation on, with what is known of them and what their browser says.

use confab_protocol::api::{Attributes, CustomerDetails, CustomerProfile, Priority, TicketSummary};
use confab_protocol::{TicketId, UnixMillis, UserId};
use serde::Deserialize;
use surrealdb::types::{Object, SurrealValue as _};

use crate::error::StoreError;
use crate::rows::{record, to_value, variables};
use crate::search::customer_mark;
use crate::tenant::TenantStore;

/// Tickets of one customer that are read.
const CUSTOMER_TICKETS: u64 = 500;

/// A ticket as far as a summary needs it.
#[derive(Debug, Deserialize)]
struct TicketRow {
    id: TicketId,
    subject: String,
    status: String,
    category: String,
    priority: Priority,
    created_at: UnixMillis,
    resolved_at: Option<UnixMillis>,
    #[serde(default)]
    satisfaction: Option<Score>,
    #[serde(default)]
    deleted: bool,
}

#[derive(Debug, Deserialize)]
struct Score {
    score: u8,
}

impl From<TicketRow> for TicketSummary {
    fn from(row: TicketRow) -> Self {
        let TicketRow {
            id, subject, status, category, priority, created_at, resolved_at, satisfaction, ..
        } = row;
        let satisfaction = satisfaction.map(|said| said.score);
        Self { id, subject, status, category, priority, created_at, resolved_at, satisfaction }
    }
}

impl TenantStore {
    /// A customer.
    pub async fn customer(&self, id: &UserId) -> Result<Option<CustomerProfile>, StoreError> {
        self.one("customer", id.as_str()).await
    }

    /// Keeps what a customer's browser says: attributes are added to what it said before.
    pub async fn note_customer(
        &self,
        id: &UserId,
        details: &CustomerDetails,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut sets = vec!["last_seen_at = $now"];
        let mut variables = variables! { "id": record("customer", id.as_str()), "now": now };
        if !details.attributes.is_empty() {
            variables.insert("claimed", to_value(&details.attributes)?);
            sets.push("claimed = object::extend(claimed ?? {}, $claimed)");
        }
        if let Some(page) = &details.page {
            variables.insert("page", to_value(page)?);
            sets.push("page = $page");
        }
        if let Some(device) = &details.device {
            variables.insert("device", to_value(device)?);
            sets.push("device = $device");
        }
        let upsert = format!("UPSERT $id SET {} RETURN NONE", sets.join(", "));
        self.database.query("note_customer", upsert, variables).await?;
        Ok(())
    }

    /// Replaces what the host site's server said of a customer, who may come for the first time.
    pub async fn put_verified(
        &self,
        id: &UserId,
        name: &str,
        attributes: &Attributes,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let variables = variables! {
            "id": record("customer", id.as_str()),
            "name": name,
            "attributes": to_value(attributes)?,
            "now": now,
        };
        let upsert = "UPSERT $id SET verified = $attributes, name = name ?? $name, \
                      first_seen_at = first_seen_at ?? $now, last_seen_at = $now RETURN NONE";
        self.database.query("put_verified", upsert, variables).await?;
        Ok(())
    }

    /// Notes when customers were last here. Who never began a conversation is not noted.
    pub async fn see_customers(&self, seen: &[(UserId, UnixMillis)]) -> Result<(), StoreError> {
        let rows = seen.iter().map(|(id, at)| {
            let mut row = Object::new();
            row.insert("id", record("customer", id.as_str()));
            row.insert("at", *at);
            row.into_value()
        });
        let variables = variables! { "seen": rows.collect::<Vec<_>>() };
        let update = "FOR $one IN $seen { UPDATE $one.id SET last_seen_at = \
                      math::max([last_seen_at ?? 0, $one.at]) RETURN NONE }";
        self.database.query("see_customers", update, variables).await?;
        Ok(())
    }

    /// Replaces the attributes of a customer who is in the version `expected`, and returns what is known then.
    /// [`StoreError::Conflict`] when they are in another one.
    pub async fn put_attributes(
        &self,
        id: &UserId,
        attributes: &Attributes,
        expected: u64,
    ) -> Result<CustomerProfile, StoreError> {
        let variables = variables! {
            "id": record("customer", id.as_str()),
            "attributes": to_value(attributes)?,
            "expected": expected,
            "version": expected + 1,
        };
        let update = "UPDATE $id SET attributes = $attributes, version = $version \
                      WHERE (version ?? 0) = $expected RETURN AFTER";
        let after = self.database.query("put_attributes", update, variables).await?.first(0)?;
        after.ok_or(StoreError::Conflict)
    }

    /// The tickets of a customer, newest first.
    pub async fn customer_tickets(
        &self,
        id: &UserId,
        limit: usize,
    ) -> Result<Vec<TicketSummary>, StoreError> {
        let variables = variables! { "words": customer_mark(id), "limit": CUSTOMER_TICKETS };
        let select = "SELECT * FROM ticket WHERE words @@ $words LIMIT $limit";
        let mut rows: Vec<TicketRow> =
            self.database.query("customer_tickets", select, variables).await?.rows(0)?;
        rows.retain(|row| !row.deleted);
        rows.sort_by(|one, other| (other.created_at, &other.id).cmp(&(one.created_at, &one.id)));
        rows.truncate(limit);
        Ok(rows.into_iter().map(TicketSummary::from).collect())
    }
}
