//! Bus and database for commands that do one thing and end: a running hub's, or those in a data directory.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use confab_bus::Bus;
use confab_config::Config;
use confab_store::Store;

use crate::data_dir::{DataDir, DataLock};
use crate::nats_process::{PORT_FILE, USER};
use crate::wiring;

/// Name under which commands connect.
const NODE: &str = "cli";

/// An open database. An embedded one is kept from other processes as long as this is held.
pub(super) struct OpenStore {
    pub(super) store: Store,
    _lock: Option<DataLock>,
}

/// Opens the configured database, or the one embedded in the data directory.
pub(super) async fn store(config: &Config, data: &Path) -> Result<OpenStore> {
    let mut config = config.clone();
    let mut lock = None;
    if config.store.url.is_empty() {
        let data = DataDir::create(data)?;
        let taken = data.try_lock()?;
        if taken.is_none() {
            bail!(
                "the hub that runs with {} has its database open, and an embedded database has one user at a time: \
                 stop the hub first, or keep the database in a server of its own (store.url)",
                data.path().display()
            );
        }
        lock = taken;
        config.store.url = data.store_url();
    }
    let store = Store::open(wiring::store_settings(&config))
        .await
        .with_context(|| format!("the database {} can't be used", config.store.url))?;
    Ok(OpenStore { store, _lock: lock })
}

/// The same with its schema up to date: for an embedded database nobody else would see to that.
pub(super) async fn prepared_store(config: &Config, data: &Path) -> Result<OpenStore> {
    let open = store(config, data).await?;
    if config.store.is_embedded() {
        open.store.migrate().await.context("the schema can't be brought up to date")?;
    }
    Ok(open)
}

/// Points the configuration at the NATS server of `confab all` in the data directory, when none is configured.
/// `false` when there is none.
pub(super) fn find_nats(config: &mut Config, data: &Path) -> Result<bool> {
    if !config.nats.url.is_empty() {
        return Ok(true);
    }
    let Ok(data) = DataDir::existing(data) else { return Ok(false) };
    let port = fs::read_to_string(data.file(PORT_FILE)).ok().and_then(|text| text.trim().parse::<u16>().ok());
    let (Some(port), Some(password)) = (port, data.read_secret("nats.password")?) else { return Ok(false) };
    config.nats.url = format!("nats://127.0.0.1:{port}");
    config.nats.user = Some(USER.to_owned());
    config.nats.password = Some(password);
    Ok(true)
}

/// Connects to the configured bus, or to the one of a running `confab all`.
pub(super) async fn bus(config: &Config, data: &Path) -> Result<Bus> {
    let mut config = config.clone();
    if !find_nats(&mut config, data)? {
        bail!(
            "nats.url is not set, and {} is no data directory of `confab all`: set CONFAB_NATS__URL or --data",
            data.display()
        );
    }
    Bus::connect(wiring::bus_settings(&config, NODE))
        .await
        .with_context(|| format!("NATS does not answer at {}: is the hub running?", config.nats.url))
}
