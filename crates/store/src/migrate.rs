//! Versioned migrations: each is applied once to each database, in order, in one transaction with the record of it.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use surrealdb::types::Variables;

use crate::connection::Database;
use crate::error::{Fault, StoreError};
use crate::rows::variables;

/// Longest time one migration may take: those that come later may build indexes over much data.
pub(crate) const LIMIT: Duration = Duration::from_mins(10);

/// A migration, as it is part of this binary. Released ones never change.
#[derive(Debug)]
pub(crate) struct Migration {
    version: u32,
    name: &'static str,
    text: &'static str,
}

/// Migrations of the hub's own database.
pub(crate) const SYSTEM_MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "0001_tenants",
    text: include_str!("../migrations/system/0001_tenants.surql"),
}];

/// Migrations of every tenant's database.
pub(crate) const TENANT_MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "0001_conversations",
        text: include_str!("../migrations/tenant/0001_conversations.surql"),
    },
    Migration {
        version: 2,
        name: "0002_tickets",
        text: include_str!("../migrations/tenant/0002_tickets.surql"),
    },
    Migration {
        version: 3,
        name: "0003_search",
        text: include_str!("../migrations/tenant/0003_search.surql"),
    },
    Migration { version: 4, name: "0004_desk", text: include_str!("../migrations/tenant/0004_desk.surql") },
    Migration {
        version: 5,
        name: "0005_packed_commands",
        text: include_str!("../migrations/tenant/0005_packed_commands.surql"),
    },
    Migration { version: 6, name: "0006_mail", text: include_str!("../migrations/tenant/0006_mail.surql") },
    Migration {
        version: 7,
        name: "0007_segments",
        text: include_str!("../migrations/tenant/0007_segments.surql"),
    },
];

/// A migration that was applied just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedMigration {
    /// The database.
    pub database: String,
    /// Number and name of the migration.
    pub migration: String,
}

impl fmt::Display for AppliedMigration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.database, self.migration)
    }
}

#[derive(Debug, Deserialize)]
struct Applied {
    version: u32,
    checksum: String,
}

impl Migration {
    fn checksum(&self) -> String {
        format!("{:x}", Sha256::digest(self.text.as_bytes()))
    }

    /// Whether it was applied before; an error when it was, with another text.
    fn is_among(&self, applied: &[Applied], database: &Database) -> Result<bool, StoreError> {
        let Some(record) = applied.iter().find(|record| record.version == self.version) else {
            return Ok(false);
        };
        if record.checksum == self.checksum() {
            return Ok(true);
        }
        let (migration, database) = (self.name.to_owned(), database.name().to_owned());
        Err(StoreError::MigrationChanged { migration, database })
    }
}

/// Applies to the database whichever of `migrations` it lacks. Nodes that do so at once each find what the other did.
pub(crate) async fn apply(
    database: &Database,
    migrations: &[Migration],
) -> Result<Vec<AppliedMigration>, StoreError> {
    prepare(database).await?;
    let mut applied = records(database).await?;
    let mut done = Vec::new();
    for migration in migrations {
        if migration.is_among(&applied, database)? {
            continue;
        }
        match run(database, migration).await {
            Ok(()) => {
                let (database, migration) = (database.name().to_owned(), migration.name.to_owned());
                tracing::info!(database, migration, "applied a migration");
                done.push(AppliedMigration { database, migration });
            }
            Err(Fault::Exists(_)) => {
                applied = records(database).await?;
                migration.is_among(&applied, database)?;
            }
            Err(fault) => return Err(fault.into()),
        }
    }
    Ok(done)
}

/// Those of `migrations` that the database lacks, which need not exist.
pub(crate) async fn missing(
    database: &Database,
    migrations: &[Migration],
) -> Result<Vec<AppliedMigration>, StoreError> {
    let applied = match records(database).await {
        Ok(applied) => applied,
        Err(StoreError::NotMigrated(_)) => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut missing = Vec::new();
    for migration in migrations {
        if !migration.is_among(&applied, database)? {
            let (database, migration) = (database.name().to_owned(), migration.name.to_owned());
            missing.push(AppliedMigration { database, migration });
        }
    }
    Ok(missing)
}

/// Makes an empty database.
pub(crate) async fn define(database: &Database) -> Result<(), StoreError> {
    let define = format!("DEFINE DATABASE IF NOT EXISTS `{}`", database.name());
    database.query_within(LIMIT, "migrate", define, Variables::new()).await?;
    Ok(())
}

/// Names and checksums of all migrations, in their order.
pub(crate) fn schema() -> Vec<String> {
    let all = SYSTEM_MIGRATIONS.iter().chain(TENANT_MIGRATIONS);
    all.map(|migration| format!("{} {}", migration.name, migration.checksum())).collect()
}

async fn prepare(database: &Database) -> Result<(), StoreError> {
    let define = format!(
        "DEFINE DATABASE IF NOT EXISTS `{}`; DEFINE TABLE IF NOT EXISTS migration SCHEMALESS;",
        database.name()
    );
    database.query_within(LIMIT, "migrate", define, Variables::new()).await?;
    Ok(())
}

async fn records(database: &Database) -> Result<Vec<Applied>, StoreError> {
    let select = "SELECT version, checksum FROM migration";
    database.query_within(LIMIT, "migrate", select, Variables::new()).await?.rows(0)
}

async fn run(database: &Database, migration: &Migration) -> Result<(), Fault> {
    let statements = format!(
        "BEGIN; CREATE type::record('migration', $version) CONTENT \
         {{ version: $version, name: $name, checksum: $checksum, applied_at: time::now() }} RETURN NONE;\n{}\nCOMMIT;",
        migration.text
    );
    let variables = variables! {
        "version": migration.version,
        "name": migration.name,
        "checksum": migration.checksum(),
    };
    database.query_within(LIMIT, "migrate", statements, variables).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_grow_and_are_in_the_names() {
        for migrations in [SYSTEM_MIGRATIONS, TENANT_MIGRATIONS] {
            assert!(migrations.is_sorted_by(|one, next| one.version < next.version), "{migrations:?}");
            for migration in migrations {
                assert!(
                    migration.name.starts_with(&format!("{:04}_", migration.version)),
                    "{}",
                    migration.name
                );
            }
        }
    }
}
