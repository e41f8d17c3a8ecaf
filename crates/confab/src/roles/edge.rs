//! `confab edge`: one stateless node for clients.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use confab_bus::Bus;
use confab_config::Config;
use confab_domain::Clock;
use confab_edge::{Edge, EdgeDeps, EdgeHandle};

use super::{Process, sessions_limit};
use crate::wiring;

/// Runs until it is asked to end.
pub(crate) async fn run(config: Config) -> Result<ExitCode> {
    config.validate_for_separate_role()?;
    let process = Process::begin(&config)?;
    let started = process.shutdown.unless_requested(start(&config, &process)).await;
    let Some(started) = started else { return Ok(ExitCode::SUCCESS) };
    let (handle, bus) = started?;
    process.shutdown.requested().await;
    let limit = sessions_limit(&config);
    let ending = async {
        handle.drain(limit).await;
        bus.drain().await;
    };
    Ok(process.end(&config, ending).await)
}

async fn start(config: &Config, process: &Process) -> Result<(EdgeHandle, Bus)> {
    let node = wiring::node_name(config, "edge");
    let (bus, store) = tokio::try_join!(wiring::connect_bus(config, &node), wiring::open_store(config))?;
    let edge = Edge::bind(EdgeDeps {
        config: Arc::new(config.clone()),
        bus: bus.clone(),
        store,
        attachments: wiring::attachments(config)?,
        tokens: wiring::tokens(config)?,
        clock: Clock::system(),
        node: node.clone(),
        metrics: process.metrics.clone(),
    })
    .await?;
    let url = config.server.url_at(edge.local_addr());
    let handle = edge.spawn();
    tracing::info!(node, url, "the edge takes connections");
    Ok((handle, bus))
}
