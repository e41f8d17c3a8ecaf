//! `confab transcript`: a conversation as text, JSON or HTML.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use confab_domain::transcript::{Format, Transcript};
use confab_protocol::{ConversationId, TenantId};

use super::admin;
use super::place::Place;

/// What can be asked for.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// The tenant.
    #[arg(long, value_name = "ID")]
    tenant: TenantId,
    /// The conversation.
    #[arg(long, value_name = "ID")]
    conversation: ConversationId,
    /// text, json or html.
    #[arg(long, default_value = "text")]
    format: String,
    /// With private notes.
    #[arg(long)]
    notes: bool,
}

pub(super) async fn run(args: Args) -> Result<ExitCode> {
    let format = Format::parse(&args.format).context("--format has to be text, json or html")?;
    let open = admin::prepared_store(&args.place.load()?, args.place.data()).await?;
    let store = open.store.tenant(&args.tenant).await?;
    let id = &args.conversation;
    let conversation =
        store.conversation(id).await?.with_context(|| format!("there is no conversation {id}"))?;
    let mut transcript = Transcript::new(format);
    let mut out = std::io::stdout().lock();
    out.write_all(transcript.begin(&conversation.view()).as_bytes())?;
    let pieces = store.pieces(id).await?;
    for index in 0..pieces.len() {
        for item in store.piece(id, &pieces, index, args.notes).await? {
            out.write_all(transcript.entry(&item).as_bytes())?;
        }
    }
    out.write_all(transcript.end().as_bytes())?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
