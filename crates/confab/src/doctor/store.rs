//! The database: whether it answers and has the schema.

use confab_config::Config;
use confab_store::{Store, StoreError};

use super::finding::causes;
use super::{Finding, Sources};
use crate::data_dir::DataDir;
use crate::wiring;

const WHAT: &str = "database";

pub(super) async fn database(config: &Config, sources: &Sources, hub_runs: bool) -> Vec<Finding> {
    let mut config = config.clone();
    let mut held = None;
    if config.store.url.is_empty() {
        let Ok(data) = DataDir::existing(&sources.data) else {
            return vec![Finding::ok(WHAT, "embedded: `confab all` makes it at its first start")];
        };
        match data.try_lock() {
            Ok(Some(lock)) => held = Some(lock),
            Ok(None) if hub_runs => {
                return vec![Finding::ok(WHAT, "embedded, and in use by the hub that answers")];
            }
            Ok(None) => {
                let text = format!("embedded in {}, and in use by another process", data.path().display());
                let remedy =
                    "if that is a hub, ask its /health/ready; one process can have it open at a time";
                return vec![Finding::skip(WHAT, text, remedy)];
            }
            Err(error) => {
                return vec![Finding::fail(WHAT, format!("{error:#}"), "see who owns the directory")];
            }
        }
        if !data.file("store").exists() {
            return vec![Finding::ok(WHAT, "embedded: `confab all` makes it at its first start")];
        }
        config.store.url = data.store_url();
    }
    let finding = answer(&config).await;
    drop(held);
    vec![finding]
}

async fn answer(config: &Config) -> Finding {
    let url = &config.store.url;
    let opened = async {
        let store = Store::open(wiring::store_settings(config)).await?;
        store.ping().await?;
        let tenants = store.tenants().await?;
        for tenant in &tenants {
            store.tenant(&tenant.id).await?.settings().await?;
        }
        Ok::<_, StoreError>(tenants.len())
    };
    match opened.await {
        Ok(0) => Finding::warn(
            WHAT,
            format!("{url} answers and has no tenant"),
            "create one: `confab tenant create`, then `confab user create`",
        ),
        Ok(count) => Finding::ok(WHAT, format!("{url} answers; tenants: {count}")),
        Err(error @ StoreError::NotMigrated(_)) => {
            Finding::fail(WHAT, format!("{url}: {error}"), "run `confab migrate`")
        }
        Err(error) => Finding::fail(
            WHAT,
            format!("{url}: {}", causes(&error)),
            "start it, or correct store.url, store.username and store.password",
        ),
    }
}
