//! `confab articles import`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use confab_domain::{Clock, library};
use confab_protocol::api::{Article, ArticleRequest};
use confab_protocol::{ArticleId, TenantId};
use confab_store::TenantStore;
use uuid::Uuid;

use super::place::Place;
use super::{admin, print};

/// Articles read at once.
const PAGE: u32 = 100;

/// What can be asked for.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Import articles of the knowledge base. One with a title that is there already gets the new content.
    Import {
        #[command(flatten)]
        place: Place,
        /// The tenant.
        #[arg(long, value_name = "ID")]
        tenant: TenantId,
        /// A JSON file: a list of articles as `POST /api/articles` takes them.
        file: PathBuf,
    },
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    let Command::Import { place, tenant, file } = command;
    let text = std::fs::read(&file).with_context(|| format!("{} can't be read", file.display()))?;
    let requests: Vec<ArticleRequest> = serde_json::from_slice(&text)
        .with_context(|| format!("{} is no list of articles", file.display()))?;
    for (number, request) in (1..).zip(&requests) {
        library::check_article(request)
            .map_err(|problem| anyhow::anyhow!("article {number} ({}): {problem}", request.title))?;
    }
    let open = admin::prepared_store(&place.load()?, place.data()).await?;
    let store = open.store.tenant(&tenant).await?;
    let known = all(&store).await?;
    let now = Clock::system().now();
    let (mut created, mut replaced) = (0, 0);
    for request in requests {
        let ArticleRequest { title, body, answer, url, labels, published } = request;
        let before = known.iter().find(|one| one.title == title);
        let id = before.map_or_else(|| ArticleId::from_uuid(Uuid::now_v7()), |one| one.id.clone());
        let version = before.map_or(1, |one| one.version + 1);
        let article = Article {
            id,
            title,
            body,
            answer,
            url,
            labels,
            published,
            updated_by: None,
            updated_at: now,
            version,
        };
        if before.is_some() {
            store.replace_article(&article).await?;
            replaced += 1;
        } else {
            store.create_article(&article).await?;
            created += 1;
        }
    }
    print(&format!("{created} articles created, {replaced} replaced"));
    Ok(ExitCode::SUCCESS)
}

async fn all(store: &TenantStore) -> Result<Vec<Article>> {
    let (mut articles, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.articles(false, cursor.as_deref(), PAGE).await?;
        articles.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(articles);
        }
    }
}
