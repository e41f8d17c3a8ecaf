//! E-mail: people's preferences, how far customers were told what they missed, addresses that took none.

use confab_domain::notice::Place;
use confab_protocol::api::{NotificationsBody, RefusedAddress};
use confab_protocol::{ConversationId, UserId};
use serde::Deserialize;
use surrealdb::types::Variables;

use crate::error::{Fault, StoreError};
use crate::rows::{record, to_value, variables};
use crate::tenant::TenantStore;

/// Addresses that are listed.
const LISTED: u64 = 1000;

impl TenantStore {
    /// Which e-mail a person wants, with its version: 0 until they have said so.
    pub async fn notifications(&self, user: &UserId) -> Result<(NotificationsBody, u64), StoreError> {
        #[derive(Deserialize)]
        struct Row {
            wants: NotificationsBody,
            version: u64,
        }
        let row: Option<Row> = self.one("notification", user.as_str()).await?;
        Ok(row.map_or_else(|| (NotificationsBody::default(), 0), |row| (row.wants, row.version)))
    }

    /// Says which e-mail a person wants, on this version. [`StoreError::Conflict`] when it is another.
    pub async fn put_notifications(
        &self,
        user: &UserId,
        wants: &NotificationsBody,
        version: u64,
    ) -> Result<(), StoreError> {
        let variables = variables! {
            "id": record("notification", user.as_str()),
            "wants": to_value(wants)?,
            "version": version,
            "next": version + 1,
        };
        let write = if version == 0 {
            "CREATE $id CONTENT { wants: $wants, version: 1 } RETURN VALUE version"
        } else {
            "UPDATE $id CONTENT { wants: $wants, version: $next } WHERE version = $version RETURN VALUE version"
        };
        match self.database.query("put_notifications", write, variables).await {
            Ok(mut answer) => answer.first::<u64>(0)?.map(drop).ok_or(StoreError::Conflict),
            Err(Fault::Exists(_)) => Err(StoreError::Conflict),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Up to where the customer of a conversation was sent what they missed.
    pub async fn told(&self, conversation: &ConversationId) -> Result<Option<Place>, StoreError> {
        self.one("mail_digest", conversation.as_str()).await
    }

    /// Notes it.
    pub async fn put_told(&self, conversation: &ConversationId, place: &Place) -> Result<(), StoreError> {
        let variables =
            variables! { "id": record("mail_digest", conversation.as_str()), "place": to_value(place)? };
        self.database.query("put_told", "UPSERT $id CONTENT $place RETURN NONE", variables).await?;
        Ok(())
    }

    /// Whether an address took no e-mail, and why.
    pub async fn refused_address(&self, address: &str) -> Result<Option<RefusedAddress>, StoreError> {
        self.one("mail_refusal", &address.to_lowercase()).await
    }

    /// Notes that an address took no e-mail.
    pub async fn refuse_address(&self, refused: &RefusedAddress) -> Result<(), StoreError> {
        let id = record("mail_refusal", &refused.address.to_lowercase());
        let variables = variables! { "id": id, "refused": to_value(refused)? };
        self.database.query("refuse_address", "UPSERT $id CONTENT $refused RETURN NONE", variables).await?;
        Ok(())
    }

    /// Addresses that took no e-mail, the latest first.
    pub async fn refused_addresses(&self) -> Result<Vec<RefusedAddress>, StoreError> {
        let select = format!("SELECT * FROM mail_refusal ORDER BY at DESC LIMIT {LISTED}");
        self.database.query("refused_addresses", select, Variables::new()).await?.rows(0)
    }

    /// Lets an address be tried again. Whether it was among those.
    pub async fn forgive_address(&self, address: &str) -> Result<bool, StoreError> {
        let variables = variables! { "id": record("mail_refusal", &address.to_lowercase()) };
        let delete = "DELETE $id RETURN BEFORE";
        let gone: Option<RefusedAddress> =
            self.database.query("forgive_address", delete, variables).await?.first(0)?;
        Ok(gone.is_some())
    }
}
