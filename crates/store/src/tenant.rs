//! A tenant's part of the store. What it can do stands beside its subject: users, conversations, queue, messages, ...

use confab_domain::TenantSettings;
use confab_protocol::TenantId;
use serde::de::DeserializeOwned;

use crate::connection::Database;
use crate::error::StoreError;
use crate::rows::{record, to_value, variables};

/// One tenant's database. Cheap to clone; reaches nothing of other tenants.
#[derive(Debug, Clone)]
pub struct TenantStore {
    tenant: TenantId,
    pub(crate) database: Database,
    system: Database,
}

impl TenantStore {
    pub(crate) fn new(tenant: TenantId, database: Database, system: Database) -> Self {
        Self { tenant, database, system }
    }

    /// Whose it is.
    pub fn id(&self) -> &TenantId {
        &self.tenant
    }

    /// The tenant's settings.
    pub async fn settings(&self) -> Result<TenantSettings, StoreError> {
        let variables = variables! { "id": record("tenant", self.tenant.as_str()) };
        let select = "SELECT VALUE settings FROM $id";
        let settings = self.system.query("settings", select, variables).await?.first(0)?;
        settings.ok_or_else(|| StoreError::NotFound(format!("the tenant {}", self.tenant)))
    }

    /// Replaces the tenant's settings.
    pub async fn put_settings(&self, settings: &TenantSettings) -> Result<(), StoreError> {
        let variables = variables! {
            "id": record("tenant", self.tenant.as_str()),
            "settings": to_value(settings)?,
        };
        let update = "UPDATE $id SET settings = $settings RETURN VALUE name";
        let updated: Option<String> = self.system.query("put_settings", update, variables).await?.first(0)?;
        updated.map(drop).ok_or_else(|| StoreError::NotFound(format!("the tenant {}", self.tenant)))
    }

    /// A record by its plain id.
    pub(crate) async fn one<T: DeserializeOwned>(
        &self,
        table: &'static str,
        id: &str,
    ) -> Result<Option<T>, StoreError> {
        let variables = variables! { "id": record(table, id) };
        self.database.query(table, "SELECT * FROM $id", variables).await?.first(0)
    }
}
