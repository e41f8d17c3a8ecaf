//! `confab backup` and `confab restore`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};

use super::place::Place;
use super::{admin, print};
use crate::backup::{self, Conditions, System};
use crate::wiring;

/// What can be asked for.
#[derive(Debug, clap::Args)]
pub(super) struct SaveArgs {
    #[command(flatten)]
    place: Place,
    /// A new directory for it.
    directory: PathBuf,
    /// Although workers run: what they carry out meanwhile may be missing.
    #[arg(long)]
    while_running: bool,
}

/// What can be asked for.
#[derive(Debug, clap::Args)]
pub(super) struct LoadArgs {
    #[command(flatten)]
    place: Place,
    /// The backup's directory.
    directory: PathBuf,
}

pub(super) async fn save(args: SaveArgs) -> Result<ExitCode> {
    let system = system(&args.place).await?;
    let conditions = Conditions { while_running: args.while_running };
    let manifest = backup::save(&system, &args.directory, conditions, print).await?;
    system.bus.drain().await;
    print(&format!("saved {} in {}", manifest.summary(), args.directory.display()));
    if manifest.workers_ran {
        print("workers ran meanwhile: commands that they carried out may be missing");
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn load(args: LoadArgs) -> Result<ExitCode> {
    let system = system(&args.place).await?;
    let manifest = backup::load(&system, &args.directory, print).await?;
    system.bus.drain().await;
    print(&format!("restored {} of {}; now start the workers", manifest.summary(), manifest.begun_at));
    Ok(ExitCode::SUCCESS)
}

async fn system(place: &Place) -> Result<System> {
    let mut config = place.load()?;
    ensure!(
        !config.nats.url.is_empty() && !config.store.url.is_empty(),
        "nats.url and store.url have to be set; the hub of `confab all` is saved by stopping it and copying its data directory"
    );
    if config.attachments.url.is_empty() && place.data().is_dir() {
        config.attachments.url = place.data().join("attachments").display().to_string();
    }
    let open = admin::store(&config, place.data()).await?;
    Ok(System {
        bus: wiring::connect_bus(&config, "backup").await?,
        store: open.store,
        attachments: wiring::attachments(&config)?,
    })
}
