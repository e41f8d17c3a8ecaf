//! `confab customer export` and `confab customer erase`.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use confab_edge::privacy;
use confab_protocol::{TenantId, UserId};
use futures::StreamExt as _;

use super::place::Place;
use super::{admin, print};
use crate::wiring;

/// What can be asked for.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Print everything that is kept of a customer, as JSON.
    Export(Customer),
    /// Erase a customer with all their conversations, which have to have ended. It can't be undone.
    Erase {
        #[command(flatten)]
        customer: Customer,
        /// Do so without asking.
        #[arg(long)]
        yes: bool,
    },
}

/// Whom.
#[derive(Debug, clap::Args)]
pub(super) struct Customer {
    #[command(flatten)]
    place: Place,
    /// The tenant.
    #[arg(long, value_name = "ID")]
    tenant: TenantId,
    /// The customer.
    #[arg(long, value_name = "ID")]
    id: UserId,
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Export(Customer { place, tenant, id }) => {
            let open = admin::prepared_store(&place.load()?, place.data()).await?;
            let mut document = std::pin::pin!(privacy::export(open.store.tenant(&tenant).await?, id).await?);
            let mut out = std::io::stdout().lock();
            while let Some(piece) = document.next().await {
                out.write_all(&piece?)?;
            }
            out.flush()?;
        }
        Command::Erase { customer: Customer { place, tenant, id }, yes } => {
            ensure!(yes, "this erases {id} for good: say --yes if that is what you want");
            let mut config = place.load()?;
            if config.attachments.url.is_empty() {
                config.attachments.url = place.data().join("attachments").display().to_string();
            }
            let open = admin::prepared_store(&config, place.data()).await?;
            let bus = admin::bus(&config, place.data()).await?;
            let files = wiring::attachments(&config)?;
            let erased =
                privacy::erase(&open.store.tenant(&tenant).await?, &bus, files.as_ref(), &id).await?;
            bus.drain().await;
            print(&format!("erased {id}: {} conversations, {} files", erased.conversations, erased.files));
        }
    }
    Ok(ExitCode::SUCCESS)
}
