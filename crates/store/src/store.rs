//! The store as a whole: its tenants, each with a database of its own.

use std::sync::Arc;

use confab_domain::TenantSettings;
use confab_protocol::TenantId;
use dashmap::DashMap;
use serde::Deserialize;
use surrealdb::types::Variables;

use crate::connection::{Connection, Database};
use crate::error::{Fault, StoreError};
use crate::migrate::{self, AppliedMigration, TENANT_MIGRATIONS};
use crate::rows::{record, to_value, variables};
use crate::search;
use crate::settings::StoreSettings;
use crate::tenant::TenantStore;

/// The database of what is of the hub as a whole. No tenant's database can have this name.
const SYSTEM_DATABASE: &str = "_confab";

/// The database server or the embedded engine, with everything in it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    connection: Arc<Connection>,
    system: Database,
    tenants: Arc<DashMap<TenantId, TenantStore>>,
}

/// A tenant, as the hub knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tenant {
    /// Id.
    pub id: TenantId,
    /// Name to show.
    pub name: String,
}

impl Store {
    /// Connects. Afterwards the store finds its way back by itself when a server goes away and comes back; meanwhile
    /// calls fail with [`StoreError::Unavailable`].
    pub async fn open(settings: StoreSettings) -> Result<Self, StoreError> {
        let connection = Arc::new(Connection::open(settings).await?);
        let system = Database::new(connection.clone(), SYSTEM_DATABASE);
        Ok(Self { connection, system, tenants: Arc::new(DashMap::new()) })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.system.query("ping", "RETURN true", Variables::new()).await?;
        Ok(())
    }

    /// Brings the schema of the hub and of every tenant up to date, and says what was done. Safe when several nodes do
    /// it at once; takes as long as it takes.
    pub async fn migrate(&self) -> Result<Vec<AppliedMigration>, StoreError> {
        let mut applied = migrate::apply(&self.system, migrate::SYSTEM_MIGRATIONS).await?;
        for tenant in self.tenants().await? {
            let database = self.database(&tenant.id);
            applied.extend(migrate::apply(&database, TENANT_MIGRATIONS).await?);
            search::index_backlog(&database).await?;
        }
        Ok(applied)
    }

    /// What [`Store::migrate`] would apply. Changes nothing.
    pub async fn missing_migrations(&self) -> Result<Vec<AppliedMigration>, StoreError> {
        let mut missing = migrate::missing(&self.system, migrate::SYSTEM_MIGRATIONS).await?;
        if missing.is_empty() {
            for tenant in self.tenants().await? {
                missing.extend(migrate::missing(&self.database(&tenant.id), TENANT_MIGRATIONS).await?);
            }
        }
        Ok(missing)
    }

    /// Creates a tenant and its database.
    pub async fn create_tenant(
        &self,
        id: &TenantId,
        name: &str,
        settings: &TenantSettings,
    ) -> Result<(), StoreError> {
        if self.knows(id).await? {
            return Err(exists(id));
        }
        let database = self.database(id);
        // The record comes last, so that whoever finds the tenant finds its database ready.
        migrate::apply(&database, TENANT_MIGRATIONS).await?;
        let variables = variables! {
            "id": record("tenant", id.as_str()),
            "name": name,
            "database": database.name(),
            "settings": to_value(settings)?,
        };
        let create =
            "CREATE $id CONTENT { name: $name, database: $database, settings: $settings } RETURN NONE";
        match self.system.query("create_tenant", create, variables).await {
            Ok(_) => Ok(()),
            Err(Fault::Exists(_)) => Err(exists(id)),
            Err(fault) => Err(fault.into()),
        }
    }

    /// All tenants, by id.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        let select = "SELECT id, name FROM tenant ORDER BY id";
        self.system.query("tenants", select, Variables::new()).await?.rows(0)
    }

    /// The tenant's part of the store.
    pub async fn tenant(&self, id: &TenantId) -> Result<TenantStore, StoreError> {
        if let Some(tenant) = self.tenants.get(id) {
            return Ok(tenant.clone());
        }
        if !self.knows(id).await? {
            return Err(StoreError::NotFound(format!("the tenant {id}")));
        }
        let tenant = TenantStore::new(id.clone(), self.database(id), self.system.clone());
        self.tenants.insert(id.clone(), tenant.clone());
        Ok(tenant)
    }

    pub(crate) fn system_database(&self) -> &Database {
        &self.system
    }

    async fn knows(&self, id: &TenantId) -> Result<bool, StoreError> {
        let variables = variables! { "id": record("tenant", id.as_str()) };
        let mut answer = self.system.query("tenant", "SELECT VALUE name FROM $id", variables).await?;
        Ok(answer.first::<String>(0)?.is_some())
    }

    /// The prefix keeps tenants' databases apart from the hub's own; ids are plain enough for the rest.
    pub(crate) fn database(&self, tenant: &TenantId) -> Database {
        Database::new(self.connection.clone(), format!("tenant_{tenant}"))
    }
}

fn exists(id: &TenantId) -> StoreError {
    StoreError::Exists(format!("the tenant {id}"))
}
