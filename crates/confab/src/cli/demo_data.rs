//! `confab demo-data`: the demo tenant and its people, for a hub on this machine. Safe to repeat.

use std::process::ExitCode;

use anyhow::{Result, bail};
use confab_bus::Bus;
use confab_domain::Clock;

use super::place::Place;
use super::{admin, print};
use crate::{demo, wiring};

/// What can be asked for.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// Do so even though other machines can reach the hub.
    #[arg(long)]
    demo_anyway: bool,
}

pub(super) async fn run(args: Args) -> Result<ExitCode> {
    let config = args.place.load()?;
    if !config.server.listen.ip().is_loopback() && !args.demo_anyway {
        bail!(
            "demo data has passwords that everybody knows, and {} can be reached from other machines: \
             add --demo-anyway if that is what you want",
            config.server.listen
        );
    }
    let open = admin::prepared_store(&config, args.place.data()).await?;
    demo::create(&open.store, &config).await?;
    if !config.nats.url.is_empty() {
        let bus = Bus::connect(wiring::bus_settings(&config, "demo-data")).await?;
        demo::put_online(&bus, &Clock::system()).await?;
        bus.drain().await;
    }
    print(&format!("tenant {}, password of everybody: {}", demo::TENANT, demo::PASSWORD));
    for person in demo::PEOPLE {
        print(&format!("{:<10} {}", person.role.as_str(), person.login));
    }
    Ok(ExitCode::SUCCESS)
}
