//! A tenant's part of the store. What it can do stands beside its subject: users, conversations, queue, messages, ...

use std::sync::Arc;

use confab_domain::TenantSettings;
use confab_protocol::TenantId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::assignments::CountedSlices;
use crate::connection::Database;
use crate::error::{Fault, StoreError};
use crate::rows::{record, to_value, variables};
use crate::search::{ReadFresh, Unmerged};

/// One tenant's database. Cheap to clone; reaches nothing of other tenants.
#[derive(Debug, Clone)]
pub struct TenantStore {
    tenant: TenantId,
    pub(crate) database: Database,
    system: Database,
    pub(crate) unmerged: Arc<Unmerged>,
    pub(crate) read_fresh: Arc<ReadFresh>,
    pub(crate) counted: Arc<CountedSlices>,
}

impl TenantStore {
    pub(crate) fn new(tenant: TenantId, database: Database, system: Database) -> Self {
        Self {
            tenant,
            database,
            system,
            unmerged: Arc::default(),
            read_fresh: Arc::default(),
            counted: Arc::default(),
        }
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

    /// The tenant's settings with their version.
    pub async fn versioned_settings(&self) -> Result<(TenantSettings, u64), StoreError> {
        let variables = variables! { "id": record("tenant", self.tenant.as_str()) };
        let select = "SELECT VALUE settings FROM $id; SELECT VALUE settings_version ?? 1 FROM $id";
        let mut answer = self.system.query("settings", select, variables).await?;
        match (answer.first(0)?, answer.first(1)?) {
            (Some(settings), Some(version)) => Ok((settings, version)),
            _ => Err(StoreError::NotFound(format!("the tenant {}", self.tenant))),
        }
    }

    /// Replaces the tenant's settings when they are in this version. [`StoreError::Conflict`] otherwise.
    pub async fn change_settings(&self, settings: &TenantSettings, version: u64) -> Result<(), StoreError> {
        let variables = variables! {
            "id": record("tenant", self.tenant.as_str()),
            "settings": to_value(settings)?,
            "version": version,
            "next": version + 1,
        };
        let update = "UPDATE $id SET settings = $settings, settings_version = $next \
                      WHERE (settings_version ?? 1) = $version RETURN VALUE name";
        let updated: Option<String> =
            self.system.query("change_settings", update, variables).await?.first(0)?;
        updated.map(drop).ok_or(StoreError::Conflict)
    }

    /// What is set under a name in the tenant's own database, with its version; version 0 and nothing until it is set.
    pub async fn setting<T: DeserializeOwned>(&self, name: &str) -> Result<(Option<T>, u64), StoreError> {
        let variables = variables! { "id": record("setting", name) };
        let select = "SELECT VALUE value FROM $id; SELECT VALUE version FROM $id";
        let mut answer = self.database.query("setting", select, variables).await?;
        Ok((answer.first(0)?, answer.first(1)?.unwrap_or(0)))
    }

    /// Sets it when it is in this version. [`StoreError::Conflict`] otherwise.
    pub async fn put_setting<T: Serialize>(
        &self,
        name: &str,
        value: &T,
        version: u64,
    ) -> Result<(), StoreError> {
        let variables = variables! {
            "id": record("setting", name),
            "value": to_value(value)?,
            "version": version,
            "next": version + 1,
        };
        let write = if version == 0 {
            "CREATE $id CONTENT { value: $value, version: 1 } RETURN VALUE version"
        } else {
            "UPDATE $id CONTENT { value: $value, version: $next } WHERE version = $version RETURN VALUE version"
        };
        match self.database.query("put_setting", write, variables).await {
            Ok(mut answer) => answer.first::<u64>(0)?.map(drop).ok_or(StoreError::Conflict),
            Err(Fault::Exists(_)) => Err(StoreError::Conflict),
            Err(fault) => Err(fault.into()),
        }
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
