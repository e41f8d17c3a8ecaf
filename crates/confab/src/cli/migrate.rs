//! `confab migrate`: streams and schema, and a first tenant on request. Safe to repeat.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use confab_protocol::TenantId;

use super::place::Place;
use super::{admin, print, tenant};
use crate::wiring;

/// What can be asked for.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// Show what would be changed, and change nothing.
    #[arg(long, conflicts_with = "create_tenant")]
    dry_run: bool,
    /// Create this tenant too, unless it exists.
    #[arg(long, value_name = "ID")]
    create_tenant: Option<TenantId>,
    /// Name of that tenant; its id when left out.
    #[arg(long, value_name = "NAME", requires = "create_tenant")]
    tenant_name: Option<String>,
}

pub(super) async fn run(args: Args) -> Result<ExitCode> {
    let config = args.place.load()?;
    let data = args.place.data();
    if config.nats.url.is_empty() {
        print("streams: nats.url is not set; `confab all` makes them at its start");
    } else {
        let bus = wiring::connect_bus(&config, "migrate").await?;
        let changes = wiring::bus_changes(&bus).await?;
        for change in &changes {
            print(&change.to_string());
        }
        match (changes.len(), args.dry_run) {
            (0, _) => print("streams: up to date"),
            (count, true) => print(&format!("streams: {count} to be changed; nothing was")),
            (_, false) => {
                wiring::prepare_bus(&bus).await?;
                print("streams: brought up to date");
            }
        }
        bus.drain().await;
    }
    let open = admin::store(&config, data).await?;
    if args.dry_run {
        let missing = open.store.missing_migrations().await.context("the schema can't be compared")?;
        for migration in &missing {
            print(&format!("+ {migration}"));
        }
        match missing.len() {
            0 => print("schema: up to date"),
            count => print(&format!("schema: {count} migrations to be applied; nothing was")),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let applied = open.store.migrate().await.context("the schema can't be brought up to date")?;
    for migration in &applied {
        print(&format!("applied {migration}"));
    }
    print("schema: up to date");
    if let Some(id) = args.create_tenant {
        let name = args.tenant_name.unwrap_or_else(|| id.to_string());
        tenant::create_unless_there(&open.store, &config, &id, &name).await?;
    }
    Ok(ExitCode::SUCCESS)
}
