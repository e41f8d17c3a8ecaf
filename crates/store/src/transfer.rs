//! Whole databases to files and back, in the engine's own text form, for backups.
//!
//! A server takes and gives them over HTTP only, so a connection of its own is made beside the store's.

use std::path::Path;

use confab_protocol::TenantId;
use surrealdb::types::Variables;

use crate::error::StoreError;
use crate::migrate;
use crate::store::Store;

impl Store {
    /// Writes the list of tenants to a file, as it is at one moment.
    pub async fn export_system(&self, file: &Path) -> Result<(), StoreError> {
        Ok(self.system_database().export(file).await?)
    }

    /// Writes a tenant's database to a file, as it is at one moment.
    pub async fn export_tenant(&self, tenant: &TenantId, file: &Path) -> Result<(), StoreError> {
        Ok(self.database(tenant).export(file).await?)
    }

    /// Fills a tenant's database, which must not exist yet, from a file.
    pub async fn import_tenant(&self, tenant: &TenantId, file: &Path) -> Result<(), StoreError> {
        let database = self.database(tenant);
        migrate::define(&database).await?;
        Ok(database.import(file).await?)
    }

    /// Reads the list of tenants from a file. It comes last, so that whoever finds a tenant finds its database.
    pub async fn import_system(&self, file: &Path) -> Result<(), StoreError> {
        let database = self.system_database();
        migrate::define(database).await?;
        // A hub without tenants may have noted its migrations; the file has them, too.
        let forget = "DEFINE TABLE IF NOT EXISTS migration SCHEMALESS; DELETE migration RETURN NONE;";
        database.query("forget_migrations", forget, Variables::new()).await?;
        Ok(database.import(file).await?)
    }

    /// Whether nothing of a hub is in the database.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        match self.tenants().await {
            Ok(tenants) => Ok(tenants.is_empty()),
            Err(StoreError::NotMigrated(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The migrations that this program knows, each with its checksum: what a backup's schema is compared by.
    pub fn schema() -> Vec<String> {
        migrate::schema()
    }
}
