//! `confab worker`: commands, assignment, timers, the projector. Brings streams and schema up to date first.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use confab_bus::Bus;
use confab_config::Config;
use confab_domain::Clock;
use confab_worker::{Extensions, Worker, WorkerDeps, WorkerHandle};
use tokio::net::TcpListener;

use super::health::{self, Health};
use super::{Process, work_limit};
use crate::wiring;

/// Runs until it is asked to end. `metrics_listen` is where metrics and health are served, if anywhere.
pub(crate) async fn run(config: Config, metrics_listen: Option<SocketAddr>) -> Result<ExitCode> {
    config.validate_for_separate_role()?;
    let process = Process::begin(&config)?;
    let started = process.shutdown.unless_requested(start(&config, &process, metrics_listen)).await;
    let Some(started) = started else { return Ok(ExitCode::SUCCESS) };
    let (handle, bus) = started?;
    process.shutdown.requested().await;
    let limit = work_limit(&config);
    let ending = async {
        handle.drain(limit).await;
        bus.drain().await;
    };
    Ok(process.end(&config, ending).await)
}

async fn start(
    config: &Config,
    process: &Process,
    metrics_listen: Option<SocketAddr>,
) -> Result<(WorkerHandle, Bus)> {
    let listener = match metrics_listen {
        Some(address) => Some(
            TcpListener::bind(address)
                .await
                .with_context(|| format!("can't listen on {address}; choose another --metrics-listen"))?,
        ),
        None => None,
    };
    let node = wiring::node_name(config, "worker");
    let (bus, store) = tokio::try_join!(wiring::connect_bus(config, &node), wiring::open_store(config))?;
    wiring::prepare_bus(&bus).await?;
    for applied in store.migrate().await.context("the schema can't be brought up to date")? {
        tracing::info!(migration = %applied, "applied a migration");
    }
    if let Some(listener) = listener {
        let health = Health { bus: bus.clone(), store: store.clone(), metrics: process.metrics.clone() };
        tracing::info!(address = %listener.local_addr()?, "metrics and health are served");
        process.tasks.spawn(health::serve(listener, health, process.tasks.clone(), process.stop.clone()));
    }
    let handle = Worker::spawn(WorkerDeps {
        config: Arc::new(config.clone()),
        bus: bus.clone(),
        store,
        attachments: wiring::attachments(config)?,
        clock: Clock::system(),
        tokens: Arc::new(wiring::tokens(config)?),
        extensions: Extensions::default(),
        node,
    });
    Ok((handle, bus))
}
