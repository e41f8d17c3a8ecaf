//! `confab canned import`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use confab_domain::{Clock, library};
use confab_protocol::api::{CannedMessage, CannedRequest, CannedScope};
use confab_protocol::{CannedId, TenantId};
use uuid::Uuid;

use super::place::Place;
use super::{admin, print};

/// What can be asked for.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Import canned messages of the tenant and of teams. One with a code that is there already gets the new content.
    Import {
        #[command(flatten)]
        place: Place,
        /// The tenant.
        #[arg(long, value_name = "ID")]
        tenant: TenantId,
        /// A JSON file: a list of canned messages as `POST /api/canned-messages` takes them.
        file: PathBuf,
    },
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    let Command::Import { place, tenant, file } = command;
    let text = std::fs::read(&file).with_context(|| format!("{} can't be read", file.display()))?;
    let requests: Vec<CannedRequest> = serde_json::from_slice(&text)
        .with_context(|| format!("{} is no list of canned messages", file.display()))?;
    for (number, request) in (1..).zip(&requests) {
        library::check_canned(request)
            .map_err(|problem| anyhow::anyhow!("canned message {number} ({}): {problem}", request.code))?;
        if matches!(request.scope, CannedScope::Person { .. }) {
            bail!(
                "canned message {number} ({}): those of one person are written by themselves",
                request.code
            );
        }
    }
    let open = admin::prepared_store(&place.load()?, place.data()).await?;
    let store = open.store.tenant(&tenant).await?;
    let known = store.shared_canned().await?;
    let now = Clock::system().now();
    let (mut created, mut replaced) = (0, 0);
    for request in requests {
        let CannedRequest { code, title, text, scope, answers } = request;
        let before = known.iter().find(|one| one.code == code && one.scope == scope);
        let id = before.map_or_else(|| CannedId::from_uuid(Uuid::now_v7()), |one| one.id.clone());
        let version = before.map_or(1, |one| one.version + 1);
        let canned = CannedMessage {
            id,
            code,
            title,
            text,
            scope,
            answers,
            updated_by: None,
            updated_at: now,
            version,
        };
        if before.is_some() {
            store.replace_canned(&canned).await?;
            replaced += 1;
        } else {
            store.create_canned(&canned).await?;
            created += 1;
        }
    }
    print(&format!("{created} canned messages created, {replaced} replaced"));
    Ok(ExitCode::SUCCESS)
}
