//! `confab customer export`, `confab customer erase` and `confab customer find`.

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
    /// List where a text still stands: in which streams and tables. Reads everything.
    Find {
        #[command(flatten)]
        place: Place,
        /// The tenant whose tables are read; the streams are those of all.
        #[arg(long, value_name = "ID")]
        tenant: TenantId,
        /// The text, as it is written; may be given several times.
        #[arg(long, value_name = "TEXT", required = true)]
        text: Vec<String>,
    },
}

/// Places that are listed.
const LISTED: usize = 1000;

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
        Command::Find { place, tenant, text } => find(&place, &tenant, &text).await?,
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

/// Prints a line for each place, and how many there are.
async fn find(place: &Place, tenant: &TenantId, texts: &[String]) -> Result<()> {
    let config = place.load()?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let open = admin::prepared_store(&config, place.data()).await?;
    let records = open.store.tenant(tenant).await?.find_texts(&texts, LISTED).await?;
    let bus = admin::bus(&config, place.data()).await?;
    let entries = bus.find_texts(&texts, LISTED).await?;
    bus.drain().await;
    for record in &records {
        print(&format!("table {}: {}", record.table, record.id));
    }
    for entry in &entries {
        print(&format!("stream {}: {} at {}", entry.stream, entry.subject, entry.seq));
    }
    print(&format!("{} records and {} entries", records.len(), entries.len()));
    Ok(())
}
