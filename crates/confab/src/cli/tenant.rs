//! `confab tenant create`.

use std::process::ExitCode;

use anyhow::Result;
use confab_config::Config;
use confab_protocol::TenantId;
use confab_store::{Store, StoreError};

use super::place::Place;
use super::{admin, print};
use crate::wiring;

/// What can be asked for.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Create a tenant and its database. Assignment starts with what the configuration says.
    Create {
        #[command(flatten)]
        place: Place,
        /// Id: 1 to 64 of A-Z a-z 0-9 _ -.
        #[arg(long, value_name = "ID")]
        id: TenantId,
        /// Name to show.
        #[arg(long, value_name = "NAME")]
        name: String,
    },
    /// List the tenants.
    List {
        #[command(flatten)]
        place: Place,
    },
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Create { place, id, name } => {
            let config = place.load()?;
            let open = admin::prepared_store(&config, place.data()).await?;
            open.store.create_tenant(&id, &name, &wiring::tenant_settings(&config)).await?;
            print(&format!("created the tenant {id}"));
        }
        Command::List { place } => {
            let open = admin::prepared_store(&place.load()?, place.data()).await?;
            for tenant in open.store.tenants().await? {
                print(&format!("{}  {}", tenant.id, tenant.name));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Creates a tenant; one that is there is left as it is.
pub(super) async fn create_unless_there(
    store: &Store,
    config: &Config,
    id: &TenantId,
    name: &str,
) -> Result<()> {
    match store.create_tenant(id, name, &wiring::tenant_settings(config)).await {
        Ok(()) => print(&format!("created the tenant {id}")),
        Err(StoreError::Exists(_)) => print(&format!("the tenant {id} was there before")),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
